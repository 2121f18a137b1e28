/**
 * Everything that a server is plugged into: stores, transport, state machine,
 * logger, metrics. The application brings these; the library calls them.
 *
 * A method that may take time returns a task, so that it can park. A call that
 * fails returns its error. A write has happened when its task ends without an
 * error: then it must survive a crash.
 *
 * Modelled on HashiCorp Raft v1.1.1: log.go, stable.go, snapshot.go,
 * transport.go, fsm.go. MPL-2.0, see NOTICE.md.
 */

import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
  Command,
  EncodedPeer,
  RequestVoteRequest,
  RequestVoteResponse,
  Response,
  TimeoutNowRequest,
  TimeoutNowResponse,
} from "./commands.ts";
import type {
  Configuration,
  ServerAddress,
  ServerID,
} from "./configuration.ts";
import type { Log } from "./log.ts";
import type { Channel } from "./runtime/channel.ts";
import type { Task } from "./runtime/task.ts";

/** Keeps the log. Go: LogStore, log.go */
export interface LogStore {
  /** The first index, 0 when the log is empty. */
  FirstIndex(): Task<number | Error>;
  /** The last index, 0 when the log is empty. */
  LastIndex(): Task<number | Error>;
  /** The entry, or the very value `ErrLogNotFound`. */
  GetLog(index: number): Task<Log | Error>;
  StoreLog(log: Log): Task<Error | undefined>;
  /** Stores the entries in one durable write. */
  StoreLogs(logs: readonly Log[]): Task<Error | undefined>;
  /** Deletes the entries from `min` to `max`, both included. */
  DeleteRange(min: number, max: number): Task<Error | undefined>;
}

/** Keeps the term and the vote. Go: StableStore, stable.go */
export interface StableStore {
  Set(key: string, value: Uint8Array): Task<Error | undefined>;
  /** The value, or an error whose text is "not found". */
  Get(key: string): Task<Uint8Array | Error>;
  SetUint64(key: string, value: number): Task<Error | undefined>;
  /** The value; 0 or an error with the text "not found" when there is none. */
  GetUint64(key: string): Task<number | Error>;
}

/** Describes a snapshot. Go: SnapshotMeta, snapshot.go */
export interface SnapshotMeta {
  readonly version: number;
  /** Names the snapshot within its store. */
  readonly id: string;
  /** The last entry whose effect is in the snapshot. */
  readonly index: number;
  readonly term: number;
  readonly configuration: Configuration;
  readonly configurationIndex: number;
  /** Bytes. */
  readonly size: number;
}

/** Reads bytes to the end. Go: none, `io.ReadCloser`. */
export interface Reader {
  /** The next bytes, or `undefined` at the end. */
  Read(): Task<Uint8Array | Error | undefined>;
  Close(): Task<Error | undefined>;
}

/** Takes the bytes of a new snapshot. Go: SnapshotSink, snapshot.go */
export interface SnapshotSink {
  ID(): string;
  Write(bytes: Uint8Array): Task<Error | undefined>;
  /** Makes the snapshot valid. */
  Close(): Task<Error | undefined>;
  /** Throws away what was written. */
  Cancel(): Task<Error | undefined>;
}

/** Keeps snapshots. Go: SnapshotStore, snapshot.go */
export interface SnapshotStore {
  Create(
    version: number,
    index: number,
    term: number,
    configuration: Configuration,
    configurationIndex: number,
  ): Task<SnapshotSink | Error>;
  /** The snapshots, the newest first. */
  List(): Task<SnapshotMeta[] | Error>;
  Open(id: string): Task<{ meta: SnapshotMeta; source: Reader } | Error>;
}

/** One answer to an RPC. Go: RPCResponse, transport.go */
export interface RPCResponse {
  readonly response: Response | undefined;
  readonly error: Error | undefined;
}

/** A request that waits for its answer. Go: RPC, transport.go */
export interface RPC {
  readonly command: Command;
  /** Has room for one answer; a caller that has left never blocks it. */
  readonly respChan: Channel<RPCResponse>;
}

