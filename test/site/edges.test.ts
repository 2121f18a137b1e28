import { describe, expect, test } from "vitest";
import { edgesOf } from "../../site/tools/diagrams/edges.ts";
import { readLessons } from "../../site/tools/engine/lesson.ts";

describe("a flowchart as a table", () => {
  test("has a row for each arrow, with the words of its boxes", () => {
    const source = `flowchart TD
  app[your program] -- applyCh --> run
  run -. closes finishCh .-> log[(the<br/>log)]
  log --> app
  app <-. each ends<br/>the other .-> log`;
    expect(edgesOf(source)).toEqual([
      ["your program", "applyCh", "run"],
      ["run", "closes finishCh", "the log"],
      ["the log", "", "your program"],
      ["your program", "each ends the other", "the log"],
      ["the log", "each ends the other", "your program"],
    ]);
  });

  test("is empty for a diagram of another kind", () => {
    expect(edgesOf("sequenceDiagram\n  a->>b: x")).toEqual([]);
  });

  test("of a lesson misses no arrow", () => {
    const diagrams = readLessons(process.cwd()).flatMap((one) => one.diagrams);
    expect(diagrams.length).toBeGreaterThan(0);
    for (const { source, title } of diagrams) {
      const arrows = source.match(/-->|\.->|<-/g) ?? [];
      expect(arrows.length, title).toBeGreaterThan(0);
      expect(edgesOf(source), title).toHaveLength(arrows.length);
    }
  });
});
