/**
 * What an application calls: `NewRaft`, and the methods of `Raft`.
 *
 * There is no main in a library. `NewRaft` is where a server begins: its last
 * lines start the three tasks that it consists of, and return.
 *
 * Modelled on HashiCorp Raft v1.1.1, api.go. MPL-2.0, see NOTICE.md.
 */

import { because } from "./bootstrap.ts";
import { type Config, ValidateConfig } from "./config.ts";
import {
  type Configuration,
  emptyConfiguration,
  type ServerAddress,
} from "./configuration.ts";
import { ErrEnqueueTimeout, ErrRaftShutdown, isNotFound } from "./errors.ts";
import { runFSM } from "./fsm.ts";
import {
  type ApplyFuture,
  BootstrapFuture,
  type DeferError,
  type Future,
  LogFuture,
  VerifyFuture,
} from "./future.ts";
import { LogType } from "./log.ts";
import { LogCache } from "./log_cache.ts";
import { newLogger, noMetrics } from "./logger.ts";
import type { Observer } from "./observer.ts";
import type {
  FSM,
  LogStore,
  SnapshotMeta,
  SnapshotStore,
  StableStore,
  Transport,
} from "./ports.ts";
import { type Quirk, withQuirks } from "./quirks.ts";
import {
  processConfigurationLogEntry,
  run,
  setCurrentTerm,
  shutdown,
} from "./raft.ts";
import { getLeader, goFunc, type RaftStruct, setState } from "./raft_struct.ts";
import { Channel } from "./runtime/channel.ts";
import { hash32 } from "./runtime/random.ts";
import { after, go, realRuntime } from "./runtime/runtime.ts";
import { select, sending } from "./runtime/select.ts";
import type { Task } from "./runtime/task.ts";
import { WaitGroup } from "./runtime/wait_group.ts";
import { runSnapshots } from "./snapshot.ts";
import { keyCurrentTerm } from "./stable.ts";
import {
  getCommitIndex,
  getCurrentTerm,
  getLastApplied,
  getLastIndex,
  getLastSnapshot,
  getState,
  newRaftStateVars,
  type RaftState,
  setLastApplied,
  setLastLog,
  setLastSnapshot,
} from "./state.ts";

/**
 * Makes a server out of what the stores remember, and starts it. It begins as
 * a follower. Whether it is new, restarted or restored makes no difference to
 * the caller; a new one needs a configuration from somewhere before it does
 * anything: from `BootstrapCluster`, or from a leader.
 *
 * Returns an error, and starts nothing, when the configuration is invalid or a
 * store cannot be read. `quirks` names the defects of v1.1.1 to put back.
 *
 * Go: NewRaft, api.go · Task: the caller's
 */
export function* NewRaft(
  conf: Config,
  fsm: FSM,
  logs: LogStore,
  stable: StableStore,
  snaps: SnapshotStore,
  trans: Transport,
  quirks: readonly Quirk[] = [],
): Task<Raft | Error> {
  const invalid = ValidateConfig(conf);
  if (invalid) return invalid;

  const currentTerm = yield* stable.GetUint64(keyCurrentTerm);
  if (currentTerm instanceof Error && !isNotFound(currentTerm)) {
    return because("failed to load current term", currentTerm);
  }
  const lastIndex = yield* logs.LastIndex();
  if (lastIndex instanceof Error) {
    return because("failed to find last log", lastIndex);
  }
  const lastLog =
    lastIndex > 0 ? yield* logs.GetLog(lastIndex) : { index: 0, term: 0 };
  if (lastLog instanceof Error) {
    return because(`failed to get last log at index ${lastIndex}`, lastLog);
  }

  const r: RaftStruct = {
    conf,
    runtime: conf.runtime ?? realRuntime(conf.localID, hash32(conf.localID)),
    localID: conf.localID,
    localAddr: trans.LocalAddr(),
    logger: conf.logger ?? newLogger("raft", conf.logLevel),
    metrics: conf.metrics ?? noMetrics,
    fsm,
    logs,
    stable,
    snapshots: snaps,
    trans,
    behaviour: withQuirks(quirks),
    vars: newRaftStateVars(),
    routines: new WaitGroup(),
    configurations: {
      committed: emptyConfiguration,
      committedIndex: 0,
      latest: emptyConfiguration,
      latestIndex: 0,
    },
    leaderState: undefined,
    candidateFromLeadershipTransfer: false,
    leader: "",
    lastContactMs: undefined,
    rpcCh: trans.Consumer(),
    applyCh: new Channel("applyCh"),
    fsmMutateCh: new Channel("fsmMutateCh", 128),
    verifyCh: new Channel("verifyCh", 64),
    bootstrapCh: new Channel("bootstrapCh"),
    leaderCh: new Channel("leaderCh", 1),
    shutdownCh: new Channel("shutdownCh"),
    observers: new Set(),
  };
  setState(r, "Follower");
  yield* setCurrentTerm(r, currentTerm instanceof Error ? 0 : currentTerm);
  setLastLog(r, lastLog);

  const notRestored = yield* restoreSnapshot(r);
  if (notRestored) return notRestored;

  for (let i = getLastSnapshot(r).index + 1; i <= lastIndex; i++) {
    const entry = yield* logs.GetLog(i);
    if (entry instanceof Error) {
      r.logger.error("Failed to get log", { index: i, error: entry });
      throw because(`failed to get log at ${i}`, entry);
    }
    processConfigurationLogEntry(r, entry);
  }
  r.logger.info("initial configuration", {
    index: r.configurations.latestIndex,
    servers: r.configurations.latest.servers,
  });

  if (logs instanceof LogCache) logs.storeLogs = r.behaviour.cacheStoreLogs;
  trans.SetHeartbeatHandler((rpc) => r.behaviour.processHeartbeat(r, rpc));

  goFunc(r, "run", run(r));
  goFunc(r, "runFSM", runFSM(r));
  goFunc(r, "runSnapshots", runSnapshots(r));
  return new Raft(r);
}

