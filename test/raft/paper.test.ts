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
 * Absent: the log's own rules, which are in paper_log.test.ts; membership.
 */
import { expect, test } from "vitest";
import type {
  Command,
  RequestVoteRequest,
  RequestVoteResponse,
} from "../../raft/commands.ts";
import { isHeartbeat, kindOf } from "../../raft/sim/network.ts";
import type { SimServer, World } from "../../raft/sim/world.ts";
import { keyCurrentTerm } from "../../raft/stable.ts";
import type { LogPosition } from "../../raft/state.ts";
import { encodeText } from "../../raft/util.ts";
import {
  appendEntries,
  follower,
  type OneServer,
  requestVote,
} from "./one_server.ts";
import {
  contactOf,
  durable,
  firstToRing,
  isRequest,
  leads,
  ledByS1,
  record,
  type Sent,
  timeoutMs,
  watching,
  world,
} from "./paper_world.ts";
import { agreeing, type Peers, rpcHeader } from "./scripted_transport.ts";

/** s1 was elected in term 2 by s2, and died at once; s3 was never there. */
function abandonedS2(): World {
  const w = firstToRing(["s1"]);
  w.crash("s3");
  w.runUntil(() => contactOf(w, "s2") !== undefined && leads(w, "s1"));
  w.run(20);
  w.crash("s1");
  return w;
}

/** Who asked for votes, and in which terms; each round once: "s1 2". */
function rounds(sent: readonly Sent[]): string[] {
  const asked = sent.flatMap(({ from, message }) =>
    message.kind === "RequestVoteRequest" ? `${from} ${message.term}` : [],
  );
  return [...new Set(asked)];
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
const inTerm9: Peers = (_to, request) =>
  request.kind === "RequestVoteRequest"
    ? { kind: "RequestVoteResponse", rpcHeader, term: 9, granted: false }
    : {
        kind: "AppendEntriesResponse",
        rpcHeader,
        term: 9,
        lastLog: 1,
        success: false,
        noRetryBackoff: false,
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
  w.crash("s2");
  w.crash("s3");
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
  const meetings: [string, () => OneServer][] = [
    ["a follower, AppendEntries", () => given(inRole.follower(), append)],
    ["a follower, RequestVote", () => given(inRole.follower(), vote)],
    ["a candidate, AppendEntries", () => given(inRole.candidate(), append)],
    ["a candidate, RequestVote", () => given(inRole.candidate(), vote)],
    ["a candidate, an answer", answeredCandidate],
    ["a leader, AppendEntries", () => given(inRole.leader(), append)],
    ["a leader, RequestVote", () => given(inRole.leader(), handedOver)],
  ];

  const after = meetings.map(([name, meet]) => {
    const { state, term, durable } = meet();
    return { name, state, term, onDisk: durable.term };
  });

  const entered = { state: "Follower", term: 9, onDisk: 9 };
  expect(after).toEqual(meetings.map(([name]) => ({ name, ...entered })));
});

/** The server, when it has answered. */
function given(server: OneServer, request: Command): OneServer {
  server.send(request);
  return server;
}

/** It asked for votes, and everybody was in term 9. */
function answeredCandidate(): OneServer {
  const server = inRole.follower();
  server.transport.peers = inTerm9;
  server.until(() => server.transport.sent.length > 0);
  server.settle();
  return server;
}

test("§5.1 departs: a leader that meets a larger term in an answer steps down and stays in its own term", () => {
  const server = inRole.leader();

  server.transport.peers = inTerm9;
  server.pass(200);

  expect(server.state).toBe("Follower");
  expect(server.term).toBe(4);
  expect(server.durable.term).toBe(4);
});

test("§5.1: a larger term in the answer to a heartbeat ends a leader", () => {
  const server = inRole.follower();
  const heartbeats: Command[] = [];

  server.becomeLeader((to, request) => {
    if (!isHeartbeat(request)) return agreeing(to, request);
    heartbeats.push(request);
    return inTerm9(to, request);
  });
  server.pass(300);

  expect(heartbeats.length).toBeGreaterThan(0);
  expect(server.state).toBe("Follower");
  expect(server.term).toBe(4);
});

