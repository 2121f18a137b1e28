/**
 * Lesson 7: how do logs become equal again?
 *
 * The worked run is lessons/scenarios/07-three-leaders.txt: 10 ms a message,
 * 2 ms a write; s1 leads term 4, and s3 has two entries of term 2 that nobody
 * else has. The six logs of Figure 7 and the failed store are the worlds of the
 * two pictures. Everything else asks s3 alone, by a request made by hand.
 */

import { expect } from "vitest";
import {
  failedStore,
  failStoring,
  untilCommitted,
} from "../../lessons/pictures/07-cache-before-store.ts";
import {
  type FollowerName,
  figure7World,
  followers,
  heal,
  healed,
  type Round,
  termsOf,
} from "../../lessons/pictures/07-figure-7.ts";
import threeLeaders from "../../lessons/scenarios/07-three-leaders.txt?raw";
import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
} from "../../raft/commands.ts";
import { encodeConfiguration } from "../../raft/configuration.ts";
import { type Log, LogType } from "../../raft/log.ts";
import type { RPCResponse } from "../../raft/ports.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { runScenario } from "../../raft/sim/scenario.ts";
import {
  namedServers,
  type SimServer,
  World,
  type WorldOptions,
} from "../../raft/sim/world.ts";
import { encodeText } from "../../raft/util.ts";
import { claim } from "../claim.ts";

function entry(index: number, term: number): Log {
  const data = encodeText(`${index}/${term}`);
  return { index, term, type: LogType.Command, data };
}

/** Entries from `first` on, by their terms. */
function entries(first: number, ...terms: number[]): Log[] {
  return terms.map((term, i) => entry(first + i, term));
}

function world(options: Partial<WorldOptions> = {}): World {
  return new World({
    seed: 1,
    keepTrace: true,
    watch: [],
    network: { delayMs: [10, 10] },
    disk: { writeMs: [2, 2] },
    ...options,
  });
}

/** s3 in term 3, a follower whom nobody disturbs; entry 1 is there anyhow. */
function alone(log: readonly Log[]): { w: World; s3: SimServer } {
  const w = world();
  const s3 = w.server("s3");
  s3.disk.preset({ CurrentTerm: 3 }, log);
  w.fixTimers("s3", "heartbeatTimer", [1990]);
  w.crash("s1");
  w.crash("s2");
  w.run(10);
  return { w, s3 };
}

/** What s3 answers to a request of s1, leader of term 3. */
function ask(
  w: World,
  request: Partial<AppendEntriesRequest>,
): AppendEntriesResponse | undefined {
  const { r, process } = w.server("s3");
  if (!r) throw new Error("s3 is down");
  const { rpcCh } = r;
  const command: AppendEntriesRequest = {
    kind: "AppendEntriesRequest",
    rpcHeader: { protocolVersion: 3 },
    term: 3,
    leader: encodeText("s1"),
    prevLogEntry: 0,
    prevLogTerm: 0,
    entries: [],
    leaderCommitIndex: 0,
    ...request,
  };
  const respChan = new Channel<RPCResponse>("respChan", 1);
  function* send(): Task<void> {
    yield* rpcCh.send({ command, respChan });
  }
  w.driver.scheduler.go(process, "probe", send());
  w.run(50);
  const { response } = respChan.tryReceive()?.value ?? {};
  return response as AppendEntriesResponse | undefined;
}

/** The writes of a server to its log, from line `from` of the trace on. */
function logWrites(w: World, id: string, from = 0): string[] {
  return w.trace.lines.slice(from).flatMap((line) => {
    const [, what] =
      new RegExp(` ${id} +(stores \\S+|deletes .*)`).exec(line) ?? [];
    return what ?? [];
  });
}

/** How many requests to each follower of Figure 7 end like this. */
function countRounds(is: (round: Round) => boolean) {
  const rounds = heal(figure7World({ watch: [] }));
  const counts = followers.map((id) => [id, rounds[id].filter(is).length]);
  return Object.fromEntries(counts) as Record<FollowerName, number>;
}

claim(
  "each of the six followers of Figure 7 ends with the leader's log",
  {
    at: "raft.ts#appendEntriesTruncate",
    break: {
      in: "raft.ts#appendEntriesTruncate",
      from: "r.logs.DeleteRange(index, last)",
      to: "r.logs.DeleteRange(index, index)",
    },
  },
  () => {
    const w = figure7World();
    w.runUntil(() => healed(w), 2000);
    expect(w.violations).toEqual([]);
    expect(healed(w)).toBe(true);
  },
);

claim(
  "a log that is too short is refused once, and then asked at its end",
  {
    at: "replication.ts#replicateTo",
    break: {
      in: "replication.ts#replicateTo",
      from: "Math.min(s.nextIndex - 1, response.lastLog + 1)",
      to: "s.nextIndex - 1",
    },
  },
  () => {
    const tooShort = countRounds(
      (round) => !round.accepted && round.nextIndex - 1 > round.before.length,
    );
    expect(tooShort).toEqual({ a: 1, b: 1, c: 0, d: 0, e: 1, f: 0 });
  },
);

