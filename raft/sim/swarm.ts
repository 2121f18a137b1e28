/**
 * Unscripted runs: a seed draws which faults there are and how strong, then
 * when and where they strike, while clients write. In the end everything is
 * healed, and the cluster must find one leader, take a write and agree.
 *
 * A seed has some kinds of faults, few or about half of all, so that the
 * effect of one is not always hidden by another. A run that commits nothing
 * shows nothing: while nothing is committed no further fault strikes, and a
 * run that has committed little goes on for longer.
 */

import type { Raft } from "../api.ts";
import { DefaultConfig } from "../config.ts";
import { ServerSuffrage } from "../configuration.ts";
import type { ApplyFuture } from "../future.ts";
import type { Quirk } from "../quirks.ts";
import { Random } from "../runtime/random.ts";
import { Clients } from "./clients.ts";
import { type Fault, Faults } from "./faults.ts";
import type { Violation } from "./invariants.ts";
import { drawHistory, linearize } from "./linearizability.ts";
import { namedServers, World } from "./world.ts";

export interface SwarmOptions {
  readonly seed: number;
  readonly servers?: number;
  readonly quirks?: readonly Quirk[];
  /** How long faults strike, in milliseconds of the world. */
  readonly faultsMs?: number;
  readonly keepTrace?: boolean;
  /** Put the log lines of the servers into the trace, and so into the hash. */
  readonly logLines?: boolean;
  /** Which invariants to report; without it, all. */
  readonly watch?: readonly string[];
}

/** What became of one seed. */
export interface Outcome {
  readonly seed: number;
  readonly hash: string;
  readonly events: number;
  readonly simulatedMs: number;
  /** The highest index that was committed. */
  readonly committed: number;
  readonly elections: number;
  readonly healed: boolean;
  readonly violation: Violation | undefined;
  /** How often each kind of fault has struck. */
  readonly struck: ReadonlyMap<string, number>;
  readonly world: World;
}

const ELECTION_TIMEOUT_MS = 1000;
const FAULTS_MS = 20_000;

/** No fault strikes when nothing has been committed for so long. */
const STANDSTILL_MS = 3000;

/** What was written before the faults were over has ended by then. */
const LONGEST_WRITE_MS = 5000;

/** A run of 20 s that has committed less goes on, for three times as long. */
const FLOOR = 60;

/** The command that plays a seed again and shows its trace. */
export function replayCommand(options: SwarmOptions): string {
  const { seed, servers = 3, quirks = [], faultsMs = FAULTS_MS } = options;
  const parts = [`npm run replay -- ${seed}`, `--servers ${servers}`];
  if (faultsMs !== FAULTS_MS) parts.push(`--faults-ms ${faultsMs}`);
  if (quirks.length > 0) parts.push(`--quirks ${quirks.join(",")}`);
  return parts.join(" ");
}

/** Runs one seed to its end, or to the first broken invariant. */
export function runSwarm(options: SwarmOptions): Outcome {
  const swarm = new Swarm(options);
  return swarm.run();
}

class Swarm {
  private readonly options: SwarmOptions;
  private readonly world: World;
  private readonly random: Random;
  private readonly clients: Clients;
  private readonly faults: Faults;
  private readonly kinds: readonly Fault[];
  private readonly struck = new Map<string, number>();
  /** Mean time between two faults, and between two writes of the clients. */
  private readonly faultEveryMs: number;
  private readonly writeEveryMs: number;
  private readonly leadersSeen = new Set<string>();
  /** The last progress: what was committed, and when. */
  private committed = 0;
  private committedMs = 0;

  constructor(options: SwarmOptions) {
    this.options = options;
    const draw = new Random(options.seed).stream("options");
    this.faultEveryMs = draw.pick([500, 1000, 2000, 4000]);
    this.writeEveryMs = draw.pick([15, 30, 60, 100]);
    this.world = drawWorld(options, draw);
    const { world } = this;
    this.random = world.stream("swarm");
    const applyTimeoutMs = draw.pick([0, 5, 100, 1000]);
    this.clients = new Clients(world, world.stream("clients"), applyTimeoutMs);
    this.faults = new Faults(world, world.stream("faults"), this.clients);
    const share = draw.pick([0.1, 0.25, 0.5]);
    this.kinds = this.faults.all().filter(() => draw.chance(share));
  }

  run(): Outcome {
    const { world } = this;
    const { faultsMs = FAULTS_MS } = this.options;
    const floor = (FLOOR * faultsMs) / FAULTS_MS;
    this.every(this.faultEveryMs, () => this.strike());
    this.every(this.writeEveryMs, () => this.clients.act());
    world.runUntil(() => {
      this.noteProgress();
      this.faults.restartCrashed();
      return world.now >= faultsMs && this.committed >= floor;
    }, 3 * faultsMs);
    this.faults.end();
    this.clients.quiet = true;
    const healed = world.violations.length === 0 && this.heals();
    if (healed) this.judge();
    return {
      seed: this.options.seed,
      hash: world.trace.hash,
      events: world.events,
      simulatedMs: world.now,
      committed: world.invariants.committed,
      elections: this.leadersSeen.size,
      healed,
      violation: world.violations[0],
      struck: this.struck,
      world,
    };
  }

