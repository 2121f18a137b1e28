/**
 * Lesson 6: the manager and its workers.
 *
 * The worked run is lessons/scenarios/06-slow-disk.txt: s1 leads s2 and s3 and
 * the non-voter s4; 10 ms a message, 2 ms a write, and 400 ms at s2. The other
 * worlds have three voters and the same numbers, but for what their claim
 * needs. No call changes a configuration yet, so `changeTo` does by hand what
 * the leader will do.
 */

import { expect } from "vitest";
import slowDisk from "../../lessons/scenarios/06-slow-disk.txt?raw";
import {
  encodeConfiguration,
  type Server,
  ServerSuffrage,
} from "../../raft/configuration.ts";
import { LogFuture } from "../../raft/future.ts";
import { LogType } from "../../raft/log.ts";
import { dispatchLogs, startStopReplication } from "../../raft/raft.ts";
import type { LeaderState, RaftStruct } from "../../raft/raft_struct.ts";
import type { RunningTask, Task } from "../../raft/runtime/task.ts";
import { runScenario } from "../../raft/sim/scenario.ts";
import {
  namedServers,
  World,
  type WorldOptions,
} from "../../raft/sim/world.ts";
import { setLastLog } from "../../raft/state.ts";
import { encodeText } from "../../raft/util.ts";
import { claim } from "../claim.ts";

const [s1, s2, s3] = namedServers(3) as [Server, Server, Server];
const s4 = { id: "s4", address: "s4", suffrage: ServerSuffrage.Nonvoter };

/** s1 leads in term 2, since 1234 ms; nobody else campaigns for a while. */
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
  w.fixTimers("s2", "heartbeatTimer", [1900]);
  w.fixTimers("s3", "heartbeatTimer", [1900]);
  w.runUntil(() => w.leader() !== undefined);
  expect(w.leader()?.id).toBe("s1");
  return w;
}

/** The same at 1500 ms: everybody has the noop, entry 2, and no more. */
function settled(options: Partial<WorldOptions> = {}): World {
  const w = led(options);
  w.run(1500 - w.now);
  return w;
}

function leading(w: World): { r: RaftStruct; leaderState: LeaderState } {
  const r = w.server("s1").r as RaftStruct;
  return { r, leaderState: r.leaderState as LeaderState };
}

/** The leader's tasks of a kind: `replicate s2` and so on. */
function tasks(w: World, kind: string): RunningTask[] {
  const all = [...w.server("s1").process.tasks];
  return all.filter(({ name }) => name.startsWith(`${kind} `));
}

/** The servers that have a worker, each once. */
function workers(w: World): string[] {
  const names = tasks(w, "replicate").map(({ name }) => name.split(" ")[1]);
  return [...new Set(names as string[])].sort();
}

/** Appends a configuration and makes the workers follow it. */
function changeTo(w: World, servers: readonly Server[]): void {
  const { r, leaderState } = leading(w);
  function* change(): Task<void> {
    const data = encodeConfiguration({ servers });
    const future = new LogFuture(LogType.Configuration, data);
    yield* dispatchLogs(r, leaderState, [future]);
    r.configurations.latest = { servers };
    r.configurations.latestIndex = future.Index();
    leaderState.commitment.setConfiguration({ servers });
    startStopReplication(r, leaderState);
  }
  w.driver.scheduler.go(w.server("s1").process, "change", change());
  w.run(3);
}

/** Puts entry 3 of term 2 into the leader's log, and signals nobody. */
function storeUnseen(w: World): void {
  const data = encodeText("unseen");
  const entry = { index: 3, term: 2, type: LogType.Command, data };
  w.server("s1").disk.preset({}, [entry]);
  setLastLog(leading(w).r, entry);
}

/** The leader's disk fails at the next entry, and that ends its term. */
function loseLeadership(w: World): void {
  w.server("s1").disk.failNext(1);
  w.apply("s1", "lost");
  w.runUntil(() => w.server("s1").state !== "Leader", 10);
  expect(w.server("s1").state).toBe("Follower");
}

/** What s1 has sent to a server since some line: `AppendEntries`. */
function sent(w: World, to: string, what: string, since = 0): string[] {
  const start = new RegExp(` s1 +-> ${to} +${what}`);
  return w.trace.lines.slice(since).filter((line) => start.test(line));
}

