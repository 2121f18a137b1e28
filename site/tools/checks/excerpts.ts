/**
 * What an excerpt shows is what the file has: each line under its true number,
 * character for character, indent aside; and its numbers are not part of the
 * text that a reader copies. From each passage a line leads to the source, and
 * from that line a mark leads to a passage.
 */

import type { Page } from "playwright-core";
import { type Check, count, lessonsOf, needed } from "./check.ts";

type Lines = Readonly<Record<string, readonly string[]>>;

interface Shown {
  readonly file: string;
  readonly number: number;
  readonly text: string;
}

export const excerpts: Check = {
  name: "excerpts",
  needsBrowser: true,
  async run(site, browser) {
    const page = await needed(browser).newPage();
    const answer = await fetch(`${site.url}source-lines.json`);
    const lines = (await answer.json()) as Lines;
    const faults: string[] = [];
    let seen = 0;
    let blocks = 0;
    for (const path of lessonsOf(site)) {
      await page.goto(site.url + path);
      for (const shown of await excerptLines(page)) {
        blocks++;
        seen += shown.length;
        faults.push(...wrong(lines, shown).map((one) => `/${path}: ${one}`));
      }
      const numbered = await copiedNumbers(page);
      if (numbered) faults.push(`/${path}: copied code has line numbers`);
    }
    await page.close();
    return {
      checked: `${count(seen, "line")} of ${count(blocks, "excerpt")}`,
      faults,
    };
  },
};

function excerptLines(page: Page): Promise<Shown[][]> {
  return page.evaluate(() =>
    [...document.querySelectorAll(".excerpt .sheet")].map((sheet) =>
      [...sheet.querySelectorAll<HTMLElement>(".line")].map((line) => {
        const link = line.querySelector<HTMLAnchorElement>("a[data-n]");
        const [, file = ""] = /\/source\/(.+)\/#/.exec(link?.href ?? "") ?? [];
        const text = (line.textContent ?? "").replace(/\n$/, "");
        return { file, number: Number(link?.dataset.n), text };
      }),
    ),
  );
}

/** The lines that differ from the file's by more than a shared indent. */
function wrong(lines: Lines, shown: readonly Shown[]): string[] {
  const pairs = shown.map(({ file, number, text }) => ({
    where: `${file}:${number}`,
    text,
    wanted: lines[file]?.[number - 1] ?? "(no such line)",
  }));
  const indents = pairs
    .filter(({ wanted }) => wanted.trim() !== "")
    .map(({ text, wanted }) => wanted.length - text.length);
  const indent = indents[0] ?? 0;
  return pairs
    .filter(({ text, wanted }) => {
      if (wanted.trim() === "") return text.trim() !== "";
      return " ".repeat(indent) + text !== wanted;
    })
    .map(
      ({ where, text, wanted }) => `${where} shows "${text}" for "${wanted}"`,
    );
}

function copiedNumbers(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const block = document.querySelector(".excerpt .code");
    const first = block?.querySelector<HTMLElement>("a[data-n]");
    if (!block || !first) return false;
    const selection = getSelection();
    selection?.selectAllChildren(block);
    const text = selection?.toString() ?? "";
    selection?.removeAllRanges();
    return text.split("\n").some((line) => /^\s*\d+\s/.test(line));
  });
}
