/**
 * Lines of raft/ as HTML. Each begins with a link that carries its true
 * number: the number is drawn by CSS, so that copying code copies code only.
 */

import type { LineRange } from "../tools/engine/types.ts";
import { importsOf } from "./folds.ts";
import { lineLabel } from "./href.ts";

/** What a file's lines are made of: source, or a suite. */
type Lines = {
  readonly lines: readonly string[];
  readonly html: readonly string[];
};

export interface LineOptions {
  /** Columns of shared indent to leave out. */
  readonly indent?: number;
  /** An id, so that an address can end in #L10. */
  readonly id?: boolean;
  /** Where the number leads. */
  readonly link: string;
  readonly classes?: string;
  /** Further HTML between number and code. */
  readonly margin?: string;
  /** Attributes of the line. */
  readonly data?: string;
}

export function lineHtml(
  file: Lines,
  number: number,
  { indent = 0, id, link, classes, margin = "", data = "" }: LineOptions,
): string {
  const code = (file.html[number - 1] ?? "").slice(
    indentOf(file, number, indent),
  );
  const kind = classes ? `"line ${classes}"` : "line";
  const anchor = id ? ` id=L${number}` : "";
  return (
    `<span class=${kind}${anchor}${data}>` +
    `<a href="${link}" data-n=${number} aria-label="line ${number}"></a>` +
    `${margin}${code}\n</span>`
  );
}

/** Never more than the line has: an empty line has no indent to lose. */
function indentOf(file: Lines, number: number, indent: number): number {
  const text = file.lines[number - 1] ?? "";
  return Math.min(indent, text.length - text.trimStart().length);
}

/** Lines that stand together. */
export function blockHtml(lines: string): string {
  if (lines === "") return "";
  return `<pre class="code" data-pagefind-ignore><code>${lines}</code></pre>`;
}

/** The same, out of sight until they are asked for. */
export function foldHtml(
  { start, end }: LineRange,
  what: string,
  lines: string,
): string {
  const said = `${end - start + 1} ${what}, ${lineLabel(start, end)}`;
  return `<details class="code-fold"><summary>${said}</summary>${blockHtml(lines)}</details>`;
}

/** A whole file, its imports folded where they are many. */
export function fileHtml(
  { lines }: Lines,
  lineOf: (number: number) => string,
): string {
  const all = lines.map((_, i) => lineOf(i + 1));
  const fold = importsOf(lines);
  if (!fold) return blockHtml(all.join(""));
  const stretch = (from: number, to?: number) => all.slice(from, to).join("");
  return (
    blockHtml(stretch(0, fold.start - 1)) +
    foldHtml(fold, "lines of imports", stretch(fold.start - 1, fold.end)) +
    blockHtml(stretch(fold.end))
  );
}
