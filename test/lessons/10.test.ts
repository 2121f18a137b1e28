/**
 * Lesson 10: how does a leader know it still is one?
 *
 * The worked run is lessons/scenarios/10-two-clocks.txt: three servers, 10 ms
 * a message, 2 ms a write; s1 leads term 2 and is cut off at 2000 ms. Whatever
 * needs the old leader to overlook an election begins with a TimeoutNow made
 * by hand: with the lease in order there is hardly another way.
 */

import { expect } from "vitest";
import { slowAnswers } from "../../lessons/pictures/10-two-clocks.ts";
import refusedHeartbeats from "../../lessons/scenarios/10-refused-heartbeats.txt?raw";
import rejoin from "../../lessons/scenarios/10-rejoin.txt?raw";
import twoClocks from "../../lessons/scenarios/10-two-clocks.txt?raw";
import { DefaultConfig, ValidateConfig } from "../../raft/config.ts";
import {
  ErrLeadershipLost,
  ErrNotLeader,
  ErrRaftShutdown,
} from "../../raft/errors.ts";
import type { Future } from "../../raft/future.ts";
import type { RPCResponse } from "../../raft/ports.ts";
import type { Quirk } from "../../raft/quirks.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { runScenario } from "../../raft/sim/scenario.ts";
import { type SimServer, World } from "../../raft/sim/world.ts";
import { claim } from "../claim.ts";

const LEASE_MS = DefaultConfig().leaderLeaseTimeoutMs;
/** The lease, and the shortest time between two looks at it. */
const LATEST_MS = LEASE_MS + 10.001;
const [opening = ""] = twoClocks.split(/^(?=partition)/m);

/** s1 leads term 2, it is 2000 ms, and every log ends at 2/2. */
function led(quirks: readonly Quirk[] = [], more = ""): World {
  const late = ["s4", "s5"].filter((id) => more.includes(id));
  const script = opening
    .replace("servers 3", `servers s1 s2 s3 ${more}`)
    .replace(/^until/m, `${late.map(patient).join("")}until`);
  return runScenario(script, { quirks, watch: [] });
}

const patient = (id: string) => `timer ${id} heartbeatTimer 1900\n`;

function raftOf(w: World, id: string) {
  const { raft } = w.server(id);
  if (!raft) throw new Error(`${id} is down`);
  return raft;
}

/** Does something in a task of this server, until it has to wait. */
function within(w: World, id: string, task: Task<void>): void {
  w.driver.scheduler.go(w.server(id).process, "probe", task);
  w.driver.scheduler.run();
}

/** The error that a question was answered with; "open" if it was not. */
function answerOf(w: World, id: string, question: Future): unknown {
  let answer: unknown = "open";
  function* probe(): Task<void> {
    answer = yield* question.wait();
  }
  within(w, id, probe());
  return answer;
}

/** What a leader who hands over would send: campaign now. */
function timeoutNow(w: World, id: string): void {
  const respChan = new Channel<RPCResponse>("respChan", 1);
  const command = {
    kind: "TimeoutNowRequest",
    rpcHeader: { protocolVersion: 3 },
  } as const;
  function* probe(): Task<void> {
    yield* raftOf(w, id).r.rpcCh.send({ command, respChan });
  }
  within(w, id, probe());
}

/** s2 leads term 3 and has committed in it; s1 leads term 2 and has no idea. */
function replaced(w: World, groups: readonly (readonly string[])[]): void {
  w.partition(...groups);
  timeoutNow(w, "s2");
  expect(w.runUntil(() => w.invariants.newestCommitter === 3, 200)).toBe(true);
  expect(w.server("s1").state).toBe("Leader");
}

/** The yeses of a world that were no longer true when they were asked for. */
const falseYeses = new WeakMap<World, number>();

/** Asks; a yes is put before the observer who has seen everything. */
function ask(w: World, id = "s1"): Future {
  const newest = w.invariants.newestCommitter;
  const question = raftOf(w, id).VerifyLeader();
  function* probe(): Task<void> {
    const error = yield* question.wait();
    if (error || w.server(id).term >= newest) return;
    falseYeses.set(w, (falseYeses.get(w) ?? 0) + 1);
  }
  within(w, id, probe());
  return question;
}

