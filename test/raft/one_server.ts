/**
 * One server, s1 of three unless said otherwise, with a disk that obeys the
 * test and peers that say what the test tells them. The test hands it requests
 * and looks at what it answers and remembers.
 *
 * Ready tasks run first in, first out, and time passes when a test says so.
 */
import { NewRaft, type Raft } from "../../raft/api.ts";
import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
  Command,
  RequestVoteRequest,
  RequestVoteResponse,
} from "../../raft/commands.ts";
import { type Config, DefaultConfig } from "../../raft/config.ts";
import {
  type Configuration,
  encodeConfiguration,
} from "../../raft/configuration.ts";
import { InmemSnapshotStore } from "../../raft/inmem_snapshot.ts";
import type { InmemStore } from "../../raft/inmem_store.ts";
import { type Log, LogType } from "../../raft/log.ts";
import type {
  FSM,
  Logger,
  Reader,
  RPC,
  RPCResponse,
  SnapshotStore,
} from "../../raft/ports.ts";
import type { Quirk } from "../../raft/quirks.ts";
import type { RaftStruct } from "../../raft/raft_struct.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import { Random } from "../../raft/runtime/random.ts";
import { VirtualDriver } from "../../raft/runtime/runtime.ts";
import { type Failure, Process, type Task } from "../../raft/runtime/task.ts";
import {
  keyCurrentTerm,
  keyLastVoteCand,
  keyLastVoteTerm,
} from "../../raft/stable.ts";
import {
  getCommitIndex,
  getCurrentTerm,
  getLastLog,
  type LogPosition,
  type RaftState,
} from "../../raft/state.ts";
import { decodeText, encodeText } from "../../raft/util.ts";
import { FaultyStore } from "./faulty_store.ts";
import {
  type Peers,
  rpcHeader,
  ScriptedTransport,
  votersOnly,
} from "./scripted_transport.ts";
import { voters } from "./servers.ts";
import { finish, passTime } from "./virtual.ts";

/** What a server begins with. */
export interface Setup {
  /**
   * The terms of its entries, from index 1 on. Entry 1 holds `configuration`,
   * the others are commands.
   */
  readonly log?: readonly number[];
  /** Entries that stand in the log in place of those that `log` makes. */
  readonly entries?: readonly Log[];
  /** Its current term; without it, the term of its last entry. */
  readonly term?: number;
  /** Whom it voted for, and when. */
  readonly voted?: { readonly term: number; readonly candidate: string };
  readonly configuration?: Configuration;
  readonly snapshots?: SnapshotStore;
  readonly fsm?: FSM;
  readonly config?: Partial<Config>;
  readonly quirks?: readonly Quirk[];
  /** Draws the next ready task, in place of first in, first out. */
  readonly seed?: number;
}

/** The entry that a test means by an index and a term. */
export function entry(index: number, term: number): Log {
  const data = encodeText(`${index}/${term}`);
  return { index, term, type: LogType.Command, data };
}

export function configurationEntry(
  index: number,
  term: number,
  configuration: Configuration,
): Log {
  const data = encodeConfiguration(configuration);
  return { index, term, type: LogType.Configuration, data };
}

/** A state machine that keeps what it was given. */
export class Applied implements FSM {
  commands: string[] = [];

  Apply(log: Log): unknown {
    this.commands.push(decodeText(log.data));
    return this.commands.length;
  }

  Snapshot(): Error {
    return new Error("no test asks for it");
  }

  /** The content is one command a line. */
  *Restore(source: Reader): Task<Error | undefined> {
    const bytes = yield* source.Read();
    if (bytes instanceof Error) return bytes;
    this.commands = decodeText(bytes ?? new Uint8Array()).split("\n");
    return undefined;
  }
}

/** An answer that has come, or will. */
export interface Answer {
  readonly now: RPCResponse | undefined;
}

type Without<T> = Partial<Omit<T, "kind" | "rpcHeader">>;

