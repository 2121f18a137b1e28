/**
 * The kinds of faults that can strike a world, each drawing for itself whom it
 * hits, how hard and for how long.
 *
 * Absent until their lessons: what can befall a snapshot, a change of members.
 */

import type { Random } from "../runtime/random.ts";
import { keyLastVoteCand, keyLastVoteTerm } from "../stable.ts";
import type { Clients } from "./clients.ts";
import type { DiskOptions } from "./disk.ts";
import type { MessageKind, MessageRule } from "./network.ts";
import type { SimServer, World } from "./world.ts";

/** One kind of fault: what it does when it strikes. */
export interface Fault {
  readonly name: string;
  strike(): void;
}

export class Faults {
  /** False when all faults are over. */
  striking = true;
  private readonly world: World;
  private readonly random: Random;
  private readonly clients: Clients;
  private readonly ids: readonly string[];
  private readonly disk: DiskOptions;
  private readonly timeoutMs: number;
  private readonly restarting = new Set<string>();
  /** Who crashes in every vote, and after the writing of which key. */
  private readonly crashingVoters = new Map<string, string>();
  /** Who crashes again soon after every start, and how often. */
  private readonly storms = new Map<string, number>();

  constructor(world: World, random: Random, clients: Clients) {
    this.world = world;
    this.random = random;
    this.clients = clients;
    this.ids = world.servers.map((server) => server.id);
    this.disk = { ...(world.servers[0] as SimServer).disk.options };
    this.timeoutMs = world.network.options.timeoutMs;
  }

  all(): Fault[] {
    return [
      ...this.ofTheNetwork(),
      ...this.ofMessages(),
      ...this.ofProcesses(),
      ...this.ofDisks(),
      ...this.ofTime(),
      ...this.ofCallers(),
    ];
  }

  /** Whoever has crashed comes back, sooner or later. */
  restartCrashed(): void {
    for (const { id, started } of this.world.servers) {
      if (started || this.restarting.has(id)) continue;
      this.restarting.add(id);
      const meanMs = this.storms.has(id) ? 10 : this.random.pick(DOWN_MS);
      this.soon(() => this.restart(id), meanMs);
    }
  }

  private restart(id: string): void {
    this.restarting.delete(id);
    this.world.start(id);
    if (!this.striking) return;
    const server = this.world.server(id);
    const key = this.crashingVoters.get(id);
    if (key) server.crashAfter = key;
    const left = this.storms.get(id) ?? 0;
    if (left === 0) this.storms.delete(id);
    else {
      this.storms.set(id, left - 1);
      this.soonStill(() => this.world.crash(id), this.random.pick([20, 200]));
    }
  }

  /** Everything works again, and nobody is down or asleep. */
  end(): void {
    const { world } = this;
    this.striking = false;
    world.heal();
    world.network.rules = [];
    Object.assign(world.network.options, {
      delayMs: [1, 3],
      lossRate: 0,
      tailRate: 0,
      timeoutMs: this.timeoutMs,
    });
    for (const server of world.servers) {
      server.disk.options = { writeMs: [0.5, 1], errorRate: 0 };
      server.disk.failNext(0);
      server.disk.interruptWrite(0, undefined);
      server.crashAfter = undefined;
      server.clock.late = { rate: 0, mostMs: 0 };
      if (server.process.paused) world.resume(server.id);
    }
  }

  // Whom and when.

  private soon(act: () => void, meanMs: number): void {
    const { clock } = this.world.driver;
    clock.at(clock.now() + 1 + this.random.int(2 * meanMs), act);
  }

  /** The same, unless the faults are over by then. */
  private soonStill(act: () => void, meanMs: number): void {
    this.soon(() => {
      if (this.striking) act();
    }, meanMs);
  }

  private up(): SimServer[] {
    return this.world.servers.filter((server) => server.up);
  }

  private anyUp(): SimServer | undefined {
    const up = this.up();
    return up.length > 0 ? this.random.pick(up) : undefined;
  }

  private others(id: string): string[] {
    return this.ids.filter((other) => other !== id);
  }

  /** Two servers, in any order. */
  private pair(): [string, string] {
    return this.random.shuffle(this.ids) as [string, string];
  }

  private anyOrAll(): string | undefined {
    const { world, random } = this;
    return random.chance(0.5) ? random.pick(world.servers).id : undefined;
  }

  // The network.

