/**
 * Lesson 9: what a pipeline buys, and what it costs.
 *
 * The worked run is lessons/scenarios/09-four-commands.txt: three servers,
 * 10 ms a message, 2 ms a write; s1 leads, and from 1400 ms on four commands
 * come 5 ms apart. In 09-a-refusal.txt s2 cannot store the second. The other
 * worlds begin like these. The throughput claims call the functions that draw
 * the charts of the page.
 */

import { expect } from "vitest";
import {
  type Conditions,
  measure,
  slowFollowers,
} from "../../lessons/pictures/09/measure.ts";
import {
  FOUR_COMMANDS,
  fourCommands,
  ladder,
} from "../../lessons/pictures/09/run.ts";
import refusal from "../../lessons/scenarios/09-a-refusal.txt?raw";
import script from "../../lessons/scenarios/09-four-commands.txt?raw";
import type { FollowerReplication } from "../../raft/raft_struct.ts";
import type { Disk } from "../../raft/sim/disk.ts";
import { runScenario } from "../../raft/sim/scenario.ts";
import { World } from "../../raft/sim/world.ts";
import { claim } from "../claim.ts";

interface Options {
  readonly inFlight: number;
  readonly delayMs?: readonly [number, number];
  readonly down?: readonly string[];
  readonly seed?: number;
  /** How many commands are committed already. */
  readonly before?: number;
}

/** s1 leads, s2 and s3 follow, it is 1400 ms and nothing is on its way. */
function world(options: Options): World {
  const { inFlight, delayMs = [10, 10], down = [], seed = 1 } = options;
  const w = new World({
    seed,
    keepTrace: true,
    logLines: true,
    watch: [],
    network: { delayMs, timeoutMs: 60_000, pipelineDepth: inFlight - 1 },
    disk: { writeMs: [2, 2] },
  });
  w.fixTimers("s1", "heartbeatTimer", [1200]);
  w.fixTimers("s2", "heartbeatTimer", [1900]);
  w.fixTimers("s3", "heartbeatTimer", [1900]);
  for (const id of down) w.crash(id);
  runTo(w, 1300);
  for (let i = 0; i < (options.before ?? 0); i++) w.apply("s1", "before");
  runTo(w, 1400);
  expect(w.leader()?.id).toBe("s1");
  return w;
}

function runTo(w: World, timeMs: number): void {
  w.run(timeMs - w.now);
}

/** The first `count` commands, one every so many milliseconds. */
function applyEvery(w: World, gapMs: number, count: number): void {
  for (let i = 1; i <= count; i++) {
    w.apply("s1", `x=${i}`);
    w.run(gapMs);
  }
}

function toS2(w: World): FollowerReplication {
  const s = w.server("s1").r?.leaderState?.replState.get("s2");
  if (!s) throw new Error("s1 does not replicate to s2");
  return s;
}

/** The lines of the trace that say this, from a time on. */
function said(w: World, pattern: RegExp, fromMs = 0): string[] {
  return w.trace.lines.filter(
    (line) => Number(line.slice(0, 12)) >= fromMs && pattern.test(line),
  );
}

const requestToS2 = /s1 +-> s2 +AppendEntries /;

claim(
  "a pipeline is opened, and opened again, only after a success",
  {
    at: "replication.ts#replicate",
    break: {
      in: "replication.ts#replicate",
      from: "s.allowPipeline = false;",
      to: "",
    },
  },
  () => {
    const w = world({ inFlight: 8, down: ["s2"] });
    w.network.options.timeoutMs = 100;
    const opened = () => said(w, /s1 .*pipelining replication to=s2/).length;
    expect(opened()).toBe(0);
    w.start("s2");
    w.run(61_000);
    expect(opened()).toBe(1);
    w.crash("s2");
    w.run(2000);
    expect(opened()).toBe(1);
    w.start("s2");
    w.run(2000);
    expect(opened()).toBe(2);
  },
);

