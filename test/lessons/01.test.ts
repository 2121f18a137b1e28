/**
 * Lesson 1: where does a server begin, and of what does it consist?
 *
 * The worked run is lessons/scenarios/01-three-servers.txt: what raft/main.ts
 * does, at 10 ms a message and 2 ms a write. A task is killed by taking it out
 * of its process while it is parked: from then on nothing wakes it.
 */

import { expect } from "vitest";
import noConfiguration from "../../lessons/scenarios/01-no-configuration.txt?raw";
import threeServers from "../../lessons/scenarios/01-three-servers.txt?raw";
import { NewRaft, type Raft } from "../../raft/api.ts";
import { DefaultConfig } from "../../raft/config.ts";
import { InmemSnapshotStore } from "../../raft/inmem_snapshot.ts";
import { InmemStore } from "../../raft/inmem_store.ts";
import { InmemTransport } from "../../raft/inmem_transport.ts";
import { main } from "../../raft/main.ts";
import { Random } from "../../raft/runtime/random.ts";
import { type Runtime, VirtualDriver } from "../../raft/runtime/runtime.ts";
import { Process, type Task } from "../../raft/runtime/task.ts";
import { runScenario } from "../../raft/sim/scenario.ts";
import {
  AppliedCommands,
  namedServers,
  World,
  type WorldOptions,
} from "../../raft/sim/world.ts";
import { claim } from "../claim.ts";

/** One process on virtual time, outside of any world. */
function virtual() {
  const random = new Random(1);
  const driver = new VirtualDriver({ random: random.stream("scheduler") });
  const process = new Process("s1");
  const runtime = driver.runtime(process, random.stream("timers"));
  return { driver, process, runtime };
}

/** What `NewRaft` makes of in-memory parts and this configuration. */
function* newServer(
  runtime: Runtime,
  stable: InmemStore,
  changes: object = {},
): Task<Raft | Error> {
  const conf = {
    ...DefaultConfig(),
    localID: "s1",
    logLevel: "OFF" as const,
    runtime,
    ...changes,
  };
  return yield* NewRaft(
    conf,
    new AppliedCommands(() => {}),
    new InmemStore(),
    stable,
    new InmemSnapshotStore(),
    new InmemTransport(runtime, "s1"),
  );
}

/** Lets virtual time pass until the task has ended, at most 60 s. */
function finish<T>(
  { driver, runtime }: ReturnType<typeof virtual>,
  body: Task<T>,
): T {
  const ended: T[] = [];
  const process = new Process("test");
  function* test(): Task<void> {
    ended.push(yield* body);
  }
  driver.scheduler.go(process, "test", test());
  driver.scheduler.run();
  while (ended.length === 0 && runtime.clock.now() < 60_000 && driver.step());
  if (ended.length === 0) throw new Error("the task has not ended in 60 s");
  return ended[0] as T;
}

function names(process: Process): string[] {
  return [...process.tasks].map((task) => task.name);
}

/** The same three servers as in the scenarios; s1 campaigns at 1200 ms. */
function world(options: Partial<WorldOptions> = {}): World {
  const w = new World({
    seed: 1,
    keepTrace: true,
    watch: [],
    network: { delayMs: [10, 10] },
    disk: { writeMs: [2, 2] },
    ...options,
  });
  w.fixTimers("s1", "heartbeatTimer", [1200]);
  w.fixTimers("s2", "heartbeatTimer", [1800]);
  w.fixTimers("s3", "heartbeatTimer", [1900]);
  w.run(10);
  return w;
}

/** Kills one task of a server, parked where it stands. */
function kill(w: World, id: string, name: string): void {
  const { tasks } = w.server(id).process;
  const task = [...tasks].find((one) => one.name === name);
  if (!task) throw new Error(`${id} has no task ${name}`);
  task.leaveQueues();
  tasks.delete(task);
}

claim(
  "the example's main ends with x=1 on all three servers",
  {
    at: "main.ts#main",
    break: {
      in: "main.ts#main",
      from: "yield* sleep(runtime, 200);",
      to: "",
    },
  },
  () => {
    const printed: string[] = [];
    const here = virtual();
    finish(
      here,
      main(here.runtime, (line) => printed.push(line)),
    );
    expect(printed.filter((line) => line.endsWith(" has x=1"))).toEqual([
      expect.stringMatching(/^Node at s1 /),
      expect.stringMatching(/^Node at s2 /),
      expect.stringMatching(/^Node at s3 /),
    ]);
  },
);

