/**
 * Unscripted runs: a seed draws which faults there are and how strong, then
 * when and where they strike, while clients write. In the end everything is
 * healed, and the cluster must find one leader, take a write and agree.
 *
 * Every kind of fault is on in about half of the seeds, so that the effect of
 * one is not always hidden by another.
 */

import { ServerSuffrage } from "../configuration.ts";
import type { ApplyFuture } from "../future.ts";
import type { Quirk } from "../quirks.ts";
import { Random } from "../runtime/random.ts";
import { keyCurrentTerm, keyLastVoteCand, keyLastVoteTerm } from "../stable.ts";
import { decodeText } from "../util.ts";
import { Clients } from "./clients.ts";
import type { DiskOptions } from "./disk.ts";
import type { Violation } from "./invariants.ts";
import { drawHistory, linearize } from "./linearizability.ts";
import type { MessageKind, MessageRule } from "./network.ts";
import { namedServers, type SimServer, World } from "./world.ts";

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
  readonly world: World;
}

const ELECTION_TIMEOUT_MS = 1000;

/** The keys after whose writing a crash is worth a try. */
const CRASH_POINTS = [keyCurrentTerm, keyLastVoteTerm, keyLastVoteCand];

/** The command that plays a seed again and shows its trace. */
export function replayCommand(options: SwarmOptions): string {
  const { seed, servers = 3, quirks = [], faultsMs = FAULTS_MS } = options;
  const parts = [`npm run replay -- ${seed}`, `--servers ${servers}`];
  if (faultsMs !== FAULTS_MS) parts.push(`--faults-ms ${faultsMs}`);
  if (quirks.length > 0) parts.push(`--quirks ${quirks.join(",")}`);
  return parts.join(" ");
}

const FAULTS_MS = 20_000;

/** Runs one seed to its end, or to the first broken invariant. */
export function runSwarm(options: SwarmOptions): Outcome {
  const swarm = new Swarm(options);
  return swarm.run();
}

/** One kind of fault: what it does when it strikes. */
interface Fault {
  readonly name: string;
  strike(): void;
}

class Swarm {
  private readonly options: SwarmOptions;
  private readonly world: World;
  private readonly random: Random;
  private readonly disk: DiskOptions;
  private readonly timeoutMs: number;
  private readonly clients: Clients;
  private readonly faults: readonly Fault[];
  /** Mean time between two faults, and between two writes of the clients. */
  private readonly faultEveryMs: number;
  private readonly writeEveryMs: number;
  private striking = true;
  private readonly leadersSeen = new Set<string>();
  private readonly restarting = new Set<string>();
  /** Who crashes in every vote, and after the writing of which key. */
  private readonly crashingVoters = new Map<string, string>();

  constructor(options: SwarmOptions) {
    this.options = options;
    const draw = new Random(options.seed).stream("options");
    this.faultEveryMs = draw.pick([1000, 2000, 4000]);
    this.writeEveryMs = draw.pick([15, 30, 60, 100]);
    this.world = drawWorld(options, draw);
    this.random = this.world.stream("swarm");
    this.timeoutMs = this.world.network.options.timeoutMs;
    this.clients = new Clients(this.world, this.world.stream("clients"));
    this.disk = { ...(this.world.servers[0] as SimServer).disk.options };
    this.faults = this.allFaults().filter(() => draw.chance(0.5));
  }