/** Only answers that are under way reach it, and nothing that it sends. */
function hush(w: World, leader: string): void {
  const of = { to: leader, from: undefined, action: "drop" } as const;
  w.network.rules.push(
    { kind: undefined, from: leader, to: undefined, action: "drop" },
    { kind: "RequestVoteRequest", ...of },
    { kind: "AppendEntriesRequest", ...of },
    { kind: "Heartbeat", ...of },
  );
}

/** Whoever leads is asked all the time, also while another is elected. */
function askedAtRandom(seed: number) {
  const w = new World({
    seed,
    watch: [],
    network: { delayMs: [1, 30], tailRate: 0.2, timeoutMs: 2000 },
  });
  w.runUntil(() => w.invariants.committed > 1);
  const questions: Future[] = [];
  for (let turn = 0; turn < 100; turn++) {
    const leading = w.servers.filter(({ state }) => state === "Leader");
    for (const { id } of leading) questions.push(ask(w, id));
    const rival = w.servers.find(({ state }) => state === "Follower");
    if (turn === 20 + (seed % 10) && leading[0] && rival) {
      hush(w, leading[0].id);
      timeoutNow(w, rival.id);
    }
    w.run(10);
  }
  w.run(2000);
  return { w, questions };
}

/** s1 asks s4, which has no vote, after s2 has been elected. */
function askedOfANonvoter(quirks: readonly Quirk[]) {
  const w = led(quirks, "s4:nonvoter");
  replaced(w, [
    ["s1", "s4"],
    ["s2", "s3"],
  ]);
  const question = ask(w);
  w.run(150);
  return { w, answer: answerOf(w, "s1", question) };
}

/** The answer to an older heartbeat comes after s2 has been elected. */
function askedWhileAnAnswerIsLate(quirks: readonly Quirk[]) {
  const w = led(quirks);
  w.network.rules.push({
    kind: "AppendEntriesResponse",
    from: "s3",
    to: "s1",
    action: { delayMs: 250 },
  });
  w.run(170); // s3 has accepted requests and its answers are under way
  w.network.rules = ["s2", "s3"].flatMap((other) =>
    [
      { from: "s1", to: other },
      { from: other, to: "s1" },
    ].map((way) => ({ kind: undefined, ...way, action: "drop" as const })),
  );
  replaced(w, []);
  const question = ask(w);
  w.run(150);
  return { w, answer: answerOf(w, "s1", question) };
}

/** When the last answer reached s1. Begins to look when it is called. */
function lastAnswer(w: World): () => number {
  let heardMs = w.now;
  const heard = w.network.heard.bind(w.network);
  w.network.heard = (by, ...rest) => {
    if (by === "s1") heardMs = w.now;
    heard(by, ...rest);
  };
  return () => heardMs;
}

claim(
  "a leader that is cut off stops at most 510 ms after the last answer",
  {
    at: "raft.ts#leaderLoop",
    break: {
      in: "raft.ts#leaderLoop",
      from: "Math.max(minCheckIntervalMs, leftMs)",
      to: "Math.max(minCheckIntervalMs, leftMs) + 60",
    },
  },
  () => {
    for (let moment = 0; moment < 20; moment++) {
      const w = led();
      const heardMs = lastAnswer(w);
      w.run(moment * 27);
      w.partition(["s1"], ["s2", "s3"]);
      const stopped = () => w.server("s1").state === "Follower";
      expect(w.runUntil(stopped, 2000)).toBe(true);
      expect(w.now - heardMs()).toBeLessThanOrEqual(LATEST_MS);
      expect(w.server("s1").term).toBe(2);
    }
  },
);

