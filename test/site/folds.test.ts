// The folds of a long excerpt.

import { expect, test } from "vitest";
import { foldsOf } from "../../site/lib/folds.ts";

const lines = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
const noting =
  (...noted: number[]) =>
  (line: number) =>
    noted.includes(line);

test("a short excerpt is shown whole", () => {
  expect(foldsOf(lines(1, 30), noting())).toEqual([]);
});

test("a long silence is folded, but for three lines at its edges", () => {
  const folds = foldsOf(lines(101, 140), noting(101, 120));
  expect(folds).toEqual([
    { start: 105, end: 116 },
    { start: 124, end: 137 },
  ]);
});

test("no noted line is ever in a fold, and every fold is worth it", () => {
  const noted = [3, 9, 10, 22, 36, 48];
  const folds = foldsOf(lines(1, 60), noting(...noted));
  for (const { start, end } of folds) {
    expect(end - start).toBeGreaterThanOrEqual(5);
    for (const line of noted) expect(line < start || end < line).toBe(true);
  }
  expect(folds.length).toBeGreaterThan(0);
});