export class OneServer {
  readonly driver: VirtualDriver;
  readonly process = new Process("s1");
  readonly store: FaultyStore;
  readonly snapshots: SnapshotStore;
  readonly transport = new ScriptedTransport("s1addr");
  readonly fsm: FSM;
  readonly conf: Config;
  /** The log lines: "WARN previous log term mis-match". */
  readonly lines: string[] = [];
  /** The errors that no task caught. The server is down after the first. */
  readonly failures: Failure[] = [];
  private readonly quirks: readonly Quirk[];
  private made: Raft | undefined;

  /** A server that is not made yet, on a disk that may hold something. */
  constructor(setup: Setup, disk?: InmemStore) {
    this.driver = new VirtualDriver({
      random: new Random(setup.seed ?? 1),
      firstInFirstOut: setup.seed === undefined,
      onFailure: (failure) => this.failures.push(failure),
    });
    this.store = new FaultyStore(disk);
    this.snapshots = setup.snapshots ?? new InmemSnapshotStore();
    this.fsm = setup.fsm ?? new Applied();
    this.quirks = setup.quirks ?? [];
    this.conf = {
      ...DefaultConfig(),
      localID: "s1",
      logger: this.logger(),
      runtime: this.driver.runtime(this.process, new Random(1)),
      ...setup.config,
    };
  }

  get raft(): Raft {
    if (!this.made) throw new Error("the server has not been made yet");
    return this.made;
  }

  get r(): RaftStruct {
    return this.raft.r;
  }

  get now(): number {
    return this.driver.clock.now();
  }

  // What it is, and what it remembers.

  get state(): RaftState {
    return this.raft.State();
  }

  get term(): number {
    return getCurrentTerm(this.r);
  }

  get commitIndex(): number {
    return getCommitIndex(this.r);
  }

  /** The last entry, as the server has it in memory. */
  get lastLog(): LogPosition {
    return getLastLog(this.r);
  }

  /** What the state machine was given. */
  get applied(): readonly string[] {
    return (this.fsm as Applied).commands;
  }

  /** The terms of the entries on the disk; 0 where one is missing. */
  get log(): number[] {
    const { disk } = this.store;
    function* read(): Task<number[]> {
      const terms: number[] = [];
      const last = yield* disk.LastIndex();
      for (let index = 1; index <= last; index++) {
        const log = yield* disk.GetLog(index);
        terms.push(log instanceof Error ? 0 : log.term);
      }
      return terms;
    }
    return atOnce(read());
  }

  /** Term and vote as they stand on the disk. */
  get durable() {
    const { disk } = this.store;
    function* read() {
      const candidate = yield* disk.Get(keyLastVoteCand);
      return {
        term: yield* disk.GetUint64(keyCurrentTerm),
        voteTerm: yield* disk.GetUint64(keyLastVoteTerm),
        candidate: candidate instanceof Error ? "" : decodeText(candidate),
      };
    }
    return atOnce(read());
  }

  // Making it, and letting it work.

  /** Makes the server; an error ends the test. */
  make(): this {
    const raft = this.tryToMake();
    if (raft instanceof Error) throw raft;
    this.settle();
    return this;
  }

  /** Makes the server, or says why not. */
  tryToMake(): Raft | Error {
    const raft = finish(
      this.driver,
      this.process,
      NewRaft(
        this.conf,
        this.fsm,
        this.store,
        this.store,
        this.snapshots,
        this.transport,
        this.quirks,
      ),
    );
    if (!(raft instanceof Error)) this.made = raft;
    return raft;
  }

  /** Runs a task to its end. */
  run<T>(body: Task<T>): T {
    return finish(this.driver, new Process("test"), body);
  }

  /** Lets every task work until all wait; the time stands still. */
  settle(): void {
    this.driver.scheduler.run();
  }

  pass(durationMs: number): void {
    passTime(this.driver, durationMs);
  }

  /** Goes on until something has happened, for a minute at most. */
  until(happened: () => boolean): void {
    const end = this.now + 60_000;
    this.settle();
    while (!happened()) {
      if (this.now > end || !this.driver.step()) {
        throw new Error(`it did not happen: ${happened}`);
      }
    }
  }

  /** Hands it a request by its main task's channel. */
  send(command: Command): Answer {
    const answer = new Request(command);
    this.transport.rpcCh.trySend(answer);
    this.settle();
    return answer;
  }