test("§5.1: a request of an older term is refused, and answered with the newer one", () => {
  const servers = [inRole.follower(), inRole.candidate(), inRole.leader()];
  for (const server of servers) {
    const { state, term } = server;

    const toVote = server.vote({ term: term - 1 });
    const toAppend = server.append({ term: term - 1 });

    expect(toVote, state).toMatchObject({ granted: false, term });
    expect(toAppend, state).toMatchObject({ success: false, term });
    expect(server.state).toBe(state);
  }
});

// §5.2: how a leader is elected.

test("§5.2: a server begins as a follower, a leader that has crashed too", () => {
  const w = ledByS1();

  w.crash("s1");
  w.start("s1");
  w.runUntil(() => w.server("s1").up);
  const after = w.server("s1").state;
  const fresh = world({ servers: 5 });
  fresh.runUntil(() => fresh.servers.every((server) => server.up));

  expect(after).toBe("Follower");
  const states = fresh.servers.map(({ state }) => state);
  expect(new Set(states)).toEqual(new Set(["Follower"]));
});

test("§5.2: who hears from a leader in time stays a follower: one leads, all others follow", () => {
  const w = ledByS1(5);
  const seen = new Set<string>();

  w.run(100);
  watching(w, 15_000, () => {
    seen.add(w.servers.map(({ state, term }) => `${state} ${term}`).join());
  });

  const follows = Array(4).fill("Follower 2");
  expect([...seen]).toEqual([["Leader 2", ...follows].join()]);
});

/**
 * A follower of s2 in term 3, with entries of the terms 1 and 2, is given a
 * request just before its timer rings. What is it when the timer has rung?
 */
function afterLateRequest(request: Command): string {
  const setup = { log: [1, 2], term: 3 };
  const undisturbed = follower(setup).becomeCandidate();
  const server = follower(setup);
  server.pass(undisturbed.now - 100);
  server.send(request);
  server.pass(110);
  return server.state;
}

test("Figure 2, Followers: only a leader of this term, or a vote given, keeps a follower from campaigning", () => {
  const requests = {
    "AppendEntries of this term": appendEntries({ term: 3 }),
    "AppendEntries of an older term": appendEntries({ term: 2 }),
    "a vote given": requestVote({ term: 3 }),
    "a vote refused, older term": requestVote({ term: 2 }),
    "a vote refused, older log": requestVote({ term: 3, lastLogTerm: 1 }),
    "a vote refused, newer term": requestVote({ term: 5, lastLogTerm: 1 }),
  };

  const after = Object.entries(requests).map(([name, request]) => {
    return [name, afterLateRequest(request)];
  });

  expect(Object.fromEntries(after)).toEqual({
    "AppendEntries of this term": "Follower",
    "AppendEntries of an older term": "Candidate",
    "a vote given": "Follower",
    "a vote refused, older term": "Candidate",
    "a vote refused, older log": "Candidate",
    "a vote refused, newer term": "Candidate",
  });
});

test("Figure 2, Followers, departs: AppendEntries that is refused for the log does not count as contact", () => {
  const mismatch = { prevLogEntry: 2, prevLogTerm: 1 };

  const after = afterLateRequest(appendEntries({ term: 3, ...mismatch }));

  expect(after).toBe("Candidate");
});

test("§5.2 departs: a message does not start the timer anew, so a silence may last longer than any timer", () => {
  const w = abandonedS2();
  const s2 = w.server("s2");
  const contact = contactOf(w, "s2") as number;

  w.runUntil(() => s2.state === "Candidate");

  expect(contact).toBeLessThan(1300);
  expect(w.now).toBeGreaterThan(2 * 1990);
  expect(w.now - contact).toBeGreaterThan(2 * timeoutMs);
});

test("§5.2: after a timeout without a message a follower campaigns: next term, own vote, all others asked at once", () => {
  const w = firstToRing(["s1"], 5);
  const s1 = w.server("s1");
  const sent = record(w);

  w.run(1195);
  const before = { state: s1.state, ...durable(s1) };
  w.run(15);

  expect(before).toMatchObject({ state: "Follower", term: 1, voteTerm: 0 });
  expect(s1.state).toBe("Candidate");
  expect(durable(s1)).toEqual({ term: 2, voteTerm: 2, candidate: "s1" });
  expect(rounds(sent)).toEqual(["s1 2"]);
  expect(sent.map(({ to }) => to).sort()).toEqual(["s2", "s3", "s4", "s5"]);
});

