/**
 * Names in the prose of the lessons: whatever names one symbol or a channel is
 * a link, and with the focus on it exactly those lines of the excerpts are lit
 * on which this symbol stands.
 */

import { readFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { nameAt, placesOn } from "../../client/names/data.ts";
import { ROOT } from "../built.ts";
import { channels } from "../engine/channels.ts";
import { buildIndex } from "../engine/index.ts";
import type { TypesFile } from "../names/types.ts";
import {
  type BuiltSite,
  type Check,
  count,
  lessonsOf,
  needed,
} from "./check.ts";

const MENTION = "main a.name";
const LINE = ".excerpt [data-names] .line";
const PATIENCE_MS = 3000;

interface Mention {
  readonly text: string;
  readonly href: string;
  readonly at?: string;
  /** In a fold that is closed: nothing can have the focus there. */
  readonly hidden: boolean;
}

export const mentions: Check = {
  name: "names in the prose",
  needsBrowser: true,
  async run(site, browser) {
    const page = await needed(browser).newPage();
    const truth = new Truth(site);
    const faults: string[] = [];
    let [seen, lighting] = [0, 0];
    for (const lesson of lessonsOf(site)) {
      await page.goto(site.url + lesson);
      for (const name of await plainNames(page)) {
        if (!truth.isKnown(name)) continue;
        faults.push(`/${lesson}: ${name} is no link`);
      }
      const shown = await linesOf(page);
      for (const [i, mention] of (await mentionsOf(page)).entries()) {
        if (mention.hidden) continue;
        seen++;
        const wanted = shown.flatMap((line, n) =>
          truth.standsOn(mention, line) ? [n] : [],
        );
        if (wanted.length > 0) lighting++;
        const lit = await litBy(page, i, wanted.length);
        if (lit.join() === wanted.join()) continue;
        faults.push(
          `/${lesson}: ${mention.text} lights ${lit.length} lines, ` +
            `and stands on ${wanted.length}`,
        );
      }
    }
    await page.close();
    if (lighting === 0) faults.push("no mention lights anything");
    return {
      checked: `${count(seen, "mention")}, ${lighting} of them light lines`,
      faults,
    };
  },
};

/** What the index and the built files of types say. */
class Truth {
  readonly #dist: string;
  readonly #types = new Map<string, TypesFile>();
  readonly #lines: Readonly<Record<string, readonly string[]>>;
  readonly #known: ReadonlySet<string>;

  constructor({ dist }: BuiltSite) {
    this.#dist = dist;
    this.#lines = JSON.parse(
      readFileSync(path.join(dist, "source-lines.json"), "utf8"),
    );
    const index = buildIndex(ROOT);
    const single = [...index.names].filter(([, all]) => all.length === 1);
    this.#known = new Set([
      ...single.map(([name]) => name),
      ...channels(index).map(({ name }) => name),
    ]);
  }

  isKnown(name: string): boolean {
    return this.#known.has(name);
  }

  standsOn({ text, href, at }: Mention, line: string): boolean {
    const target = placeOf(at ?? href);
    const here = placeOf(line);
    if (!target || !here) return false;
    const word = text.replace(/\(\)$/, "").split(".").at(-1);
    const code = this.#lines[here.file]?.[here.line - 1] ?? "";
    const types = this.#typesOf(here.file);
    return placesOn(types, here.line).some((place) => {
      const own = code.slice(place.column, place.column + place.length);
      const named = own === word || at !== undefined;
      const { definitions } = nameAt(types, place);
      return (
        named &&
        definitions.some(
          (one) => one.file === target.file && one.line === target.line,
        )
      );
    });
  }

  #typesOf(file: string): TypesFile {
    const name = path.join(this.#dist, "names", file, "types.json");
    const types =
      this.#types.get(file) ??
      (JSON.parse(readFileSync(name, "utf8")) as TypesFile);
    this.#types.set(file, types);
    return types;
  }
}

function placeOf(address: string): { file: string; line: number } | undefined {
  const [, file, line] = /\/source\/(.+)\/#L(\d+)/.exec(address) ?? [];
  return file ? { file, line: Number(line) } : undefined;
}

/** Inline code of the prose and of the notes that leads nowhere. */
function plainNames(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("main .sl-markdown-content code")]
      .filter((code) => !code.closest("a, pre, .claim-proof, .claim-break"))
      .filter(
        (code) =>
          code.closest(".note, .claim") || !code.closest(".not-content"),
      )
      .map((code) => (code.textContent ?? "").replace(/\(\)$/, "")),
  );
}

function linesOf(page: Page): Promise<string[]> {
  return page
    .locator(`${LINE} > a[data-n]`)
    .evaluateAll((links) =>
      links.map((link) => (link as HTMLAnchorElement).href),
    );
}

function mentionsOf(page: Page): Promise<Mention[]> {
  return page.locator(MENTION).evaluateAll((links) =>
    (links as HTMLAnchorElement[]).map((link) => ({
      text: (link.textContent ?? "").trim(),
      href: link.href,
      ...(link.dataset.at && { at: link.dataset.at }),
      hidden: link.closest("details:not([open])") !== null,
    })),
  );
}

/** The numbers of the lines that are lit, once there are as many as wanted. */
async function litBy(page: Page, i: number, many: number): Promise<number[]> {
  await page.locator(MENTION).nth(i).focus();
  const isThere = ([line, many]: readonly [string, number]) =>
    document.querySelectorAll(`${line}.lit`).length === many;
  try {
    const wait = { timeout: PATIENCE_MS, polling: 20 };
    await page.waitForFunction(isThere, [LINE, many] as const, wait);
  } catch {
    // What is lit instead is said below.
  }
  return page
    .locator(LINE)
    .evaluateAll((lines) =>
      lines.flatMap((line, n) => (line.classList.contains("lit") ? [n] : [])),
    );
}