/**
 * Puts the state machine back to the newest snapshot that can be read. None of
 * several being readable is an error; none being there is not.
 *
 * Go: (*Raft).restoreSnapshot, api.go · Paper: §7 · Task: the caller's
 */
export function* restoreSnapshot(r: RaftStruct): Task<Error | undefined> {
  const snapshots = yield* r.snapshots.List();
  if (snapshots instanceof Error) {
    r.logger.error("Failed to list snapshots", { error: snapshots });
    return snapshots;
  }
  for (const meta of snapshots) {
    if (!r.conf.noSnapshotRestoreOnStart) {
      const error = yield* restoreContent(r, meta);
      if (error) {
        r.logger.error("Failed to restore snapshot", { id: meta.id, error });
        continue;
      }
      r.logger.info("restored from snapshot", { id: meta.id });
    }
    setLastApplied(r, meta.index);
    setLastSnapshot(r, meta);
    r.configurations.committed = meta.configuration;
    r.configurations.committedIndex = meta.configurationIndex;
    r.configurations.latest = meta.configuration;
    r.configurations.latestIndex = meta.configurationIndex;
    return undefined;
  }
  if (snapshots.length === 0) return undefined;
  return new Error("failed to load any existing snapshots");
}

function* restoreContent(
  r: RaftStruct,
  meta: SnapshotMeta,
): Task<Error | undefined> {
  const opened = yield* r.snapshots.Open(meta.id);
  if (opened instanceof Error) return opened;
  const error = yield* r.fsm.Restore(opened.source);
  yield* opened.source.Close();
  return error;
}

/**
 * A server, for the application. The calls return at once; what takes time
 * comes as a future.
 *
 * Go: Raft, api.go
 */
export class Raft {
  /** The server itself. Read it, and leave it as it is. */
  readonly r: RaftStruct;
  /** Closed when the last request that was made stands in its queue. */
  private queued: Channel<void> | undefined;

  constructor(r: RaftStruct) {
    this.r = r;
  }

  /**
   * Has a command applied to the state machine of every server. Only a leader
   * can: the future fails with `ErrNotLeader` on any other, and with
   * `ErrLeadershipLost` when the outcome is unknown.
   *
   * `timeoutMs` bounds how long the command waits to be taken by the main
   * task, not how long it takes; 0 is for ever. Its error is
   * `ErrEnqueueTimeout`.
   *
   * Go: (*Raft).Apply, api.go · Paper: §5.3
   */
  Apply(command: Uint8Array, timeoutMs: number): ApplyFuture {
    return this.ApplyLog({ data: command }, timeoutMs);
  }

  /** The same with extensions for middleware. Go: (*Raft).ApplyLog, api.go */
  ApplyLog(
    log: { readonly data: Uint8Array; readonly extensions?: Uint8Array },
    timeoutMs: number,
  ): ApplyFuture {
    const { r } = this;
    r.metrics.incrCounter("raft.apply", 1);
    const future = new LogFuture(LogType.Command, log.data, log.extensions);
    this.enqueue("Apply", r.applyCh, future, timeoutMs);
    return future;
  }

