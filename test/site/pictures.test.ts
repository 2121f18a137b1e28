/**
 * The pictures of the lessons say what the lessons cite of them. Each is drawn
 * here from its run, as a build draws it.
 */

import { describe, expect, test } from "vitest";
import lastContact from "../../lessons/pictures/03-last-contact.ts";
import waysOut, {
  nameOf,
  seenWays,
  taken,
  WAYS,
} from "../../lessons/pictures/04-ways-out.ts";
import wayOfAQuestion, {
  ask,
} from "../../lessons/pictures/10-way-of-a-question.ts";
import twoClocks from "../../lessons/scenarios/10-two-clocks.txt?raw";
import { runScenario } from "../../raft/sim/scenario.ts";
import type { Picture } from "../../site/tools/pictures/picture.ts";

/** The rows of the first table. */
function rowsOf({ tables }: Picture): readonly (readonly string[])[] {
  return tables?.[0]?.rows ?? [];
}

/** What is written in the drawing. */
function wordsIn({ svg = "" }: Picture): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(
    ([, words = ""]) => words,
  );
}

describe("the picture of lesson 3", () => {
  const picture = lastContact();

  test("finds 1000 ms of silence after a contact at 300 ms, 999 after 301", () => {
    expect(rowsOf(picture)).toEqual([
      ["300", "1298", "1300", "1000", "forgets s1"],
      ["301", "1298", "1300", "999", "goes on"],
      ["301", "1999", "3299", "2998", "forgets s1"],
    ]);
  });

  test("has the figures of its table in the drawing", () => {
    const words = wordsIn(picture).join("\n");
    for (const figure of [
      "1298",
      "1300",
      "1000",
      "999",
      "1999",
      "3299",
      "2998",
    ]) {
      expect(words).toContain(figure);
    }
  });
});

describe("the picture of lesson 4", () => {
  const counts = taken();

  test("knows six ways out of a candidacy and one into it", () => {
    const out = WAYS.filter(([from]) => from === "Candidate");
    expect(out.map(([, to]) => to)).toEqual([
      "Leader",
      "Candidate",
      "Follower",
      "Follower",
      "Follower",
      "Shutdown",
    ]);
    expect(WAYS.length - out.length).toBe(1);
  });

  test("has seen each of them, and no other", () => {
    expect([...counts.keys()].sort()).toEqual(WAYS.map(nameOf).sort());
  });

  test("shows each with how often it was seen", () => {
    const picture = waysOut();
    for (const [from, to, why, times] of rowsOf(picture)) {
      const way = `${from} > ${to}: ${why}`;
      expect(String(counts.get(way)), way).toBe(times);
      expect(picture.mermaid).toContain(`${times} times`);
    }
  });

  test("is not drawn when a way was not taken, or one is not listed", () => {
    const [first = ""] = counts.keys();
    const without = new Map(counts);
    without.delete(first);
    expect(() => seenWays(without)).toThrow(first);
    const more = new Map(counts).set("Candidate > Follower: refusal", 1);
    expect(() => seenWays(more)).toThrow("Candidate > Follower: refusal");
  });
});

describe("the second picture of lesson 10", () => {
  const { askedMs, answeredMs, rows, world } = ask();
  const sAnswers = (from: string) =>
    rows.filter((row) => row.answers && row.from === from);

  test("is of the lesson's run up to the cut", () => {
    const [opening = ""] = twoClocks.split(/^partition/m);
    const { trace } = runScenario(opening, { watch: [] });
    expect(askedMs).toBe(2000);
    expect(world.trace.lines.slice(0, trace.lines.length)).toEqual(trace.lines);
  });

  test("shows the question answered after one round trip, by s1 and s2", () => {
    expect(answeredMs - askedMs).toBe(20);
    const alone = rows.filter((row) => row.from === row.to && !row.channel);
    expect(alone.map(({ from, what }) => [from, what])).toEqual([
      ["run", "its own vote: 1 of 2 needed"],
      ["heartbeat s3", "older request: not counted"],
      ["heartbeat s2", "newer request: 2 of 2 needed"],
    ]);
    expect(sAnswers("s2").map(({ arrivesMs }) => arrivesMs)).toEqual([2020]);
  });

  test("leads through verifyCh twice, and through notifyCh to each task", () => {
    const by = (name: string) =>
      rows
        .filter(({ channel }) => channel === name)
        .map(({ from, to }) => `${from} > ${to}`);
    expect(by("verifyCh")).toEqual(["caller > run", "heartbeat s2 > run"]);
    expect(by("notifyCh")).toEqual([
      "run > heartbeat s2",
      "run > heartbeat s3",
      "heartbeat s3 > heartbeat s3", // where it has waited
    ]);
    expect(by("future")).toEqual(["run > caller"]);
  });

  test("lets the flag for s3 wait for the answer that comes at 2015 ms", () => {
    const [older, late] = sAnswers("s3");
    const taken = rows.find(({ what }) => what === "the flag is taken");
    expect(Math.floor(older?.arrivesMs ?? 0)).toBe(2015);
    expect(taken?.atMs).toBe(older?.arrivesMs);
    expect(late?.arrivesMs).toBeGreaterThan(answeredMs);
  });

  test("says in words when the caller has its answer", () => {
    const { words } = wayOfAQuestion();
    expect(words).toContain("asked at 2000 ms");
    expect(words).toContain("its answer at 2020 ms");
  });
});