  /**
   * I21: everything works again. One leader within 20 election timeouts, one
   * more write soon after, and equal logs soon after that. Soon is more than
   * the longest pause of a leader that could not reach a follower, 10.24 s. A
   * pipeline sends one request a commit timeout when nothing new comes, so who
   * is far behind has longer.
   */
  private heals(): boolean {
    const { world } = this;
    const soonMs = 15 * ELECTION_TIMEOUT_MS;
    const withAll = (reached: () => boolean) => () => {
      for (const { id } of world.servers) world.start(id);
      return reached();
    };
    const elected = withAll(() => this.leadsForSure() && this.agreeOnLeader());
    if (!world.runUntil(elected, 20 * ELECTION_TIMEOUT_MS)) return false;
    let last: ApplyFuture | undefined;
    let asked: Raft | undefined;
    let tries = 0;
    const written = withAll(() => {
      const leader = world.leader();
      const again = last?.failed || leader?.raft !== asked;
      if (leader?.raft && again) {
        asked = leader.raft;
        last = world.apply(leader.id, `last${++tries}`);
      }
      return last?.responded === true && !last.failed;
    });
    if (!world.runUntil(written, soonMs + this.catchUpMs())) return false;
    world.runUntil(
      withAll(() => false),
      LONGEST_WRITE_MS,
    );
    return world.runUntil(
      withAll(() => this.allApplied()),
      soonMs + this.catchUpMs(),
    );
  }

  /** How long whoever is furthest behind may need. */
  private catchUpMs(): number {
    const ends = this.world.servers.map(({ disk }) => disk.lastIndex);
    const { maxAppendEntries, commitTimeoutMs } = {
      ...DefaultConfig(),
      ...this.world.options.config,
    };
    const missing = Math.max(...ends) - Math.min(...ends);
    return (3 * commitTimeoutMs * missing) / maxAppendEntries;
  }

  /** The end of a run: all agree, all is answered, the history makes sense. */
  private judge(): void {
    const { world } = this;
    world.invariants.healed();
    for (const { client, kind, key, calledMs } of this.clients.waiting) {
      const what = `${client}'s ${kind} of ${key} at ${calledMs} ms`;
      world.broken("I13", "", `nobody has answered ${what}`);
    }
    const judged = linearize(this.clients.history);
    if ("impossible" in judged) {
      const picture = drawHistory(judged.impossible.slice(-16));
      world.broken("I20", "", `no order explains this history:\n${picture}`);
    }
  }

  /** A leader has committed an entry of its own term. */
  private leadsForSure(): boolean {
    const leader = this.world.leader();
    const commitIndex = leader?.raft?.CommitIndex() ?? 0;
    return leader?.disk.entry(commitIndex)?.term === leader?.term;
  }

  private agreeOnLeader(): boolean {
    const leader = this.world.leader()?.id;
    return this.world.servers.every((s) => s.raft?.Leader() === leader);
  }

  private allApplied(): boolean {
    const { servers, invariants } = this.world;
    return servers.every(
      (s) => s.raft?.AppliedIndex() === invariants.committed,
    );
  }

  private noteProgress(): void {
    const { committed } = this.world.invariants;
    if (committed > this.committed) {
      this.committed = committed;
      this.committedMs = this.world.now;
    }
    const leader = this.world.leader();
    if (leader) this.leadersSeen.add(`${leader.id} ${leader.term}`);
  }

  private every(meanMs: number, act: () => void): void {
    const { clock } = this.world.driver;
    const again = () => {
      if (!this.faults.striking) return;
      act();
      clock.at(clock.now() + 1 + this.random.int(2 * meanMs), again);
    };
    clock.at(clock.now() + 1 + this.random.int(2 * meanMs), again);
  }

  private strike(): void {
    if (this.kinds.length === 0) return;
    if (this.world.now - this.committedMs > STANDSTILL_MS) return;
    const { name, strike } = this.random.pick(this.kinds);
    this.struck.set(name, (this.struck.get(name) ?? 0) + 1);
    this.world.note("", `fault: ${name}`);
    strike();
  }
}

/** A world whose network, disks and clocks are as good or bad as drawn. */
function drawWorld(options: SwarmOptions, draw: Random): World {
  const sometimes = <T>(yes: () => T, no: T): T =>
    draw.chance(0.5) ? yes() : no;
  const servers = namedServers(options.servers ?? 3);
  if (draw.chance(0.2)) {
    const last = servers.pop();
    if (last) servers.push({ ...last, suffrage: ServerSuffrage.Nonvoter });
  }
  const drift = sometimes(() => draw.pick([0.001, 0.01, 0.1]), 0);
  return new World({
    seed: options.seed,
    servers,
    quirks: options.quirks ?? [],
    keepTrace: options.keepTrace ?? false,
    logLines: options.logLines ?? false,
    ...(options.watch && { watch: options.watch }),
    network: {
      delayMs: draw.pick([
        [0.2, 1],
        [1, 10],
        [5, 60],
      ] as const),
      tailRate: sometimes(() => draw.pick([0.01, 0.05]), 0),
      lossRate: sometimes(() => draw.pick([0.01, 0.05, 0.1, 0.3]), 0),
      duplicateRate: sometimes(() => draw.pick([0.05, 0.5]), 0),
      timeoutMs: draw.pick([200, 500, 1000]),
      pipelineDepth: draw.pick([0, 2, 16, 128]),
      streams: draw.chance(0.5),
    },
    disk: {
      writeMs: draw.pick([
        [0.05, 0.2],
        [0.5, 5],
        [5, 40],
      ] as const),
      errorRate: sometimes(() => 0.001, 0),
    },
    failStop: draw.chance(0.3),
    clockRates: servers.map(() => 1 + drift * (2 * draw.float() - 1)),
    config: { maxAppendEntries: draw.pick([1, 2, 4, 16, 64]) },
    logCache: draw.pick([0, 8, 512]),
  });
}