claim(
  "NewRaft starts exactly three tasks: run, runFSM and runSnapshots",
  {
    at: "api.ts#NewRaft",
    break: {
      in: "api.ts#NewRaft",
      from: 'goFunc(r, "runSnapshots", runSnapshots(r));',
      to: 'goFunc(r, "runSnapshots", runSnapshots(r));\n  go(r.runtime, "fourth", r.shutdownCh.receive()[Symbol.iterator]() as never);',
    },
  },
  () => {
    const here = virtual();
    finish(here, newServer(here.runtime, new InmemStore()));
    expect(names(here.process)).toEqual(["run", "runFSM", "runSnapshots"]);
  },
);

claim(
  "NewRaft refuses an invalid configuration before it reads anything",
  {
    at: "api.ts#NewRaft",
    break: {
      in: "api.ts#NewRaft",
      from: "if (invalid) return invalid;",
      to: "if (invalid) {\n    yield* stable.GetUint64(keyCurrentTerm);\n    return invalid;\n  }",
    },
  },
  () => {
    let reads = 0;
    const store = new InmemStore();
    const getUint64 = store.GetUint64.bind(store);
    store.GetUint64 = (key) => {
      reads++;
      return getUint64(key);
    };
    const here = virtual();
    const slow = { heartbeatTimeoutMs: 1500 };
    const refused = finish(here, newServer(here.runtime, store, slow));
    expect((refused as Error).message).toBe(
      "electionTimeoutMs must be equal to or greater than heartbeatTimeoutMs",
    );
    expect(reads).toBe(0);
    expect(names(here.process)).toEqual([]);
    finish(here, newServer(here.runtime, store));
    expect(reads).toBe(1);
  },
);

claim(
  "a server starts as a follower, in the term that its disk remembers",
  {
    at: "api.ts#NewRaft",
    break: {
      in: "api.ts#NewRaft",
      from: "currentTerm instanceof Error ? 0 : currentTerm)",
      to: "currentTerm instanceof Error ? 0 : Math.min(currentTerm, 6))",
    },
  },
  () => {
    const here = virtual();
    const store = new InmemStore();
    finish(here, store.SetUint64("CurrentTerm", 7));
    const raft = finish(here, newServer(here.runtime, store)) as Raft;
    expect(raft.State()).toBe("Follower");
    expect(raft.CurrentTerm()).toBe(7);
  },
);

claim(
  "run goes on with the loop of the new role",
  {
    at: "raft.ts#run",
    break: {
      in: "raft.ts#leaderLoop",
      from: 'while (getState(r) === "Leader") {',
      to: "for (;;) {",
    },
  },
  () => {
    const w = runScenario(threeServers, { logLines: true });
    w.partition(["s1"], ["s2", "s3"]);
    w.runUntil(() => w.leader()?.id !== "s1", 5000);
    w.heal();
    w.run(500);
    const entered = w.trace.lines.flatMap((line) => {
      const [, ms, role] = /(\S+) s1 .*entering (\w+) state/.exec(line) ?? [];
      return role === undefined ? [] : [{ role, atMs: Number(ms) }];
    });
    expect(entered.slice(0, 3)).toEqual([
      { role: "Follower", atMs: 2 },
      { role: "Candidate", atMs: 1202 },
      { role: "Leader", atMs: 1234 },
    ]);
    expect(entered.slice(3).map(({ role }) => role)).toEqual(["Follower"]);
    expect(w.trace.lines).toContain('    1276.000 s1  applies 3 "x=1"');
  },
);

claim(
  "without run a server stays in its term, whatever the others send",
  {
    at: "differs.ts#processHeartbeat",
    break: {
      in: "differs.ts#processHeartbeat",
      from: "yield* select({ main: sending(r.rpcCh, rpc), shutdown: r.shutdownCh });",
      to: "r.vars.currentTerm = (command as unknown as { term: number }).term;",
    },
  },
  () => {
    const w = world();
    const before = w.server("s3").term;
    kill(w, "s3", "run");
    w.run(5000);
    expect(w.leader()?.id).toBe("s1");
    expect(w.server("s2").term).toBe(before + 1);
    expect(w.server("s3").term).toBe(before);
    expect(w.server("s3").disk.lastIndex).toBe(1);
  },
);

claim(
  "without runFSM an entry is committed, and its caller waits for ever",
  {
    at: "fsm.ts#runFSMCommit",
    break: {
      in: "raft.ts#processLog",
      from: 'if (event.case === "shutdown") future?.respond(ErrRaftShutdown);',
      to: "future?.respond(undefined);",
    },
  },
  () => {
    const w = world();
    kill(w, "s1", "runFSM");
    w.runUntil(() => w.leader() !== undefined);
    const future = w.apply("s1", "x=1");
    w.run(5000);
    expect(w.invariants.committed).toBe(3);
    expect(w.server("s2").applied?.commands).toEqual(["x=1"]);
    expect(w.server("s1").applied?.commands).toEqual([]);
    expect(future.responded).toBe(false);
  },
);

