// The folds of a long excerpt, and of a file's imports.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { foldsOf, importsOf } from "../../site/lib/folds.ts";

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

test("fifteen lines of imports are folded, fourteen are not", () => {
  const file = (names: number) => [
    "// What this file guarantees.",
    "",
    "import {",
    ...Array.from({ length: names }, (_, i) => `  name${i},`),
    '} from "./other.ts";',
    "",
    'import { last } from "./last.ts";',
    "",
    "const first = 1;",
  ];
  expect(importsOf(file(10))).toBeUndefined();
  expect(importsOf(file(11))).toEqual({ start: 3, end: 17 });
});

test("the imports of raft.ts are folded, from the first to the last", () => {
  const file = readFileSync("raft/raft.ts", "utf8").split("\n");
  const { start, end } = importsOf(file) ?? { start: 0, end: 0 };
  const isImport = (line: string) => /^(import|\} from) /.test(line);
  expect(start).toBe(file.findIndex(isImport) + 1);
  expect(end).toBe(file.findLastIndex(isImport) + 1);
});

test("a file without imports has nothing to fold", () => {
  expect(importsOf(["export const one = 1;", ""])).toBeUndefined();
});