claim(
  "the sender does not wait: four requests leave before the first answer",
  {
    at: "replication.ts#pipelineReplicate",
    break: {
      in: "replication.ts#pipelineReplicate",
      from: "nextIndex = next ?? nextIndex;",
      to: 'nextIndex = s.peer.id === "s3" && s.nextIndex === 3 ? 3 : (next ?? nextIndex);',
    },
  },
  () => {
    const words = (text: string) => text.replace(/#.*$/gm, "").split(/\s+/);
    expect(words(script)).toEqual(words(FOUR_COMMANDS));
    const w = fourCommands(8);
    const { exchanges } = ladder(w);
    expect(exchanges.map((e) => [e.sentMs, e.entries])).toEqual([
      [1402, 1],
      [1407, 1],
      [1412, 1],
      [1417, 1],
    ]);
    expect(exchanges[0]?.answeredMs).toBe(1424);
    const toS3 = said(w, /s1 +-> s3 +AppendEntries .*\+1 /, 1400);
    expect(times(toS3)).toEqual([1402, 1407, 1412, 1417]);
  },
);

claim(
  "in RPC mode one request is out, with at most 64 entries in it",
  {
    at: "replication.ts#replicateTo",
    break: {
      in: "replication.ts#setupAppendEntries",
      from: "nextIndex + r.conf.maxAppendEntries - 1",
      to: "nextIndex + r.conf.maxAppendEntries",
    },
  },
  () => {
    const { exchanges, commands } = ladder(fourCommands(1));
    expect(exchanges.map((e) => [e.sentMs, e.entries])).toEqual([
      [1402, 1],
      [1424, 3],
    ]);
    const waits = commands.map((c) => c.appliedMs - c.askedMs);
    expect(waits).toEqual([24, 41, 36, 31]);

    const w = world({ inFlight: 1 });
    for (let i = 0; i < 200; i++) w.apply("s1", "x=1");
    w.run(700);
    const carried = said(w, requestToS2).map((line) =>
      Number(/\+(\d+)/.exec(line)?.[1]),
    );
    expect(Math.max(...carried)).toBeLessThanOrEqual(64);
    expect(w.server("s2").disk.lastIndex).toBe(202);
  },
);

claim(
  "s.nextIndex follows the answers, while the sender is ahead of it",
  {
    at: "replication.ts#pipelineSend",
    break: {
      in: "replication.ts#pipelineSend",
      from: "return nextIndex + request.entries.length;",
      to: "s.nextIndex = nextIndex + request.entries.length;\n  return s.nextIndex;",
    },
  },
  () => {
    const w = world({ inFlight: 8 });
    applyEvery(w, 5, 4);
    expect(said(w, requestToS2, 1400)).toHaveLength(4);
    expect(toS2(w).nextIndex).toBe(3);
    const seen = [1425, 1430, 1435, 1440].map((timeMs) => {
      runTo(w, timeMs);
      return toS2(w).nextIndex;
    });
    expect(seen).toEqual([4, 5, 6, 7]);
  },
);

claim(
  "nothing is committed by sending it",
  {
    at: "replication.ts#updateLastAppended",
    break: {
      in: "replication.ts#pipelineSend",
      from: "sent.push(++s.requestsSent);",
      to: "sent.push(++s.requestsSent);\n  if (nextIndex === 9) s.commitment.match(s.peer.id, 9);",
    },
  },
  () => {
    const w = world({ inFlight: 16 });
    w.network.rules.push({
      kind: "AppendEntriesResponse",
      from: undefined,
      to: "s1",
      action: { delayMs: 300 },
    });
    applyEvery(w, 5, 8);
    expect(said(w, requestToS2, 1400).length).toBeGreaterThanOrEqual(8);
    w.run(60);
    expect(w.server("s2").disk.lastIndex).toBe(10);
    expect(w.server("s3").disk.lastIndex).toBe(10);
    expect(w.server("s1").raft?.CommitIndex()).toBe(2);
  },
);

claim(
  "the requests of a pipeline do not overtake one another",
  {
    at: "ports.ts#AppendPipeline",
    break: {
      in: "sim/network.ts#Network.carry",
      from: "if (way) at = way.lastArrivalMs = Math.max(way.lastArrivalMs, at);",
      to: "",
    },
  },
  () => {
    const w = world({ inFlight: 32, delayMs: [1, 12] });
    applyEvery(w, 1, 60);
    w.run(100);
    expect(said(w, requestToS2, 1400).length).toBeGreaterThanOrEqual(20);
    expect(said(w, /failed to get previous log/)).toEqual([]);
    expect(said(w, /aborting pipeline/)).toEqual([]);
    expect(w.server("s2").disk.lastIndex).toBe(62);
  },
);

claim(
  "the depth bounds how many requests are out; the next one waits for room",
  {
    at: "sim/network.ts#SimPipeline.AppendEntries",
    break: {
      in: "sim/network.ts#SimPipeline.constructor",
      from: 'new Channel("inprogressCh", pipelineDepth)',
      to: 'new Channel("inprogressCh", pipelineDepth === 3 ? 9 : pipelineDepth)',
    },
  },
  () => {
    const w = world({ inFlight: 4, before: 3 });
    applyEvery(w, 2, 10);
    expect(w.server("s1").disk.lastIndex).toBeGreaterThanOrEqual(14);
    expect(said(w, requestToS2, 1400)).toHaveLength(4);
    w.run(10);
    const [, , , , waited, next] = said(w, requestToS2, 1400);
    expect(waited).toContain("1424.000");
    expect(waited).toContain("+1 commit");
    expect(next).toContain("+5 commit");
  },
);

claim(
  "a follower checks the previous entry of every request of a pipeline",
  {
    at: "raft.ts#appendEntriesMatchPrevious",
    break: {
      in: "raft.ts#appendEntriesMatchPrevious",
      from: "if (a.prevLogEntry < getLastSnapshot(r).index) return true;",
      to: "if (a.prevLogEntry === 7) return true;",
    },
  },
  () => {
    const w = world({ inFlight: 8, before: 4 });
    w.server("s2").disk.failNext(1);
    applyEvery(w, 5, 4);
    runTo(w, 1430);
    expect(said(w, /s2 +stores /, 1400)).toEqual([]);
    const refused = said(w, /s2 .*failed to get previous log/);
    expect(refused.length).toBeGreaterThanOrEqual(2);
  },
);

claim(
  "a refusal ends the pipeline; RPC mode goes on from the last acknowledged",
  {
    at: "replication.ts#pipelineDecode",
    break: {
      in: "replication.ts#pipelineDecode",
      from: "if (!result.success) return;",
      to: "if (!result.success && request.prevLogEntry > 5) return;",
    },
  },
  () => {
    const [begin = "", end = ""] = refusal.split("expect s2 last 3/2");
    const w = playRefusal(begin);
    expect(times(said(w, /s1 +<- s2 +refused /))).toEqual([1429, 1432, 1437]);
    const left = said(w, /aborting pipeline replication to=s2/);
    expect(times(left)).toEqual([1429]);
    expect(toS2(w).nextIndex).toBe(4);
    expect(end).toContain("run 90");
    w.run(90);
    const [next] = said(w, requestToS2, 1420);
    expect(next).toContain("after 3/2 +3");
    expect(w.server("s2").disk.lastIndex).toBe(6);
    expect(said(w, /pipelining replication to=s2/, 1429)).toHaveLength(1);
    expect(playRefusal(refusal).now).toBe(w.now);
  },
);

claim(
  "an answer behind a refusal is not counted, be it a success",
  {
    at: "replication.ts#pipelineDecode",
    break: {
      in: "replication.ts#pipelineDecode",
      from: "if (!result.success) return;",
      to: "if (!result.success && request.prevLogEntry === 9) continue;\n      if (!result.success) return;",
    },
  },
  () => {
    const w = world({ inFlight: 8, before: 6 });
    const { disk } = w.server("s2");
    const acknowledged = () => toS2(w).commitment.matchIndex("s2");
    storesAndFails(disk, 10);
    applyEvery(w, 5, 4);
    runTo(w, 1440);
    expect(said(w, /s1 +<- s2 +stored /, 1426)).toHaveLength(2);
    expect(disk.lastIndex).toBe(12);
    expect(acknowledged()).toBe(9);
    expect(toS2(w).nextIndex).toBe(10);
    w.run(150);
    const [again] = said(w, requestToS2, 1430);
    expect(again).toContain("after 9/2 +3");
    expect(acknowledged()).toBe(12);
    expect(said(w, /s2 +stores /, 1430)).toEqual([]);
  },
);

function playRefusal(script: string): World {
  return runScenario(script, { logLines: true, keepTrace: true, watch: [] });
}

function times(lines: readonly string[]): number[] {
  return lines.map((line) => Number(line.slice(0, 12)));
}

/** The write of one entry is done, and reported as failed. */
function storesAndFails(disk: Disk, index: number): void {
  const store = disk.StoreLogs.bind(disk);
  disk.StoreLogs = function* (logs) {
    const error = yield* store(logs);
    const here = logs.some((log) => log.index === index);
    return here ? new Error("stored, and said to have failed") : error;
  };
}

claim(
  "a sender that waits for room is freed when the answers end",
  {
    at: "replication.ts#pipelineDecode",
    break: {
      in: "replication.ts#pipelineDecode",
      from: "pipeline.Close();",
      to: "",
    },
  },
  () => {
    for (let seed = 1; seed <= 30; seed++) {
      const w = world({ inFlight: 2, before: 6, seed });
      w.server("s2").disk.failNext(1);
      applyEvery(w, 5, 10);
      w.run(300);
      const { lastIndex } = w.server("s2").disk;
      expect(lastIndex, `s2 has everything, seed ${seed}`).toBe(18);
    }
  },
);

claim(
  "a request that has failed is no contact",
  {
    at: "replication.ts#pipelineDecode",
    break: {
      in: "replication.ts#pipelineDecode",
      from: "if (result instanceof Error) return;",
      to: "if (result instanceof Error) {\n        r.behaviour.contacted(r, s, startMs);\n        return;\n      }",
    },
  },
  () => {
    const w = world({ inFlight: 8 });
    const contact = toS2(w).lastContactMs;
    w.network.rules.push({
      kind: "AppendEntriesRequest",
      from: "s1",
      to: "s2",
      action: "drop",
    });
    w.apply("s1", "x=1");
    w.run(5);
    expect(said(w, /aborting pipeline replication to=s2/)).toHaveLength(1);
    expect(toS2(w).lastContactMs).toBe(contact);
  },
);

claim(
  "RPC mode goes backwards to where a follower's log ends",
  {
    at: "replication.ts#replicateTo",
    break: {
      in: "replication.ts#replicateTo",
      from: "Math.min(s.nextIndex - 1, response.lastLog + 1)",
      to: "Math.min(s.nextIndex, response.lastLog + 99)",
    },
  },
  () => {
    const w = world({ inFlight: 8 });
    applyEvery(w, 5, 6);
    w.run(100);
    w.network.options.timeoutMs = 100;
    w.crash("s2");
    const { process, disk } = w.server("s2");
    expect(process.name).toBe("s2");
    loseEntries(w, 6, 8);
    expect(disk.lastIndex).toBe(5);
    const restarted = w.now;
    w.start("s2");
    w.run(1500);
    expect(said(w, /s2 +-> s1 +refused .* last 5/, restarted)).toHaveLength(1);
    expect(said(w, requestToS2, restarted).join()).toContain("after 5/2 +3");
    expect(disk.lastIndex).toBe(8);
  },
);

/** An older copy of its disk is put back while s2 is down. */
function loseEntries(w: World, min: number, max: number): void {
  const s1 = w.server("s1").process;
  w.driver.scheduler.go(
    s1,
    "restore",
    (function* () {
      yield* w.server("s2").disk.DeleteRange(min, max);
    })(),
  );
  w.run(3);
}

claim(
  "over a long way and with fast disks 128 in flight commit three times more",
  {
    at: "replication.ts#replicateTo",
    break: {
      in: "replication.ts#replicateTo",
      from: "s.allowPipeline = true;",
      to: "s.allowPipeline = r.runtime.clock.now() - start < 30;",
    },
  },
  () => {
    const far = (inFlight: number): Conditions => ({
      inFlight,
      roundTripMs: 50,
      leaderWriteMs: [2, 2],
      followerWriteMs: [2, 2],
    });
    const one = measure(far(1));
    const many = measure(far(128));
    expect(many.committedPerSecond / one.committedPerSecond).toBeGreaterThan(3);
    expect(measure(far(1))).toEqual(one);
  },
);

claim(
  "where the followers' disks are the limit, deeper is worse",
  {
    at: "replication.ts#setupAppendEntries",
    break: {
      in: "replication.ts#setupAppendEntries",
      from: "nextIndex + r.conf.maxAppendEntries - 1",
      to: "nextIndex + 7",
    },
  },
  () => {
    const near = (inFlight: number) => measure(slowFollowers(inFlight, 0.5));
    const two = near(2);
    const many = near(128);
    expect(many.committedPerSecond).toBeLessThan(two.committedPerSecond / 3);
    expect(two.entriesPerRequest).toBeGreaterThan(35);
    expect(many.entriesPerRequest).toBeLessThan(12);
    const later = measure({ ...slowFollowers(128, 0.5), warmUpWrites: 90 });
    expect(later.entriesPerRequest).toBeLessThan(many.entriesPerRequest);
    const farther = [1, 4, 128].map(
      (n) => measure(slowFollowers(n, 20)).committedPerSecond,
    );
    expect(Math.max(...farther)).toBe(farther[1]);
    const [five = 0, six = 0, seven = 0] = [5, 6, 7].map(
      (n) => measure(slowFollowers(n, 20)).committedPerSecond,
    );
    const least = Math.min(five, six);
    expect(least).toBeGreaterThan(1.05 * Math.max(seven, farther[1] ?? 0));
    expect(Math.abs(least - 5700)).toBeLessThan(250);

    const varying = (n: number) =>
      likeDisks(n, 1, 1) + likeDisks(n, 2, 1) + likeDisks(n, 3, 1);
    expect(varying(128) / varying(2)).toBeLessThan(0.85);
    expect(likeDisks(128, 1, 0)).toBe(likeDisks(2, 1, 0));
  },
);

/** Every disk takes 2 ms a write, give or take so much. */
function likeDisks(inFlight: number, seed: number, spreadMs: number): number {
  const writeMs = [2 - spreadMs, 2 + spreadMs] as const;
  return measure({
    inFlight,
    seed,
    roundTripMs: 0.5,
    leaderWriteMs: writeMs,
    followerWriteMs: writeMs,
    warmUpWrites: 50,
  }).committedPerSecond;
}
