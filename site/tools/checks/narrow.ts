/**
 * At 360 px the remarks of a scenario can be read without scrolling, its text
 * is that of its file, a claim's tick stands beside the name of its test, and
 * the margin beside a suite is as narrow as beside the source. What happened
 * in a run never takes more than a screen. A line that a note speaks of is
 * seen whole. A line's number stays where it is when its code is scrolled
 * sideways, and covers it; no column of what is explained is cut off. Part of
 * the check of the layout.
 */

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { ROOT } from "../built.ts";

const SCENARIOS = path.join(ROOT, "lessons/scenarios");
const scripts = new Set(
  readdirSync(SCENARIOS).map((file) =>
    readFileSync(path.join(SCENARIOS, file), "utf8").trimEnd(),
  ),
);

export async function narrow(page: Page): Promise<string[]> {
  const { found, texts } = await page.evaluate(() => {
    const found: string[] = [];
    for (const remark of document.querySelectorAll(".remark > .c")) {
      const { left, right } = remark.getBoundingClientRect();
      if (left < 0 || right > window.innerWidth) {
        found.push(`out of sight at 360 px: ${remark.textContent}`);
      }
    }
    for (const trace of document.querySelectorAll<HTMLElement>(".trace")) {
      const details = trace.closest("details");
      if (!details || details.hidden) continue;
      details.open = true;
      const { height } = trace.getBoundingClientRect();
      if (height > 460) found.push(`a trace is ${height} px high`);
      if (trace.tabIndex !== 0) found.push("a trace cannot have the focus");
    }
    for (const claim of document.querySelectorAll(".claim-proof")) {
      const tick = claim.querySelector(".tick")?.getBoundingClientRect();
      const [name] =
        claim.querySelector(".claim-test a")?.getClientRects() ?? [];
      if (!tick || !name) continue;
      if (Math.abs(tick.bottom - name.bottom) > 8) {
        found.push(`a tick alone on its line: ${claim.textContent}`);
      }
    }
    const first = document.querySelector(".source .line > a[data-n]");
    const margin = first?.nextElementSibling?.matches(".mark, i")
      ? first.nextElementSibling
      : first;
    const right = margin?.getBoundingClientRect().right ?? 0;
    if (right > 60) found.push(`code begins ${right} px from the edge`);
    for (const block of document.querySelectorAll(".lines")) {
      const scroller = block.parentElement as Element;
      const number = block.querySelector(".line > a[data-n]");
      if (!number || scroller.scrollWidth <= scroller.clientWidth) continue;
      const before = number.getBoundingClientRect().left;
      scroller.scrollLeft = 60;
      const after = number.getBoundingClientRect().left;
      const { backgroundColor } = getComputedStyle(number);
      scroller.scrollLeft = 0;
      if (after !== before)
        found.push(`a number goes ${before - after} px away`);
      if (/, 0\)$/.test(backgroundColor))
        found.push("code shows under a number");
    }
    for (const line of document.querySelectorAll(".excerpt .line.noted")) {
      const words = document.createRange();
      words.selectNodeContents(line);
      if (words.getBoundingClientRect().right <= window.innerWidth) continue;
      found.push(`a noted line is cut off: ${line.textContent}`);
    }
    for (const cell of document.querySelectorAll(".coverage :is(td, th)")) {
      if (cell.getBoundingClientRect().right <= window.innerWidth) continue;
      found.push(`out of sight at 360 px: ${cell.textContent}`);
    }
    const all = [...document.querySelectorAll(".scenario > .sheet > pre")];
    return { found, texts: all.map((one) => one.textContent ?? "") };
  });
  const strange = texts.filter((text) => !scripts.has(text));
  return [...found, ...strange.map((text) => `no scenario's text: ${text}`)];
}
