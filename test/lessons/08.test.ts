/**
 * Lesson 8: who decides that a majority has answered, and when is an entry
 * committed?
 *
 * The worked run is lessons/scenarios/08-one-entry.txt: three servers, 10 ms a
 * message, 2 ms a write; s1 leads term 2, entry 2 is committed everywhere, and
 * at 1500 ms a client hands it entry 3. The other worlds begin alike.
 */

import { expect } from "vitest";
import { at, script } from "../../lessons/pictures/08/figure_8.ts";
import {
  script as boundScript,
  play,
} from "../../lessons/pictures/08-commit-bound.ts";
import {
  record,
  play as workedRun,
} from "../../lessons/pictures/08-commit-path.ts";
import commitBound from "../../lessons/scenarios/08-commit-bound.txt?raw";
import figure8 from "../../lessons/scenarios/08-figure-8.txt?raw";
import oneEntry from "../../lessons/scenarios/08-one-entry.txt?raw";
import { Commitment } from "../../raft/commitment.ts";
import {
  type Configuration,
  ServerSuffrage,
} from "../../raft/configuration.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import { Random } from "../../raft/runtime/random.ts";
import { runningTask } from "../../raft/runtime/task.ts";
import type { MessageKind, MessageRule } from "../../raft/sim/network.ts";
import { runScenario } from "../../raft/sim/scenario.ts";
import { World, type WorldOptions } from "../../raft/sim/world.ts";
import { getCommitIndex } from "../../raft/state.ts";
import { claim } from "../claim.ts";

/** The worked run at 1500 ms: nothing is under way but heartbeats. */
function led(options: Partial<WorldOptions> = {}): World {
  const w = new World({
    seed: 1,
    keepTrace: true,
    watch: [],
    ...options,
    network: { delayMs: [10, 10], ...options.network },
    disk: { writeMs: [2, 2] },
  });
  w.fixTimers("s1", "heartbeatTimer", [1200]);
  for (const id of ["s2", "s3"]) w.fixTimers(id, "heartbeatTimer", [1900]);
  w.runUntil(() => w.leader()?.id === "s1");
  w.run(266);
  expect(w.now).toBe(1500);
  return w;
}

/** What s1 leads with. */
function leading(w: World) {
  const { r } = w.server("s1");
  if (!r?.leaderState) throw new Error("s1 does not lead");
  return { r, ...r.leaderState };
}

function commitOf(w: World, id: string): number {
  return w.server(id).raft?.CommitIndex() ?? 0;
}

function rule(
  kind: MessageKind,
  from: string,
  to: string,
  action: MessageRule["action"],
): MessageRule {
  return { kind, from, to, action };
}

/** The tasks of s1, each with how many answers it waits for. */
function answersAwaited(w: World): [string, number][] {
  return [...w.server("s1").process.tasks].map((task) => {
    const answers = task.parkedOn().filter((on) => on === "receive answer");
    return [task.name, answers.length];
  });
}

/** Voters by these names, and servers that have no vote. */
function servers(ids: string[], without: string[] = []): Configuration {
  const server = (suffrage: ServerSuffrage) => (id: string) => ({
    suffrage,
    id,
    address: id,
  });
  return {
    servers: [
      ...ids.map(server(ServerSuffrage.Voter)),
      ...without.map(server(ServerSuffrage.Nonvoter)),
    ],
  };
}

function commitment(configuration: Configuration): Commitment {
  return new Commitment(new Channel("commitCh", 1), configuration, 1);
}

claim(
  "the commit index is the highest index that a majority of the voters hold",
  {
    at: "commitment.ts#Commitment.recalculate",
    break: {
      in: "commitment.ts#Commitment.recalculate",
      from: "(matched.length - 1) >> 1",
      to: "matched.length >> 1",
    },
  },
  () => {
    const random = new Random(1);
    for (let size = 1; size <= 7; size++) {
      const ids = Array.from({ length: size }, (_, i) => `s${i + 1}`);
      const c = commitment(servers(ids));
      const held = new Map(ids.map((id) => [id, 0]));
      for (let acks = 0; acks < 200; acks++) {
        const id = `s${random.int(size) + 1}`;
        const index = random.int(100);
        c.match(id, index);
        held.set(id, Math.max(index, held.get(id) ?? 0));
        let highest = 100;
        const holders = () => [...held.values()].filter((h) => h >= highest);
        while (2 * holders().length <= size) highest--;
        expect(c.getCommitIndex(), `${size} voters`).toBe(highest);
      }
    }
  },
);

