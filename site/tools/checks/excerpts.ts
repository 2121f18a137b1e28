/**
 * What an excerpt shows is what the file has: each line under its true number,
 * character for character, indent aside; and its numbers are not part of the
 * text that a reader copies. Each line leads to the source, and from there back
 * to this very excerpt: its passages are those that the card of the mark lists.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { passagesOn } from "../../client/names/data.ts";
import type { PassagesFile } from "../names/types.ts";
import {
  type BuiltSite,
  type Check,
  count,
  lessonsOf,
  needed,
} from "./check.ts";

type Lines = Readonly<Record<string, readonly string[]>>;

interface Shown {
  /** The excerpt it is shown in, by its id. */
  readonly id: string;
  /** Around what is shown, and not part of it. */
  readonly grey: boolean;
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
        const found = [
          ...wrong(lines, shown),
          ...(await oneWay(site, path, shown)),
        ];
        faults.push(...found.map((one) => `/${path}: ${one}`));
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
        const { id = "" } = line.closest(".excerpt") ?? {};
        const grey = line.classList.contains("grey");
        return { id, grey, file, number: Number(link?.dataset.n), text };
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

/** Lines from which nothing on the source page leads back to the excerpt. */
async function oneWay(
  site: BuiltSite,
  path: string,
  shown: readonly Shown[],
): Promise<string[]> {
  const own = shown.filter(({ grey }) => !grey);
  const files = [...new Set(own.map(({ file }) => file))];
  const speaking = new Map(
    files.map((file) => [file, passagesOf(site, file)] as const),
  );
  return own
    .filter(({ file, number, id }) => {
      const known = speaking.get(file);
      const here = known ? passagesOn(known, number) : [];
      return !here.some(({ route }) => route === `/${path}#${id}`);
    })
    .map(({ file, number }) => `no way back from ${file}:${number}`);
}

function passagesOf(site: BuiltSite, file: string): PassagesFile {
  const name = join(site.dist, "names", file, "passages.json");
  return JSON.parse(readFileSync(name, "utf8")) as PassagesFile;
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