test("§5.2: a candidate wins with the votes of a majority of all servers, those that are down included", () => {
  const outcomes: string[] = [];
  const expected: string[] = [];
  for (let servers = 1; servers <= 5; servers++) {
    for (let voting = 1; voting <= servers; voting++) {
      const w = firstToRing(["s1"], servers);
      for (const { id } of w.servers.slice(voting)) w.crash(id);

      w.run(1500);

      outcomes.push(`${voting} of ${servers} ${leads(w, "s1")}`);
      expected.push(`${voting} of ${servers} ${2 * voting > servers}`);
    }
  }
  expect(outcomes).toEqual(expected);
});

test("§5.2: votes count only in the term for which they were given", () => {
  const w = firstToRing(["s1"]);
  w.crash("s3");
  w.fixTimers("s1", "electionTimer", [1100, 1900]);
  w.network.options.timeoutMs = 5000;
  slow(w, "RequestVoteResponse", "s2", "s1", 1200);
  const sent = record(w);

  w.runUntil(() => w.server("s1").term === 3);
  const secondRound = w.now;
  w.cut("s1", "s2");
  w.run(1000);

  const vote = sent.find(({ from }) => from === "s2") as Sent;
  expect(vote.message).toMatchObject({ granted: true, term: 2 });
  expect(vote.at + 1200).toBeGreaterThan(secondRound);
  expect(vote.at + 1200).toBeLessThan(w.now);
  expect(w.server("s1")).toMatchObject({ state: "Candidate", term: 3 });
});

test("§5.2: a server has one vote a term, and who asks first has it", () => {
  const winners: string[][] = [];
  for (const first of ["s1", "s2"]) {
    const w = firstToRing(["s1", "s2"]);
    const second = first === "s1" ? "s2" : "s1";
    slow(w, "RequestVoteRequest", second, "s3", 20);

    winners.push(leadersWithin(w, 1500));
  }
  expect(winners).toEqual([["2 s1"], ["2 s2"]]);
});

test("Figure 2, State: term and vote are on disk before a request or an answer shows them", () => {
  const w = world({ servers: 5 });
  const sent = record(w);

  w.runUntil(() => w.leader() !== undefined);
  w.crash(w.leader()?.id as string);
  w.runUntil(() => w.leader() !== undefined);

  const votes = sent.filter(
    ({ message }) => message.kind === "RequestVoteResponse" && message.granted,
  );
  expect(votes.length).toBeGreaterThanOrEqual(4);
  for (const { message, to, disk } of sent) {
    const { term } = message as RequestVoteResponse;
    expect(disk.term).toBeGreaterThanOrEqual(term);
    if (message.kind !== "RequestVoteResponse" || !message.granted) continue;
    expect(disk).toMatchObject({ voteTerm: term, candidate: to });
  }
});

test("§5.2: a candidate follows a leader of its own term or a newer one, and refuses an older one", () => {
  const outcomes = [3, 4, 5].map((term) => {
    const server = inRole.candidate();
    const { success } = server.append({ term });
    return [term, success, server.state, server.raft.Leader(), server.term];
  });

  expect(outcomes).toEqual([
    [3, false, "Candidate", "", 4],
    [4, true, "Follower", "s2addr", 4],
    [5, true, "Follower", "s2addr", 5],
  ]);
});

test("§5.2: when the votes are split, a term ends without a leader, and who times out begins the next", () => {
  const w = firstToRing(["s1", "s2"], 4);
  slow(w, "RequestVoteRequest", "s1", "s4", 20);
  slow(w, "RequestVoteRequest", "s2", "s3", 20);
  w.fixTimers("s1", "electionTimer", [1100]);
  w.fixTimers("s2", "electionTimer", [1900]);
  const sent = record(w);

  const leaders = leadersWithin(w, 2500);

  expect(rounds(sent).sort()).toEqual(["s1 2", "s1 3", "s2 2"]);
  expect(leaders).toEqual(["3 s1"]);
});

