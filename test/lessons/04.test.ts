/**
 * Lesson 4: a candidate asks, and then?
 *
 * The worked run is lessons/scenarios/04-split-vote.txt: three servers, 10 ms
 * a message, 2 ms a write; s1 and s2 campaign at the same moment while s3 is
 * down. The other worlds are the same but for what their claim needs.
 */

import { expect } from "vitest";
import splitVote from "../../lessons/scenarios/04-split-vote.txt?raw";
import twoLeaders from "../../lessons/scenarios/04-two-leaders-in-one-term.txt?raw";
import { runScenario } from "../../raft/sim/scenario.ts";
import { World, type WorldOptions } from "../../raft/sim/world.ts";
import { claim } from "../claim.ts";

/** Requests wait for ever, and no invariant stops the run. */
const patient = { network: { timeoutMs: 60_000 }, watch: [] };

function world(options: Partial<WorldOptions> = {}): World {
  return new World({
    seed: 1,
    keepTrace: true,
    watch: [],
    ...options,
    network: { delayMs: [10, 10], timeoutMs: 60_000, ...options.network },
    disk: { writeMs: [2, 2] },
  });
}

/** s1 alone: its heartbeat timer rings at 1200 ms, everybody else is down. */
function alone(options: Partial<WorldOptions> = {}): World {
  const w = world(options);
  w.fixTimers("s1", "heartbeatTimer", [1200]);
  w.crash("s2");
  w.crash("s3");
  return w;
}

/** Where a line with this text stands in the trace, or -1. */
function place(w: World, text: string): number {
  return w.trace.lines.findIndex((line) => line.includes(text));
}

/** The terms in which a server has asked for votes. */
function termsAsked(w: World, id: string): number[] {
  const asked = new RegExp(`${id} +-> \\S+ +RequestVote term (\\d+)`);
  const terms = w.trace.lines.flatMap((line) => asked.exec(line)?.[1] ?? []);
  return [...new Set(terms.map(Number))];
}

claim(
  "each round raises the term by exactly one",
  {
    at: "raft.ts#electSelf",
    break: {
      in: "raft.ts#electSelf",
      from: "getCurrentTerm(r) + 1",
      to: "getCurrentTerm(r) + (getCurrentTerm(r) === 4 ? 2 : 1)",
    },
  },
  () => {
    const w = alone();
    w.run(8000);
    const terms = termsAsked(w, "s1");
    expect(terms.length).toBeGreaterThanOrEqual(4);
    expect(terms).toEqual(terms.map((_, round) => 2 + round));
  },
);

claim(
  "the new term is on disk before the first request leaves",
  {
    at: "raft.ts#electSelf",
    break: {
      in: "raft.ts#electSelf",
      from: "yield* setCurrentTerm(r, getCurrentTerm(r) + 1);",
      to: "r.vars.currentTerm++;",
    },
  },
  () => {
    const w = alone();
    w.runUntil(() => place(w, "RequestVote term 2") >= 0);
    const written = place(w, "s1  writes CurrentTerm 2");
    expect(written).toBeGreaterThanOrEqual(0);
    expect(written).toBeLessThan(place(w, "RequestVote term 2"));
  },
);

claim(
  "a candidate's own vote comes through voteCh like every other",
  {
    at: "raft.ts#electSelf",
    break: {
      in: "raft.ts#electSelf",
      from: "granted: true, voterID: r.localID",
      to: "granted: servers.length > 1, voterID: r.localID",
    },
  },
  () => {
    const w = world({ servers: 1 });
    expect(w.runUntil(() => w.leader() !== undefined, 5000)).toBe(true);
  },
);

claim(
  "without its own vote on disk a candidate asks nobody and waits",
  {
    at: "raft.ts#electSelf",
    break: {
      in: "raft.ts#electSelf",
      from: "return undefined;",
      to: "",
    },
  },
  () => {
    const w = alone();
    w.runUntil(() => w.server("s1").term === 2);
    w.server("s1").disk.failNext(1);
    w.run(900);
    expect(w.server("s1").state).toBe("Candidate");
    expect(termsAsked(w, "s1")).toEqual([]);
    w.run(2000);
    expect(termsAsked(w, "s1").length).toBeGreaterThanOrEqual(1);
  },
);

