/**
 * The sentence that tells what to change to see a test fail, and where. A
 * lesson and a question's page say it in the same words.
 */

import { escapeHtml } from "./text.ts";
import type { Language } from "./words.ts";

export interface Change {
  readonly from: string;
  readonly to: string;
}

/** `place` is HTML, a link to the lines that the change begins on. */
interface BreakWords {
  readonly takeOut: (place: string, from: string) => string;
  readonly make: (place: string, from: string, to: string) => string;
  /** What follows is shown line against line. */
  readonly thisChange: (place: string) => string;
}

const english: BreakWords = {
  takeOut: (place, from) =>
    `In ${place}, take out ${from}, and the test goes red.`,
  make: (place, from, to) =>
    `In ${place}, make ${from} read ${to}, and the test goes red.`,
  thisChange: (place) => `This change to ${place} turns the test red:`,
};

const chinese: BreakWords = {
  takeOut: (place, from) => `在 ${place} 里删去 ${from}，测试就变红。`,
  make: (place, from, to) =>
    `在 ${place} 里把 ${from} 改成 ${to}，测试就变红。`,
  thisChange: (place) => `对 ${place} 作这样的改动，测试就变红：`,
};

export function breakWords(language: Language): BreakWords {
  return language === "zh-cn" ? chinese : english;
}

/** A change that is short enough for a sentence. */
export function breakSentence(
  { from, to }: Change,
  place: string,
  language: Language,
): string {
  const { takeOut, make } = breakWords(language);
  return to === ""
    ? takeOut(place, code(from))
    : make(place, code(from), code(to));
}

function code(text: string): string {
  return `<code>${escapeHtml(text)}</code>`;
}
