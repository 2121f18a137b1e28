/**
 * Worlds that a mutant needs and seeds meet too rarely, or not at all. Each
 * says what was violated; nothing, when raft/ is as it should be.
 */

import {
  type Configuration,
  decodeConfiguration,
  encodeConfiguration,
} from "../../raft/configuration.ts";
import { LogType } from "../../raft/log.ts";
import type { Task } from "../../raft/runtime/task.ts";
import type { Disk } from "../../raft/sim/disk.ts";
import type { MessageRule } from "../../raft/sim/network.ts";
import { namedServers, World } from "../../raft/sim/world.ts";

/** Who noticed, as in `Hunted`. */
interface Noticed {
  readonly by?: string;
  readonly what: string;
}

export const situations = {
  /** s1 comes back with a snapshot up to entry 4, and with its whole log. */
  "a restart from a snapshot": (): Noticed => {
    const world = new World({
      seed: 1,
      config: { noSnapshotRestoreOnStart: true },
      watch: ["I10"],
    });
    world.runUntil(() => world.leader() !== undefined);
    for (const command of ["a", "b", "c"]) {
      world.apply(world.leader()?.id ?? "", command);
      world.run(500);
    }
    world.crash("s1");
    const servers = namedServers(3);
    const { snapshots } = world.server("s1");
    const sink = atOnce(snapshots.Create(1, 4, 2, { servers }, 1));
    if (sink instanceof Error) throw sink;
    atOnce(sink.Close());
    world.start("s1");
    world.run(5000);
    return violated(world);
  },

  /** s3's log is behind; it campaigns before the others lose patience. */
  "an eager candidate that cannot win": (): Noticed => {
    const world = new World({ seed: 1 });
    world.runUntil(() => world.leader() !== undefined);
    world.crash("s3");
    const leader = world.leader()?.id ?? "";
    world.run(100);
    world.apply(leader, "a");
    world.run(1000);
    for (const id of ["s1", "s2"]) world.crash(id);
    const soonest = Array.from({ length: 100 }, () => 1000);
    world.fixTimers("s3", "heartbeatTimer", soonest);
    world.fixTimers("s3", "electionTimer", soonest);
    world.start("s3");
    world.run(900);
    for (const id of ["s1", "s2"]) world.start(id);
    if (world.runUntil(() => world.leader() !== undefined, 30_000)) {
      return violated(world);
    }
    return { by: "heal", what: "no leader in 30 s" };
  },
  /**
   * s1 has three entries that nobody else has, and fails to cut them off, so
   * that the next request goes one entry back and conflicts with nothing.
   */
  "a cut that fails": (): Noticed => {
    const world = new World({
      seed: 1,
      config: { maxAppendEntries: 1 },
      watch: ["I5"],
    });
    const leads = (id: string) => () => world.leader()?.id === id;
    world.fixTimers("s1", "heartbeatTimer", [1010]);
    world.runUntil(leads("s1"));
    world.run(100);
    world.partition(["s1"], ["s2", "s3"]);
    for (const command of ["a", "b", "c"]) world.apply("s1", command);
    world.run(20);
    world.pause("s1"); // asleep, it does not notice that its lease is over
    const others = world.servers.filter(({ id }) => id !== "s1");
    world.runUntil(() => others.some(({ state }) => state === "Leader"));
    const leader = others.find(({ state }) => state === "Leader")?.id ?? "";
    for (const command of ["x", "y", "z"]) world.apply(leader, command);
    const onlyHeartbeats = {
      kind: "AppendEntriesRequest",
      from: leader,
      to: "s1",
      action: "drop",
    } as const;
    world.network.rules.push(onlyHeartbeats);
    world.heal();
    world.resume("s1");
    world.runUntil(() => world.server("s1").term > 2);
    world.server("s1").disk.failNext(1);
    world.network.rules = [];
    world.run(20_000);
    return violated(world);
  },
  /**
   * s1's request with entry 3 takes three seconds. It is sent again meanwhile,
   * and entry 4 after it; then the late one arrives, and s1 is gone.
   */
  "a request that arrives late": (): Noticed => {
    const world = new World({ seed: 1, watch: ["I4"] });
    world.fixTimers("s1", "heartbeatTimer", [1010]);
    world.runUntil(() => world.leader()?.id === "s1");
    world.run(200);
    world.crash("s3");
    const kind = "AppendEntriesRequest";
    const action = { delayMs: 3000 };
    world.network.rules = [{ kind, from: "s1", to: "s2", action }];
    world.apply("s1", "a");
    world.run(20);
    world.network.rules = [];
    world.runUntil(() => world.invariants.committed === 3);
    world.apply("s1", "b");
    world.runUntil(() => world.invariants.committed === 4);
    world.runUntil(() => world.server("s2").disk.lastIndex < 4, 4000);
    world.crash("s1");
    world.start("s3");
    world.run(10_000);
    return violated(world);
  },
  /** s1 leads term 2, and is just entering term 3: on no disk yet. */
  "a leader that is entering a newer term": (): Noticed => {
    const world = new World({ seed: 1, watch: ["I7"] });
    world.fixTimers("s1", "heartbeatTimer", [1010]);
    world.runUntil(() => world.leader()?.id === "s1");
    world.run(100);
    const { r } = world.server("s1");
    if (r) r.vars.currentTerm = 3;
    world.run(300);
    return violated(world);
  },
  /**
   * What s1 sent in term 2 arrives when the others have committed in term 3;
   * then the leader of term 3 is gone.
   */
  "an old leader's late request": (): Noticed => {
    const world = new World({
      seed: 1,
      network: { timeoutMs: 10_000 },
      watch: ["I3", "I4", "I5"],
    });
    world.fixTimers("s1", "heartbeatTimer", [1010]);
    world.runUntil(() => world.leader()?.id === "s1");
    world.run(100);
    const from = { from: "s1", to: undefined } as const;
    world.network.rules.push(
      { kind: "Heartbeat", ...from, action: "drop" },
      { kind: "AppendEntriesRequest", ...from, action: { delayMs: 6000 } },
    );
    world.apply("s1", "a");
    world.run(20);
    world.crash("s1");
    const others = world.servers.filter(({ id }) => id !== "s1");
    const leads = () => others.find(({ state }) => state === "Leader");
    world.runUntil(() => leads() !== undefined);
    const leader = leads()?.id ?? "";
    world.apply(leader, "x");
    const behind = others.find(({ id }) => id !== leader)?.disk;
    world.runUntil(() => behind?.entry(3)?.term === 2, 8000);
    world.crash(leader);
    world.start("s1");
    world.run(10_000);
    return violated(world);
  },
  /**
   * The paper's Figure 8: entry 2 of term 2 reaches three of five servers when
   * its leader is back in a later term, and before an entry of that term does.
   * Then s5 comes, whose entry 2 is newer.
   */
  "the paper's Figure 8": (): Noticed => {
    const world = new World({
      seed: 1,
      servers: 5,
      config: { maxAppendEntries: 1 },
      watch: ["I4"],
    });
    onlyWins(world, "s1", "s3", "s4", "s5");
    world.runUntil(() => world.server("s2").disk.lastIndex === 2);
    world.crash("s1");
    onlyWins(world, "s5", "s1", "s2", "s3", "s4");
    world.runUntil(() => world.server("s5").disk.lastIndex === 2);
    world.crash("s5");
    world.start("s1");
    onlyWins(world, "s1", "s4");
    world.runUntil(() => world.invariants.committed >= 2);
    world.partition(["s1"], ["s2", "s3", "s4", "s5"]);
    world.crash("s1");
    world.start("s5");
    onlyWins(world, "s5");
    world.runUntil(() => world.server("s5").state === "Leader", 20_000);
    return violated(world);
  },
  /**
   * s3 has a configuration in its log that nobody else has: itself, alone. The
   * others have another entry there.
   */
  "a configuration that is cut off": (): Noticed => {
    const world = new World({ seed: 1, watch: ["I12"] });
    world.fixTimers("s1", "heartbeatTimer", [1010]);
    world.crash("s3");
    const alone = namedServers(3).slice(2);
    world.server("s3").disk.preset({}, [
      {
        index: 2,
        term: 1,
        type: LogType.Configuration,
        data: encodeConfiguration({ servers: alone }),
      },
    ]);
    world.runUntil(() => world.server("s1").state === "Leader");
    world.run(100);
    world.start("s3");
    world.runUntil(() => world.server("s3").raft?.CommitIndex() === 2);
    for (const { id, disk, r } of world.servers) {
      const last = lastConfiguration(disk);
      const { latest } = r?.configurations ?? {};
      if (named(last) === named(latest)) continue;
      const what = `follows ${named(latest)}, in its log is ${named(last)}`;
      world.broken("I12", id, what);
    }
    return violated(world);
  },
} satisfies Record<string, () => Noticed>;

