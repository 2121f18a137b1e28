// What the mark of a line leads to, and whether there is anything to choose.

import { expect, test } from "vitest";
import { markOf } from "../../site/lib/marks.ts";
import type { BookMark } from "../../site/tools/book/types.ts";

type Kind = BookMark["kind"];

function mark(kind: Kind, route: string, start: number, end: number): BookMark {
  return { kind, route, range: { start, end }, title: "", number: 0 };
}

test("leads to the narrowest passage", () => {
  const marks = [
    mark("excerpt", "/a/#1", 1, 9),
    mark("note", "/a/#2", 4, 5),
    mark("claim", "/a/#3", 3, 5),
  ];
  expect(markOf(marks, 4)?.main.route).toBe("/a/#2");
  expect(markOf(marks, 3)?.main.route).toBe("/a/#3");
  expect(markOf(marks, 9)?.main.route).toBe("/a/#1");
  expect(markOf(marks, 10)).toBeUndefined();
});

test("an excerpt is no choice where its lesson says more of the line", () => {
  const marks = [
    mark("excerpt", "/a/#1", 1, 9),
    mark("excerpt", "/a/#2", 3, 6),
    mark("note", "/a/#3", 4, 4),
    mark("excerpt", "/b/#1", 4, 9),
    mark("claim", "/c/#1", 8, 8),
  ];
  expect(markOf(marks, 3)?.choices).toBe(1);
  expect(markOf(marks, 4)?.choices).toBe(2);
  expect(markOf(marks, 7)?.choices).toBe(2);
  expect(markOf(marks, 8)?.choices).toBe(3);
});