test("§5.2: timers are drawn anew between T and 2T, so that a split does not repeat for long", () => {
  const drawn: number[] = [];
  for (let seed = 1; seed <= 8; seed++) {
    const w = world({ seed, servers: 5 });
    w.partition(["s1"], ["s2"], ["s3"], ["s4"], ["s5"]);
    drawn.push(...timersOf(w, 12_000));
  }
  const rounds: number[] = [];
  for (let seed = 1; seed <= 20; seed++) {
    const w = world({ seed });
    for (const { id } of w.servers) w.fixTimers(id, "heartbeatTimer", [1200]);
    w.runUntil(() => w.leader() !== undefined);
    rounds.push((w.leader()?.term ?? Number.POSITIVE_INFINITY) - 1);
  }

  const writesMs = 10;
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(timeoutMs);
  expect(Math.max(...drawn)).toBeLessThan(2 * timeoutMs + writesMs);
  for (let tenth = 0; tenth < 10; tenth++) {
    const from = timeoutMs * (1 + tenth / 10);
    const within = drawn.filter((ms) => ms >= from && ms < from + 100);
    expect(within.length, `timers from ${from} ms`).toBeGreaterThan(4);
  }
  expect(Math.max(...rounds)).toBeLessThanOrEqual(8);
});

/** How long the timers of servers ran that nobody answers. */
function timersOf(w: World, durationMs: number): number[] {
  const began = new Map<string, number>();
  const drawn: number[] = [];
  watching(w, durationMs, () => {
    for (const { id, term } of w.servers) {
      const round = `${id} ${term}`;
      if (began.has(round)) continue;
      began.set(round, w.now);
      const before = began.get(`${id} ${term - 1}`);
      if (before !== undefined) drawn.push(w.now - before);
    }
  });
  return drawn;
}

test("§5.2: a new leader speaks to every other server at once, and again before any timer can ring", () => {
  const w = firstToRing(["s1"], 5);
  const sent = record(w);

  w.runUntil(() => leads(w, "s1"));
  const won = w.now;
  w.run(5000);

  const said = sent.filter(({ state }) => state === "Leader");
  for (const id of ["s2", "s3", "s4", "s5"]) {
    const toIt = said.filter(({ to }) => to === id);
    expect(toIt[0]).toMatchObject({ at: won, term: 2 });
    const beats = toIt.filter(({ message }) => isHeartbeat(message as Command));
    const times = [won, ...beats.map(({ at }) => at), w.now];
    const gaps = times.slice(1).map((at, i) => at - (times[i] as number));
    expect(Math.max(...gaps)).toBeLessThan(timeoutMs / 4);
  }
});

test("§5.2 departs: a heartbeat carries no commit index: who gets nothing else follows and learns of no commit", () => {
  const w = firstToRing(["s1"]);
  w.network.rules.push({
    kind: "AppendEntriesRequest",
    from: "s1",
    to: "s2",
    action: "drop",
  });

  w.runUntil(() => leads(w, "s1"));
  w.run(5000);

  expect(leads(w, "s1")).toBe(true);
  const commits = w.servers.map(({ raft }) => raft?.CommitIndex());
  expect(commits).toEqual([2, 0, 2]);
  expect(w.server("s2")).toMatchObject({ state: "Follower", term: 2 });
  expect(w.server("s2").raft?.Leader()).toBe("s1");
});

// §5.4.1: who may be elected.

/** §5.4.1: the later last term wins; with the same one, the longer log. */
function atLeastAsUpToDate(one: LogPosition, other: LogPosition): boolean {
  if (one.term !== other.term) return one.term > other.term;
  return one.index >= other.index;
}

test("§5.4.1: a vote goes only to a log that is at least as up to date as the voter's own", () => {
  const ends: LogPosition[] = [{ index: 0, term: 0 }];
  for (const term of [1, 2, 3, 4]) {
    for (const index of [1, 2, 3, 4]) ends.push({ index, term });
  }

  for (const ours of ends) {
    const log = Array.from({ length: ours.index }, (_, i) =>
      i + 1 === ours.index ? ours.term : 1,
    );
    for (const theirs of ends) {
      const { granted } = follower({ log, term: 5 }).vote({
        term: 6,
        lastLogIndex: theirs.index,
        lastLogTerm: theirs.term,
      });

      const pair = `${theirs.index}/${theirs.term} of a voter with `;
      expect(granted, `${pair}${ours.index}/${ours.term}`).toBe(
        atLeastAsUpToDate(theirs, ours),
      );
    }
  }
});