claim(
  "a new leader has one worker for every other server, non-voters too",
  {
    at: "raft.ts#startStopReplication",
    break: {
      in: "raft.ts#startStopReplication",
      from: "(server) => server.id !== r.localID",
      to: "(server) => server.id !== r.localID && server.suffrage === 0",
    },
  },
  () => {
    const w = settled({ servers: [s1, s2, s3, s4] });
    expect(workers(w)).toEqual(["s2", "s3", "s4"]);
    expect(w.server("s4").disk.lastIndex).toBe(2);
  },
);

claim(
  "called again for the same configuration it starts nobody twice",
  {
    at: "raft.ts#startStopReplication",
    break: {
      in: "raft.ts#startStopReplication",
      from: "running.peer = server;\n      continue;",
      to: "running.peer = server;",
    },
  },
  () => {
    const w = settled();
    const { r, leaderState } = leading(w);
    startStopReplication(r, leaderState);
    expect(tasks(w, "replicate")).toHaveLength(2);
  },
);

claim(
  "after each change the workers are those of the latest configuration",
  {
    at: "raft.ts#startStopReplication",
    break: {
      in: "raft.ts#startStopReplication",
      from: "replState.delete(id);",
      to: "",
    },
  },
  () => {
    const w = settled();
    changeTo(w, [s1, s2]);
    w.run(100);
    expect(workers(w)).toEqual(["s2"]);
    changeTo(w, [s1, s2, s3]);
    w.run(100);
    expect(workers(w)).toEqual(["s2", "s3"]);
    expect(w.server("s3").disk.lastIndex).toBe(4);
  },
);

claim(
  "a server whose address has changed is sent to at the new one",
  {
    at: "raft.ts#startStopReplication",
    break: {
      in: "raft.ts#startStopReplication",
      from: "running.peer = server;",
      to: "",
    },
  },
  () => {
    const w = settled();
    const since = w.trace.lines.length;
    changeTo(w, [s1, { ...s2, address: "s2b" }, s3]);
    w.run(1000);
    expect(sent(w, "s2b", "AppendEntries", since).length).toBeGreaterThan(0);
    expect(sent(w, "s2b", "heartbeat", since).length).toBeGreaterThan(0);
    expect(sent(w, "s2", "", since)).toEqual([]);
  },
);

claim(
  "the worker of a removed server sends it the log up to the removal, and ends",
  {
    at: "replication.ts#replicateByRequest",
    break: {
      in: "replication.ts#replicateByRequest",
      from: "if (event.value > 0) yield*",
      to: "if (event.value < 0) yield*",
    },
  },
  () => {
    const w = settled();
    storeUnseen(w);
    const { r, leaderState } = leading(w);
    r.configurations.latest = { servers: [s1, s2] };
    startStopReplication(r, leaderState);
    w.run(30);
    expect(w.server("s3").disk.lastIndex).toBe(3);
    expect(workers(w)).toEqual(["s2"]);
  },
);

claim(
  "a worker that waits for an answer when its server is removed sends no more",
  {
    at: "replication.ts#replicateTo",
    break: {
      in: "replication.ts#replicateTo",
      from: "if (s.stopCh.tryReceive()) return true;",
      to: "",
    },
  },
  () => {
    const w = settled();
    w.server("s2").disk.options.writeMs = [400, 400];
    w.apply("s1", "x=1");
    w.run(50);
    changeTo(w, [s1, s3]);
    w.run(1000);
    expect(workers(w)).toEqual(["s3"]);
    expect(w.server("s3").disk.lastIndex).toBe(4);
    expect(w.server("s2").disk.lastIndex).toBe(3);
  },
);

claim(
  "when leadership is lost every worker that is free leaves at once",
  {
    at: "raft.ts#runLeader",
    break: {
      in: "raft.ts#runLeader",
      from: "for (const s of leaderState.replState.values()) s.stopCh.close();",
      to: "",
    },
  },
  () => {
    const w = settled();
    storeUnseen(w);
    loseLeadership(w);
    expect(workers(w)).toEqual([]);
    w.run(500);
    expect(w.server("s2").disk.lastIndex).toBe(2);
    expect(w.server("s3").disk.lastIndex).toBe(2);
  },
);

claim(
  "a worker that pauses while leadership is lost sends nothing afterwards",
  {
    at: "replication.ts#replicateTo",
    break: {
      in: "replication.ts#replicateTo",
      from: "if (r.leaderState?.commitment !== s.commitment) return true;",
      to: "",
    },
  },
  () => {
    const w = led({ config: { commitTimeoutMs: 60_000 } });
    w.crash("s2");
    for (let failures = 1; failures < 6; failures++) {
      w.apply("s1", `x=${failures}`);
      w.run(1200);
    }
    w.apply("s1", "x=6");
    const pausing = () =>
      tasks(w, "replicate").some(
        (task) => task.parkedOn()[0] === "receive backoff",
      );
    expect(w.runUntil(pausing, 50)).toBe(true);
    loseLeadership(w);
    expect(pausing()).toBe(true);
    const since = w.trace.lines.length;
    w.run(900);
    expect(sent(w, "s2", "AppendEntries", since)).toEqual([]);
  },
);

