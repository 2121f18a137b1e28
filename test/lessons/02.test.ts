/**
 * Lesson 2: what does a server remember?
 *
 * The worked run is lessons/scenarios/02-a-vote-and-a-crash.txt: three
 * servers, 10 ms a message, 2 ms a write; s3 votes for s1 in term 2, stores
 * x=1 and y=2, crashes and comes back. Other worlds are the beginning of that
 * run, or a scenario of their own.
 */

import { expect } from "vitest";
import voteAndCrash from "../../lessons/scenarios/02-a-vote-and-a-crash.txt?raw";
import askedTwice from "../../lessons/scenarios/02-a-voter-asked-twice.txt?raw";
import tornVote from "../../lessons/scenarios/02-torn-vote.txt?raw";
import { encodeConfiguration } from "../../raft/configuration.ts";
import { LogType } from "../../raft/log.ts";
import { runScenario } from "../../raft/sim/scenario.ts";
import { namedServers, type World } from "../../raft/sim/world.ts";
import { claim } from "../claim.ts";

/** The worked run up to the first line with this text, and no further. */
function until(text: string): World {
  const script = voteAndCrash.slice(0, voteAndCrash.indexOf(text));
  return runScenario(script, { watch: [] });
}

/** The servers of the worked run, and no event has happened yet. */
function beginning(): World {
  return until("until leader");
}

/** Where a line with this text stands in the trace, or -1. */
function place(w: World, text: string): number {
  return w.trace.lines.findIndex((line) => line.includes(text));
}

/** When a server's writes were done since it was started, a time a write. */
function writesOf(w: World, id: string): string[] {
  const write = new RegExp(`^ *([0-9.]+) ${id} {2}(writes|stores) `);
  const times = w.trace.lines
    .slice(place(w, `${id}  starts`))
    .flatMap((line) => write.exec(line)?.[1] ?? []);
  return [...new Set(times)];
}

/** The worked run without its crash, for 1.5 s: the same client, two writes. */
function drive(w: World, reached: () => boolean): boolean {
  return w.runUntil(() => {
    const leader = w.leader();
    if (leader && place(w, "is asked to apply") < 0) {
      w.apply(leader.id, "x=1");
      w.apply(leader.id, "y=2");
    }
    return reached();
  }, 1500);
}

/**
 * For each server and each n, a world in which that server has crashed at its
 * nth write.
 */
function atEveryWrite(see: (w: World, id: string, when: string) => void) {
  const whole = beginning();
  drive(whole, () => false);
  for (const { id } of whole.servers) {
    const count = writesOf(whole, id).length;
    expect(count).toBeGreaterThanOrEqual(3);
    for (let n = 1; n <= count; n++) {
      const w = beginning();
      drive(w, () => writesOf(w, id).length >= n - 1);
      w.server(id).crashAfter = "";
      expect(drive(w, () => !w.server(id).started)).toBe(true);
      see(w, id, `${id} crashed at ${writesOf(w, id).at(-1)} ms`);
    }
  }
}

/** Starts a server again and waits until it has read its disk. */
function restart(w: World, id: string): void {
  w.start(id);
  expect(w.runUntil(() => w.server(id).up, 100)).toBe(true);
}

claim(
  "the stable store holds three keys, and no list of peers",
  {
    at: "stable.ts#keyLastVoteCand",
    break: {
      in: "stable.ts#keyLastVoteCand",
      from: '"LastVoteCand"',
      to: '"Peers"',
    },
  },
  () => {
    const w = runScenario(voteAndCrash, { watch: [] });
    const keys = w.trace.lines.flatMap(
      (line) => /writes (\S+)/.exec(line)?.[1] ?? [],
    );
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(["CurrentTerm", "LastVoteTerm", "LastVoteCand"]).toContain(key);
    }
  },
);

claim(
  "the peers are in the log: the last configuration there is in force",
  {
    at: "api.ts#NewRaft",
    break: {
      in: "api.ts#NewRaft",
      from: "i <= lastIndex; i++",
      to: "i <= 1; i++",
    },
  },
  () => {
    const w = beginning();
    const s3 = w.server("s3");
    const data = encodeConfiguration({ servers: namedServers(5) });
    s3.disk.preset({}, [
      { index: 2, term: 1, type: LogType.Configuration, data },
    ]);
    w.run(10);
    expect(s3.r?.configurations.latest.servers.length).toBe(5);
    expect(s3.r?.configurations.committed.servers.length).toBe(3);
  },
);