  run(): Outcome {
    const { world } = this;
    const { faultsMs = FAULTS_MS } = this.options;
    this.every(this.faultEveryMs, () => this.strike());
    this.every(this.writeEveryMs, () => this.clients.act());
    world.runUntil(() => {
      this.noteLeader();
      this.restartCrashed();
      return world.now >= faultsMs;
    }, faultsMs);
    this.striking = false;
    this.crashingVoters.clear();
    const healed = world.violations.length === 0 && this.heal();
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
      world,
    };
  }

  /** Everything works again: one leader, one more write, equal logs. */
  private heal(): boolean {
    const { world } = this;
    world.heal();
    world.network.rules = [];
    Object.assign(world.network.options, {
      delayMs: [1, 3],
      lossRate: 0,
      tailRate: 0,
    });
    for (const server of world.servers) {
      server.disk.options = { writeMs: [0.5, 1], errorRate: 0 };
      server.disk.failNext(0);
      server.crashAfter = undefined;
      if (server.process.paused) world.resume(server.id);
    }
    const elected = () => {
      for (const { id } of world.servers) world.start(id);
      return this.leadsForSure() && this.agreeOnLeader();
    };
    if (!world.runUntil(elected, 20 * ELECTION_TIMEOUT_MS)) return false;
    let last: ApplyFuture | undefined;
    let tries = 0;
    const written = () => {
      if (!last || (last.responded && last.failed)) {
        const leader = world.leader();
        if (leader?.up) last = world.apply(leader.id, `last${++tries}`);
      }
      return last?.responded === true && !last.failed && this.agreeOnLogs();
    };
    return world.runUntil(written, 60 * ELECTION_TIMEOUT_MS);
  }

  /** The end of a run: every log is one, and the history makes sense. */
  private judge(): void {
    const { world } = this;
    const judged = linearize(this.clients.history);
    if ("impossible" in judged) {
      const picture = drawHistory(judged.impossible.slice(0, 40));
      world.broken("I20", "", `no order explains this history:\n${picture}`);
    }
    for (const { id, r, state } of world.servers) {
      const told = r?.leaderCh.values()[0];
      if (told === undefined || told === (state === "Leader")) continue;
      world.broken("I18", id, `is ${state} and has said leader: ${told}`);
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

  private agreeOnLogs(): boolean {
    const { servers } = this.world;
    const applied = servers.map((s) => s.applied?.commands.join("\n"));
    return applied.every((a) => a !== undefined && a === applied[0]);
  }

  private noteLeader(): void {
    const leader = this.world.leader();
    if (leader) this.leadersSeen.add(`${leader.id} ${leader.term}`);
  }

  /** Whoever has crashed comes back, sooner or later. */
  private restartCrashed(): void {
    for (const { id, started } of this.world.servers) {
      if (started || this.restarting.has(id)) continue;
      this.restarting.add(id);
      this.soon(
        () => {
          this.restarting.delete(id);
          this.world.start(id);
          const key = this.crashingVoters.get(id);
          if (key) this.world.server(id).crashAfter = key;
        },
        this.random.pick([10, 100, 1000]),
      );
    }
  }

  private every(meanMs: number, act: () => void): void {
    const { clock } = this.world.driver;
    const again = () => {
      if (!this.striking) return;
      act();
      clock.at(clock.now() + 1 + this.random.int(2 * meanMs), again);
    };
    clock.at(clock.now() + 1 + this.random.int(2 * meanMs), again);
  }

  private strike(): void {
    if (this.faults.length > 0) this.random.pick(this.faults).strike();
  }

  private up(): SimServer[] {
    return this.world.servers.filter((server) => server.up);
  }

  private anyUp(): SimServer | undefined {
    const up = this.up();
    return up.length > 0 ? this.random.pick(up) : undefined;
  }

  private soon(act: () => void, meanMs: number): void {
    const { clock } = this.world.driver;
    clock.at(clock.now() + 1 + this.random.int(2 * meanMs), act);
  }

  /** Cuts the network, and heals it after a while. */
  private cutFor(cut: () => void): void {
    cut();
    const meanMs = this.random.pick([300, 1500, 4000]);
    this.soon(() => this.world.heal(), meanMs);
  }

  /**
   * Whom it voted for last falls behind the others, if that is not the leader;
   * and the leader goes, so that there is something to vote for.
   */
  private crashInVotes(server: SimServer): void {
    const { world, random } = this;
    const key = random.pick([keyLastVoteTerm, keyLastVoteCand]);
    server.crashAfter = key;
    this.crashingVoters.set(server.id, key);
    this.soon(() => this.crashingVoters.delete(server.id), 8000);
    const candidate = lastVote(server);
    if (candidate !== world.leader()?.id) {
      this.rulesFor(candidate, {
        AppendEntriesRequest: "drop",
        RequestVoteRequest: "drop",
      });
    }
    this.soon(() => {
      const leader = world.leader();
      if (leader && this.striking) world.crash(leader.id);
    }, 500);
  }

  /** Its callers are patient, and the others soon campaign as well. */
  private lateVotes(id: string): void {
    const { world, random } = this;
    for (const server of world.servers) {
      world.fixTimers(server.id, "heartbeatTimer", [1010, 1010]);
    }
    world.fixTimers(id, "electionTimer", [1900]);
    world.network.options.timeoutMs = 3000;
    this.soon(() => {
      world.network.options.timeoutMs = this.timeoutMs;
    }, 2500);
    this.rulesFor(id, {
      RequestVoteResponse: { delayMs: random.pick([1300, 1600]) },
      RequestVoteRequest: "drop",
      AppendEntriesRequest: "drop",
    });
    const leader = world.leader();
    if (leader) world.crash(leader.id);
  }

  /** Cuts off one server after the other, each for a while. */
  private rotate([id, ...rest]: readonly string[]): void {
    const { world } = this;
    world.heal();
    if (!this.striking || id === undefined) return;
    const others = world.servers.filter((s) => s.id !== id).map((s) => s.id);
    world.partition([id], others);
    this.soon(() => this.rotate(rest), this.random.pick([1000, 2000]));
  }

  /** What happens to messages of some kinds, to all servers or to one. */
  private rulesFor(
    to: string | undefined,
    actions: Partial<Record<MessageKind, MessageRule["action"]>>,
  ): void {
    const { network } = this.world;
    const rules: MessageRule[] = [];
    for (const [kind, action] of Object.entries(actions)) {
      rules.push({ kind: kind as MessageKind, from: undefined, to, action });
    }
    network.rules.push(...rules);
    this.soon(() => {
      network.rules = network.rules.filter((rule) => !rules.includes(rule));
    }, 2500);
  }

  private anyOrAll(): string | undefined {
    const { world, random } = this;
    return random.chance(0.5) ? random.pick(world.servers).id : undefined;
  }

  private allFaults(): Fault[] {
    const { world, random } = this;
    const ids = world.servers.map((server) => server.id);
    return [
      {
        name: "partition in two",
        strike: () => {
          const mixed = random.shuffle(ids);
          const size = 1 + random.int(ids.length - 1);
          this.cutFor(() => {
            world.partition(mixed.slice(0, size), mixed.slice(size));
          });
        },
      },
      {
        name: "isolate the leader",
        strike: () => {
          const id = world.leader()?.id;
          if (!id) return;
          const others = ids.filter((other) => other !== id);
          this.cutFor(() => world.partition([id], others));
        },
      },
      {
        name: "isolate one server after another",
        strike: () => this.rotate(random.shuffle(ids)),
      },
      {
        name: "crash in the middle of every vote",
        strike: () => {
          const others = world.servers.filter((s) => lastVote(s) !== s.id);
          if (others.length > 0) this.crashInVotes(random.pick(others));
        },
      },
      {
        name: "cut one way",
        strike: () => {
          const [from, to] = random.shuffle(ids) as [string, string];
          this.cutFor(() => world.cut(from, to));
        },
      },
      {
        name: "bridge: two servers that only a third can reach",
        strike: () => {
          const [a, b] = random.shuffle(ids) as [string, string];
          this.cutFor(() => world.partition([a], [b]));
        },
      },
      {
        name: "crash and restart",
        strike: () => {
          const id = this.anyUp()?.id;
          if (id) world.crash(id);
        },
      },
      {
        name: "crash after a write",
        strike: () => {
          const server = random.pick(world.servers);
          server.crashAfter = random.pick(["", ...CRASH_POINTS]);
        },
      },
      {
        name: "restart everybody",
        strike: () => {
          for (const { id } of this.up()) world.crash(id);
        },
      },
      {
        name: "pause and resume",
        strike: () => {
          const id = this.anyUp()?.id;
          if (!id) return;
          world.pause(id);
          this.soon(() => world.resume(id), random.pick([100, 1000, 3000]));
        },
      },
      {
        name: "slow disk",
        strike: () => {
          const { disk } = random.pick(world.servers);
          disk.options = { ...disk.options, writeMs: [20, 400] };
          this.soon(() => {
            if (this.striking) disk.options = { ...this.disk };
          }, 2000);
        },
      },
      {
        name: "slow votes",
        strike: () => {
          const delayMs = random.pick([300, 700, 1200]);
          this.rulesFor(this.anyOrAll(), { RequestVoteResponse: { delayMs } });
        },
      },
      {
        name: "heartbeats pass and appends do not",
        strike: () =>
          this.rulesFor(this.anyOrAll(), { AppendEntriesRequest: "drop" }),
      },
      {
        name: "a candidate hears heartbeats, late votes, and nothing else",
        strike: () => this.lateVotes(random.pick(world.servers).id),
      },
      {
        name: "failing disk",
        strike: () => random.pick(world.servers).disk.failNext(1),
      },
      {
        name: "equal timeouts, so that votes split",
        strike: () => {
          const timeoutMs = random.pick([1010, 1200]);
          for (const { id } of world.servers) {
            world.fixTimers(id, "heartbeatTimer", [timeoutMs]);
            world.fixTimers(id, "electionTimer", [timeoutMs]);
          }
        },
      },
    ];
  }
}

/** A world whose network and disks are as good or bad as the seed says. */
function drawWorld(options: SwarmOptions, draw: Random): World {
  const sometimes = <T>(yes: () => T, no: T): T =>
    draw.chance(0.5) ? yes() : no;
  const servers = namedServers(options.servers ?? 3);
  if (draw.chance(0.2)) {
    const last = servers.pop();
    if (last) servers.push({ ...last, suffrage: ServerSuffrage.Nonvoter });
  }
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
      lossRate: sometimes(() => draw.pick([0.01, 0.05, 0.2]), 0),
      duplicateRate: sometimes(() => draw.pick([0.05, 0.5]), 0),
      timeoutMs: draw.pick([200, 500, 1000]),
      pipelineDepth: draw.pick([0, 2, 16, 128]),
    },
    disk: {
      writeMs: draw.pick([
        [0.05, 0.2],
        [0.5, 5],
        [5, 40],
      ] as const),
      errorRate: sometimes(() => 0.001, 0),
    },
    config: { maxAppendEntries: draw.pick([1, 4, 64]) },
    logCache: draw.pick([0, 8, 512]),
  });
}

/** Whom a server voted for last, as its disk says; "" is nobody. */
function lastVote({ disk }: SimServer): string {
  return decodeText(disk.bytes(keyLastVoteCand) ?? new Uint8Array());
}
