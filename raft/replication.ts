/**
 * A leader's work for one other server: a `replicate` task that brings its log
 * up to date, and a `heartbeat` task beside it that says "I am alive".
 *
 * A `replicate` task listens to its own follower and to nobody else. What the
 * tasks of all followers share is `commitment`, and that is where a majority
 * is found.
 *
 * Absent until the lesson on snapshots: sending one.
 *
 * Modelled on HashiCorp Raft v1.1.1, replication.go. MPL-2.0, see NOTICE.md.
 */

import type { AppendEntriesRequest } from "./commands.ts";
import { ErrPipelineReplicationNotSupported } from "./errors.ts";
import { getRPCHeader } from "./header.ts";
import type { Log } from "./log.ts";
import type { AppendPipeline } from "./ports.ts";
import {
  type FollowerReplication,
  goFunc,
  measureSince,
  type RaftStruct,
} from "./raft_struct.ts";
import { Channel } from "./runtime/channel.ts";
import type { Timer } from "./runtime/clock.ts";
import { after } from "./runtime/runtime.ts";
import { select, sending } from "./runtime/select.ts";
import type { Task } from "./runtime/task.ts";
import {
  getCommitIndex,
  getLastLog,
  getLastSnapshot,
  type LogPosition,
} from "./state.ts";
import { asyncNotifyCh, backoff, randomTimeout } from "./util.ts";

/** Go: maxFailureScale, replication.go */
const maxFailureScale = 12;
/** The first pause after a failure. Go: failureWait, replication.go */
const failureWaitMs = 10;

/**
 * Keeps one follower up to date for as long as this server leads: request by
 * request until the follower has accepted something, then by a pipeline, and
 * request by request again when that breaks.
 *
 * Go: (*Raft).replicate, replication.go · Paper: §5.3 · Task: replicate
 */
export function* replicate(r: RaftStruct, s: FollowerReplication): Task<void> {
  const stopHeartbeat = new Channel<void>("stopHeartbeat");
  goFunc(r, `heartbeat ${s.peer.id}`, heartbeat(r, s, stopHeartbeat));
  try {
    while (!(yield* replicateByRequest(r, s))) {
      s.allowPipeline = false;
      const error = yield* pipelineReplicate(r, s);
      if (error && error !== ErrPipelineReplicationNotSupported) {
        r.logger.error("Failed to start pipeline replication", {
          to: s.peer.id,
          error,
        });
      }
    }
  } finally {
    stopHeartbeat.close();
  }
}

/**
 * Wakes when there is something to send, and anyhow after the commit timeout,
 * so that the follower learns what is committed. True says: stop; false: go on
 * by a pipeline.
 *
 * Go: (*Raft).replicate, replication.go · Paper: §5.3 · Task: replicate
 */
export function* replicateByRequest(
  r: RaftStruct,
  s: FollowerReplication,
): Task<boolean> {
  for (;;) {
    const event = yield* select({
      stop: s.stopCh,
      deferred: s.triggerDeferErrorCh,
      trigger: s.triggerCh,
      commitTimeout: commitTimer(r),
    });
    let shouldStop = false;
    switch (event.case) {
      case "stop":
        if (event.value > 0) yield* replicateTo(r, s, event.value);
        return true;
      case "deferred":
        shouldStop = yield* replicateTo(r, s, getLastLog(r).index);
        event.value.respond(replicationError(shouldStop));
        break;
      case "trigger":
      case "commitTimeout":
        shouldStop = yield* replicateTo(r, s, getLastLog(r).index);
        break;
      default:
        event satisfies never;
    }
    if (shouldStop) return true;
    if (s.allowPipeline) return false;
  }
}

function commitTimer(r: RaftStruct): Timer | undefined {
  return randomTimeout(r.runtime, r.conf.commitTimeoutMs, "commitTimeout");
}

function replicationError(failed: boolean): Error | undefined {
  return failed ? new Error("replication failed") : undefined;
}

/**
 * Sends entries until the follower has everything up to `lastIndex`, one
 * request and one answer at a time. A refusal moves `nextIndex` back and asks
 * again. True says: this leader is finished with this follower.
 *
 * Go: (*Raft).replicateTo, replication.go · Paper: §5.3 · Task: replicate
 * Differs: nothing is sent once this leadership is over. The log may have been
 * cut while the request was read from it, and v1.1.1 then sends the previous
 * entry of one log with the entries of another.
 */