claim(
  "a leader that hears a majority stays, however long the others are silent",
  {
    at: "raft.ts#checkLeaderLease",
    break: {
      in: "raft.ts#checkLeaderLease",
      from: "contacted < quorumSize(r)",
      to: "contacted < voters(r.configurations.latest).length - 1",
    },
  },
  () => {
    const w = led([], "s4 s5");
    w.partition(["s1", "s2", "s3"], ["s4", "s5"]);
    w.run(5000);
    expect(w.server("s1").state).toBe("Leader");
    expect(w.server("s1").term).toBe(2);
  },
);

claim(
  "a non-voter's answers do not renew the lease",
  {
    at: "raft.ts#checkLeaderLease",
    break: {
      in: "raft.ts#checkLeaderLease",
      from: "voters(r.configurations.latest)",
      to: "r.configurations.latest.servers",
    },
  },
  () => {
    const w = led([], "s4:nonvoter");
    w.partition(["s1", "s4"], ["s2", "s3"]);
    const heardMs = lastAnswer(w);
    w.run(700);
    expect(w.server("s1").state).toBe("Follower");
    expect(heardMs()).toBeGreaterThan(2200); // of s4 alone
  },
);

claim(
  "the lease counts from when a request was sent, so one server leads at a time",
  {
    at: "differs.ts#contacted",
    break: {
      in: "differs.ts#contacted",
      from: "s.lastContactMs = Math.max(s.lastContactMs, sentMs);",
      to: "s.lastContactMs = _r.runtime.clock.now();",
    },
  },
  () => {
    const { answered, stoppedMs, candidateMs, world } = slowAnswers([]);
    const heard = answered.filter((one) => one.heardMs < stoppedMs);
    const lastHeardMs = Math.max(...heard.map((one) => one.heardMs));
    expect(stoppedMs - lastHeardMs).toBeLessThan(LEASE_MS);
    expect(stoppedMs).toBeLessThan(candidateMs);
    expect(world.server("s2").state).toBe("Leader");
  },
);

claim(
  "with v1.1.1's counting two servers lead at once",
  {
    at: "quirks.ts#contacted",
    break: {
      in: "quirks.ts#contacted",
      from: "s.lastContactMs = r.runtime.clock.now();",
      to: "s.lastContactMs = Math.max(s.lastContactMs, Number(arguments[2]));",
    },
  },
  () => {
    const { stoppedMs, ledMs } = slowAnswers(["heartbeat-renews-lease"]);
    expect(stoppedMs - ledMs).toBeGreaterThan(300);
    const { world } = slowAnswers(["heartbeat-renews-lease"], ["I14"]);
    expect(world.violations.map((v) => v.invariant)).toEqual(["I14"]);
  },
);

claim(
  "a lease longer than the heartbeat timeout is refused",
  {
    at: "config.ts#ValidateConfig",
    break: {
      in: "config.ts#ValidateConfig",
      from: "config.leaderLeaseTimeoutMs <= config.heartbeatTimeoutMs,",
      to: "true,",
    },
  },
  () => {
    const valid = { ...DefaultConfig(), localID: "s1" };
    const { heartbeatTimeoutMs } = valid;
    const lease = (leaderLeaseTimeoutMs: number) =>
      ValidateConfig({ ...valid, leaderLeaseTimeoutMs });
    expect(lease(heartbeatTimeoutMs)).toBeUndefined();
    expect(lease(heartbeatTimeoutMs + 1)).toBeInstanceOf(Error);
  },
);

claim(
  "a leader that wakes from a pause still says Leader, until it looks",
  {
    at: "raft.ts#checkLeaderLease",
    break: {
      in: "raft.ts#checkLeaderLease",
      from: "const silenceMs = now - s.lastContactMs;",
      to: "const silenceMs = (now - s.lastContactMs) % 4000;",
    },
  },
  () => {
    const w = led();
    w.apply("s1", "x=1");
    w.run(200);
    w.pause("s1");
    w.partition(["s1"], ["s2", "s3"]);
    w.runUntil(() => w.server("s2").state === "Leader");
    w.apply("s2", "x=2");
    w.run(6400 - w.now); // more than 4 s of silence
    expect(w.server("s2").applied?.get("x")).toBe("2");
    expect(w.server("s1").state).toBe("Leader");
    expect(w.server("s1").applied?.get("x")).toBe("1");
    w.resume("s1");
    w.run(1);
    expect(w.server("s1").state).toBe("Follower");
  },
);