claim(
  "a term is on disk before it is in memory",
  {
    at: "raft.ts#setCurrentTerm",
    break: {
      in: "raft.ts#setCurrentTerm",
      from: "const error = yield*",
      to: "r.vars.currentTerm = term;\n  const error = yield*",
    },
  },
  () => {
    const w = beginning();
    w.run(10);
    drive(w, () => {
      for (const { r, disk } of w.servers) {
        const durable = disk.number("CurrentTerm");
        expect(r?.vars.currentTerm).toBeLessThanOrEqual(durable);
      }
      return w.leader() !== undefined;
    });
    expect(w.server("s3").term).toBe(2);
  },
);

claim(
  "a server that cannot write its term stops",
  {
    at: "raft.ts#setCurrentTerm",
    break: {
      in: "raft.ts#setCurrentTerm",
      from: "if (error) throw",
      to: "if (error === null) throw",
    },
  },
  () => {
    const w = beginning();
    w.run(1210);
    w.server("s3").disk.failNext(1);
    w.run(20);
    expect(w.server("s3").state).toBe("Down");
    expect(place(w, "s3  -> s1  vote")).toBe(-1);
  },
);

claim(
  "at whatever write a server crashes, term and vote are as they were",
  {
    at: "api.ts#NewRaft",
    break: {
      in: "api.ts#NewRaft",
      from: "currentTerm instanceof Error ? 0 : currentTerm",
      to: "1",
    },
  },
  () => {
    const terms = new Set<number>();
    atEveryWrite((w, id, when) => {
      const { disk } = w.server(id);
      const term = disk.number("CurrentTerm");
      const vote = [disk.number("LastVoteTerm"), disk.bytes("LastVoteCand")];
      restart(w, id);
      expect(w.server(id).term, when).toBe(term);
      expect(
        [disk.number("LastVoteTerm"), disk.bytes("LastVoteCand")],
        when,
      ).toEqual(vote);
      terms.add(term);
    });
    expect([...terms]).toEqual([1, 2]);
  },
);

claim(
  "at whatever write a server crashes, its log is what was on the disk",
  {
    at: "api.ts#NewRaft",
    break: {
      in: "api.ts#NewRaft",
      from: "logs.GetLog(lastIndex)",
      to: "logs.GetLog(Math.max(1, lastIndex - 1))",
    },
  },
  () => {
    const lasts = new Set<number>();
    atEveryWrite((w, id, when) => {
      const { disk } = w.server(id);
      const last = disk.lastIndex;
      restart(w, id);
      expect(disk.lastIndex, when).toBe(last);
      expect(w.server(id).raft?.LastIndex(), when).toBe(last);
      lasts.add(last);
    });
    expect(Math.max(...lasts)).toBe(4);
  },
);

claim(
  "when the answer leaves, nothing of the vote is still to be written",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: "const error = yield* r.behaviour.persistVote(r, req.term, req.candidate);",
      to: 'goFunc(r, "vote", r.behaviour.persistVote(r, req.term, req.candidate) as Task<never>);\n  const error = undefined as Error | undefined;',
    },
  },
  () => {
    const w = beginning();
    const answered = () => place(w, "s3  -> s1  vote granted term 2") >= 0;
    expect(w.runUntil(answered, 1500)).toBe(true);
    expect(w.server("s3").disk.busy).toBe(false);
    const count = writesOf(w, "s3").length;
    w.run(9);
    expect(writesOf(w, "s3").length).toBe(count);
  },
);

claim(
  "a voter that has crashed and is asked again votes for nobody else",
  {
    at: "differs.ts#persistVote",
    break: {
      in: "differs.ts#persistVote",
      from: "const error = yield* r.stable.Set(keyLastVoteCand, candidate);\n  if (error) return error;\n  return yield* r.stable.SetUint64(keyLastVoteTerm, term);",
      to: "return undefined;",
    },
  },
  () => {
    const w = runScenario(askedTwice, { watch: ["I1"] });
    expect(w.violations).toEqual([]);
    expect(place(w, "s3  <- s2  RequestVote term 2")).toBeGreaterThan(0);
    expect(place(w, "s3  -> s2  vote refused term 2")).toBeGreaterThan(0);
    expect(w.leader()?.id).toBe("s1");
  },
);

