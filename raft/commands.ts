/**
 * The messages that servers send one another.
 *
 * Every message is made once and never changed: the receiver may be handed the
 * very object that the sender keeps. Names on the wire (`PrevLogEntry` …) are
 * the codec's business.
 *
 * Absent until the lesson on snapshots: InstallSnapshot.
 *
 * Modelled on HashiCorp Raft v1.1.1, commands.go. MPL-2.0, see NOTICE.md.
 */

import type { Log } from "./log.ts";

/** A server's address as the transport writes it. Go: none, `[]byte`. */
export type EncodedPeer = Uint8Array;

/** What every message begins with. Go: RPCHeader, commands.go */
export interface RPCHeader {
  readonly protocolVersion: number;
}

/**
 * The leader's entries for one follower; without entries it still carries the
 * commit index, and with nothing but term and leader it is a heartbeat.
 *
 * Go: AppendEntriesRequest, commands.go · Paper: Figure 2
 */
export interface AppendEntriesRequest {
  readonly kind: "AppendEntriesRequest";
  readonly rpcHeader: RPCHeader;
  readonly term: number;
  readonly leader: EncodedPeer;
  /** Index and term of the entry just before the first new one. */
  readonly prevLogEntry: number;
  readonly prevLogTerm: number;
  readonly entries: readonly Log[];
  readonly leaderCommitIndex: number;
}

/** Go: AppendEntriesResponse, commands.go · Paper: Figure 2 */
export interface AppendEntriesResponse {
  readonly kind: "AppendEntriesResponse";
  readonly rpcHeader: RPCHeader;
  term: number;
  /** The follower's last index: a hint for a leader that is too far ahead. */
  readonly lastLog: number;
  success: boolean;
  /** The refusal is about the previous entry: ask again without a pause. */
  noRetryBackoff: boolean;
}

/** Go: RequestVoteRequest, commands.go · Paper: Figure 2 */
export interface RequestVoteRequest {
  readonly kind: "RequestVoteRequest";
  readonly rpcHeader: RPCHeader;
  readonly term: number;
  readonly candidate: EncodedPeer;
  /** The candidate's last entry, for the up-to-date check. */
  readonly lastLogIndex: number;
  readonly lastLogTerm: number;
  /** The leader itself asked for this election: a voter may leave it. */
  readonly leadershipTransfer: boolean;
}

/** Go: RequestVoteResponse, commands.go · Paper: Figure 2 */
export interface RequestVoteResponse {
  readonly kind: "RequestVoteResponse";
  readonly rpcHeader: RPCHeader;
  term: number;
  granted: boolean;
}

/**
 * Tells a server to start an election at once. It carries no term.
 *
 * Go: TimeoutNowRequest, commands.go · Paper: thesis §3.10
 */
export interface TimeoutNowRequest {
  readonly kind: "TimeoutNowRequest";
  readonly rpcHeader: RPCHeader;
}

/** Go: TimeoutNowResponse, commands.go */
export interface TimeoutNowResponse {
  readonly kind: "TimeoutNowResponse";
  readonly rpcHeader: RPCHeader;
}

/** Any request. Go: none, `interface{}`. */
export type Command =
  | AppendEntriesRequest
  | RequestVoteRequest
  | TimeoutNowRequest;

/** Any answer. Go: none, `interface{}`. */
export type Response =
  | AppendEntriesResponse
  | RequestVoteResponse
  | TimeoutNowResponse;