claim(
  "without runSnapshots nobody asks whether a snapshot is due",
  {
    at: "snapshot.ts#runSnapshots",
    break: {
      in: "snapshot.ts#runSnapshots",
      from: "r.conf.snapshotIntervalMs,",
      to: "1e9,",
    },
  },
  () => {
    const w = world({ config: { snapshotIntervalMs: 1000 } });
    const asked = { s1: 0, s2: 0 };
    for (const id of ["s1", "s2"] as const) {
      const { disk } = w.server(id);
      const lastIndex = disk.LastIndex.bind(disk);
      disk.LastIndex = () => {
        asked[id]++;
        return lastIndex();
      };
    }
    kill(w, "s1", "runSnapshots");
    w.run(10_000);
    expect(asked.s1).toBe(0);
    expect(asked.s2).toBeGreaterThanOrEqual(5);
    expect(asked.s2).toBeLessThanOrEqual(10);
    expect(w.leader()?.id).toBe("s1");
  },
);

claim(
  "a server without a configuration never campaigns and stays in term 0",
  {
    at: "raft.ts#reasonNotToCampaign",
    break: {
      in: "raft.ts#reasonNotToCampaign",
      from: 'return "no known peers";',
      to: "return undefined;",
    },
  },
  () => {
    const w = runScenario(noConfiguration, { logLines: true });
    const said = w.trace.lines.filter((line) => line.includes(" s1 "));
    const warned = said.filter((line) => line.includes("no known peers"));
    expect(warned.length).toBe(1);
    expect(said.some((line) => line.includes("RequestVote"))).toBe(false);
  },
);

claim(
  "one server that is told the configuration is enough for all three",
  {
    at: "raft.ts#liveBootstrap",
    break: {
      in: "raft.ts#liveBootstrap",
      from: "processConfigurationLogEntry(r, entry);",
      to: "",
    },
  },
  () => {
    const w = world({ bootstrapped: false });
    w.server("s1").raft?.BootstrapCluster({ servers: namedServers(3) });
    w.run(10_000);
    expect(w.leader()?.id).toBe("s1");
    for (const { r } of w.servers) {
      expect(r?.configurations.latest.servers.length).toBe(3);
    }
  },
);

claim(
  "Shutdown ends every task of a server",
  {
    at: "raft.ts#shutdown",
    break: {
      in: "api.ts#NewRaft",
      from: 'goFunc(r, "runSnapshots", runSnapshots(r));',
      to: 'const deaf = { ...r, shutdownCh: new Channel<void>("deaf") };\n  go(r.runtime, "runSnapshots", runSnapshots(deaf));',
    },
  },
  () => {
    const here = virtual();
    const raft = finish(here, newServer(here.runtime, new InmemStore()));
    finish(here, (raft as Raft).Shutdown().wait());
    here.driver.scheduler.run();
    expect(names(here.process)).toEqual([]);
    expect((raft as Raft).State()).toBe("Shutdown");
  },
);

claim(
  "the same seed gives the same trace, to the last letter",
  {
    at: "runtime/random.ts#Random",
    break: {
      in: "replication.ts#heartbeat",
      from: 'due: randomTimeout(r.runtime, heartbeatTimeoutMs / 10, "heartbeat"),',
      to: "due: after(r.runtime, (heartbeatTimeoutMs / 10) * (1 + Math.random())),",
    },
  },
  () => {
    for (const seed of [1, 2, 3]) expect(hashOf(seed)).toBe(hashOf(seed));
  },
);

claim(
  "another seed gives another trace",
  {
    at: "sim/world.ts#World",
    break: {
      in: "sim/world.ts#World",
      from: "this.random = new Random(options.seed);",
      to: "this.random = new Random(1);",
    },
  },
  () => {
    const hashes = [1, 2, 3, 4, 5].map(hashOf);
    expect(new Set(hashes).size).toBe(5);
  },
);

/** Ten seconds of three servers, a leader and a command, as one number. */
function hashOf(seed: number): string {
  const w = new World({ seed, watch: [] });
  w.runUntil(() => w.leader() !== undefined);
  const leader = w.leader();
  if (leader) w.apply(leader.id, "x=1");
  w.run(10_000);
  return w.trace.hash;
}
