/**
 * The full-text index reads a page's markup and knows nothing of its styles:
 * two table headings, or two links in a flex row, are one word to it unless
 * something stands between them. No two words that a reader sees apart are
 * glued together on a page that is searched.
 */

import { readFileSync } from "node:fs";
import { type Check, count } from "./check.ts";
import { fileOfPage } from "./html.ts";

/** What the index reads as the end of a sentence. */
const ENDS = /^(h[1-6]|p|td|div|ul|li|article|section|br)$/;

/** What it leaves out. */
const UNREAD =
  /^(head|style|script|noscript|label|form|svg|footer|nav|iframe|template)$/;

/** What may stand within a word, or right behind it. */
const WITHIN = /^(a|abbr|b|code|em|i|mark|q|s|span|strong|sub|sup|wbr)$/;

const VOID = /^(area|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/;

const TOKENS =
  /<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1>|<(\/?)([a-zA-Z][\w-]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>|([^<]+)/g;

export const glued: Check = {
  name: "glued words",
  needsBrowser: false,
  async run(site) {
    const faults: string[] = [];
    let searched = 0;
    for (const page of site.pages) {
      const html = readFileSync(fileOfPage(site.dist, page), "utf8");
      const [, body] =
        /<main\b[^>]*data-pagefind-body([\s\S]*)<\/main>/.exec(html) ?? [];
      if (body === undefined) continue;
      searched++;
      for (const text of gluedIn(body)) faults.push(`/${page}: "${text}"`);
    }
    return { checked: count(searched, "searched page"), faults };
  },
};

/** Pairs of words that nothing keeps apart, with a little around them. */
export function gluedIn(html: string): string[] {
  const found: string[] = [];
  const open: { name: string; unread: boolean }[] = [];
  let before = "";
  let between: string[] = [];
  for (const [, , close, tag, attributes = "", text] of html.matchAll(TOKENS)) {
    const unread = open.some((one) => one.unread);
    if (text !== undefined && !unread) {
      if (isGlued(before, between, text)) {
        found.push(`${before.slice(-24)}${text.slice(0, 24)}`);
      }
      before = text;
      between = [];
    }
    if (tag === undefined) continue;
    const name = tag.toLowerCase();
    if (!unread) between.push(close ? `/${name}` : name);
    if (close) {
      const at = open.findLastIndex((one) => one.name === name);
      if (at >= 0) open.length = at;
    } else if (!VOID.test(name) && !attributes.endsWith("/")) {
      const left = UNREAD.test(name) || /data-pagefind-ignore/.test(attributes);
      open.push({ name, unread: left });
    }
  }
  return found;
}

function isGlued(
  before: string,
  between: readonly string[],
  after: string,
): boolean {
  const joined =
    /[\p{L}\p{N}.)]$/u.test(before) && /^[\p{L}\p{N}]/u.test(after);
  if (!joined || between.length === 0) return false;
  const names = between.map((tag) => tag.replace("/", ""));
  if (names.some((name) => ENDS.test(name))) return false;
  if (names.some((name) => !WITHIN.test(name))) return true;
  const twoLinks = between.includes("/a") && between.includes("a");
  const newWord = between.includes("/a") && /^\p{Lu}/u.test(after);
  const twoSpans = between.includes("/span") && between.includes("span");
  return twoLinks || newWord || twoSpans;
}