claim(
  "a server without a vote counts for nothing",
  {
    at: "commitment.ts#Commitment.constructor",
    break: {
      in: "commitment.ts#Commitment.constructor",
      from: "voters(configuration)",
      to: "configuration.servers",
    },
  },
  () => {
    const c = commitment(servers(["s1", "s2", "s3"], ["n1", "n2"]));
    for (const id of ["s1", "n1", "n2"]) c.match(id, 9);
    expect(c.getCommitIndex()).toBe(0);
    c.match("s2", 9);
    expect(c.getCommitIndex()).toBe(9);
  },
);

claim(
  "a changed configuration counts by its own voters, and who stays keeps its match index",
  {
    at: "commitment.ts#Commitment.setConfiguration",
    break: {
      in: "commitment.ts#Commitment.setConfiguration",
      from: "old.get(id) ?? 0",
      to: "0",
    },
  },
  () => {
    const c = commitment(servers(["s1", "s2", "s3", "s4", "s5"]));
    const numbers = { s1: 9, s2: 9, s3: 7, s4: 6, s5: 4 };
    for (const [id, index] of Object.entries(numbers)) c.match(id, index);
    expect(c.getCommitIndex()).toBe(7);
    c.setConfiguration(servers(["s1", "s2", "s6"]));
    expect(c.getCommitIndex()).toBe(9);
    c.setConfiguration(servers(["s1", "s6", "s7"]));
    expect(c.getCommitIndex(), "it never falls").toBe(9);
  },
);

claim(
  "an entry of an older term is never committed by counting its copies",
  {
    at: "commitment.ts#Commitment.recalculate",
    break: {
      in: "commitment.ts#Commitment.recalculate",
      from: "quorumMatchIndex >= this.startIndex",
      to: "true",
    },
  },
  () => {
    expect(script, "the pictures' run").toBe(figure8);
    const w = at("d", { watch: ["I4", "I5"] });
    expect(w.violations).toEqual([]);
    const lines = w.trace.lines.join("\n");
    for (const id of ["s1", "s2", "s3"]) {
      expect(lines).toContain(`${id}  stores 2/2`);
    }
    expect(w.server("s5").state).toBe("Leader");
    for (const id of ["s2", "s3"]) {
      expect(w.server(id).disk.entry(2)?.term, `${id} held 2/2`).toBe(3);
    }
    const e = at("e", { watch: ["I4", "I5"] });
    expect(e.violations).toEqual([]);
    expect(e.server("s5").disk.entry(2)?.term).toBe(2);
  },
);

claim(
  "a leader stores an entry first and counts its own copy then",
  {
    at: "raft.ts#dispatchLogs",
    break: {
      in: "raft.ts#dispatchLogs",
      from: "const error = yield* r.logs.StoreLogs(logs);",
      to: "commitment.match(r.localID, lastIndex);\n  const error = yield* r.logs.StoreLogs(logs);",
    },
  },
  () => {
    const w = led();
    w.server("s1").disk.options.writeMs = [100, 100];
    w.apply("s1", "x=1");
    w.run(50);
    expect(w.server("s1").disk.busy).toBe(true);
    expect(leading(w).commitment.matchIndex("s1")).toBe(2);
    w.run(51);
    expect(w.server("s1").disk.lastIndex).toBe(3);
    expect(leading(w).commitment.matchIndex("s1")).toBe(3);
  },
);

claim(
  "what only the leader has stored is not committed",
  {
    at: "replication.ts#replicateTo",
    break: {
      in: "replication.ts#replicateTo",
      from: "s.failures++;",
      to: "updateLastAppended(r, s, request, sent);",
    },
  },
  () => {
    const w = led({ network: { timeoutMs: 100 } });
    w.network.rules = ["s2", "s3"].map((to) =>
      rule("AppendEntriesRequest", "s1", to, "drop"),
    );
    const future = w.apply("s1", "x=1");
    w.run(350);
    expect(leading(w).commitment.matchIndex("s1")).toBe(3);
    expect(leading(w).commitment.getCommitIndex()).toBe(2);
    expect(future.responded).toBe(false);
  },
);