  /**
   * Is answered when everything before it has been applied here. What is read
   * afterwards from the state machine of this leader holds all of it.
   *
   * Go: (*Raft).Barrier, api.go
   */
  Barrier(timeoutMs: number): Future {
    const { r } = this;
    r.metrics.incrCounter("raft.barrier", 1);
    const future = new LogFuture(LogType.Barrier);
    this.enqueue("Barrier", r.applyCh, future, timeoutMs);
    return future;
  }

  /**
   * Is answered when a majority has said, after this call, that this server
   * still leads; fails with `ErrNotLeader` if not, and with
   * `ErrLeadershipLost` if it stops leading meanwhile.
   *
   * Go: (*Raft).VerifyLeader, api.go · Paper: thesis §6.4
   */
  VerifyLeader(): Future {
    const { r } = this;
    r.metrics.incrCounter("raft.verify_leader", 1);
    const future = new VerifyFuture();
    this.enqueue("VerifyLeader", r.verifyCh, future, 0);
    return future;
  }

  /** Go: (*Raft).BootstrapCluster, api.go */
  BootstrapCluster(configuration: Configuration): Future {
    const future = new BootstrapFuture(configuration);
    this.enqueue("BootstrapCluster", this.r.bootstrapCh, future, 0);
    return future;
  }

  /** The leader it knows, "" for none. Go: (*Raft).Leader, api.go */
  Leader(): ServerAddress {
    return getLeader(this.r);
  }

  /** Go: (*Raft).State, api.go */
  State(): RaftState {
    return getState(this.r);
  }

  /** The newest term this server knows. Go: none, upstream 1.7.2. */
  CurrentTerm(): number {
    return getCurrentTerm(this.r);
  }

  /** Everything up to here is committed. Go: none, upstream 1.6.0. */
  CommitIndex(): number {
    return getCommitIndex(this.r);
  }

  /** The last index, committed or not. Go: (*Raft).LastIndex, api.go */
  LastIndex(): number {
    return getLastIndex(this.r);
  }

  /** The last index handed on. Go: (*Raft).AppliedIndex, api.go */
  AppliedIndex(): number {
    return getLastApplied(this.r);
  }

  /** When it last heard a leader. Go: (*Raft).LastContact, api.go */
  LastContact(): number | undefined {
    return this.r.lastContactMs;
  }

  /** True when it begins to lead. Go: (*Raft).LeaderCh, api.go */
  LeaderCh(): Channel<boolean> {
    return this.r.leaderCh;
  }

  /** Go: (*Raft).RegisterObserver, observer.go */
  RegisterObserver(observer: Observer): void {
    this.r.observers.add(observer);
  }

  /** Go: (*Raft).DeregisterObserver, observer.go */
  DeregisterObserver(observer: Observer): void {
    this.r.observers.delete(observer);
  }

  /** Ends the server. Not a graceful exit. Go: (*Raft).Shutdown, api.go */
  Shutdown(): Future {
    return shutdown(this.r);
  }

  private enqueue<F extends DeferError>(
    name: string,
    ch: Channel<F>,
    future: F,
    timeoutMs: number,
  ): void {
    const { r } = this;
    const before = this.queued;
    const queued = new Channel<void>("queued");
    this.queued = queued;
    go(r.runtime, name, enqueue(r, ch, future, timeoutMs, before, queued));
  }

  /** Go: (*Raft).String, api.go */
  toString(): string {
    return `Node at ${this.r.localAddr} [${this.State()}]`;
  }
}

/**
 * Waits until the main task takes the request. It queues behind the requests
 * that were made before: a caller's commands keep their order.
 *
 * Go: none, a select a call.
 * Differs: nothing is queued after a shutdown. v1.1.1 may still put a question
 * into verifyCh, which has room, and nobody answers it.
 */
function* enqueue<F extends DeferError>(
  r: RaftStruct,
  ch: Channel<F>,
  future: F,
  timeoutMs: number,
  before: Channel<void> | undefined,
  queued: Channel<void>,
): Task<void> {
  if (before?.closed === false) yield* before.receive();
  queued.close(); // the next one runs when this one has parked
  const event = yield* select({
    taken: r.shutdownCh.closed ? undefined : sending(ch, future),
    timeout: timeoutMs > 0 ? after(r.runtime, timeoutMs) : undefined,
    shutdown: r.shutdownCh,
  });
  if (event.case === "timeout") future.respond(ErrEnqueueTimeout);
  if (event.case === "shutdown") future.respond(ErrRaftShutdown);
}
