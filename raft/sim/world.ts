/**
 * A world of servers: their processes, disks and network, one clock, one seed.
 *
 * The servers are raft/ itself. The world decides when messages arrive, when
 * writes are done, who crashes; it looks at everything after each event, and
 * writes down what happened. Same seed and same script: same trace.
 */

import { NewRaft, type Raft } from "../api.ts";
import { type Config, DefaultConfig } from "../config.ts";
import {
  type Configuration,
  encodeConfiguration,
  type Server,
  ServerSuffrage,
} from "../configuration.ts";
import type { ApplyFuture } from "../future.ts";
import { InmemSnapshotStore } from "../inmem_snapshot.ts";
import { type Log, LogType, logTypeName } from "../log.ts";
import { LogCache } from "../log_cache.ts";
import { formatFields } from "../logger.ts";
import type { Fields, FSM, Logger, LogStore } from "../ports.ts";
import type { Quirk } from "../quirks.ts";
import { Random } from "../runtime/random.ts";
import { type Runtime, VirtualDriver } from "../runtime/runtime.ts";
import { type Pass, Process, type Task } from "../runtime/task.ts";
import { keyCurrentTerm, keyLastVoteCand } from "../stable.ts";
import { getCommitIndex, getCurrentTerm, getState } from "../state.ts";
import { decodeText, encodeText } from "../util.ts";
import { Disk, type DiskOptions, type DiskWrite } from "./disk.ts";
import { Invariants, type Observed, type Violation } from "./invariants.ts";
import {
  isHeartbeat,
  type Message,
  Network,
  type NetworkOptions,
  type SimTransport,
} from "./network.ts";
import { ServerClock } from "./server_clock.ts";
import { Trace } from "./trace.ts";

export interface WorldOptions {
  readonly seed: number;
  /** How many servers, `s1` and so on, or which. */
  readonly servers?: number | readonly Server[];
  /** Whether every server starts with the configuration in its log. */
  readonly bootstrapped?: boolean;
  /** Which defects of v1.1.1 every server has. */
  readonly quirks?: readonly Quirk[];
  readonly config?: Partial<Config>;
  readonly network?: Partial<NetworkOptions>;
  readonly disk?: Partial<DiskOptions>;
  /** Which invariants to report; without it, all. */
  readonly watch?: readonly string[];
  /** How many entries a log cache keeps in front of each disk; 0 is none. */
  readonly logCache?: number;
  /** Whether a server whose disk fails stops at once, as some programs do. */
  readonly failStop?: boolean;
  /** How fast each server's clock runs; 1 is as fast as the world's. */
  readonly clockRates?: readonly number[];
  /** Keep the lines of the trace, not only their hash. */
  readonly keepTrace?: boolean;
  /** Put the log lines of the servers into the trace. */
  readonly logLines?: boolean;
  /** Told of every value that crosses a channel. */
  readonly onPass?: (pass: WorldPass) => void;
}

/** A value that crossed a channel of a server; the tasks by their names. */
export interface WorldPass {
  readonly atMs: number;
  readonly server: string;
  readonly task: string;
  readonly kind: Pass["kind"];
  readonly channel: string;
  /** The parked task that a send was handed to. */
  readonly to: string | undefined;
  /** The parked task that a value was received from. */
  readonly from: string | undefined;
  readonly value: unknown;
}

const calmNetwork: NetworkOptions = {
  delayMs: [1, 3],
  tailRate: 0,
  lossRate: 0,
  duplicateRate: 0,
  timeoutMs: 500,
  pipelineDepth: 0,
};

const calmDisk: DiskOptions = { writeMs: [0.5, 1], errorRate: 0 };

/** The servers `s1`, `s2` … as voters. */
export function namedServers(count: number): Server[] {
  return Array.from({ length: count }, (_, i) => ({
    suffrage: ServerSuffrage.Voter,
    id: `s${i + 1}`,
    address: `s${i + 1}`,
  }));
}

/**
 * The state machine of the world: keeps what it was given, in order. A command
 * `a=1` sets a key, and `?a` reads it; any other is only kept.
 */