claim(
  "a voter that cannot be reached has not granted",
  {
    at: "raft.ts#askPeer",
    break: {
      in: "raft.ts#askPeer",
      from: "granted: false, voterID: peer.id",
      to: "granted: true, voterID: peer.id",
    },
  },
  () => {
    const w = alone({ network: { timeoutMs: 100 } });
    w.run(10_000);
    expect(place(w, "s1  is Leader")).toBe(-1);
  },
);

claim(
  "three votes of five win, and two do not",
  {
    at: "raft.ts#runCandidate",
    break: {
      in: "raft.ts#runCandidate",
      from: "grantedVotes >= votesNeeded",
      to: "grantedVotes >= (votesNeeded === 3 ? 4 : votesNeeded)",
    },
  },
  () => {
    const led = (down: readonly string[]) => {
      const w = world({ servers: 5 });
      for (const id of down) w.crash(id);
      return w.runUntil(() => w.leader() !== undefined, 20_000);
    };
    expect(led(["s4", "s5"])).toBe(true);
    expect(led(["s3", "s4", "s5"])).toBe(false);
  },
);

claim(
  "losing a round demotes nobody",
  {
    at: "raft.ts#runCandidate",
    break: {
      in: "raft.ts#runCandidate",
      from: "if (vote.granted) {",
      to: 'if (!vote.granted) setState(r, "Follower");\n          else {',
    },
  },
  () => {
    const [lost] = splitVote.split("restart s3");
    const w = runScenario(lost as string, patient);
    expect(place(w, "s1  <- s2  vote refused")).toBeGreaterThan(0);
    expect(place(w, "s2  <- s1  vote refused")).toBeGreaterThan(0);
    expect(w.server("s1").state).toBe("Candidate");
    expect(w.server("s2").state).toBe("Candidate");
  },
);

claim(
  "random election timers end a split vote",
  {
    at: "raft.ts#runCandidate",
    break: {
      in: "raft.ts#runCandidate",
      from: "const electionTimer = randomTimeout(\n      r.runtime,",
      to: "const electionTimer = randomTimeout(\n      { ...r.runtime, random: new (class { int() { return 0; } })() as never },",
    },
  },
  () => {
    for (let seed = 1; seed <= 40; seed++) {
      const w = world({ seed, keepTrace: false });
      for (const { id } of w.servers) {
        w.fixTimers(id, "heartbeatTimer", [1200]);
      }
      const elected = w.runUntil(() => w.leader() !== undefined, 30_000);
      expect(elected, `seed ${seed} has a leader within 30 s`).toBe(true);
    }
  },
);

claim(
  "a vote answer with a newer term makes a candidate a follower",
  {
    at: "raft.ts#runCandidate",
    break: {
      in: "raft.ts#runCandidate",
      from: "vote.term > getCurrentTerm(r)",
      to: "vote.term > getCurrentTerm(r) + 99",
    },
  },
  () => {
    const w = world();
    w.server("s2").disk.preset({ CurrentTerm: 9 }, []);
    w.crash("s3");
    w.fixTimers("s1", "heartbeatTimer", [1200]);
    w.fixTimers("s2", "heartbeatTimer", [1900]);
    w.run(1300);
    expect(place(w, "s2  -> s1  vote refused term 9")).toBeGreaterThan(0);
    expect(w.server("s1").state).toBe("Follower");
    expect(w.server("s1").term).toBe(9);
  },
);

