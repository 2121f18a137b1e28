/**
 * What the Raft paper says of elections, a test a rule: the extended version,
 * §5.1, §5.2, §5.4.1, what §6 says of disruptive servers, Figures 2 and 3. A
 * title gives the rule in our words; where v1.1.1 departs from the paper it
 * says so, and the test holds what the code does.
 *
 * Each test has three parts: a world, a run, a check. The worlds are of whole
 * servers, 10 ms a message and 2 ms a write, and every invariant is watched in
 * each of them. A message that no server of such a world would send is handed
 * to one server alone.
 *
 * Absent: the log's own rules (§5.3), membership, the lease.
 */
import { afterEach, expect, test } from "vitest";
import type {
  RequestVoteRequest,
  RequestVoteResponse,
} from "../../raft/commands.ts";
import { DefaultConfig } from "../../raft/config.ts";
import { isHeartbeat, kindOf, type Message } from "../../raft/sim/network.ts";
import {
  type SimServer,
  World,
  type WorldOptions,
} from "../../raft/sim/world.ts";
import {
  keyCurrentTerm,
  keyLastVoteCand,
  keyLastVoteTerm,
} from "../../raft/stable.ts";
import type { LogPosition } from "../../raft/state.ts";
import { decodeText, encodeText } from "../../raft/util.ts";
import {
  answered,
  appendEntries,
  follower,
  type OneServer,
  requestVote,
} from "./one_server.ts";
import { agreeing, type Peers, rpcHeader } from "./scripted_transport.ts";

/** T: a timer is drawn between this and twice as much. */
const timeoutMs = DefaultConfig().heartbeatTimeoutMs;
const longest = [1990, 1990, 1990];

const worlds: World[] = [];

afterEach(() => {
  for (const w of worlds.splice(0)) expect(w.violations).toEqual([]);
});

function world(options: Partial<WorldOptions> = {}): World {
  const w = new World({
    seed: 1,
    network: { delayMs: [10, 10] },
    disk: { writeMs: [2, 2] },
    ...options,
  });
  worlds.push(w);
  return w;
}

/** The first timers of these servers run 1200 ms, all others the longest. */
function firstToRing(ids: readonly string[], servers = 3): World {
  const w = world({ servers });
  for (const { id } of w.servers) {
    const first = ids.includes(id) ? [1200] : longest;
    w.fixTimers(id, "heartbeatTimer", first);
  }
  return w;
}

/** s1 has just been elected in term 2. */
function ledByS1(servers = 3): World {
  const w = firstToRing(["s1"], servers);
  w.runUntil(() => w.server("s1").state === "Leader");
  return w;
}

/** s1 was elected in term 2 by s2, and died at once; s3 was never there. */
function abandonedS2(): World {
  const w = firstToRing(["s1"]);
  w.crash("s3");
  w.runUntil(() => contactOf(w, "s2") !== undefined && leads(w, "s1"));
  w.run(20);
  w.crash("s1");
  return w;
}

function leads(w: World, id: string): boolean {
  return w.server(id).state === "Leader";
}

function contactOf(w: World, id: string): number | undefined {
  return w.server(id).raft?.LastContact();
}

/** What stands on the disk of a server. */
function durable({ disk }: SimServer) {
  const candidate = disk.bytes(keyLastVoteCand);
  return {
    term: disk.number(keyCurrentTerm),
    voteTerm: disk.number(keyLastVoteTerm),
    candidate: candidate ? decodeText(candidate) : "",
  };
}

/** A message, and what was true of its sender at that moment. */
interface Sent {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly message: Message;
  readonly state: string;
  readonly term: number;
  readonly disk: ReturnType<typeof durable>;
}

/** Everything that is sent from now on. */
function record(w: World): Sent[] {
  const sent: Sent[] = [];
  const carry = w.network.carry.bind(w.network);
  w.network.carry = (from, to, message, arrive) => {
    const server = w.server(from);
    const { state, term } = server;
    const disk = durable(server);
    sent.push({ at: w.now, from, to, message, state, term, disk });
    carry(from, to, message, arrive);
  };
  return sent;
}

function isRequest({ message }: Sent): boolean {
  return message.kind.endsWith("Request");
}

/** Who asked for votes, and in which terms; each round once: "s1 2". */
function rounds(sent: readonly Sent[]): string[] {
  const asked = sent.flatMap(({ from, message }) =>
    message.kind === "RequestVoteRequest" ? `${from} ${message.term}` : [],
  );
  return [...new Set(asked)];
}

/** Looks at the world after every event of so many milliseconds. */
function watching(w: World, durationMs: number, look: () => void): void {
  w.runUntil(() => {
    look();
    return false;
  }, durationMs);
}