export function* replicateTo(
  r: RaftStruct,
  s: FollowerReplication,
  lastIndex: number,
): Task<boolean> {
  do {
    if (s.failures > 0) yield* replicateToBackOff(r, s);

    const request = yield* setupAppendEntries(r, s, s.nextIndex, lastIndex);
    if (request instanceof Error) return false;
    if (r.leaderState?.commitment !== s.commitment) return true;

    const start = r.runtime.clock.now();
    const sent = ++s.requestsSent;
    const { id, address } = s.peer;
    const response = yield* r.trans.AppendEntries(id, address, request);
    if (response instanceof Error) {
      r.logger.error("Failed to AppendEntries", { to: id, error: response });
      s.failures++;
      return false;
    }
    appendStats(r, id, start, request.entries.length);

    if (response.term > request.term) {
      handleStaleTerm(r, s);
      return true;
    }
    r.behaviour.contacted(r, s, start);

    if (response.success) {
      updateLastAppended(r, s, request, sent);
      s.failures = 0;
      s.allowPipeline = true;
    } else {
      s.nextIndex = Math.max(
        1,
        Math.min(s.nextIndex - 1, response.lastLog + 1),
      );
      s.failures = response.noRetryBackoff ? 0 : s.failures + 1;
      r.logger.warn("AppendEntries rejected, sending older logs", {
        to: id,
        next: s.nextIndex,
      });
    }

    if (s.stopCh.tryReceive()) return true;
  } while (s.nextIndex <= lastIndex);
  return false;
}

/** Waits longer after each failure. Go: (*Raft).replicateTo, replication.go */
function* replicateToBackOff(
  r: RaftStruct,
  s: FollowerReplication,
): Task<void> {
  const delayMs = backoff(failureWaitMs, s.failures, maxFailureScale);
  yield* select({
    waited: after(r.runtime, delayMs, "backoff"),
    shutdown: r.shutdownCh,
  });
}

/**
 * Tells a follower now and then that its leader is alive, so that it does not
 * campaign while `replicate` waits for a slow disk. Carries no entries, no
 * previous entry and no commit index.
 *
 * Go: (*Raft).heartbeat, replication.go · Paper: §5.2 · Task: heartbeat
 * Paper differs: there a heartbeat is an AppendEntries with previous entry and
 * commit index; here it has neither.
 * Differs: after a failure it waits at most half a heartbeat timeout; in
 * v1.1.1 up to 10.24 s, and a follower that is back campaigns meanwhile
 * (upstream #494).
 */
export function* heartbeat(
  r: RaftStruct,
  s: FollowerReplication,
  stopCh: Channel<void>,
): Task<void> {
  const { heartbeatTimeoutMs } = r.conf;
  const request: AppendEntriesRequest = {
    kind: "AppendEntriesRequest",
    rpcHeader: getRPCHeader(r),
    term: s.currentTerm,
    leader: r.trans.EncodePeer(r.localID, r.localAddr),
    prevLogEntry: 0,
    prevLogTerm: 0,
    entries: [],
    leaderCommitIndex: 0,
  };
  for (let failures = 0; ; ) {
    const event = yield* select({
      notify: s.notifyCh,
      due: randomTimeout(r.runtime, heartbeatTimeoutMs / 10, "heartbeat"),
      stop: stopCh,
    });
    if (event.case === "stop") return;

    const start = r.runtime.clock.now();
    const sent = ++s.requestsSent;
    const { id, address } = s.peer;
    const response = yield* r.trans.AppendEntries(id, address, request);
    if (response instanceof Error) {
      r.logger.error("Failed to heartbeat", { to: id, error: response });
      failures++;
      const delayMs = backoff(failureWaitMs, failures, maxFailureScale);
      const longestMs = heartbeatTimeoutMs / 2;
      yield* select({
        waited: after(r.runtime, Math.min(delayMs, longestMs), "backoff"),
        stop: stopCh,
      });
      continue;
    }
    failures = 0;
    measureSince(r, `raft.replication.heartbeat.${id}`, start);
    if (r.behaviour.heartbeatDeposes(request.term, response.term)) {
      handleStaleTerm(r, s);
      return;
    }
    r.behaviour.contacted(r, s, start);
    notifyAll(r, s, response.success, sent);
  }
}

/**
 * Sends without waiting for the answers. Opened after a first success, and
 * left at the first surprise: whoever reads the answers then ends, and the
 * caller goes back to one request at a time, from the last entry that was
 * acknowledged.
 *
 * `nextIndex` here runs ahead of the answers; `s.nextIndex` follows them.
 *
 * Go: (*Raft).pipelineReplicate, replication.go · Paper: §10.2 (thesis) ·
 * Task: replicate
 */