export class AppliedCommands implements FSM {
  readonly commands: string[] = [];
  private readonly values = new Map<string, string>();
  private readonly told: (log: Log, command: string) => void;

  constructor(told: (log: Log, command: string) => void) {
    this.told = told;
  }

  Apply(log: Log): number | string {
    const command = decodeText(log.data);
    this.told(log, command);
    this.commands.push(command);
    if (command.startsWith("?")) return this.get(command.slice(1));
    const [key, value] = command.split("=");
    if (value !== undefined) this.values.set(key as string, value);
    return this.commands.length;
  }

  /** The value of a key, "" if it was never set. */
  get(key: string): string {
    return this.values.get(key) ?? "";
  }

  Snapshot(): Error {
    return new Error("the world takes no snapshots yet");
  }

  *Restore(): Task<Error | undefined> {
    return new Error("the world takes no snapshots yet");
  }
}

/** A server's timers: random, unless a script has fixed the next draws. */
class TimerRandom extends Random {
  private readonly fixed = new Map<string, number[]>();

  /** The next timeouts of that name, in milliseconds beyond the shortest. */
  fix(purpose: string, extrasMs: readonly number[]): void {
    this.fixed.set(purpose, [...extrasMs]);
  }

  override int(below: number, purpose = ""): number {
    const extraMs = this.fixed.get(purpose)?.shift();
    if (extraMs === undefined) return super.int(below);
    return Math.min(below - 1, Math.round(extraMs * 1000));
  }
}

/** A log cache that says what it gives out. */
class WatchedCache extends LogCache {
  private readonly told: (index: number, log: Log) => void;

  constructor(
    capacity: number,
    store: LogStore,
    told: (index: number, log: Log) => void,
  ) {
    super(capacity, store);
    this.told = told;
  }

  override *GetLog(index: number): Task<Log | Error> {
    const log = yield* super.GetLog(index);
    if (!(log instanceof Error)) this.told(index, log);
    return log;
  }
}

/** One server of the world, through all its incarnations. */
export class SimServer implements Observed {
  readonly id: string;
  readonly disk: Disk;
  readonly snapshots = new InmemSnapshotStore();
  readonly timers: TimerRandom;
  readonly clock: ServerClock;
  process: Process;
  /** Started and not crashed; `raft` is there once it has read its disk. */
  started = false;
  /** What the trace has last said of it. */
  readonly noted = { state: "", term: 0, commit: 0 };
  /** Crash when a write of this key is durable; "" is any write. */
  crashAfter: string | undefined;
  raft: Raft | undefined;
  applied: AppliedCommands | undefined;

  constructor(id: string, disk: Disk, timers: TimerRandom, clock: ServerClock) {
    this.id = id;
    this.disk = disk;
    this.timers = timers;
    this.clock = clock;
    this.process = new Process(id);
  }

  get up(): boolean {
    return this.raft !== undefined;
  }

  get r() {
    return this.raft?.r;
  }

  get paused(): boolean {
    return this.process.paused;
  }

  /** Whether one of its timers is late. */
  late(nowMs: number): boolean {
    return nowMs < this.clock.lateUntilMs;
  }

  get clockRate(): number {
    return this.clock.rate;
  }

  /** What it is, or "Down". */
  get state(): string {
    return this.raft ? this.raft.State() : "Down";
  }

  get term(): number {
    return this.r ? getCurrentTerm(this.r) : this.disk.number(keyCurrentTerm);
  }

  /** Whom it voted for last, as its disk says; "" is nobody. */
  get lastVote(): string {
    return decodeText(this.disk.bytes(keyLastVoteCand) ?? new Uint8Array());
  }
}

export class World {
  readonly options: WorldOptions;
  readonly driver: VirtualDriver;
  readonly network: Network;
  readonly trace: Trace;
  readonly invariants: Invariants;
  readonly servers: readonly SimServer[];
  readonly violations: Violation[] = [];
  events = 0;
  private readonly random: Random;