claim(
  "a newer term in the answer to a heartbeat ends the leader",
  {
    at: "differs.ts#heartbeatDeposes",
    break: {
      in: "differs.ts#heartbeatDeposes",
      from: "responseTerm > requestTerm",
      to: "responseTerm > requestTerm + 99",
    },
  },
  () => {
    const w = runScenario(refusedHeartbeats, { watch: ["I14"] });
    expect(w.violations).toEqual([]);
    expect(w.server("s1").state).not.toBe("Leader");
  },
);

claim(
  "with v1.1.1's heartbeats a refusal renews the lease",
  {
    at: "quirks.ts#heartbeatDeposes",
    break: {
      in: "quirks.ts#heartbeatDeposes",
      from: "return false;",
      to: "return Number(arguments[1]) > Number(arguments[0]);",
    },
  },
  () => {
    const script = `quirks heartbeat-renews-lease\n${refusedHeartbeats}`;
    const w = runScenario(script, { watch: ["I14"] });
    expect(w.violations.map((v) => v.invariant)).toEqual(["I14"]);
    expect(w.server("s1").state).toBe("Leader");
  },
);

claim(
  "a server that comes home with a newer term ends a leader that everybody hears",
  {
    at: "replication.ts#handleStaleTerm",
    break: {
      in: "replication.ts#handleStaleTerm",
      from: "asyncNotifyCh(s.stepDown);",
      to: "",
    },
  },
  () => {
    const w = runScenario(rejoin, { watch: ["I14"] });
    const { lines } = w.trace;
    const healed = lines.findIndex((line) => line.includes("heal"));
    const ended = lines.findIndex((line) =>
      line.includes("s1  is Follower, term 2"),
    );
    const refused = lines.findIndex((line) =>
      line.includes("s1  <- s3  refused term 7"),
    );
    expect(healed).toBeLessThan(refused);
    expect(refused).toBeLessThan(ended);
    const between = lines.slice(healed, ended);
    expect(between.some((l) => l.includes("s1  <- s2  stored"))).toBe(true);
  },
);

claim(
  "a question is answered by a majority of the voters, and by nobody else",
  {
    at: "differs.ts#countsAsLeader",
    break: {
      in: "differs.ts#countsAsLeader",
      from: "s.peer.suffrage === ServerSuffrage.Voter",
      to: "true",
    },
  },
  () => {
    const { w, answer } = askedOfANonvoter([]);
    expect(answer).toBe("open");
    expect(falseYeses.has(w)).toBe(false);
    const healthy = led([], "s4:nonvoter");
    const question = ask(healthy);
    healthy.run(25);
    expect(answerOf(healthy, "s1", question)).toBeUndefined();
  },
);

claim(
  "only an answer to a request sent after the question counts",
  {
    at: "differs.ts#countsAsLeader",
    break: {
      in: "differs.ts#countsAsLeader",
      from: "sent > asked",
      to: "true",
    },
  },
  () => {
    const { w, answer } = askedWhileAnAnswerIsLate([]);
    expect(answer).toBe("open");
    expect(falseYeses.has(w)).toBe(false);
    let yes = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const { w, questions } = askedAtRandom(seed);
      expect(falseYeses.has(w)).toBe(false);
      yes += questions.filter((question) => !question.failed).length;
    }
    expect(yes).toBeGreaterThan(200);
  },
);

claim(
  "with v1.1.1's counting a leader that was replaced is told that it leads",
  {
    at: "quirks.ts#countsAsLeader",
    break: {
      in: "quirks.ts#countsAsLeader",
      from: "return true;",
      to: "return false;",
    },
  },
  () => {
    for (const run of [askedOfANonvoter, askedWhileAnAnswerIsLate]) {
      const { w, answer } = run(["verify-counts-anyone"]);
      expect(answer).toBeUndefined();
      expect(falseYeses.get(w)).toBe(1);
    }
  },
);