claim(
  "on the commit path no task waits for more than one answer",
  {
    at: "replication.ts#replicateTo",
    break: {
      in: "replication.ts#replicateTo",
      from: "updateLastAppended(r, s, request, sent);",
      to: "updateLastAppended(r, s, request, sent);\n      for (const other of r.leaderState?.replState.values() ?? [])\n        while (other.nextIndex < s.nextIndex && other.failures === 0)\n          yield* after(r.runtime, 1).receive();",
    },
  },
  () => {
    const w = led();
    const held = { delayMs: 400 };
    w.network.rules = [rule("AppendEntriesResponse", "s3", "s1", held)];
    for (const command of ["x=1", "x=2", "x=3"]) {
      const future = w.apply("s1", command);
      const reached = w.runUntil(() => {
        const awaited = answersAwaited(w);
        for (const [task, count] of awaited) {
          expect(count, `${task} waits for answers`).toBeLessThanOrEqual(1);
        }
        return future.responded;
      }, 100);
      expect(reached, `${command} is answered`).toBe(true);
      expect(leading(w).commitment.matchIndex("s3")).toBe(2);
      expect(answersAwaited(w)).toContainEqual(["replicate s3", 1]);
      expect(answersAwaited(w)).toContainEqual(["replicate s2", 0]);
      expect(answersAwaited(w)).toContainEqual(["run", 0]);
    }
  },
);

claim(
  "the commit index has moved before commitCh tells anybody",
  {
    at: "commitment.ts#Commitment.recalculate",
    break: {
      in: "commitment.ts#Commitment.recalculate",
      from: "this.commitIndex = quorumMatchIndex; // committed from this line on\n      asyncNotifyCh(this.commitCh);",
      to: "asyncNotifyCh(this.commitCh);\n      this.commitIndex = quorumMatchIndex;",
    },
  },
  () => {
    const told: unknown[] = [];
    let watched: World | undefined;
    const w = led({
      onPass: ({ task, kind, channel, to }) => {
        if (!watched || channel !== "commitCh") return;
        const { commitment, r } = leading(watched);
        const number = commitment.getCommitIndex();
        told.push([task, kind, to, number, getCommitIndex(r)]);
      },
    });
    watched = w;
    w.apply("s1", "x=1");
    w.run(30);
    const [first] = told as unknown[][];
    expect(told.length).toBe(1);
    expect(first?.[0]).toMatch(/^replicate s[23]$/);
    expect(first?.slice(1)).toEqual(["send", "run", 3, 2]);
    expect(commitOf(w, "s1")).toBe(3);
  },
);

claim(
  "two signals on commitCh become one, and leaderLoop reads the newest commit index",
  {
    at: "raft.ts#setupLeaderState",
    break: {
      in: "raft.ts#setupLeaderState",
      from: 'new Channel<void>("commitCh", 1)',
      to: 'new Channel<void>("commitCh", 2)',
    },
  },
  () => {
    const w = led();
    w.apply("s1", "x=1");
    w.run(5);
    w.apply("s1", "x=2");
    w.run(5);
    w.server("s1").disk.options.writeMs = [100, 100];
    w.apply("s1", "x=3"); // until 1610 ms the main task waits for this write
    w.runUntil(() => leading(w).commitment.getCommitIndex() === 3);
    expect(leading(w).commitCh.length).toBe(1);
    w.runUntil(() => leading(w).commitment.getCommitIndex() === 4);
    expect(leading(w).commitCh.length).toBe(1);
    expect(commitOf(w, "s1")).toBe(2);
    w.runUntil(() => commitOf(w, "s1") > 2);
    expect(commitOf(w, "s1")).toBe(4);
  },
);