export function* pipelineReplicate(
  r: RaftStruct,
  s: FollowerReplication,
): Task<Error | undefined> {
  const { id, address } = s.peer;
  const pipeline = yield* r.trans.AppendEntriesPipeline(id, address);
  if (pipeline instanceof Error) return pipeline;
  r.logger.info("pipelining replication", { to: id });

  const stopCh = new Channel<void>("pipelineStopCh");
  const finishCh = new Channel<void>("finishCh");
  const sent: number[] = [];
  goFunc(
    r,
    `pipelineDecode ${id}`,
    pipelineDecode(r, s, pipeline, sent, stopCh, finishCh),
  );
  let nextIndex = s.nextIndex;
  for (let shouldStop = false; !shouldStop; ) {
    const event = yield* select({
      finish: finishCh,
      stop: s.stopCh,
      deferred: s.triggerDeferErrorCh,
      trigger: s.triggerCh,
      commitTimeout: commitTimer(r),
    });
    if (event.case === "finish") break;
    const stopping = event.case === "stop";
    if (stopping && event.value === 0) break;
    const lastIndex = stopping ? event.value : getLastLog(r).index;
    const next = yield* pipelineSend(
      r,
      s,
      pipeline,
      sent,
      nextIndex,
      lastIndex,
    );
    if (event.case === "deferred") {
      event.value.respond(replicationError(next === undefined));
    }
    shouldStop = stopping || next === undefined;
    nextIndex = next ?? nextIndex;
  }
  stopCh.close();
  yield* select({ finish: finishCh, shutdown: r.shutdownCh });
  pipeline.Close();
  r.logger.info("aborting pipeline replication", { to: id });
  return undefined;
}

/**
 * Sends one request and gives the index after its last entry, or `undefined`
 * when the pipeline is of no more use.
 *
 * Go: (*Raft).pipelineSend, replication.go · Task: replicate
 */
export function* pipelineSend(
  r: RaftStruct,
  s: FollowerReplication,
  pipeline: AppendPipeline,
  sent: number[],
  nextIndex: number,
  lastIndex: number,
): Task<number | undefined> {
  const request = yield* setupAppendEntries(r, s, nextIndex, lastIndex);
  if (request instanceof Error) return undefined;
  if (r.leaderState?.commitment !== s.commitment) return undefined;
  sent.push(++s.requestsSent);
  const error = yield* pipeline.AppendEntries(request);
  if (error) {
    r.logger.error("Failed to pipeline AppendEntries", {
      to: s.peer.id,
      error,
    });
    return undefined;
  }
  return nextIndex + request.entries.length;
}

/**
 * Reads the answers of a pipeline, in order, until one is no success.
 *
 * Go: (*Raft).pipelineDecode, replication.go · Paper: §5.3 ·
 * Task: pipelineDecode
 * Differs: a request that failed ends the pipeline; v1.1.1 takes it for a
 * contact. And when the answers end the pipeline is closed, so that the sender
 * cannot wait for room in it (upstream #612).
 */
export function* pipelineDecode(
  r: RaftStruct,
  s: FollowerReplication,
  pipeline: AppendPipeline,
  sent: number[],
  stopCh: Channel<void>,
  finishCh: Channel<void>,
): Task<void> {
  try {
    for (;;) {
      const event = yield* select({
        ready: pipeline.Consumer(),
        stop: stopCh,
      });
      if (event.case === "stop") return;
      const { request, result, startMs } = event.value;
      const number = sent.shift() ?? 0;
      if (result instanceof Error) return;
      appendStats(r, s.peer.id, startMs, request.entries.length);
      if (result.term > request.term) {
        handleStaleTerm(r, s);
        return;
      }
      r.behaviour.contacted(r, s, startMs);
      if (!result.success) return;
      updateLastAppended(r, s, request, number);
    }
  } finally {
    finishCh.close();
    pipeline.Close();
  }
}

/**
 * Makes the request for the entries from `nextIndex` to `lastIndex`. Its term
 * is the one in which this leader was elected; the commit index is today's.
 * Followers at the same place get the same request.
 *
 * Go: (*Raft).setupAppendEntries, replication.go · Paper: §5.3 ·
 * Task: replicate
 */
