/**
 * How many entries a cluster commits in a second of virtual time, and how many
 * travel in a request: the measurement behind the charts of lesson 9.
 *
 * The servers are raft/ itself in a World. The clients form a closed loop:
 * each asks for the next command when its last one has been applied. Two
 * things cost time, a way through the network and a write to disk, and a write
 * costs the same whatever it holds. Processors, memory and the width of the
 * line are free.
 *
 * Same conditions, same numbers: nothing here reads a clock of the host.
 */

import type { Metrics } from "../../../raft/ports.ts";
import type { SimServer } from "../../../raft/sim/world.ts";
import { World } from "../../../raft/sim/world.ts";
import { encodeText } from "../../../raft/util.ts";

type Range = readonly [number, number];

export interface Conditions {
  /** Requests that may be out at once to one follower; 1 is RPC mode. */
  readonly inFlight: number;
  /** From a server to another and back. */
  readonly roundTripMs: number;
  /** Shortest and longest write of the leader's disk. */
  readonly leaderWriteMs: Range;
  /** The same for the disks of the two followers. */
  readonly followerWriteMs: Range;
  /** How many futures are out at once. */
  readonly clients?: number;
  readonly seed?: number;
  /** How many follower writes the run may take before the count begins. */
  readonly warmUpWrites?: number;
}

export interface Measured {
  readonly committedPerSecond: number;
  readonly entriesPerRequest: number;
}

/** The clients of every chart. */
export const CLIENTS = 200;

/** The depths of every chart, RPC mode first. */
export const DEPTHS: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128];

/** What the charts begin with: followers whose writes take twice as long. */
export function slowFollowers(inFlight: number, roundTripMs: number) {
  return {
    inFlight,
    roundTripMs,
    leaderWriteMs: [2, 2],
    followerWriteMs: [4, 4],
  } satisfies Conditions;
}

/** Keeps no trace: hundreds of thousands of lines nobody would read. */
class QuietWorld extends World {
  override note(): void {}
}

/** What the leader itself reports, as `appendStats` does: requests, entries. */
class AppendCounter implements Metrics {
  requests = 0;
  entries = 0;

  incrCounter(key: string, value: number): void {
    if (key !== "raft.replication.appendEntries.logs.s2" || value === 0) return;
    this.requests++;
    this.entries += value;
  }

  setGauge(): void {}
  addSample(): void {}
}

export function measure(conditions: Conditions): Measured {
  const { roundTripMs, warmUpWrites = 30 } = conditions;
  const counter = new AppendCounter();
  const world = worldOf(conditions, counter);
  const leader = world.server("s1");
  startClients(world, leader, conditions.clients ?? CLIENTS);

  const [shortest, longest] = conditions.followerWriteMs;
  const writeMs = (shortest + longest) / 2;
  const warmUpMs = warmUpWrites * writeMs + 5 * roundTripMs;
  const windowMs = 1.5 * warmUpMs;
  runOn(world, warmUpMs);
  const before = commitIndex(leader);
  counter.requests = counter.entries = 0;
  runOn(world, windowMs);

  const committed = commitIndex(leader) - before;
  return {
    committedPerSecond: Math.round((committed * 1000) / windowMs),
    entriesPerRequest: counter.entries / counter.requests,
  };
}

/** Three servers, s1 elected, and its first entry committed. */
function worldOf(conditions: Conditions, metrics: Metrics): World {
  const { inFlight, roundTripMs, seed = 1 } = conditions;
  const world = new QuietWorld({
    seed,
    servers: 3,
    watch: [],
    config: { metrics },
    network: {
      delayMs: [roundTripMs / 2, roundTripMs / 2],
      timeoutMs: 60_000,
      // One more is with the task that waits for its answer.
      pipelineDepth: inFlight - 1,
    },
    disk: { writeMs: conditions.followerWriteMs },
  });
  const leader = world.server("s1");
  leader.disk.options = {
    ...leader.disk.options,
    writeMs: conditions.leaderWriteMs,
  };
  world.fixTimers("s1", "heartbeatTimer", [1000]);
  for (const id of ["s2", "s3"]) {
    world.fixTimers(id, "heartbeatTimer", [1900]);
  }
  const leads = () => leader.state === "Leader" && commitIndex(leader) >= 2;
  if (!world.runUntil(leads)) throw new Error("s1 does not lead");
  return world;
}

function startClients(world: World, { raft, process }: SimServer, n: number) {
  if (!raft) throw new Error("the leader is down");
  const command = encodeText("x=1");
  for (let client = 1; client <= n; client++) {
    world.driver.scheduler.go(
      process,
      `client ${client}`,
      (function* () {
        for (;;) {
          const error = yield* raft.Apply(command, 0).wait();
          if (error) throw error;
        }
      })(),
    );
  }
  world.driver.scheduler.run();
}

/** Like World.run, without looking at every invariant after each event. */
function runOn({ driver }: World, durationMs: number): void {
  const end = driver.clock.now() + durationMs;
  for (;;) {
    const next = driver.clock.next();
    if (next === undefined || next > end) break;
    driver.step();
  }
  driver.clock.advanceTo(end);
}

function commitIndex({ raft }: SimServer): number {
  return raft?.CommitIndex() ?? 0;
}