  constructor(options: WorldOptions) {
    this.options = options;
    this.random = new Random(options.seed);
    this.trace = new Trace(options.keepTrace ?? false);
    this.driver = new VirtualDriver({
      random: this.random.stream("scheduler"),
      onFailure: ({ process, task, error }) => {
        this.failed(process, task.name, error as Error);
      },
      ...(options.onPass && { onPass: (pass) => this.passed(pass) }),
    });
    this.network = new Network(
      { ...calmNetwork, ...options.network },
      this.driver.clock,
      this.random.stream("network"),
      {
        sent: (from, to, message) => this.sent(from, to, message),
        arrived: (from, to, message) => this.arrived(from, to, message),
        lost: (from, to, message) => {
          this.note(from, `-x ${to}  ${describeMessage(message)}`);
        },
        heard: (leader, from, sentMs, response) => {
          this.invariants.heard(leader, from, sentMs, response);
        },
        answered: (by, request, response) => {
          this.invariants.answered(this.server(by), request, response);
        },
      },
    );
    const members =
      typeof options.servers === "object"
        ? options.servers
        : namedServers(options.servers ?? 3);
    this.servers = members.map(({ id }, i) => this.makeServer(id, i));
    this.invariants = new Invariants(
      this.servers,
      ({ invariant, server, what }) => this.broken(invariant, server, what),
      () => this.now,
    );
    if (options.bootstrapped ?? true) this.bootstrap({ servers: members });
    for (const server of this.servers) this.start(server.id);
  }

  get now(): number {
    return this.driver.clock.now();
  }

  /** A stream of random numbers for one purpose. */
  stream(purpose: string): Random {
    return this.random.stream(purpose);
  }

  server(id: string): SimServer {
    const server = this.servers.find((s) => s.id === id);
    if (server) return server;
    const known = this.servers.map((s) => s.id).join(", ");
    throw new Error(`there is no server "${id}" in this world: ${known}`);
  }

  /** The server that leads in the newest term, if any leads. */
  leader(): SimServer | undefined {
    let newest: SimServer | undefined;
    for (const server of this.servers) {
      if (server.state !== "Leader") continue;
      if (!newest || server.term > newest.term) newest = server;
    }
    return newest;
  }

  // Time.

  /** One event, and everything that follows from it at once. */
  step(): boolean {
    if (!this.driver.step()) return false;
    this.events++;
    this.invariants.check();
    for (const server of this.servers) this.noteChanges(server);
    return true;
  }

  /** Goes on for that long, or until an invariant is broken. */
  run(durationMs: number): void {
    this.runUntil(() => false, durationMs);
  }

  /** Goes on until `reached`. False: not within that time, or broken. */
  runUntil(reached: () => boolean, withinMs = 60_000): boolean {
    const end = this.now + withinMs;
    this.driver.scheduler.run();
    while (this.violations.length === 0) {
      if (reached()) return true;
      const next = this.driver.clock.next();
      if (next === undefined || next > end) {
        this.driver.clock.advanceTo(end);
        return false;
      }
      this.step();
    }
    return false;
  }

  // What can happen to servers.

  start(id: string): void {
    const server = this.server(id);
    if (server.started) return;
    server.started = true;
    server.process = new Process(id);
    const runtime = this.runtimeOf(server);
    const transport = this.network.plugIn(runtime, id);
    this.note(id, "starts");
    this.driver.scheduler.go(
      server.process,
      "start",
      this.starting(server, transport),
    );
  }

  /** Kills it where it stands. What was not on disk is lost. */
  crash(id: string): void {
    const server = this.server(id);
    if (!server.started) return;
    server.process.crash();
    this.down(server, "crashes");
  }

  /** Stops all its tasks, as a long garbage collection would. */
  pause(id: string): void {
    this.server(id).process.paused = true;
    this.note(id, "pauses");
  }

  resume(id: string): void {
    this.server(id).process.resume();
    this.note(id, "resumes");
  }

  partition(...groups: readonly (readonly string[])[]): void {
    this.network.partition(groups);
    this.note("", `partition ${groups.map((g) => g.join(",")).join(" | ")}`);
  }

  /** Cuts the way from one server to another, and not the way back. */
  cut(from: string, to: string): void {
    this.network.cut(from, to);
    this.note("", `cut ${from} > ${to}`);
  }