claim(
  "an entry of another term costs one refusal, and nextIndex goes back by one",
  {
    at: "replication.ts#replicateTo",
    break: {
      in: "replication.ts#replicateTo",
      from: "s.nextIndex - 1",
      to: "s.nextIndex - 2",
    },
  },
  () => {
    const otherTerm = countRounds(
      (round) => !round.accepted && round.nextIndex - 1 <= round.before.length,
    );
    expect(otherTerm).toEqual({ a: 0, b: 0, c: 0, d: 0, e: 2, f: 7 });
  },
);

claim(
  "a refusal deletes nothing",
  {
    at: "raft.ts#appendEntriesMatchPrevious",
    break: {
      in: "raft.ts#appendEntriesMatchPrevious",
      from: 'r.logger.warn("previous log term mis-match", {',
      to: 'yield* appendEntriesTruncate(r, a.prevLogEntry);\n    r.logger.warn("previous log term mis-match", {',
    },
  },
  () => {
    const w = runScenario(threeLeaders);
    const { lines } = w.trace;
    const refusal = lines.findLastIndex((line) =>
      line.includes("s3  -> s1  refused"),
    );
    const deletion = lines.findIndex((line) => line.includes("s3  deletes"));
    expect(refusal).toBeGreaterThan(0);
    expect(deletion).toBeGreaterThan(refusal);
    expect(termsOf(w, "s3")).toEqual([1, 2, 3, 3, 3, 3, 4]);
    expect(w.server("s3").applied?.commands).toEqual(["y=1", "y=2", "y=3"]);
  },
);

claim(
  "a conflict deletes from its own index on, and nothing before it",
  {
    at: "raft.ts#appendEntriesFindNew",
    break: {
      in: "raft.ts#appendEntriesFindNew",
      from: "const cut = yield* appendEntriesTruncate(r, entry.index);\n      return cut ? entries.slice(i) : undefined;",
      to: "const cut = yield* appendEntriesTruncate(r, entries[0]?.index ?? 0);\n      return cut ? entries : undefined;",
    },
  },
  () => {
    const { w, s3 } = alone(entries(2, 2, 2, 2));
    const from = w.trace.lines.length;
    const answer = ask(w, {
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 2, 2, 3),
    });
    expect(answer?.success).toBe(true);
    expect(logWrites(w, "s3", from)).toEqual(["deletes 4 to 4", "stores 4/3"]);
    expect(termsOf(w, s3.id)).toEqual([1, 2, 2, 3]);
  },
);

claim(
  "an old request that comes late deletes nothing",
  {
    at: "raft.ts#appendEntriesFindNew",
    break: {
      in: "raft.ts#appendEntriesFindNew",
      from: "return [];",
      to: "const end = entries.at(-1)?.index ?? getLastLog(r).index;\n  if (end < getLastLog(r).index) yield* appendEntriesTruncate(r, end + 1);\n  return [];",
    },
  },
  () => {
    const { w, s3 } = alone(entries(2, 2, 2, 3, 3));
    const from = w.trace.lines.length;
    const answer = ask(w, {
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 2, 2),
    });
    expect(answer?.success).toBe(true);
    expect(logWrites(w, "s3", from)).toEqual([]);
    expect(termsOf(w, s3.id)).toEqual([1, 2, 2, 3, 3]);
  },
);

claim(
  "entries that could not be stored are not acknowledged",
  {
    at: "raft.ts#appendEntriesStore",
    break: {
      in: "raft.ts#appendEntriesStore",
      from: 'r.logger.error("Failed to append to logs", { error });\n      return false;',
      to: 'r.logger.error("Failed to append to logs", { error });\n      return true;',
    },
  },
  () => {
    const { w, s3 } = alone(entries(2, 2));
    failStoring(s3, 3);
    const request = { prevLogEntry: 2, prevLogTerm: 2, entries: entries(3, 3) };
    expect(ask(w, request)?.success).toBe(false);
    expect(termsOf(w, s3.id)).toEqual([1, 2]);
    expect(ask(w, request)?.success).toBe(true);
    expect(termsOf(w, s3.id)).toEqual([1, 2, 3]);
  },
);

claim(
  "a log that was cut and not written again is known by its new end",
  {
    at: "raft.ts#appendEntriesTruncate",
    break: {
      in: "raft.ts#appendEntriesTruncate",
      from: "setLastLog(r, before);",
      to: "",
    },
  },
  () => {
    const { w, s3 } = alone(entries(2, 2));
    failStoring(s3, 2);
    ask(w, { prevLogEntry: 1, prevLogTerm: 1, entries: entries(2, 3) });
    expect(termsOf(w, s3.id)).toEqual([1]);
    expect(s3.r?.vars.lastLogIndex).toBe(1);
    expect(s3.r?.vars.lastLogTerm).toBe(1);
  },
);

