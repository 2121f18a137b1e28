/**
 * One server: every field it has, grouped by the task that owns it.
 *
 * `RaftStruct` is Go's `Raft` struct. Functions take it as their first
 * parameter, where Go has a receiver; `class Raft` in api.ts is what an
 * application holds.
 *
 * Modelled on HashiCorp Raft v1.1.1, api.go, raft.go and replication.go.
 * MPL-2.0, see NOTICE.md.
 */

import type { AppendEntriesRequest } from "./commands.ts";
import type { Commitment } from "./commitment.ts";
import type { Config } from "./config.ts";
import type {
  Configurations,
  Server,
  ServerAddress,
  ServerID,
} from "./configuration.ts";
import type {
  BootstrapFuture,
  DeferError,
  LogFuture,
  VerifyFuture,
} from "./future.ts";
import type { Log } from "./log.ts";
import type { LogCache } from "./log_cache.ts";
import type { Observation, Observer } from "./observer.ts";
import type {
  FSM,
  Logger,
  LogStore,
  Metrics,
  RPC,
  SnapshotStore,
  StableStore,
  Transport,
} from "./ports.ts";
import type { Channel } from "./runtime/channel.ts";
import { go, type Runtime } from "./runtime/runtime.ts";
import type { Task } from "./runtime/task.ts";
import type { WaitGroup } from "./runtime/wait_group.ts";
import type { RaftState, RaftStateVars } from "./state.ts";

/** Go: Raft, api.go */
export interface RaftStruct {
  // What it was made with.
  readonly conf: Config;
  readonly runtime: Runtime;
  readonly localID: ServerID;
  readonly localAddr: ServerAddress;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly fsm: FSM;
  readonly logs: LogStore;
  readonly stable: StableStore;
  readonly snapshots: SnapshotStore;
  readonly trans: Transport;
  /** The places where this server departs from v1.1.1, or does not. */
  readonly behaviour: Behaviour;

  /** Term, role, indexes: written by the main task, read by many. */
  readonly vars: RaftStateVars;
  /** Shutdown waits for these. Go: raftState.routinesGroup, state.go */
  readonly routines: WaitGroup;

  // Owned by the main task.
  readonly configurations: Configurations;
  /** Set while this server leads, else undefined. */
  leaderState: LeaderState | undefined;
  /** This candidacy was asked for by the leader: voters may leave it. */
  candidateFromLeadershipTransfer: boolean;
  /** The leader this server knows; "" is none. */
  leader: ServerAddress;
  /** When this server last heard from a leader it accepts, or voted. */
  lastContactMs: number | undefined;

  // Owned by nobody: how the tasks talk.
  /**
   * Requests of the other servers. Made by the transport.
   * Second signal: the next request; they are taken one by one.
   */
  readonly rpcCh: Channel<RPC>;
  /**
   * New entries, from Apply to whichever loop runs.
   * Second signal: the next entry; each caller waits until it is taken.
   */
  readonly applyCh: Channel<LogFuture>;
  /**
   * Committed entries, for the state machine's task.
   * Second signal: the next entry. When 128 wait, the main task waits too.
   */
  readonly fsmMutateCh: Channel<CommitTuple>;
  /**
   * Questions whether this server still leads, twice: when they are asked, and
   * when the followers have decided them.
   * Second signal: the next question, or the next decision.
   */
  readonly verifyCh: Channel<VerifyFuture>;
  /**
   * A configuration for a server that has none.
   * Second signal: the next request, which is refused.
   */
  readonly bootstrapCh: Channel<BootstrapFuture>;
  /**
   * Whether this server leads, for the application.
   * Second signal: replaces the first if nobody has received it.
   */
  readonly leaderCh: Channel<boolean>;
  /**
   * Closed by Shutdown: every loop ends.
   * Second signal: none, it is closed once and is ready for ever.
   */
  readonly shutdownCh: Channel<void>;

  readonly observers: Set<Observer>;
}

/** A committed entry, and who waits for it. Go: commitTuple, raft.go */
export interface CommitTuple {
  readonly log: Log;
  readonly future: LogFuture | undefined;
}

/** What only a leader has. Go: leaderState, raft.go */
export interface LeaderState {
  /**
   * The commit index has grown.
   * Second signal: merges with the first; the loop reads the newest index.
   */
  readonly commitCh: Channel<void>;
  readonly commitment: Commitment;
  /** Entries on their way, in the order of their indexes. */
  readonly inflight: LogFuture[];
  readonly replState: Map<ServerID, FollowerReplication>;
  /** Questions that are not decided yet. */
  readonly notify: Set<VerifyFuture>;
  /** The newest request: followers at the same place get the same one. */
  shared: SharedRequest | undefined;
  /**
   * A follower knows a newer term.
   * Second signal: merges with the first.
   */
  readonly stepDown: Channel<void>;
}

