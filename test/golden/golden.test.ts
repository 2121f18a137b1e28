/**
 * The golden stories go as they were recorded; and the recorder keeps what a
 * person has written beside the lines.
 */
import { describe, expect, test } from "vitest";
import {
  difference,
  goldenNames,
  parseGolden,
  play,
  readGolden,
  withRemarks,
} from "./golden.ts";

describe("the story of", () => {
  test.each(goldenNames())("%s goes as it was recorded", (name) => {
    const golden = readGolden(name);
    const told = difference(name, golden, play(golden.script));
    if (told !== undefined) throw new Error(told);
  });

  test.each(goldenNames())("%s is the same when played twice", (name) => {
    const { script } = readGolden(name);
    expect(play(script)).toEqual(play(script));
  });

  test("each plain story is there", () => {
    expect(goldenNames()).toEqual([
      "a-follower-catches-up",
      "a-leader-is-cut-off",
      "first-commit",
      "first-election",
    ]);
  });
});

describe("a golden file", () => {
  const golden = parseGolden(
    "servers 1\nrun 5\n====\n# why\n 1 a\n 2 b\n 3 c\n",
  );

  test("has a script above the line, and the trace below it", () => {
    expect(golden.script).toBe("servers 1\nrun 5");
    expect(golden.recorded).toEqual(["# why", " 1 a", " 2 b", " 3 c"]);
  });

  test("is compared without its remarks", () => {
    expect(difference("x", golden, [" 1 a", " 2 b", " 3 c"])).toBeUndefined();
  });

  test("says where another story begins, and how to accept it", () => {
    const told = difference("x", golden, [" 1 a", " 2 z", " 3 c"]);
    expect(told?.split("\n")).toEqual([
      "test/golden/x.txt: another story from line 2 of the trace",
      "   1 a",
      "-  2 b",
      "-  3 c",
      "+  2 z",
      "+  3 c",
      "If this is what you wanted, read it, and then:",
      "    npm run golden -- --accept x",
    ]);
  });

  test("that is longer or shorter is another story too", () => {
    expect(difference("x", golden, [" 1 a", " 2 b"])).toContain("+ (the end)");
    const longer = [" 1 a", " 2 b", " 3 c", " 4 d"];
    expect(difference("x", golden, longer)).toContain("- (the end)");
  });

  test("begins where its script says so", () => {
    const script = "servers 1\nuntil leader\nstory\nrun 1\ncrash s1";
    const [first, ...rest] = play(script);
    expect(rest.length).toBeLessThan(10);
    expect(first).toContain("s1");
    expect(rest.at(-1) ?? first).toContain("crashes");
  });
});

describe("recording anew", () => {
  const recorded = ["# one", " 1 a", " 2 b", "# three", " 3 c", "# end"];

  test("keeps each remark before its line, whatever the time there", () => {
    const { lines, lost } = withRemarks(recorded, [" 5 a", " 7 c", " 9 d"]);
    expect(lines).toEqual([
      "# one",
      " 5 a",
      "# three",
      " 7 c",
      " 9 d",
      "# end",
    ]);
    expect(lost).toEqual([]);
  });

  test("says which remarks have lost their line", () => {
    const { lines, lost } = withRemarks(recorded, [" 1 a", " 2 b"]);
    expect(lines).toEqual(["# one", " 1 a", " 2 b", "# end"]);
    expect(lost).toEqual(["# three"]);
  });
});
