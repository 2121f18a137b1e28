/**
 * No page scrolls sideways at 360 px. At 1280 px a note begins within 8 px of
 * its first line, unless the note above it is in the way, and 80 columns of
 * code stand beside the notes without scrolling. Two symbols next to each
 * other leave no room for notes beside them: there they stand under the line.
 */

import type { Page } from "playwright-core";
import { type Check, count, lessonsOf, needed } from "./check.ts";

export const layout: Check = {
  name: "layout",
  needsBrowser: true,
  async run(site, browser) {
    const page = await needed(browser).newPage();
    const faults: string[] = [];
    await page.setViewportSize({ width: 360, height: 800 });
    for (const path of site.pages) {
      await page.goto(site.url + path);
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      if (over > 0) faults.push(`/${path}: ${over} px too wide at 360 px`);
    }
    let notes = 0;
    await page.setViewportSize({ width: 1280, height: 900 });
    for (const path of lessonsOf(site)) {
      await page.goto(site.url + path);
      await page.evaluate(() => document.fonts.ready);
      const found = await notePlaces(page);
      notes += found.length;
      for (const { note, off, pushed } of found) {
        if (Math.abs(off) <= 8 || (pushed && off > 0)) continue;
        faults.push(`/${path}: note ${note} is ${off} px off its line`);
      }
      faults.push(...(await tooNarrow(page)).map((one) => `/${path}: ${one}`));
    }
    await page.close();
    return {
      checked:
        `${count(site.pages.length, "page")} at 360 px, ` +
        `${count(notes, "note")} at 1280 px`,
      faults,
    };
  },
};

function notePlaces(page: Page) {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("figure > .sheet .note")].map(
      (note) => {
        const number = note.dataset.note ?? "";
        const sheet = note.closest(".lines");
        const first = sheet?.querySelector(`[data-notes~="${number}"]`);
        const top = note.getBoundingClientRect().top;
        const line = first?.getBoundingClientRect().top ?? top;
        const others = [...(sheet?.querySelectorAll(".note") ?? [])];
        const above = others[others.indexOf(note) - 1];
        const bottom = above?.getBoundingClientRect().bottom ?? 0;
        return {
          note: note.id || number,
          off: Math.round(top - line),
          pushed: bottom > line - 16,
        };
      },
    ),
  );
}

function tooNarrow(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>(".excerpt .sheet")]
      .filter((sheet) => !sheet.closest(".pair"))
      .filter((sheet) => sheet.scrollWidth > sheet.clientWidth + 1)
      .map((sheet) => `${sheet.dataset.label} scrolls sideways at 1280 px`),
  );
}