/** A request and what it was made for. Go: none, made anew for each. */
export interface SharedRequest {
  readonly nextIndex: number;
  readonly maxIndex: number;
  readonly request: AppendEntriesRequest;
}

/**
 * A leader's work for one other server. Owned by that server's `replicate`
 * task, but for the channels and `lastContactMs`.
 *
 * Go: followerReplication, replication.go · Paper: Figure 2, nextIndex
 */
export interface FollowerReplication {
  /** Whom it sends to. Its address may change, its ID never. */
  peer: Server;
  readonly commitment: Commitment;
  /** The term in which this leader was elected, whatever comes later. */
  readonly currentTerm: number;
  /** The next entry to send. Never below 1. */
  nextIndex: number;
  /** When the last request was sent that this follower has answered. */
  lastContactMs: number;
  /** Rounds that failed one after the other: how long to back off. */
  failures: number;
  /**
   * Ends replication. Closing it gives 0: leave at once.
   * Second signal: none.
   */
  readonly stopCh: Channel<number>;
  /**
   * There is something to send.
   * Second signal: merges with the first.
   */
  readonly triggerCh: Channel<void>;
  /**
   * Replicate now, and say whether it went well.
   * Second signal: the next request; the sender waits for room.
   */
  readonly triggerDeferErrorCh: Channel<DeferError>;
  /**
   * A question whether this server leads: send a heartbeat at once.
   * Second signal: merges with the first.
   */
  readonly notifyCh: Channel<void>;
  /** Open questions, each with how many requests had been sent before it. */
  notify: Map<VerifyFuture, number>;
  /** How many requests have been sent to this follower. */
  requestsSent: number;
  /** The follower has accepted something: the pipeline may begin. */
  allowPipeline: boolean;
  readonly stepDown: Channel<void>;
}

/**
 * Where ours differs from v1.1.1 and v1.1.1's way can be had back. Each is one
 * function; differs.ts has ours.
 *
 * Go: none.
 */
export interface Behaviour {
  persistVote(
    r: RaftStruct,
    term: number,
    candidate: Uint8Array,
  ): Task<Error | undefined>;
  processHeartbeat(r: RaftStruct, rpc: RPC): Task<void>;
  campaignsUnsettled(r: RaftStruct): boolean;
  mayLead(r: RaftStruct, candidate: ServerAddress): boolean;
  commitBound(r: RaftStruct, request: AppendEntriesRequest): number;
  countsAsLeader(s: FollowerReplication, asked: number, sent: number): boolean;
  cacheStoreLogs(
    cache: LogCache,
    logs: readonly Log[],
  ): Task<Error | undefined>;
  contacted(r: RaftStruct, s: FollowerReplication, sentMs: number): void;
  heartbeatDeposes(requestTerm: number, responseTerm: number): boolean;
}

/**
 * The leader that this server knows, or "".
 *
 * Go: (*Raft).Leader, api.go
 */
export function getLeader(r: RaftStruct): ServerAddress {
  return r.leader;
}

/** Go: (*Raft).setLeader, raft.go */
export function setLeader(r: RaftStruct, leader: ServerAddress): void {
  if (r.leader === leader) return;
  r.leader = leader;
  observe(r, { kind: "Leader", leader });
}

/**
 * Changes the role, and forgets the leader first: whoever knows the new one
 * sets it afterwards.
 *
 * Go: (*Raft).setState, raft.go
 */
export function setState(r: RaftStruct, state: RaftState): void {
  setLeader(r, "");
  if (r.vars.state === state) return;
  r.vars.state = state;
  observe(r, { kind: "RaftState", state });
}

/** Go: (*Raft).setLastContact, raft.go */
export function setLastContact(r: RaftStruct): void {
  r.lastContactMs = r.runtime.clock.now();
}

/** Tells every observer. Go: (*Raft).observe, observer.go */
export function observe(r: RaftStruct, observation: Observation): void {
  for (const observer of r.observers) observer.take(r.runtime, observation);
}

/**
 * Starts one of the tasks that Shutdown waits for.
 *
 * Go: (*raftState).goFunc, state.go
 */
export function goFunc(r: RaftStruct, name: string, body: Task<void>): void {
  go(r.runtime, name, r.routines.counted(body));
}

/** Reports how long something took. Go: none, metrics.MeasureSince. */
export function measureSince(
  r: RaftStruct,
  key: string,
  startMs: number,
): void {
  r.metrics.addSample(key, r.runtime.clock.now() - startMs);
}
