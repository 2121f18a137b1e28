/**
 * Finds the text of a log line by a phrase of it, or by a whole line out of a
 * log. What a run fills in (addresses, numbers, names in quotes) does not
 * count, nor do the small words with which v1.1.1 and ours fill in differently:
 * "Rejecting vote request from … since we have a leader" is "rejecting vote
 * request: we have a leader".
 */

import type { LogRow } from "../tools/book/search.ts";

const SMALL = new Set(
  "a an the of to from for since because in on at and".split(" "),
);

/** A line that shares so much of its words with a text, in their order. */
const NEARLY = 0.8;
const ENOUGH = 4;

/** The best first. */
export function logHits(logs: readonly LogRow[], wanted: string): LogRow[] {
  const phrase = wordsOf(wanted);
  if (phrase.length === 0) return [];
  return logs
    .map((row) => ({ row, score: likeness(wordsOf(row[0]), phrase) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ row }) => row);
}

function likeness(text: readonly string[], phrase: readonly string[]): number {
  const shared = commonInOrder(text, phrase);
  const short = Math.min(text.length, phrase.length);
  if (phrase.length === 1) return beginsAWord(text, phrase[0]) ? 1 : 0;
  if (holds(text, phrase) || (text.length > 1 && holds(phrase, text))) {
    return 2 + short + shared / text.length;
  }
  const enough = shared >= ENOUGH && shared >= NEARLY * short;
  return enough ? 1 + shared / text.length : 0;
}

function beginsAWord(text: readonly string[], start = ""): boolean {
  return start.length > 3 && text.some((word) => word.startsWith(start));
}

/** The last word of what is typed may be only begun. */
function holds(text: readonly string[], phrase: readonly string[]): boolean {
  return ` ${text.join(" ")} `.includes(` ${phrase.join(" ")}`);
}

/** The longest common subsequence, by its length. */
function commonInOrder(a: readonly string[], b: readonly string[]): number {
  let above = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    const row = [0];
    for (const [at, other] of b.entries()) {
      row.push(
        word === other
          ? (above[at] ?? 0) + 1
          : Math.max(row[at] ?? 0, above[at + 1] ?? 0),
      );
    }
    above = row;
  }
  return above.at(-1) ?? 0;
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/"[^"\s]*"/g, " ")
    .split(/[\s:,;=()[\]“”"]+/)
    .map((word) => word.replace(/^\W+|\W+$/g, ""))
    .filter((word) => /^[a-z][a-z-]*$/.test(word) && !SMALL.has(word));
}