  heal(): void {
    this.network.heal();
    this.note("", "heal");
  }

  /** Hands a command to a server. */
  apply(id: string, command: string, timeoutMs = 0): ApplyFuture {
    const { raft } = this.server(id);
    if (!raft) throw new Error(`${id} is down and takes no command`);
    this.note(id, `is asked to apply "${command}"`);
    return raft.Apply(encodeText(command), timeoutMs);
  }

  /**
   * Fixes how long the next timers of a name run, in milliseconds: the
   * `heartbeatTimer` of a follower, the `electionTimer` of a candidate.
   */
  fixTimers(id: string, name: string, timeoutsMs: readonly number[]): void {
    const config = { ...DefaultConfig(), ...this.options.config };
    const shortest =
      name === "electionTimer"
        ? config.electionTimeoutMs
        : config.heartbeatTimeoutMs;
    this.server(id).timers.fix(
      name,
      timeoutsMs.map((timeoutMs) => timeoutMs - shortest),
    );
  }

  /** Gives every disk entry 1 of term 1, as BootstrapCluster does. */
  bootstrap(configuration: Configuration): void {
    for (const { disk } of this.servers) {
      disk.preset({ [keyCurrentTerm]: 1 }, [
        {
          index: 1,
          term: 1,
          type: LogType.Configuration,
          data: encodeConfiguration(configuration),
        },
      ]);
    }
  }

  /** An invariant does not hold. The world stops, if it watches for it. */
  broken(invariant: string, server: string, what: string): void {
    const { watch } = this.options;
    if (watch && !watch.includes(invariant)) return;
    this.violations.push({ invariant, server, what });
    this.note(server, `VIOLATES ${invariant}: ${what}`);
  }

  /** Writes a line of the trace. */
  note(who: string, what: string): void {
    this.trace.add(this.now, who, what);
  }

  // What the world sees of its servers.

  private passed({ kind, channel, task, peer, value }: Pass): void {
    this.options.onPass?.({
      atMs: this.now,
      server: task.process.name,
      task: task.name,
      kind,
      channel,
      to: kind === "send" ? peer?.name : undefined,
      from: kind === "receive" ? peer?.name : undefined,
      value,
    });
  }

  private makeServer(id: string, place: number): SimServer {
    const disk = new Disk(
      { ...calmDisk, ...this.options.disk },
      this.driver.clock,
      this.random.stream(`disk ${id}`),
      (write) => this.wrote(id, write),
    );
    if (this.options.failStop) {
      disk.onFailure = () => {
        this.note(id, "cannot write and stops");
        this.crash(id);
      };
    }
    const { seed } = this.random.stream(`timers ${id}`);
    const clock = new ServerClock(
      this.driver.clock,
      this.random.stream(`clock ${id}`),
      this.options.clockRates?.[place],
    );
    return new SimServer(id, disk, new TimerRandom(seed), clock);
  }

  private runtimeOf({ process, timers, clock }: SimServer): Runtime {
    return this.driver.runtime(process, timers, clock);
  }

  /** A cache whose every answer the observer compares with the disk. */
  private cacheFor(server: SimServer, capacity: number): LogCache {
    return new WatchedCache(capacity, server.disk, (index, log) =>
      this.invariants.read(server, index, log),
    );
  }

  private *starting(server: SimServer, transport: SimTransport): Task<void> {
    const { id, disk, snapshots } = server;
    const config: Config = {
      ...DefaultConfig(),
      ...this.options.config,
      localID: id,
      logger: this.logger(id),
      runtime: this.runtimeOf(server),
    };
    const applied = new AppliedCommands((log, command) => {
      this.note(id, `applies ${log.index} "${command}"`);
      this.invariants.applied(server, log, command);
    });
    const { logCache } = this.options;
    const logs = logCache ? this.cacheFor(server, logCache) : disk;
    const raft = yield* NewRaft(
      config,
      applied,
      logs,
      disk,
      snapshots,
      transport,
      this.options.quirks,
    );
    if (raft instanceof Error) throw raft;
    server.applied = applied;
    server.raft = raft;
    this.invariants.started(server);
  }