claim(
  "one no decides a question, and the leader steps down",
  {
    at: "future.ts#VerifyFuture.vote",
    break: {
      in: "future.ts#VerifyFuture.vote",
      from: "if (leader && this.votes < this.quorumSize) return false;",
      to: "if (this.votes < this.quorumSize) return false;",
    },
  },
  () => {
    const w = led();
    w.crash("s2");
    w.run(60); // no answer is under way
    timeoutNow(w, "s3"); // it enters term 3, and nobody hears of it
    w.network.rules.push({
      kind: "RequestVoteRequest",
      from: "s3",
      to: undefined,
      action: "drop",
    });
    const question = ask(w);
    w.run(60);
    expect(answerOf(w, "s1", question)).toBe(ErrNotLeader);
    expect(w.server("s1").state).toBe("Follower");
  },
);

claim(
  "every question is answered, and an open one when the leader stops",
  {
    at: "raft.ts#runLeader",
    break: {
      in: "raft.ts#runLeader",
      from: "question.respond(ErrLeadershipLost);",
      to: "",
    },
  },
  () => {
    const w = led();
    const ofFollower = raftOf(w, "s2").VerifyLeader();
    w.run(1);
    expect(answerOf(w, "s2", ofFollower)).toBe(ErrNotLeader);
    w.partition(["s1"], ["s2", "s3"]);
    const ofLeader = ask(w);
    w.runUntil(() => w.server("s1").state === "Follower", 2000);
    w.run(1);
    expect(answerOf(w, "s1", ofLeader)).toBe(ErrLeadershipLost);
    w.runUntil(() => w.server("s2").state === "Candidate", 2000);
    const ofCandidate = raftOf(w, "s2").VerifyLeader();
    w.run(10);
    expect(answerOf(w, "s2", ofCandidate)).toBe(ErrNotLeader);
    raftOf(w, "s1").Shutdown();
    const ofNobody = raftOf(w, "s1").VerifyLeader();
    w.run(1);
    expect(answerOf(w, "s1", ofNobody)).toBe(ErrRaftShutdown);
    for (let seed = 1; seed <= 5; seed++) {
      const { questions } = askedAtRandom(seed);
      expect(questions.every(({ responded }) => responded)).toBe(true);
    }
  },
);

claim(
  "alone in its cluster a leader is verified at once",
  {
    at: "raft.ts#verifyLeader",
    break: {
      in: "raft.ts#verifyLeader",
      from: "question.quorumSize === 1",
      to: "question.quorumSize === 0",
    },
  },
  () => {
    const w = new World({ seed: 1, servers: 1 });
    w.runUntil(() => w.leader() !== undefined);
    w.run(100);
    const askedMs = w.now;
    const question = ask(w);
    expect(answerOf(w, "s1", question)).toBeUndefined();
    expect(w.now).toBe(askedMs);
  },
);

claim(
  "a new leader is verified before it has applied what is committed, and a barrier waits for it",
  {
    at: "api.ts#Raft.Barrier",
    break: {
      in: "api.ts#Raft.Barrier",
      from: 'this.enqueue("Barrier", r.applyCh, future, timeoutMs);',
      to: "future.respond(undefined);",
    },
  },
  () => {
    const w = led();
    const written = w.apply("s1", "x=1");
    w.runUntil(() => written.responded);
    expect(written.failed).toBe(false);
    w.crash("s1");
    w.runUntil(() => w.leader() !== undefined);
    const { id, applied } = w.leader() as SimServer;
    const question = raftOf(w, id).VerifyLeader();
    const barrier = raftOf(w, id).Barrier(0);
    expect(w.runUntil(() => question.responded, 200)).toBe(true);
    expect(question.failed).toBe(false);
    expect(applied?.get("x")).toBe("");
    expect(w.runUntil(() => barrier.responded, 500)).toBe(true);
    expect(applied?.get("x")).toBe("1");
  },
);
