// The search for lines by their text: Go's spelling finds ours, and what stands
// there as it was typed comes first.

import { describe, expect, test } from "vitest";
import { codeLines, linesWith } from "../../site/client/code-lines.ts";
import { readWorld } from "../../site/tools/engine/world.ts";

const { index } = readWorld(".");
const lines = codeLines(
  Object.fromEntries(
    [...index.files].map(([file, { lines }]) => [file, lines]),
  ),
);
const found = (query: string) =>
  linesWith(lines, query).map(({ text }) => text);

describe("a condition of Go", () => {
  test.each([
    ["latestIndex == committedIndex &&", "latestIndex === committedIndex"],
    ["lastVote.Term == req.Term", "lastVote.term === req.term"],
    ["lastVote.Term==req.Term", "lastVote.term === req.term"],
    ["if latestIndex == 0 {", "if (latestIndex === 0) {"],
    ["if (latestIndex == committedIndex)", "latestIndex === committedIndex &&"],
    ["if s.failures > 0 {", "if (s.failures > 0) yield* "],
    [
      "\tif grantedVotes >= votesNeeded {",
      "if (grantedVotes >= votesNeeded) {",
    ],
    ["if nextIndex == 1 {", "if (nextIndex === 1) return "],
    ["} else if currentTerm > 0 {", "} else if (currentTerm > 0) return true;"],
    [
      "if !r.conf.NoSnapshotRestoreOnStart {",
      "if (!r.conf.noSnapshotRestoreOnS",
    ],
    ["if a.Term <", "if (a.term <"],
    ["a.PrevLogTerm != ", "a.prevLogTerm !== "],
    ["reason == nil", "reason === undefined"],
    ["this.error != nil", "this.error !== undefined"],
    ["nextIndex := s.nextIndex", "let nextIndex = s.nextIndex"],
  ])("%s finds %s", (go, ours) => {
    expect(found(go).join("\n")).toContain(ours);
  });
});

test("before a bracket a word has ended", () => {
  const all = codeLines({ "a.ts": ["if (voters) {", "if (v) return;"] });
  expect(linesWith(all, "if v {").map(({ line }) => line)).toEqual([2]);
  expect(linesWith(all, "if v").map(({ line }) => line)).toEqual([1, 2]);
});

test("brackets alone are found as they stand", () => {
  const all = codeLines({ "a.ts": ["});", "a = b;"] });
  expect(linesWith(all, "});").map(({ line }) => line)).toEqual([1]);
});

test("the very text comes before its likes", () => {
  const known = ["a = b", "a == b", "A === B", "a === b"];
  const all = codeLines({ "a.ts": known });
  expect(linesWith(all, "a == b").map(({ line }) => line)).toEqual([2, 3, 4]);
  expect(linesWith(all, "a === b").map(({ line }) => line)).toEqual([4, 2, 3]);
  expect(linesWith(all, "a = b").map(({ line }) => line)).toEqual([1]);
});