  private failed(process: Process, task: string, error: Error): void {
    const server = this.server(process.name);
    this.down(server, `crashes in ${task}: ${error.message}`);
    if (error.message.startsWith("failed to save current term")) return;
    this.violations.push({
      invariant: "crash",
      server: server.id,
      what: error.stack ?? error.message,
    });
  }

  private down(server: SimServer, how: string): void {
    this.note(server.id, how);
    this.network.unplug(server.id);
    server.disk.crash();
    server.started = false;
    server.raft = undefined;
    server.applied = undefined;
  }

  private wrote(id: string, write: DiskWrite): void {
    this.invariants?.wrote(this.server(id), write);
    if (write.kind === "store") {
      for (const log of write.logs) {
        this.note(id, `stores ${log.index}/${log.term} ${describeEntry(log)}`);
      }
    } else if (write.kind === "delete") {
      this.note(id, `deletes ${write.min} to ${write.max}`);
    } else {
      const { key, value } = write;
      const shown = typeof value === "number" ? value : decodeText(value);
      this.note(id, `writes ${key} ${shown}`);
    }
    this.crashAfterWrite(id, write);
  }

  private crashAfterWrite(id: string, write: DiskWrite): void {
    const server = this.servers?.find((s) => s.id === id);
    if (server?.crashAfter === undefined) return;
    const key = write.kind === "set" ? write.key : "log";
    if (server.crashAfter !== "" && server.crashAfter !== key) return;
    server.crashAfter = undefined;
    this.crash(id);
  }

  private sent(from: string, to: string, message: Message): void {
    this.invariants.sent(this.server(from), to, message);
    this.note(from, `-> ${to}  ${describeMessage(message)}`);
  }

  private arrived(from: string, to: string, message: Message): void {
    this.note(to, `<- ${from}  ${describeMessage(message)}`);
  }

  private noteChanges({ id, r, noted }: SimServer): void {
    if (!r) return;
    const state = getState(r);
    const term = getCurrentTerm(r);
    const commit = getCommitIndex(r);
    if (
      noted.state === state &&
      noted.term === term &&
      noted.commit === commit
    ) {
      return;
    }
    Object.assign(noted, { state, term, commit });
    this.note(id, `is ${state}, term ${term}, commit ${commit}`);
  }

  private logger(id: string): Logger {
    const line = (level: string) => (message: string, fields?: Fields) => {
      if (!this.options.logLines) return;
      this.note(id, `[${level}] ${message}${formatFields(fields)}`);
    };
    return {
      debug: line("DEBUG"),
      info: line("INFO"),
      warn: line("WARN"),
      error: line("ERROR"),
    };
  }
}

function describeEntry(log: Log): string {
  if (log.type !== LogType.Command) return logTypeName(log.type);
  return `"${decodeText(log.data)}"`;
}

/** A message in one line of a trace. */
export function describeMessage(message: Message): string {
  switch (message.kind) {
    case "AppendEntriesRequest": {
      if (isHeartbeat(message)) return `heartbeat term ${message.term}`;
      const { prevLogEntry, prevLogTerm, entries, leaderCommitIndex } = message;
      return (
        `AppendEntries term ${message.term} after ` +
        `${prevLogEntry}/${prevLogTerm} +${entries.length} ` +
        `commit ${leaderCommitIndex}`
      );
    }
    case "AppendEntriesResponse":
      return (
        `${message.success ? "stored" : "refused"} ` +
        `term ${message.term} last ${message.lastLog}`
      );
    case "RequestVoteRequest": {
      const { term, lastLogIndex, lastLogTerm, leadershipTransfer } = message;
      return (
        `RequestVote term ${term} last ${lastLogIndex}/${lastLogTerm}` +
        (leadershipTransfer ? " transfer" : "")
      );
    }
    case "RequestVoteResponse":
      return (
        `vote ${message.granted ? "granted" : "refused"} ` +
        `term ${message.term}`
      );
    case "TimeoutNowRequest":
      return "TimeoutNow";
    case "TimeoutNowResponse":
      return "TimeoutNow accepted";
    default:
      return message satisfies never;
  }
}