claim(
  "a configuration that is cut off gives way to the committed one",
  {
    at: "raft.ts#appendEntriesTruncate",
    break: {
      in: "raft.ts#appendEntriesTruncate",
      from: "index <= configurations.latestIndex",
      to: "index < configurations.latestIndex",
    },
  },
  () => {
    const data = encodeConfiguration({ servers: namedServers(4) });
    const four: Log = { ...entry(2, 2), type: LogType.Configuration, data };
    const { w, s3 } = alone([four]);
    const known = () => s3.r?.configurations;
    expect(known()?.latestIndex).toBe(2);
    ask(w, { prevLogEntry: 1, prevLogTerm: 1, entries: entries(2, 3) });
    expect(known()?.latestIndex).toBe(1);
    expect(known()?.latest.servers).toHaveLength(3);
  },
);

claim(
  "no request carries more than 64 entries",
  {
    at: "replication.ts#setupAppendEntries",
    break: {
      in: "replication.ts#setupAppendEntries",
      from: "nextIndex + r.conf.maxAppendEntries - 1",
      to: "nextIndex + r.conf.maxAppendEntries",
    },
  },
  () => {
    const w = world();
    const long = Array.from({ length: 149 }, (_, i) => entry(i + 2, 1));
    for (const id of ["s1", "s2"]) w.server(id).disk.preset({}, long);
    w.fixTimers("s1", "heartbeatTimer", [1000]);
    w.runUntil(() => w.server("s3").disk.lastIndex === 151, 10_000);
    expect(w.server("s3").disk.lastIndex).toBe(151);
    const carried = w.trace.lines.flatMap(
      (line) => / s1 +-> s3 +AppendEntries.*\+(\d+)/.exec(line)?.[1] ?? [],
    );
    expect(Math.max(...carried.map(Number))).toBe(64);
  },
);

claim(
  "a success without entries counts as no copy",
  {
    at: "replication.ts#updateLastAppended",
    break: {
      in: "replication.ts#updateLastAppended",
      from: "if (last) {",
      to: "if (!last) s.commitment.match(s.peer.id, request.prevLogEntry);\n  if (last) {",
    },
  },
  () => {
    const w = figure7World({ watch: [] });
    const said = () =>
      w.trace.lines.filter((line) => / L +<- [cd] +stored/.test(line)).length;
    w.runUntil(() => said() === 2, 2000);
    const { commitment } = w.server("L").r?.leaderState ?? {};
    expect(commitment?.matchIndex("c")).toBe(0);
    expect(commitment?.matchIndex("d")).toBe(0);
  },
);

claim(
  "what is replicated is the entry, field by field",
  {
    at: "replication.ts#setNewLogs",
    break: {
      in: "replication.ts#setNewLogs",
      from: "entries.push(entry);",
      to: "const { index: at, term, type, data } = entry;\n    entries.push({ index: at, term, type, data });",
    },
  },
  () => {
    const w = world();
    const whole = { ...entry(2, 1), extensions: encodeText("for middleware") };
    for (const id of ["s1", "s2"]) w.server(id).disk.preset({}, [whole]);
    w.fixTimers("s1", "heartbeatTimer", [1000]);
    w.runUntil(() => w.server("s3").disk.lastIndex === 3, 5000);
    expect(w.server("s3").disk.entry(2)).toEqual(whole);
    expect(w.server("s3").disk.entry(3)?.type).toBe(LogType.Noop);
  },
);

claim(
  "with v1.1.1's cache an entry that was never stored passes the check",
  {
    at: "quirks.ts#cacheStoreLogs",
    break: {
      in: "quirks.ts#cacheStoreLogs",
      from: "cache.keep(logs);",
      to: "",
    },
  },
  () => {
    const quirks = ["cache-before-store"] as const;
    const w = failedStore({ watch: ["I9"], quirks });
    untilCommitted(w);
    expect(w.violations.map((v) => v.invariant)).toEqual(["I9"]);
    expect(w.server("s3").disk.entry(2)).toBeUndefined();
    expect(w.server("s3").disk.entry(3)?.term).toBe(4);
  },
);

claim(
  "with ours the same run ends with three equal entries",
  {
    at: "log_cache.ts#storeThenKeep",
    break: {
      in: "log_cache.ts#storeThenKeep",
      from: "if (!error) cache.keep(logs);",
      to: "cache.keep(logs);",
    },
  },
  () => {
    const w = failedStore({ watch: ["I9"] });
    untilCommitted(w);
    expect(w.violations).toEqual([]);
    expect(termsOf(w, "s3")).toEqual([1, 2, 4]);
  },
);