  private ofTheNetwork(): Fault[] {
    const { world, random, ids } = this;
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
        name: "isolate the leader, who is asked a lot",
        strike: () => {
          const id = world.leader()?.id;
          if (!id) return;
          this.cutFor(() => world.partition([id], this.others(id)));
          this.clients.burst(10);
        },
      },
      {
        name: "isolate one server after another",
        strike: () => this.rotate(random.shuffle(ids)),
      },
      {
        name: "cut one way",
        strike: () => {
          const [from, to] = this.pair();
          this.cutFor(() => world.cut(from, to));
        },
      },
      {
        name: "bridge: two servers that only a third can reach",
        strike: () => {
          const [a, b] = this.pair();
          this.cutFor(() => world.partition([a], [b]));
        },
      },
      {
        name: "a way that flaps",
        strike: () => {
          const [a, b] = this.pair();
          this.flap(a, b, 5 + random.int(15));
        },
      },
      {
        name: "swizzle: clog one server after another, and unclog them",
        strike: () => this.swizzle(),
      },
      {
        name: "break pipelines",
        strike: () => world.network.breakPipelines(() => random.chance(0.5)),
      },
    ];
  }

  /** Cuts the network, and heals it after a while. */
  private cutFor(cut: () => void): void {
    cut();
    const meanMs = this.random.pick([300, 1500, 4000]);
    this.soon(() => this.world.heal(), meanMs);
  }

  /** Cuts off one server after the other, each for a while. */
  private rotate([id, ...rest]: readonly string[]): void {
    const { world } = this;
    world.heal();
    if (!this.striking || id === undefined) return;
    world.partition([id], this.others(id));
    this.soon(() => this.rotate(rest), this.random.pick([1000, 2000]));
  }

  private flap(a: string, b: string, times: number): void {
    const { world, random } = this;
    if (times % 2 === 0) world.heal();
    else world.partition([a], [b]);
    if (times > 0 || world.network.isCut) {
      const meanMs = random.pick([30, 150]);
      this.soonStill(() => this.flap(a, b, Math.max(0, times - 1)), meanMs);
    }
  }

  /** FoundationDB's: some servers, one by one, and back in another order. */
  private swizzle(): void {
    const { world, random } = this;
    const some = random.shuffle(this.ids).slice(0, 1 + random.int(3));
    for (const id of some) {
      this.soonStill(() => world.network.clog(id), 500);
    }
    const longMs = 1000 + random.int(2000);
    for (const id of random.shuffle(some)) {
      const { clock } = world.driver;
      const at = clock.now() + longMs + random.int(1000);
      clock.at(at, () => world.network.unclog(id));
    }
  }

  // Messages of some kinds.

  private ofMessages(): Fault[] {
    const { world, random } = this;
    return [
      {
        name: "slow votes",
        strike: () => {
          const delayMs = random.pick([300, 700, 1200]);
          this.rulesFor(this.anyOrAll(), { RequestVoteResponse: { delayMs } });
        },
      },
      {
        name: "slow answers to a leader, and patience",
        strike: () => {
          const delayMs = random.pick([150, 400, 900, 1800]);
          this.patience();
          this.rulesFor(this.anyOrAll(), {
            AppendEntriesResponse: { delayMs },
          });
        },
      },
      {
        name: "a slow reader: requests pile up before it",
        strike: () => {
          const delayMs = random.pick([100, 400]);
          const to = random.pick(world.servers).id;
          this.rulesFor(to, { AppendEntriesRequest: { delayMs } });
        },
      },
      {
        name: "answers are lost after their effect",
        strike: () =>
          this.rulesFor(this.anyOrAll(), {
            AppendEntriesResponse: "drop",
            RequestVoteResponse: "drop",
          }),
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
    ];
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

  /** Its callers are patient, and the others soon campaign as well. */
  private lateVotes(id: string): void {
    const { world, random } = this;
    for (const server of world.servers) {
      world.fixTimers(server.id, "heartbeatTimer", [1010, 1010]);
    }
    world.fixTimers(id, "electionTimer", [1900]);
    this.patience();
    this.rulesFor(id, {
      RequestVoteResponse: { delayMs: random.pick([1300, 1600]) },
      RequestVoteRequest: "drop",
      AppendEntriesRequest: "drop",
    });
    const leader = world.leader();
    if (leader) world.crash(leader.id);
  }

  /** For a while callers wait longer for their answers. */
  private patience(): void {
    const { options } = this.world.network;
    options.timeoutMs = 3000;
    this.soon(() => {
      options.timeoutMs = this.timeoutMs;
    }, 2500);
  }

  // Processes.

  private ofProcesses(): Fault[] {
    const { world, random } = this;
    return [
      {
        name: "crash and restart",
        strike: () => {
          const id = this.anyUp()?.id;
          if (id) world.crash(id);
        },
      },
      {
        name: "restart everybody",
        strike: () => {
          for (const { id } of this.up()) world.crash(id);
        },
      },
      {
        name: "crash again and again",
        strike: () => {
          const id = this.anyUp()?.id;
          if (!id) return;
          this.storms.set(id, 2 + random.int(8));
          world.crash(id);
        },
      },
      {
        name: "crash in the middle of a write",
        strike: () => {
          const { id, disk } = random.pick(world.servers);
          const count = 1 + random.int(20);
          disk.interruptWrite(count, () => {
            if (this.striking) world.crash(id);
          });
        },
      },
      {
        name: "crash in the middle of every vote",
        strike: () => {
          const others = world.servers.filter((s) => s.lastVote !== s.id);
          if (others.length > 0) this.crashInVotes(random.pick(others));
        },
      },
      {
        name: "pause and resume",
        strike: () => this.pauseFor(this.anyUp()?.id),
      },
      {
        name: "pause the leader",
        strike: () => this.pauseFor(world.leader()?.id),
      },
    ];
  }

  private pauseFor(id: string | undefined): void {
    if (id === undefined) return;
    this.world.pause(id);
    const meanMs = this.random.pick([100, 1000, 3000]);
    this.soon(() => this.world.resume(id), meanMs);
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
    const candidate = server.lastVote;
    if (candidate !== world.leader()?.id) {
      this.rulesFor(candidate, {
        AppendEntriesRequest: "drop",
        RequestVoteRequest: "drop",
      });
    }
    this.soonStill(() => {
      const leader = world.leader();
      if (leader) world.crash(leader.id);
    }, 500);
  }

  // Disks.

  private ofDisks(): Fault[] {
    const { world, random } = this;
    const anyDisk = () => random.pick(world.servers).disk;
    return [
      {
        name: "slow disk",
        strike: () => {
          const writeMs = random.pick([
            [20, 400],
            [1000, 5000],
          ] as const);
          this.diskFor(anyDisk(), { writeMs });
        },
      },
      {
        name: "full disk",
        strike: () => this.diskFor(anyDisk(), { errorRate: 1 }),
      },
      {
        name: "a write fails",
        strike: () => anyDisk().failNext(1),
      },
      {
        name: "no log can be cut",
        strike: () => {
          const count = random.pick([1, 100]);
          for (const { disk } of world.servers) disk.failNext(count, "delete");
        },
      },
      {
        name: "a log is cut, and what is to follow is not stored",
        strike: () => {
          const kind = "store after delete";
          for (const { disk } of world.servers) disk.failNext(1, kind);
        },
      },
    ];
  }

  private diskFor(
    disk: SimServer["disk"],
    options: Partial<DiskOptions>,
  ): void {
    disk.options = { ...disk.options, ...options };
    this.soonStill(() => {
      disk.options = { ...this.disk };
    }, 2000);
  }

  // Time.

  private ofTime(): Fault[] {
    const { world, random, ids } = this;
    const always = (timeoutMs: number) => Array(10).fill(timeoutMs);
    return [
      {
        name: "equal timeouts, so that votes split",
        strike: () => {
          const timeoutMs = random.pick([1010, 1200]);
          for (const id of ids) {
            world.fixTimers(id, "heartbeatTimer", [timeoutMs]);
            world.fixTimers(id, "electionTimer", [timeoutMs]);
          }
        },
      },
      {
        name: "one server always draws the shortest timeout, or the longest",
        strike: () => {
          const id = random.pick(ids);
          const timeoutsMs = always(random.pick([1000, 1999.9]));
          world.fixTimers(id, "heartbeatTimer", timeoutsMs);
          world.fixTimers(id, "electionTimer", timeoutsMs);
        },
      },
      {
        name: "late timers",
        strike: () => {
          const { clock } = random.pick(world.servers);
          clock.late = { rate: 0.05, mostMs: random.pick([50, 500, 3000]) };
          this.soon(() => {
            clock.late = { rate: 0, mostMs: 0 };
          }, 2000);
        },
      },
    ];
  }

  // Callers.

  private ofCallers(): Fault[] {
    return [
      {
        name: "a burst of questions",
        strike: () => this.clients.burst(this.random.pick([10, 40])),
      },
      {
        name: "a quiet time",
        strike: () => {
          this.clients.quiet = true;
          this.soon(() => {
            this.clients.quiet = false;
          }, 1500);
        },
      },
    ];
  }
}

/** How long a server is down, about. */
const DOWN_MS = [10, 100, 1000];