claim(
  "an AppendEntries of its own term makes a candidate a follower",
  {
    at: "raft.ts#appendEntriesAcceptLeader",
    break: {
      in: "raft.ts#appendEntriesAcceptLeader",
      from: 'getState(r) !== "Follower"',
      to: "false",
    },
  },
  () => {
    const w = world();
    w.fixTimers("s1", "heartbeatTimer", [1200]);
    w.fixTimers("s2", "heartbeatTimer", [1200]);
    w.fixTimers("s3", "heartbeatTimer", [1900]);
    for (const [from, to] of [
      ["s1", "s2"],
      ["s2", "s1"],
    ] as const) {
      const kind = "RequestVoteRequest" as const;
      w.network.rules.push({ kind, from, to, action: "drop" });
    }
    w.runUntil(() => w.leader() !== undefined, 1500);
    const winner = w.leader()?.id;
    const loser = winner === "s1" ? "s2" : "s1";
    expect(winner === "s1" || winner === "s2").toBe(true);
    expect(w.server(loser).state).toBe("Candidate");
    w.run(40);
    expect(w.server(loser).state).toBe("Follower");
    expect(w.server(loser).term).toBe(2);
  },
);

claim(
  "a RequestVote with a newer term makes a candidate a follower",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: 'setState(r, "Follower");',
      to: "",
    },
  },
  () => {
    const w = world();
    w.server("s2").disk.preset({ CurrentTerm: 9 }, []);
    w.crash("s3");
    w.cut("s1", "s2");
    w.fixTimers("s1", "heartbeatTimer", [1200]);
    w.fixTimers("s2", "heartbeatTimer", [1500]);
    w.run(1450);
    expect(w.server("s1").state).toBe("Candidate");
    w.run(80);
    expect(w.server("s1").term).toBe(10);
    expect(w.server("s1").state).toBe("Follower");
  },
);

claim(
  "an answer that comes a round too late is never counted",
  {
    at: "raft.ts#electSelf",
    break: {
      in: "raft.ts#electSelf",
      from: 'const respCh = new Channel<VoteResult>("voteCh", servers.length);',
      to: 'const kept = r as unknown as { respCh?: Channel<VoteResult> };\n  const respCh = kept.respCh ?? new Channel<VoteResult>("voteCh", 99);\n  kept.respCh = respCh;',
    },
  },
  () => {
    const w = world();
    w.fixTimers("s1", "heartbeatTimer", [1200]);
    w.fixTimers("s2", "heartbeatTimer", [1990]);
    w.fixTimers("s3", "heartbeatTimer", [1990]);
    w.fixTimers("s1", "electionTimer", [1100, 1900]);
    w.network.rules.push({
      kind: "RequestVoteResponse",
      from: undefined,
      to: "s1",
      action: { delayMs: 1200 },
    });
    w.run(2000);
    expect(w.server("s1").state).toBe("Candidate");
    w.network.rules.unshift({
      kind: "RequestVoteRequest",
      from: undefined,
      to: undefined,
      action: "drop",
    });
    w.run(600);
    expect(place(w, "s1  <- s2  vote granted term 2")).toBeGreaterThan(0);
    expect(w.server("s1").term).toBe(3);
    expect(w.server("s1").state).toBe("Candidate");
  },
);

claim(
  "with v1.1.1's heartbeat path a vote for the old term wins the new one",
  {
    at: "quirks.ts#processHeartbeat",
    break: {
      in: "quirks.ts#processHeartbeat",
      from: "yield* appendEntries(r, rpc, command);",
      to: "yield* r.rpcCh.send(rpc);",
    },
  },
  () => {
    const script = `quirks heartbeat-fast-path\n${twoLeaders}`;
    const w = runScenario(script, { ...patient, watch: ["I1"] });
    expect(w.violations.map((v) => v.invariant)).toContain("I1");
  },
);

claim(
  "with ours the same run has one leader a term",
  {
    at: "differs.ts#processHeartbeat",
    break: {
      in: "differs.ts#processHeartbeat",
      from: "yield* select({ main: sending(r.rpcCh, rpc), shutdown: r.shutdownCh });",
      to: 'r.vars.state = "Follower";\n  r.vars.currentTerm = (command as unknown as { term: number }).term;',
    },
  },
  () => {
    const w = runScenario(twoLeaders, { ...patient, watch: ["I1"] });
    expect(w.violations).toEqual([]);
    expect(w.leader()).toBeDefined();
  },
);