/** The newest configuration in the log of a server. */
function lastConfiguration(disk: Disk): Configuration | undefined {
  for (let index = disk.lastIndex; index > 0; index--) {
    const entry = disk.entry(index);
    if (entry?.type === LogType.Configuration) {
      return decodeConfiguration(entry.data);
    }
  }
  return undefined;
}

function named(configuration: Configuration | undefined): string {
  return configuration?.servers.map(({ id }) => id).join(",") ?? "nothing";
}

/** Nobody else is asked for votes, and some servers get no entries. */
function onlyWins(world: World, id: string, ...cutOff: string[]): void {
  const others = world.servers.filter((server) => server.id !== id);
  const rules: MessageRule[] = [];
  for (const { id: from } of others) {
    const kind = "RequestVoteRequest";
    rules.push({ kind, from, to: undefined, action: "drop" });
  }
  for (const to of cutOff) {
    const kind = "AppendEntriesRequest";
    rules.push({ kind, from: undefined, to, action: "drop" });
  }
  world.network.rules = rules;
}

function violated({ violations: [first] }: World): Noticed {
  if (!first) return { what: "" };
  return { by: first.invariant, what: `${first.server} ${first.what}` };
}

/** Runs a task that waits for nothing. */
function atOnce<T>(task: Task<T>): T {
  const step = task.next();
  if (!step.done) throw new Error("this task has to wait");
  return step.value;
}
