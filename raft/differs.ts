/**
 * The mended places of v1.1.1 that have a quirk: ours. The same names in
 * quirks.ts are v1.1.1's. NewRaft puts together which of the two a server has,
 * and no other file knows that there is a choice.
 *
 * Modelled on HashiCorp Raft v1.1.1, raft.go. MPL-2.0, see NOTICE.md.
 */

import type { AppendEntriesRequest } from "./commands.ts";
import {
  hasVote,
  type ServerAddress,
  ServerSuffrage,
  voters,
} from "./configuration.ts";
import { getRPCHeader } from "./header.ts";
import { storeThenKeep } from "./log_cache.ts";
import { type RPC, respond } from "./ports.ts";
import {
  type Behaviour,
  type FollowerReplication,
  getLeader,
  type RaftStruct,
  setLastContact,
} from "./raft_struct.ts";
import { select, sending } from "./runtime/select.ts";
import type { Task } from "./runtime/task.ts";
import { keyLastVoteCand, keyLastVoteTerm } from "./stable.ts";
import { getCurrentTerm, getLastIndex, getState } from "./state.ts";

/**
 * Remembers a vote in two writes, and a crash between them leaves the new
 * candidate with an older term: a vote that no request can match any more,
 * because the current term, which went to disk before, is newer.
 *
 * Go: (*Raft).persistVote, raft.go · Paper: Figure 2, votedFor · Task: run
 * Differs: v1.1.1 writes the term first. A crash then leaves the new term with
 * the old candidate, who is taken for a repeated request and gets the vote
 * without the log check (upstream #661).
 */
export function* persistVote(
  r: RaftStruct,
  term: number,
  candidate: Uint8Array,
): Task<Error | undefined> {
  const error = yield* r.stable.Set(keyLastVoteCand, candidate);
  if (error) return error;
  return yield* r.stable.SetUint64(keyLastVoteTerm, term);
}

/**
 * Takes a heartbeat on the transport's task. When term, leader and role
 * already agree, all it has to say is "I am alive", and that is noted at once,
 * even while the main task waits for the disk. Anything else is for the main
 * task, which alone may change the term or the role.
 *
 * Go: (*Raft).processHeartbeat, raft.go · Paper: §5.2 · Task: serve
 * Differs: v1.1.1 handles the whole request here, beside the main task, and
 * changes term and role under it (upstream #695).
 */
export function* processHeartbeat(r: RaftStruct, rpc: RPC): Task<void> {
  const { command } = rpc;
  if (
    command.kind === "AppendEntriesRequest" &&
    command.term === getCurrentTerm(r) &&
    getState(r) === "Follower" &&
    r.trans.DecodePeer(command.leader) === getLeader(r)
  ) {
    setLastContact(r);
    respond(rpc, {
      kind: "AppendEntriesResponse",
      rpcHeader: getRPCHeader(r),
      term: getCurrentTerm(r),
      lastLog: getLastIndex(r),
      success: true,
      noRetryBackoff: false,
    });
    return;
  }
  yield* select({ main: sending(r.rpcCh, rpc), shutdown: r.shutdownCh });
}

/**
 * Whether this server may campaign while its latest configuration is not known
 * to be committed: if it is a voter there.
 *
 * Go: none, the last branch of (*Raft).runFollower's timer case · Task: run
 * Differs: in v1.1.1 any server may, a non-voter too, and it can win (upstream
 * #476, #483).
 */
export function campaignsUnsettled(r: RaftStruct): boolean {
  return hasVote(r.configurations.latest, r.localID);
}

/**
 * Whether a candidate may have a vote at all: if it is a voter itself. The
 * address decides, because v1.1.1's request does not carry the ID.
 *
 * Go: none, added to (*Raft).requestVote · Task: run
 * Differs: v1.1.1 votes for anybody (upstream #483, #526).
 */
export function mayLead(r: RaftStruct, candidate: ServerAddress): boolean {
  return voters(r.configurations.latest).some(
    (server) => server.address === candidate,
  );
}

/**
 * How far a follower may commit: what the leader has committed, but nothing
 * that this request has not checked.
 *
 * Go: (*Raft).appendEntries, raft.go · Paper: §5.3, Figure 2 · Task: run
 * Differs: v1.1.1 goes up to its own last entry, checked or not.
 */
export function commitBound(
  _r: RaftStruct,
  request: AppendEntriesRequest,
): number {
  return request.prevLogEntry + request.entries.length;
}

/**
 * Whether a follower's answer counts for an open question: it has a vote, and
 * the request it answers was sent after the question was asked.
 *
 * Go: (*followerReplication).notifyAll, replication.go · Task: replicate
 * Differs: in v1.1.1 every server counts, and every answer that comes in
 * after the question.
 */
export function countsAsLeader(
  s: FollowerReplication,
  asked: number,
  sent: number,
): boolean {
  return s.peer.suffrage === ServerSuffrage.Voter && sent > asked;
}

/** Store first: see log_cache.ts. Go: (*LogCache).StoreLogs, log_cache.go */
export const cacheStoreLogs = storeThenKeep;

/**
 * A follower has answered. It has known this leader when it got the request,
 * so the contact counts from when that was sent.
 *
 * Go: (*followerReplication).setLastContact, replication.go · Task: replicate
 * Differs: in v1.1.1 it counts from the answer.
 */
export function contacted(
  _r: RaftStruct,
  s: FollowerReplication,
  sentMs: number,
): void {
  s.lastContactMs = Math.max(s.lastContactMs, sentMs);
}

/**
 * Whether the answer to a heartbeat ends this leader: when it shows a newer
 * term.
 *
 * Go: (*Raft).heartbeat, replication.go · Paper: §5.1 · Task: heartbeat
 * Differs: v1.1.1 does not look, and takes the refusal for a contact.
 */
export function heartbeatDeposes(
  requestTerm: number,
  responseTerm: number,
): boolean {
  return responseTerm > requestTerm;
}

/** What a server does unless a quirk is named. Go: none. */
export const ours: Behaviour = {
  persistVote,
  processHeartbeat,
  campaignsUnsettled,
  mayLead,
  commitBound,
  countsAsLeader,
  cacheStoreLogs,
  contacted,
  heartbeatDeposes,
};
