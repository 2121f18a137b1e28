// What the checks of the built site share.

import { expect, test } from "vitest";
import { unseen } from "../../site/tools/checks/check.ts";

const faults: readonly string[] = [];

test.each([
  ["1,204 lines of 61 excerpts", []],
  ["37 steps from /lessons/04-elect-self/", []],
  ["0 steps on /lessons/", ["it did not find anything to look at"]],
  ["no lesson has a note yet", ["it did not find anything to look at"]],
])("a check that says %j", (checked, said) => {
  expect(unseen({ checked, faults })).toEqual(said);
});

test("of what a check counts, nothing may be missing altogether", () => {
  const looked = { pages: 240, notes: 0, folds: Number.NaN };
  expect(unseen({ checked: "240 pages", looked, faults })).toEqual([
    "it did not find notes",
    "it did not find folds",
  ]);
});
