/**
 * The few values of a server that several tasks read, with their accessors.
 *
 * They are read through functions and never as bare fields: another task may
 * have changed them at any `yield*`, and the compiler cannot know that.
 *
 * Modelled on HashiCorp Raft v1.1.1, state.go. MPL-2.0, see NOTICE.md.
 */

/**
 * What a server is. Shutdown is final.
 *
 * Go: RaftState, state.go · Paper: §5.1, Figure 4
 */
export type RaftState = "Follower" | "Candidate" | "Leader" | "Shutdown";

/**
 * Written by the main task; read by replication, the API and the tests.
 *
 * Go: raftState, state.go · Paper: Figure 2
 */
export interface RaftStateVars {
  /** The newest term this server knows. On disk before it is here. */
  currentTerm: number;
  /** Everything up to here is committed. In memory only: 0 after a restart. */
  commitIndex: number;
  /** Everything up to here has been handed to the state machine's task. */
  lastApplied: number;
  lastSnapshotIndex: number;
  lastSnapshotTerm: number;
  /** Mirror the last entry of the log store; set after each completed write. */
  lastLogIndex: number;
  lastLogTerm: number;
  state: RaftState;
}

/** A server, for the accessors below. Go: none. */
interface HasVars {
  readonly vars: RaftStateVars;
}

/** A place in the log. Go: none, a pair of results. */
export interface LogPosition {
  readonly index: number;
  readonly term: number;
}

/** A server that has just been made. Go: none, the zero value. */
export function newRaftStateVars(): RaftStateVars {
  return {
    currentTerm: 0,
    commitIndex: 0,
    lastApplied: 0,
    lastSnapshotIndex: 0,
    lastSnapshotTerm: 0,
    lastLogIndex: 0,
    lastLogTerm: 0,
    state: "Follower",
  };
}

/** Go: (*raftState).getState, state.go */
export function getState(r: HasVars): RaftState {
  return r.vars.state;
}

/** Go: (*raftState).getCurrentTerm, state.go */
export function getCurrentTerm(r: HasVars): number {
  return r.vars.currentTerm;
}

/** Go: (*raftState).getCommitIndex, state.go */
export function getCommitIndex(r: HasVars): number {
  return r.vars.commitIndex;
}

/** Go: (*raftState).setCommitIndex, state.go */
export function setCommitIndex(r: HasVars, index: number): void {
  r.vars.commitIndex = index;
}

/** Go: (*raftState).getLastApplied, state.go */
export function getLastApplied(r: HasVars): number {
  return r.vars.lastApplied;
}

/** Go: (*raftState).setLastApplied, state.go */
export function setLastApplied(r: HasVars, index: number): void {
  r.vars.lastApplied = index;
}

/** Go: (*raftState).getLastLog, state.go */
export function getLastLog(r: HasVars): LogPosition {
  return { index: r.vars.lastLogIndex, term: r.vars.lastLogTerm };
}

/** Go: (*raftState).setLastLog, state.go */
export function setLastLog(r: HasVars, { index, term }: LogPosition): void {
  r.vars.lastLogIndex = index;
  r.vars.lastLogTerm = term;
}

/** Go: (*raftState).getLastSnapshot, state.go */
export function getLastSnapshot(r: HasVars): LogPosition {
  return { index: r.vars.lastSnapshotIndex, term: r.vars.lastSnapshotTerm };
}

/** Go: (*raftState).setLastSnapshot, state.go */
export function setLastSnapshot(
  r: HasVars,
  { index, term }: LogPosition,
): void {
  r.vars.lastSnapshotIndex = index;
  r.vars.lastSnapshotTerm = term;
}

/**
 * The last index, in the log or in the snapshot.
 *
 * Go: (*raftState).getLastIndex, state.go
 */
export function getLastIndex(r: HasVars): number {
  return Math.max(r.vars.lastLogIndex, r.vars.lastSnapshotIndex);
}

/**
 * The last entry, in the log or else the last that the snapshot covers.
 *
 * Go: (*raftState).getLastEntry, state.go
 */
export function getLastEntry(r: HasVars): LogPosition {
  const log = getLastLog(r);
  const snapshot = getLastSnapshot(r);
  return log.index >= snapshot.index ? log : snapshot;
}