claim(
  "a worker takes its heartbeat task along when it ends",
  {
    at: "replication.ts#replicate",
    break: {
      in: "replication.ts#replicate",
      from: "stopHeartbeat.close();",
      to: "",
    },
  },
  () => {
    const w = settled();
    changeTo(w, [s1, s2]);
    w.run(300);
    const since = w.trace.lines.length;
    w.run(1000);
    expect(sent(w, "s2", "heartbeat", since).length).toBeGreaterThan(3);
    expect(sent(w, "s3", "heartbeat", since)).toEqual([]);
  },
);

claim(
  "heartbeats are answered while a worker waits for its follower's disk",
  {
    at: "replication.ts#replicate",
    break: {
      in: "differs.ts#processHeartbeat",
      from: "command.term === getCurrentTerm(r) &&",
      to: "command.term === 0 &&",
    },
  },
  () => {
    const w = settled({ network: { timeoutMs: 60_000 } });
    for (const id of ["s2", "s3"]) {
      w.server(id).disk.options.writeMs = [3000, 3000];
    }
    w.apply("s1", "x=1");
    w.run(2900);
    expect(w.server("s2").disk.busy).toBe(true);
    expect(w.server("s3").disk.busy).toBe(true);
    expect(w.server("s1").state).toBe("Leader");
  },
);

claim(
  "two signals for a worker that is busy are one request",
  {
    at: "raft.ts#newFollowerReplication",
    break: {
      in: "raft.ts#newFollowerReplication",
      from: 'new Channel<void>("triggerCh", 1)',
      to: 'new Channel<void>("triggerCh", 8)',
    },
  },
  () => {
    const [before, after] = slowDisk.split('apply "x=1"');
    const since = runScenario(before as string).trace.lines.length;
    const w = runScenario(`${before}apply "x=1"${after}`);
    w.run(50);
    const entries = sent(w, "s2", "AppendEntries", since).map(
      (line) => /\+\d+/.exec(line)?.[0],
    );
    expect(entries).toEqual(["+1", "+2"]);
  },
);

claim(
  "a worker listens to its own follower and moves no other's nextIndex",
  {
    at: "replication.ts#updateLastAppended",
    break: {
      in: "replication.ts#updateLastAppended",
      from: "s.nextIndex = last.index + 1;",
      to: "for (const f of r.leaderState?.replState.values() ?? []) f.nextIndex = last.index + 1;",
    },
  },
  () => {
    const [busy] = slowDisk.split("until s2 commit 5");
    const { replState } = leading(runScenario(busy as string)).leaderState;
    expect(replState.get("s2")?.nextIndex).toBe(3);
    expect(replState.get("s3")?.nextIndex).toBe(6);
  },
);

claim(
  "without a signal a worker wakes after 50 to 100 ms",
  {
    at: "replication.ts#replicateByRequest",
    break: {
      in: "replication.ts#replicateByRequest",
      from: "commitTimeout: commitTimer(r)",
      to: "commitTimeout: undefined as unknown as Timer",
    },
  },
  () => {
    const w = settled();
    const since = w.trace.lines.length;
    w.run(1000);
    const idle = sent(w, "s2", "AppendEntries", since);
    expect(idle.length).toBeGreaterThanOrEqual(8);
    expect(idle.every((line) => line.includes("+0 commit 2"))).toBe(true);
  },
);

claim(
  "with a pipeline each peer has three tasks, and its worker started two",
  {
    at: "replication.ts#pipelineReplicate",
    break: {
      in: "replication.ts#replicateTo",
      from: "s.allowPipeline = true;",
      to: "s.allowPipeline = false;",
    },
  },
  () => {
    const w = settled({ network: { pipelineDepth: 2 } });
    for (const kind of ["heartbeat", "pipelineDecode"]) {
      const started = tasks(w, kind);
      expect(started).toHaveLength(2);
      for (const { name, parent } of started) {
        expect(parent?.name).toBe(name.replace(kind, "replicate"));
      }
    }
    for (const worker of tasks(w, "replicate")) {
      expect(worker.parent?.name).toBe("run");
    }
  },
);
