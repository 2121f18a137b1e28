// What the lessons explain of the source: counted by hand on a small file, and
// held by a floor for the real one.

import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { backlinks } from "../../site/tools/engine/backlinks.ts";
import {
  coverage,
  percentExplained,
} from "../../site/tools/engine/coverage.ts";
import { readWorld } from "../../site/tools/engine/world.ts";
import { fixture } from "./engine-fixture.ts";

function coverageOf(root: string) {
  const { index, lessons } = readWorld(root);
  return coverage(index, backlinks(lessons, index));
}

test("lines of code are counted, and no comment, blank line or import", () => {
  const root = fixture();
  const { index } = readWorld(root);
  const { files } = coverageOf(root);
  for (const [path, { lines }] of index.files) {
    const code = lines.filter((line) => {
      const text = line.trim();
      return text !== "" && !/^(\/\/|\/\*|\*(?!\w))/.test(text);
    });
    expect(files[path]?.code ?? 0).toBeLessThanOrEqual(code.length);
  }
  const before = files["raft.ts"]?.code ?? 0;
  expect(before).toBeGreaterThan(10);
  appendFileSync(
    path.join(root, "raft/raft.ts"),
    "\n// one\n\n/* two\n   three */\n/** four */\n",
  );
  expect(coverageOf(root).files["raft.ts"]?.code).toBe(before);
});

test("a line with a note is explained, a line in an excerpt shown, no line both", () => {
  const { files, code, explained, shown } = coverageOf(fixture());
  const raft = files["raft.ts"];
  expect(raft?.explained).toBeGreaterThan(0);
  expect(raft?.shown).toBeGreaterThan(0);
  for (const one of Object.values(files)) {
    expect(one.explained + one.shown).toBeLessThanOrEqual(one.code);
  }
  expect(explained + shown).toBeLessThan(code);
});

test("without its lessons nothing of the source is explained", () => {
  const { index } = readWorld(fixture());
  const { explained, shown } = coverage(index, backlinks([], index));
  expect([explained, shown]).toEqual([0, 0]);
});

test("the lessons explain no less of raft/ than they did", () => {
  const text = readFileSync("site/data/coverage-floor.json", "utf8");
  const { percentExplained: floor } = JSON.parse(text);
  const percent = percentExplained(coverageOf("."));
  expect(
    percent,
    `${percent} % of raft/ is explained. A fall is either a passage that was ` +
      "lost or code that no lesson explains yet; a rise belongs into " +
      "site/data/coverage-floor.json",
  ).toBeGreaterThanOrEqual(floor);
  expect(percent - floor, "raise the floor to what is reached").toBeLessThan(1);
});
