/**
 * Readers' questions by their words: endings do not count, and a word that few
 * questions have counts more than one that many have. Chinese is compared by
 * pairs of characters, since nothing stands between its words.
 */

import type { AskedRow } from "../tools/book/search.ts";

/** Of the words that were typed, by weight, so much must be the question's. */
const ENOUGH = 0.6;
const MOST = 3;

/** The questions that ask what was typed, the likest first. */
export function askedFor(
  asked: readonly AskedRow[],
  query: string,
): AskedRow[] {
  const typed = [...parts(query)];
  // Two characters are a word, and ask nothing.
  if (typed.length === 1 && /^\p{Script=Han}+$/u.test(query)) return [];
  const known = asked.map((row) => ({ row, has: parts(wordsOf(row)) }));
  const weight = (part: string) => {
    const having = known.filter(({ has }) => has.has(part)).length;
    return Math.log((asked.length + 1) / Math.max(having, 1));
  };
  const sum = (some: readonly string[]) =>
    some.reduce((all, part) => all + weight(part), 0);
  const all = sum(typed);
  return known
    .map(({ row, has }) => {
      const shared = sum(typed.filter((part) => has.has(part)));
      return { row, shared: shared / all, size: has.size };
    })
    .filter(({ shared }) => shared >= ENOUGH)
    .sort((a, b) => b.shared - a.shared || a.size - b.size)
    .slice(0, MOST)
    .map(({ row }) => row);
}

function wordsOf([, english, chinese, , others]: AskedRow): string {
  return `${english} ${chinese} ${others}`;
}

/** Words without their endings, and pairs of Chinese characters. */
function parts(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{Script=Latin}\d]{3,}/gu) ?? [];
  const chinese = text.match(/\p{Script=Han}+/gu) ?? [];
  return new Set([
    ...words.filter((word) => !ASKING.has(word)).map(stem),
    ...chinese.flatMap(pairs),
  ]);
}

/** They ask, whatever is asked. */
const ASKING = new Set(
  "and are can did does for from how into the that then there what when where which who why will with".split(
    " ",
  ),
);

/** "pipelined", "pipelining" and "pipeline" are one word. */
function stem(word: string): string {
  return word.replace(/(?<=.{4})(?:ions?|ing|ers?|ed|es|e|s)$/, "");
}

function pairs(text: string): string[] {
  return Array.from({ length: text.length - 1 }, (_, i) =>
    text.slice(i, i + 2),
  );
}
