/**
 * Which lines are folded away. Of a long excerpt: long stretches of which no
 * note speaks, but for a few lines at their edges. Of a file: a long block of
 * imports. What is short stays whole.
 */

import type { LineRange } from "../tools/engine/types.ts";

/** An excerpt of so many lines is shown whole. */
const SHORT = 30;
/** Lines that stay in sight at each edge of a fold. */
const EDGE = 3;
/** Fewer are not worth a fold. */
const LEAST = 6;
/** Fewer lines of imports are shown. */
const MANY_IMPORTS = 15;

export function foldsOf(
  shown: readonly number[],
  noted: (line: number) => boolean,
): LineRange[] {
  if (shown.length <= SHORT) return [];
  const folds: LineRange[] = [];
  let silent: number[] = [];
  const end = () => {
    const [start, last] = [silent[EDGE], silent.at(-1 - EDGE)];
    if (
      start !== undefined &&
      last !== undefined &&
      last - start >= LEAST - 1
    ) {
      folds.push({ start, end: last });
    }
    silent = [];
  };
  for (const line of shown) {
    if (noted(line)) end();
    else silent.push(line);
  }
  end();
  return folds;
}

/** A file's imports, if they take many lines. */
export function importsOf(lines: readonly string[]): LineRange | undefined {
  const first = lines.findIndex((line) => line.startsWith("import "));
  const beyond = lines.findIndex(
    (line, i) => i > first && !/^(import | {2}|\} from |$)/.test(line),
  );
  if (first < 0 || beyond < 0) return undefined;
  const last = lines.slice(0, beyond).findLastIndex((line) => line !== "");
  const range = { start: first + 1, end: last + 1 };
  return range.end - range.start + 1 < MANY_IMPORTS ? undefined : range;
}