claim(
  "runFSM answers the client, after Apply, with what Apply has returned",
  {
    at: "fsm.ts#runFSMCommit",
    break: {
      in: "fsm.ts#runFSMCommit",
      from: "response = yield* apply(r.fsm, log);",
      to: "future?.respond(undefined);\n    response = yield* apply(r.fsm, log);",
    },
  },
  () => {
    const w = led();
    const future = w.apply("s1", "x=1");
    const answer = (future as unknown as { respond(e?: Error): void }).respond;
    const answers: unknown[] = [];
    Object.assign(future, {
      respond(error?: Error) {
        const applied = [...(w.server("s1").applied?.commands ?? [])];
        answers.push([w.now, runningTask()?.name, applied]);
        answer.call(future, error);
      },
    });
    w.run(200);
    expect(answers).toEqual([[1524, "runFSM", ["x=1"]]]);
    expect(future.Response()).toBe(1);

    const drawn = workedRun().trace.lines;
    const told = runScenario(oneEntry, { watch: [] }).trace.lines;
    expect(drawn, "the picture's run").toEqual(told.slice(0, drawn.length));
    const rows = record();
    const slow = rows.find(({ from, to }) => from === "s3" && to !== "s3");
    expect(slow?.arrivesMs, "s3's answer, behind the commit").toBe(1534);
    const crossed = rows.flatMap(({ from, to, channel }) =>
      from === to || channel === "" ? [] : channel,
    );
    expect([...new Set(crossed)]).toEqual([
      "applyCh",
      "triggerCh",
      "commitCh",
      "fsmMutateCh",
      "future",
    ]);
  },
);

claim(
  "a heartbeat tells nobody what is committed",
  {
    at: "replication.ts#heartbeat",
    break: {
      in: "replication.ts#heartbeat",
      from: "leaderCommitIndex: 0",
      to: 'leaderCommitIndex: s.peer.id === "s3" ? 1 : 0',
    },
  },
  () => {
    const w = led();
    w.network.rules = [rule("AppendEntriesRequest", "s1", "s3", "drop")];
    w.apply("s1", "x=1");
    w.run(900);
    expect(commitOf(w, "s1")).toBe(3);
    const heard = w.trace.lines
      .slice(w.trace.lines.findIndex((line) => line.includes("is asked to")))
      .filter((line) => line.includes("s3  <- s1  heartbeat"));
    expect(heard.length).toBeGreaterThanOrEqual(4);
    expect(commitOf(w, "s3")).toBeLessThan(3);
  },
);

claim(
  "a follower learns of a commit within two commit timeouts and one message's flight",
  {
    at: "replication.ts#replicateByRequest",
    break: {
      in: "replication.ts#replicateByRequest",
      from: "commitTimeout: commitTimer(r)",
      to: "commitTimeout: undefined",
    },
  },
  () => {
    /** The task waits for something to send, and for no answer. */
    const free = (w: World, id: string) =>
      [...w.server("s1").process.tasks].some(
        (task) =>
          task.name === `replicate ${id}` &&
          task.parkedOn().includes("receive triggerCh"),
      );
    for (let seed = 1; seed <= 20; seed++) {
      for (const id of ["s2", "s3"]) {
        const w = led({ seed, keepTrace: false });
        w.apply("s1", "x=1");
        w.runUntil(() => commitOf(w, "s1") === 3);
        w.runUntil(() => free(w, id)); // until then it waits for an answer
        const freeMs = w.now;
        w.runUntil(() => commitOf(w, id) === 3, 500);
        const learnedMs = w.now - freeMs;
        expect(learnedMs, `${id}, seed ${seed}`).toBeLessThanOrEqual(110);
        expect(learnedMs, `${id}, seed ${seed}`).toBeGreaterThan(10);
      }
    }
  },
);

claim(
  "with v1.1.1's bound a follower commits an entry that nobody has checked",
  {
    at: "quirks.ts#commitBound",
    break: {
      in: "quirks.ts#commitBound",
      from: "return getLastIndex(r);",
      to: "return 0;",
    },
  },
  () => {
    expect(boundScript, "the picture's run").toBe(commitBound);
    const w = play({ quirk: true });
    expect(w.violations).toMatchObject([{ invariant: "I5", server: "s1" }]);
    expect(w.server("s1").applied?.commands).toEqual(["x=1"]);
    expect(w.server("s2").applied?.commands).not.toContain("x=1");
  },
);

claim(
  "with ours the same run commits only what the request has checked",
  {
    at: "differs.ts#commitBound",
    break: {
      in: "differs.ts#commitBound",
      from: "return request.prevLogEntry + request.entries.length;",
      to: "return _r.vars.lastLogIndex;",
    },
  },
  () => {
    const w = play({ quirk: false });
    expect(w.violations).toEqual([]);
    expect(w.server("s1").disk.entry(3)?.term).toBe(3);
    expect(w.server("s1").applied?.commands).not.toContain("x=1");
  },
);