/** Who leads in which term, while so much time passes: "2 s1". */
function leadersWithin(w: World, durationMs: number): string[] {
  const seen = new Set<string>();
  watching(w, durationMs, () => {
    for (const { id, state, term } of w.servers) {
      if (state === "Leader") seen.add(`${term} ${id}`);
    }
  });
  return [...seen].sort();
}

/** Messages from one server to another take so long. */
function slow(
  w: World,
  kind: "RequestVoteRequest" | "RequestVoteResponse",
  from: string,
  to: string,
  delayMs: number,
): void {
  w.network.rules.push({ kind, from, to, action: { delayMs } });
}

/** One server in term 3, or in term 4 if it has campaigned. */
const inRole = {
  follower: () => follower({ log: [1], term: 3 }),
  candidate: () => {
    const server = follower({ log: [1], term: 3 }).becomeCandidate();
    server.settle();
    return server;
  },
  leader: () => follower({ log: [1], term: 3 }).becomeLeader(),
};

/** Every peer is in term 9 and refuses whatever it is asked. */
const newer: Peers = (to, request) => {
  const answer = agreeing(to, request);
  if (answer instanceof Error || !("kind" in answer)) return answer;
  if (answer.kind === "AppendEntriesResponse") {
    return { ...answer, term: 9, success: false };
  }
  return { ...answer, term: 9, granted: false } as RequestVoteResponse;
};

// §5.1: roles and terms.

test("§5.1: a follower asks nothing of anybody: requests come from candidates and leaders", () => {
  const w = world({ servers: 5 });
  const sent = record(w);

  w.runUntil(() => w.leader() !== undefined);
  w.run(1000);
  w.crash(w.leader()?.id as string);
  w.runUntil(() => w.leader() !== undefined);
  w.run(1000);

  const asking = sent.filter(isRequest).map(({ state }) => state);
  expect(new Set(asking)).toEqual(new Set(["Candidate", "Leader"]));
});

test("§5.1: a term begins with an election, and terms follow one another without a gap", () => {
  const w = firstToRing(["s1"]);
  const sent = record(w);
  w.crash("s2");
  w.crash("s3");

  w.run(7000);
  w.start("s2");
  w.runUntil(() => leads(w, "s1"));

  const asked = rounds(sent);
  expect(asked.length).toBeGreaterThanOrEqual(4);
  expect(asked).toEqual(asked.map((_, round) => `s1 ${2 + round}`));
  expect(w.server("s1").term).toBe(1 + asked.length);
});

test("§5.1: the term of a server never falls, not even when it crashes", () => {
  const w = firstToRing(["s1"]);
  w.cut("s1", "s2");
  w.cut("s1", "s3");
  const terms: number[] = [];
  const look = () => terms.push(w.server("s1").term);

  watching(w, 5000, look);
  w.crash("s1");
  watching(w, 100, look);
  w.start("s1");
  watching(w, 5000, look);

  expect(terms).toEqual(terms.toSorted((a, b) => a - b));
  expect(terms.at(-1)).toBeGreaterThanOrEqual(5);
});

test("§5.1: every message tells the term that its sender is in", () => {
  const w = world({ servers: 5 });
  const sent = record(w);

  w.runUntil(() => w.leader() !== undefined);
  w.run(500);
  w.crash(w.leader()?.id as string);
  w.runUntil(() => w.leader() !== undefined);
  w.run(500);

  const kinds = new Set(sent.map(({ message }) => kindOf(message)));
  expect(kinds.size).toBe(5);
  const wrong = sent.filter(
    ({ message, term }) => "term" in message && message.term !== term,
  );
  expect(wrong).toEqual([]);
});

test("§5.1: whoever meets a larger term enters it, and follows if it campaigned or led", () => {
  const append = appendEntries({ term: 9 });
  const vote = requestVote({ term: 9 });
  const handedOver = requestVote({ term: 9, leadershipTransfer: true });
  const meetings = {
    "a follower, AppendEntries": () => inRole.follower().send(append),
  };
  const cases: [string, () => OneServer][] = [
    ["a follower, AppendEntries", () => sentTo(inRole.follower(), append)],
    ["a follower, RequestVote", () => sentTo(inRole.follower(), vote)],
    ["a candidate, AppendEntries", () => sentTo(inRole.candidate(), append)],
    ["a candidate, RequestVote", () => sentTo(inRole.candidate(), vote)],
    ["a candidate, the answer to RequestVote", candidateBehind],
    ["a leader, AppendEntries", () => sentTo(inRole.leader(), append)],
    ["a leader, RequestVote", () => sentTo(inRole.leader(), handedOver)],
  ];
  void meetings;
  for (const [name, meet] of cases) {
    const server = meet();
    expect([server.state, server.term], name).toEqual(["Follower", 9]);
    expect(server.durable.term, name).toBe(9);
  }
});
