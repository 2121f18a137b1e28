// Where the prose of a lesson names another lesson or a thread of upstream.

import { expect, test } from "vitest";
import { pointers, shelfOf } from "../../site/tools/pointers.ts";

const shelf = shelfOf([
  "02-memory",
  "05-vote",
  "08-Majority",
  "how-to-read-this-code",
  "zh-cn/02-memory",
]);
const linked = (text: string, own?: number) =>
  pointers(text, shelf, own).map(({ text, href }) =>
    href === undefined ? text : `[${text}](${href})`,
  );

test.each([
  [
    "it counts copies (lesson 8).",
    "it counts copies ([lesson 8](../08-majority/)).",
  ],
  ["Lesson 2 shows it", "[Lesson 2](../02-memory/) shows it"],
  [
    "lessons 2, 5 and 8",
    "[lessons 2](../02-memory/), [5](../05-vote/) and [8](../08-majority/)",
  ],
  [
    "a vote (upstream #661)",
    "a vote (upstream [#661](https://github.com/hashicorp/raft/issues/661))",
  ],
  [
    "#695, see lesson 5",
    "[#695](https://github.com/hashicorp/raft/issues/695), see [lesson 5](../05-vote/)",
  ],
])("%s", (text, wanted) => {
  expect(linked(text).join("")).toBe(wanted);
});

test.each([
  "in lesson 15, planned",
  "lesson 9 is on no shelf",
  "a C#12 and rule #3",
  "raft.go#L617",
])("%s stays as it is", (text) => {
  expect(linked(text)).toEqual([text]);
});

test("a lesson does not lead to itself", () => {
  expect(linked("lesson 8", 8)).toEqual(["lesson 8"]);
});