  /** Hands it a request as a transport does that knows heartbeats. */
  heartbeat(command: Command): Answer {
    const answer = new Request(command);
    const handler = this.transport.heartbeatHandler;
    if (!handler) throw new Error("no heartbeat handler was set");
    this.driver.scheduler.go(this.process, "heartbeat", handler(answer));
    this.settle();
    return answer;
  }

  /** An AppendEntries of s2, which is answered at once. */
  append(fields: Without<AppendEntriesRequest>): AppendEntriesResponse {
    const { response } = answered(this.send(appendEntries(fields)));
    return response as AppendEntriesResponse;
  }

  /** A RequestVote of s2, which is answered at once. */
  vote(fields: Without<RequestVoteRequest>): RequestVoteResponse {
    const { response } = answered(this.send(requestVote(fields)));
    return response as RequestVoteResponse;
  }

  becomeCandidate(): this {
    this.until(() => this.state === "Candidate");
    return this;
  }

  becomeLeader(peers: Peers = votersOnly): this {
    this.transport.peers = peers;
    this.until(() => this.state === "Leader");
    this.settle();
    return this;
  }

  /** Kills it where it stands. Its disk stays. */
  crash(): void {
    this.process.crash();
  }

  private logger(): Logger {
    const line = (level: string) => (message: string) => {
      this.lines.push(`${level} ${message}`);
    };
    return {
      debug: line("DEBUG"),
      info: line("INFO"),
      warn: line("WARN"),
      error: line("ERROR"),
    };
  }
}

/** The result of a task that never waits, as those of a disk in memory. */
export function atOnce<T>(body: Task<T>): T {
  const step = body.next();
  if (!step.done) throw new Error("the task waits");
  return step.value;
}

class Request implements RPC, Answer {
  readonly command: Command;
  readonly respChan = new Channel<RPCResponse>("respChan", 1);

  constructor(command: Command) {
    this.command = command;
  }

  get now(): RPCResponse | undefined {
    return this.respChan.values()[0];
  }
}

/** The answer, which must have come. */
export function answered(answer: Answer): RPCResponse {
  if (!answer.now) throw new Error("the request has not been answered");
  return answer.now;
}

/** A server that runs, as a follower. */
export function follower(setup: Setup = {}): OneServer {
  const server = new OneServer(setup);
  server.run(preset(server.store.disk, setup));
  return server.make();
}

/** A server that starts again on the disk of one that has crashed. */
export function restarted(old: OneServer, setup: Setup = {}): OneServer {
  const { snapshots } = old;
  return new OneServer({ snapshots, ...setup }, old.store.disk).make();
}

/** Writes what a setup asks for to a disk. */
export function* preset(disk: InmemStore, setup: Setup): Task<void> {
  const { voted, configuration = voters(3) } = setup;
  const logs =
    setup.entries ??
    (setup.log ?? [1]).map((term, i) =>
      i === 0 ? configurationEntry(1, term, configuration) : entry(i + 1, term),
    );
  yield* disk.StoreLogs(logs);
  yield* disk.SetUint64(keyCurrentTerm, setup.term ?? logs.at(-1)?.term ?? 0);
  if (!voted) return;
  yield* disk.SetUint64(keyLastVoteTerm, voted.term);
  yield* disk.Set(keyLastVoteCand, encodeText(`${voted.candidate}addr`));
}

/** An AppendEntries of s2 in term 1, empty unless said otherwise. */
export function appendEntries(
  fields: Without<AppendEntriesRequest>,
): AppendEntriesRequest {
  return {
    kind: "AppendEntriesRequest",
    rpcHeader,
    term: 1,
    leader: encodeText("s2addr"),
    prevLogEntry: 0,
    prevLogTerm: 0,
    entries: [],
    leaderCommitIndex: 0,
    ...fields,
  };
}

/** A RequestVote of s2 in term 2, with a log that is ahead of any other. */
export function requestVote(
  fields: Without<RequestVoteRequest>,
): RequestVoteRequest {
  return {
    kind: "RequestVoteRequest",
    rpcHeader,
    term: 2,
    candidate: encodeText("s2addr"),
    lastLogIndex: 1000,
    lastLogTerm: 1000,
    leadershipTransfer: false,
    ...fields,
  };
}
