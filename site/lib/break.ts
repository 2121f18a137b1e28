/**
 * The change that turns a claim red, as its lesson shows it: short ones in a
 * sentence; longer ones line against line, as they stand in the file.
 */

import { diffArrays } from "diff";
import { breakSentence, breakWords, type Change } from "./break-words.ts";
import { escapeHtml } from "./text.ts";
import type { Language } from "./words.ts";

/** What is longer cannot be compared within a sentence. */
const SHORT = 80;

/** `indent` is that of the line on which `from` begins; `place` links to it. */
export function breakHtml(
  change: Change,
  indent: number,
  place: string,
  language: Language = "en",
): string {
  const { from, to } = change;
  const short = from.length + to.length <= SHORT;
  if (short && !`${from}${to}`.includes("\n")) {
    const sentence = breakSentence(change, place, language);
    return `<p class="claim-break">${sentence}</p>`;
  }
  const lines = diff(linesOf(from, indent), linesOf(to, indent));
  const html = lines.map(([sign, line]) => lineHtml(sign, line)).join("");
  const said = breakWords(language).thisChange(place);
  return `<div class="claim-break">${said}<pre>${html}</pre></div>`;
}

/** All but the first still have the file's indent. */
function linesOf(text: string, indent: number): string[] {
  if (text === "") return [];
  const deeper = new RegExp(`^ {0,${indent}}`);
  return text.split("\n").map((line) => line.replace(deeper, ""));
}

type Sign = " " | "−" | "+";

/** What stays stands there once, wherever it is. */
function diff(old: string[], now: string[]): [Sign, string][] {
  return diffArrays(old, now).flatMap(({ removed, added, value }) => {
    const sign = removed ? "−" : added ? "+" : " ";
    return value.map((line): [Sign, string] => [sign, line]);
  });
}

function lineHtml(sign: Sign, line: string): string {
  const tag = { " ": "span", "−": "del", "+": "ins" }[sign];
  return `<${tag}>${sign} ${escapeHtml(line)}\n</${tag}>`;
}
