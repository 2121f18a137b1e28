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
import { type Asked, rungOf, votes } from "../../lessons/pictures/05/votes.ts";
import ladder, { counted } from "../../lessons/pictures/05-ladder.ts";
import wayOfAQuestion, {
  ask,
} from "../../lessons/pictures/10-way-of-a-question.ts";
import twoClocks from "../../lessons/scenarios/10-two-clocks.txt?raw";
import { ServerSuffrage } from "../../raft/configuration.ts";
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
  const { counts, lasting } = taken();

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
    for (const [from, to, why = "", times] of rowsOf(picture)) {
      const way = `${from} > ${to}: ${why}`;
      expect(String(counts.get(way)), way).toBe(times);
      expect(wordsIn(picture)).toEqual(
        expect.arrayContaining([why.replace(">", "&gt;"), `${times} times`]),
      );
    }
  });

  test("leaves no candidacy out: what has not ended lasted to the end", () => {
    const begun = [...counts].filter(([way]) => /> Candidate:/.test(way));
    const ended = [...counts].filter(([way]) => /^Candidate >/.test(way));
    const sum = (ways: [string, number][]) =>
      ways.reduce((total, [, times]) => total + times, 0);
    expect(lasting).toBeGreaterThan(0);
    expect(sum(begun)).toBe(sum(ended) + lasting);
    const row = [sum(begun), sum(ended), lasting].map(String);
    expect(waysOut().tables?.[1]?.rows).toEqual([row]);
  });

  test("says what was counted, in the drawing and below it", () => {
    const picture = waysOut();
    const counted = "counted in 40 runs of three servers";
    expect(wordsIn(picture)).toContain(counted);
    expect(picture.title).toContain(counted);
  });

  test("fits a phone, and its loop leads out of the box and back", () => {
    const { svg = "" } = waysOut();
    expect(svg).toMatch(/^<svg viewBox="0 0 360 \d+" class="narrow"/);
    const [, y, radius, height] =
      /M282 (\d+)h-\d+a(\d+) \2 0 0 0 0 (\d+)h\d+"/.exec(svg) ?? [];
    expect(2 * Number(radius)).toBe(Number(height));
    expect(Number(height)).toBeGreaterThanOrEqual(24);
    expect(svg).toContain(
      `translate(282 ${Number(y) + Number(height)}) rotate(180)`,
    );
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

/** What a rung asks, asked once more of what the voter knew. */
const stopsAt: Readonly<Record<number, (asked: Asked) => boolean>> = {
  1: ({ voter, candidate }) =>
    voter.members.every(({ address }) => address !== candidate),
  2: ({ voter, candidate, request }) =>
    ![candidate, ""].includes(voter.leader) && !request.leadershipTransfer,
  3: ({ voter, request }) => request.term < voter.term,
  5: ({ voter, candidate }) =>
    voter.members.some(
      ({ address, suffrage }) =>
        address === candidate && suffrage !== ServerSuffrage.Voter,
    ),
  6: ({ voter, request }) => voter.votedTerm === request.term,
  7: ({ voter, request }) =>
    voter.lastTerm > request.lastLogTerm ||
    (voter.lastTerm === request.lastLogTerm &&
      voter.lastIndex > request.lastLogIndex),
  8: () => true,
};

describe("the picture of lesson 5", () => {
  const all = votes();
  const rungs = counted(all);
  const sum = (part: (rung: (typeof rungs)[number]) => number) =>
    rungs.reduce((total, rung) => total + part(rung), 0);

  test("accounts for every request that a server has taken", () => {
    const { taken, decisions, stopped, open } = all;
    expect(decisions.length + stopped.length + open).toBe(taken);
    expect(sum((rung) => rung.refused + rung.granted + rung.stopped)).toBe(
      taken - open,
    );
  });

  test("has every request decided by the first rung that it does not pass", () => {
    for (const decision of all.decisions) {
      const [first] = Object.entries(stopsAt).find(([, stops]) =>
        stops(decision),
      ) ?? ["none"];
      expect(String(decision.rung), JSON.stringify(decision)).toBe(first);
    }
  });

  test("has a newer term taken by those that pass rung 3, and by no other", () => {
    for (const { rung, request, voter, tookTerm } of all.decisions) {
      expect(tookTerm).toBe(rung > 3 && request.term > voter.term);
    }
    for (const { request, voter } of all.stopped) {
      expect(request.term).toBeGreaterThan(voter.term);
    }
  });

  test("has a vote given again to whom the voter had given it", () => {
    for (const { rung, granted, candidate, voter } of all.decisions) {
      if (rung === 6) expect(granted).toBe(voter.votedFor === candidate);
    }
  });

  test("has rung 2 refuse more than any other", () => {
    const most = Math.max(...rungs.map(({ refused }) => refused));
    expect(rungs.filter(({ refused }) => refused === most)).toEqual([rungs[1]]);
  });

  test("owes rungs 1 and 5 to the two that have missed a change", () => {
    for (const { rung, candidate } of all.decisions) {
      if (rung === 1) expect(candidate).toBe("s5");
      if (rung === 5) expect(candidate).toBe("s4");
    }
  });

  test("shows each rung with what it has decided, and fits a phone", () => {
    const picture = ladder(all);
    const words = wordsIn(picture).join("\n");
    expect(rowsOf(picture).map((row) => row.slice(0, 5))).toEqual(
      rungs.map(({ rung, question, refused, granted, wentOn }) =>
        [rung, question, refused, granted, wentOn].map(String),
      ),
    );
    for (const { refused, granted } of rungs) {
      if (refused) expect(words).toContain(`refused ${refused}`);
      if (granted) expect(words).toContain(`granted ${granted}`);
    }
    expect(picture.svg).toMatch(/^<svg viewBox="0 0 304 \d+" class="narrow"/);
  });

  test("is not drawn with a refusal of no rung, or when a rung has refused nobody", () => {
    const reason = "the candidate is a stranger";
    expect(() => rungOf(reason)).toThrow(reason);
    for (const { rung, refuses, question } of rungs) {
      if (!refuses) continue;
      const decisions = all.decisions.filter((d) => d.rung !== rung);
      expect(() => counted({ ...all, decisions })).toThrow(question);
    }
    const [first] = all.decisions;
    const decisions = first ? [...all.decisions, { ...first, rung: 4 }] : [];
    expect(() => counted({ ...all, decisions })).toThrow("newer term");
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