export function* setupAppendEntries(
  r: RaftStruct,
  s: FollowerReplication,
  nextIndex: number,
  lastIndex: number,
): Task<AppendEntriesRequest | Error> {
  const maxIndex = Math.min(nextIndex + r.conf.maxAppendEntries - 1, lastIndex);
  const leaderCommitIndex = getCommitIndex(r);
  const shared = r.leaderState?.shared;
  if (
    shared?.nextIndex === nextIndex &&
    shared.maxIndex === maxIndex &&
    shared.request.leaderCommitIndex === leaderCommitIndex &&
    shared.request.term === s.currentTerm
  ) {
    return shared.request;
  }
  const previous = yield* setPreviousLog(r, nextIndex);
  if (previous instanceof Error) return previous;
  const entries = yield* setNewLogs(r, nextIndex, maxIndex);
  if (entries instanceof Error) return entries;
  const request: AppendEntriesRequest = {
    kind: "AppendEntriesRequest",
    rpcHeader: getRPCHeader(r),
    term: s.currentTerm,
    leader: r.trans.EncodePeer(r.localID, r.localAddr),
    prevLogEntry: previous.index,
    prevLogTerm: previous.term,
    entries,
    leaderCommitIndex,
  };
  if (r.leaderState) r.leaderState.shared = { nextIndex, maxIndex, request };
  return request;
}

/**
 * Index and term of the entry before `nextIndex`, for the follower's check.
 *
 * Go: (*Raft).setPreviousLog, replication.go · Paper: §5.3 · Task: replicate
 */
export function* setPreviousLog(
  r: RaftStruct,
  nextIndex: number,
): Task<LogPosition | Error> {
  const snapshot = getLastSnapshot(r);
  if (nextIndex === 1) return { index: 0, term: 0 };
  if (nextIndex - 1 === snapshot.index) return snapshot;
  return yield* readLog(r, nextIndex - 1);
}

/**
 * The entries from `nextIndex` to `maxIndex`.
 *
 * Go: (*Raft).setNewLogs, replication.go · Task: replicate
 */
export function* setNewLogs(
  r: RaftStruct,
  nextIndex: number,
  maxIndex: number,
): Task<Log[] | Error> {
  const entries: Log[] = [];
  for (let index = nextIndex; index <= maxIndex; index++) {
    const entry = yield* readLog(r, index);
    if (entry instanceof Error) return entry;
    entries.push(entry);
  }
  return entries;
}

/** Reads an entry and says so when it cannot. Go: none, said in both places. */
function* readLog(r: RaftStruct, index: number): Task<Log | Error> {
  const entry = yield* r.logs.GetLog(index);
  if (entry instanceof Error) {
    r.logger.error("Failed to get log", { index, error: entry });
  }
  return entry;
}

/** Go: appendStats, replication.go */
function appendStats(
  r: RaftStruct,
  peer: string,
  startMs: number,
  logs: number,
): void {
  const key = "raft.replication.appendEntries";
  measureSince(r, `${key}.rpc.${peer}`, startMs);
  r.metrics.incrCounter(`${key}.logs.${peer}`, logs);
}

/**
 * The follower is in a newer term: this leader's time is over. The leader loop
 * is told; it will learn the term itself from the next message.
 *
 * Go: (*Raft).handleStaleTerm, replication.go · Paper: §5.1 ·
 * Task: replicate
 * Paper differs: a server enters a newer term that it meets in an answer; here
 * the leader steps down and stays in its own until a request brings the newer.
 */
export function handleStaleTerm(r: RaftStruct, s: FollowerReplication): void {
  r.logger.error("peer has newer term, stopping replication", {
    peer: s.peer.id,
  });
  notifyAll(r, s, false, s.requestsSent);
  asyncNotifyCh(s.stepDown);
}

/**
 * The follower has stored what was sent: move on, and count it. A success
 * without entries counts nothing, but it says that this server leads.
 *
 * Go: updateLastAppended, replication.go · Paper: §5.3 · Task: replicate
 */
export function updateLastAppended(
  r: RaftStruct,
  s: FollowerReplication,
  request: AppendEntriesRequest,
  sent: number,
): void {
  const last = request.entries.at(-1);
  if (last) {
    s.nextIndex = last.index + 1;
    s.commitment.match(s.peer.id, last.index);
  }
  notifyAll(r, s, true, sent);
}

/**
 * Gives the follower's word to the open questions. `sent` is the number of the
 * request that it answers.
 *
 * Go: (*followerReplication).notifyAll, replication.go ·
 * Paper: thesis §6.4 · Task: replicate
 */
export function notifyAll(
  r: RaftStruct,
  s: FollowerReplication,
  leader: boolean,
  sent: number,
): void {
  for (const [question, asked] of s.notify) {
    if (leader && !r.behaviour.countsAsLeader(s, asked, sent)) continue;
    s.notify.delete(question);
    if (!question.vote(leader)) continue;
    if (r.verifyCh.trySend(question)) continue;
    goFunc(r, "verified", send(r.verifyCh, question, r.shutdownCh));
  }
}

function* send<T>(
  ch: Channel<T>,
  value: T,
  shutdownCh: Channel<void>,
): Task<void> {
  yield* select({ sent: sending(ch, value), shutdown: shutdownCh });
}