claim(
  "an entry is on a follower's disk before it is acknowledged",
  {
    at: "raft.ts#appendEntriesStore",
    break: {
      in: "raft.ts#appendEntriesStore",
      from: "const error = yield* r.logs.StoreLogs(newEntries);",
      to: 'goFunc(r, "store", r.logs.StoreLogs(newEntries) as Task<never>);\n    const error = undefined as Error | undefined;',
    },
  },
  () => {
    const w = beginning();
    const asked = () =>
      place(w, "s3  <- s1  AppendEntries term 2 after 1/1 +3");
    const answer = () =>
      w.trace.lines.findIndex(
        (line, i) => i > asked() && line.includes("s3  -> s1  stored"),
      );
    expect(drive(w, () => asked() > 0 && answer() > 0)).toBe(true);
    expect(place(w, 's3  stores 4/2 "y=2"')).toBeGreaterThan(asked());
    expect(place(w, 's3  stores 4/2 "y=2"')).toBeLessThan(answer());
  },
);

claim(
  "a restarted server knows of no commit, and has applied nothing",
  {
    at: "state.ts#newRaftStateVars",
    break: {
      in: "state.ts#newRaftStateVars",
      from: "commitIndex: 0,",
      to: "commitIndex: 1,",
    },
  },
  () => {
    const w = until("heal");
    const s3 = w.server("s3");
    expect(place(w, "s3  is Follower, term 2, commit 4")).toBeGreaterThan(0);
    expect(s3.disk.lastIndex).toBe(4);
    expect(s3.raft?.Leader()).toBe("");
    expect(s3.raft?.AppliedIndex()).toBe(0);
    expect(s3.applied?.commands).toEqual([]);
    expect(s3.raft?.CommitIndex()).toBe(0);
  },
);

claim(
  "once a leader says what is committed, every command is applied again",
  {
    at: "raft.ts#processLogs",
    break: {
      in: "raft.ts#processLogs",
      from: "let i = getLastApplied(r) + 1;",
      to: "let i = index;",
    },
  },
  () => {
    const w = runScenario(voteAndCrash, { watch: [] });
    expect(w.server("s3").raft?.CommitIndex()).toBe(4);
    expect(w.server("s3").applied?.commands).toEqual(["x=1", "y=2"]);
  },
);

claim(
  "with v1.1.1's order a torn vote goes to a log that is behind",
  {
    at: "quirks.ts#persistVote",
    break: {
      in: "quirks.ts#persistVote",
      from: "const error = yield* r.stable.SetUint64(keyLastVoteTerm, term);\n  if (error) return error;\n  return yield* r.stable.Set(keyLastVoteCand, candidate);",
      to: "const error = yield* r.stable.Set(keyLastVoteCand, candidate);\n  if (error) return error;\n  return yield* r.stable.SetUint64(keyLastVoteTerm, term);",
    },
  },
  () => {
    const quirks = ["torn-vote"] as const;
    const w = runScenario(tornVote, { quirks, watch: ["I4"] });
    expect(w.violations).toMatchObject([{ invariant: "I4", server: "s3" }]);
    expect(place(w, "votes for a log that ends at")).toBeGreaterThan(0);
    const later = runScenario(tornVote, { quirks, watch: ["I5"] });
    later.run(200);
    expect(later.violations).toMatchObject([{ invariant: "I5" }]);
  },
);

claim(
  "with ours the same crash ends in a refusal",
  {
    at: "differs.ts#persistVote",
    break: {
      in: "differs.ts#persistVote",
      from: "const error = yield* r.stable.Set(keyLastVoteCand, candidate);\n  if (error) return error;\n  return yield* r.stable.SetUint64(keyLastVoteTerm, term);",
      to: "const error = yield* r.stable.SetUint64(keyLastVoteTerm, term);\n  if (error) return error;\n  return yield* r.stable.Set(keyLastVoteCand, candidate);",
    },
  },
  () => {
    const w = runScenario(tornVote, { watch: ["I4"] });
    expect(w.violations).toEqual([]);
    expect(place(w, "s3  -> s1  vote refused term 4")).toBeGreaterThan(0);
  },
);