/**
 * Answers a request. A second answer is ignored.
 *
 * Go: (*RPC).Respond, transport.go
 */
export function respond(rpc: RPC, response?: Response, error?: Error): void {
  rpc.respChan.trySend({ response, error });
}

/**
 * A request of a pipeline with what became of it.
 *
 * Go: AppendFuture, transport.go
 */
export interface AppendFuture {
  /** When it was sent, in milliseconds of the sender's clock. */
  readonly startMs: number;
  readonly request: AppendEntriesRequest;
  readonly result: AppendEntriesResponse | Error;
}

/**
 * Requests go out one after the other; the answers come back in the same
 * order. Go: AppendPipeline, transport.go
 */
export interface AppendPipeline {
  /** Sends. Parks while as many requests are out as the transport allows. */
  AppendEntries(request: AppendEntriesRequest): Task<Error | undefined>;
  /** The answered requests, in the order in which they were sent. */
  Consumer(): Channel<AppendFuture>;
  Close(): void;
}

/** Carries requests between servers. Go: Transport, transport.go */
export interface Transport {
  /** The requests of the others, for the main task. */
  Consumer(): Channel<RPC>;
  LocalAddr(): ServerAddress;
  AppendEntries(
    id: ServerID,
    target: ServerAddress,
    request: AppendEntriesRequest,
  ): Task<AppendEntriesResponse | Error>;
  RequestVote(
    id: ServerID,
    target: ServerAddress,
    request: RequestVoteRequest,
  ): Task<RequestVoteResponse | Error>;
  /**
   * Opens a way to send many AppendEntries without waiting for the answers.
   * `ErrPipelineReplicationNotSupported` says that this transport has none.
   */
  AppendEntriesPipeline(
    id: ServerID,
    target: ServerAddress,
  ): Task<AppendPipeline | Error>;
  TimeoutNow(
    id: ServerID,
    target: ServerAddress,
    request: TimeoutNowRequest,
  ): Task<TimeoutNowResponse | Error>;
  EncodePeer(id: ServerID, address: ServerAddress): EncodedPeer;
  DecodePeer(peer: EncodedPeer): ServerAddress;
  /**
   * Gives heartbeats to a handler that runs on the transport's own task, so
   * that they need not queue behind a slow disk. A transport may ignore it.
   */
  SetHeartbeatHandler(handler: (rpc: RPC) => Task<void>): void;
  /** Called when the server shuts down. Go: WithClose, transport.go */
  Close?(): void;
}

/** The application's state machine. Go: FSM, fsm.go */
export interface FSM {
  /**
   * Applies a committed command; must do the same on every server. What it
   * returns is the response of the future that `Apply` gave.
   */
  Apply(log: Log): unknown | Task<unknown>;
  /** A picture of the state as it is now, to be persisted while it goes on. */
  Snapshot(): FSMSnapshot | Error;
  /** Replaces the whole state. */
  Restore(source: Reader): Task<Error | undefined>;
}

/** A picture of a state machine. Go: FSMSnapshot, fsm.go */
export interface FSMSnapshot {
  Persist(sink: SnapshotSink): Task<Error | undefined>;
  Release(): void;
}

/**
 * What a state machine may also do: learn of configurations.
 *
 * Go: ConfigurationStore, configuration.go
 */
export interface ConfigurationStore {
  StoreConfiguration(index: number, configuration: Configuration): void;
}

/** Values that go with a log line: `{ from: "s2", term: 4 }`. Go: none. */
export type Fields = Readonly<Record<string, unknown>>;

/** Log lines with their level. Go: none, hclog.Logger. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** Numbers for operators. Go: none, go-metrics. */
export interface Metrics {
  incrCounter(key: string, value: number): void;
  setGauge(key: string, value: number): void;
  /** A duration in milliseconds. */
  addSample(key: string, valueMs: number): void;
}