test("Figure 2, RequestVote, departs: who has the vote of a term gets it again without a look at the log", () => {
  const server = follower({ log: [1, 2], term: 3 });
  const first = server.vote({ term: 3, lastLogIndex: 2, lastLogTerm: 2 });

  const again = server.vote({ term: 3, lastLogIndex: 2, lastLogTerm: 2 });
  const behind = server.vote({ term: 3, lastLogIndex: 0, lastLogTerm: 0 });

  const votes = [first, again, behind].map(({ granted }) => granted);
  expect(votes).toEqual([true, true, true]);
});

// §6: servers that disturb.

test("§6: a server that hears no leader cannot disturb those that do: no vote, no newer term", () => {
  const w = ledByS1();
  w.cut("s1", "s3");
  w.cut("s2", "s3");
  const seen = new Set<string>();

  watching(w, 10_000, () => {
    const [s1, s2] = w.servers as [SimServer, SimServer];
    seen.add(`${s1.state} ${s1.term}, ${s2.state} ${s2.term}`);
  });

  expect([...seen]).toEqual(["Leader 2, Follower 2"]);
  expect(w.server("s3").term).toBeGreaterThan(5);
});

test("§6 departs: what counts is that a leader is known, however long ago it was heard", () => {
  const w = abandonedS2();
  const contact = contactOf(w, "s2") as number;
  w.server("s3").disk.preset({ [keyCurrentTerm]: 8 }, []);
  w.fixTimers("s3", "heartbeatTimer", [1100]);
  const sent = record(w);

  w.run(contact + timeoutMs - w.now);
  w.start("s3");
  w.runUntil(() => w.server("s3").term === 9);
  w.run(50);

  const asked = sent.filter(({ from, to }) => from === "s3" && to === "s2");
  expect(asked.length).toBe(1);
  expect(asked[0]?.at).toBeGreaterThan(contact + 2 * timeoutMs);
  expect(w.server("s2").raft?.Leader()).toBe("s1");
  expect(w.server("s2").term).toBe(2);
});

test("§6 departs: the leader that a server follows may have its vote at any time", () => {
  const server = inRole.follower();
  server.append({ term: 3 });

  const ofAnother = server.vote({ term: 9, candidate: encodeText("s3addr") });
  const ofItsLeader = server.vote({ term: 9 });

  expect(ofAnother).toMatchObject({ granted: false, term: 3 });
  expect(ofItsLeader).toMatchObject({ granted: true, term: 9 });
});

// Figure 3: what elections promise.

test("Figure 3, Election Safety: a term has one leader, though a voter crashes between two candidates", () => {
  const w = firstToRing(["s1", "s2"]);
  slow(w, "RequestVoteRequest", "s2", "s3", 300);
  w.fixTimers("s2", "electionTimer", [1990]);

  w.runUntil(() => leads(w, "s1"));
  w.partition(["s1"], ["s2", "s3"]);
  w.crash("s3");
  w.start("s3");
  const leaders = leadersWithin(w, 10_000);

  const terms = leaders.map((leader) => leader.split(" ")[0]);
  expect(leaders).toContain("2 s1");
  expect(terms.length).toBeGreaterThan(1);
  expect(terms).toEqual([...new Set(terms)]);
});

test("Figure 3, Leader Completeness: who lacks a committed entry asks in vain, and a newer term is no help", () => {
  const w = ledByS1();
  w.run(100);
  w.partition(["s1", "s2"], ["s3"]);
  w.apply("s1", "x=1");
  w.run(5000);
  const sent = record(w);

  w.crash("s1");
  w.heal();
  const leaders = leadersWithin(w, 20_000);

  const requests = sent.filter(
    ({ message }) => message.kind === "RequestVoteRequest",
  );
  const ends = new Set(
    requests.map(({ from, message }) => {
      const { lastLogIndex, lastLogTerm } = message as RequestVoteRequest;
      return `${from} ${lastLogIndex}/${lastLogTerm}`;
    }),
  );
  expect(ends).toContain("s3 2/2");
  expect(ends).toContain("s2 3/2");
  expect(leaders.map((leader) => leader.split(" ")[1])).toEqual(["s2"]);
  expect(w.server("s3").applied?.commands).toEqual(["x=1"]);
});
