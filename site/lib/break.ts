/**
 * The change that turns a claim red, as its lesson shows it: short ones in a
 * sentence; longer ones line against line, as they stand in the file.
 */

import { diffArrays } from "diff";
import { escapeHtml } from "./text.ts";

export interface Change {
  readonly from: string;
  readonly to: string;
}

/** What is longer cannot be compared within a sentence. */
const SHORT = 80;

/** `indent` is that of the line on which `from` begins. */
export function breakHtml({ from, to }: Change, indent: number): string {
  const short = from.length + to.length <= SHORT;
  if (short && !`${from}${to}`.includes("\n")) {
    const change =
      to === ""
        ? `Take out ${code(from)}`
        : `Make ${code(from)} read ${code(to)}`;
    return `<p class="claim-break">${change} and it goes red.</p>`;
  }
  const lines = diff(linesOf(from, indent), linesOf(to, indent));
  const html = lines.map(([sign, line]) => lineHtml(sign, line)).join("");
  return `<div class="claim-break">This change turns it red:<pre>${html}</pre></div>`;
}

function code(text: string): string {
  return `<code>${escapeHtml(text)}</code>`;
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
