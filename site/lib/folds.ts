/**
 * Which parts of a long excerpt are folded away: long stretches of which no
 * note speaks, but for a few lines at their edges. Short excerpts stay whole.
 */

import type { LineRange } from "../tools/engine/types.ts";

/** An excerpt of so many lines is shown whole. */
const SHORT = 30;
/** Lines that stay in sight at each edge of a fold. */
const EDGE = 3;
/** Fewer are not worth a fold. */
const LEAST = 6;

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
