/**
 * v1.1.1's own ways, where they are known to break Raft and a lesson tells the
 * story. Each stands under the name of its quirk, with the name of the
 * function of differs.ts that it replaces.
 *
 * A server has a quirk only if it is named when the server is made.
 *
 * Modelled on HashiCorp Raft v1.1.1, raft.go. MPL-2.0, see NOTICE.md.
 */

import { ours } from "./differs.ts";
import type { Log } from "./log.ts";
import type { LogCache } from "./log_cache.ts";
import { type RPC, respond } from "./ports.ts";
import { appendEntries } from "./raft.ts";
import type {
  Behaviour,
  FollowerReplication,
  RaftStruct,
} from "./raft_struct.ts";
import type { Task } from "./runtime/task.ts";
import { keyLastVoteCand, keyLastVoteTerm } from "./stable.ts";
import { getLastIndex } from "./state.ts";

/**
 * Writes the term first, then the candidate.
 *
 * Go: (*Raft).persistVote, raft.go · Quirk: torn-vote
 */
export function* persistVote(
  r: RaftStruct,
  term: number,
  candidate: Uint8Array,
): Task<Error | undefined> {
  const error = yield* r.stable.SetUint64(keyLastVoteTerm, term);
  if (error) return error;
  return yield* r.stable.Set(keyLastVoteCand, candidate);
}

/**
 * Handles the whole request on the transport's task, beside the main task.
 *
 * Go: (*Raft).processHeartbeat, raft.go · Quirk: heartbeat-fast-path
 */
export function* processHeartbeat(r: RaftStruct, rpc: RPC): Task<void> {
  if (r.shutdownCh.closed) return;
  const { command } = rpc;
  if (command.kind === "AppendEntriesRequest") {
    yield* appendEntries(r, rpc, command);
  } else {
    r.logger.error("Expected heartbeat, got command", { kind: command.kind });
    respond(rpc, undefined, new Error("unexpected command"));
  }
}

/**
 * Any server may, voter or not.
 *
 * Go: (*Raft).runFollower, raft.go · Quirk: nonvoter-campaigns
 */
export function campaignsUnsettled(): boolean {
  return true;
}

/**
 * Any candidate may have a vote.
 *
 * Go: (*Raft).requestVote, raft.go · Quirk: nonvoter-campaigns
 */
export function mayLead(): boolean {
  return true;
}

/**
 * Up to its own last entry, checked or not.
 *
 * Go: (*Raft).appendEntries, raft.go · Quirk: commit-bound
 */
export function commitBound(r: RaftStruct): number {
  return getLastIndex(r);
}

/**
 * Every answer of every server.
 *
 * Go: (*followerReplication).notifyAll, replication.go ·
 * Quirk: verify-counts-anyone
 */
export function countsAsLeader(): boolean {
  return true;
}

/**
 * From the answer.
 *
 * Go: (*followerReplication).setLastContact, replication.go ·
 * Quirk: heartbeat-renews-lease
 */
export function contacted(r: RaftStruct, s: FollowerReplication): void {
  s.lastContactMs = r.runtime.clock.now();
}

/**
 * Never: the term of the answer is not looked at.
 *
 * Go: (*Raft).heartbeat, replication.go · Quirk: heartbeat-renews-lease
 */
export function heartbeatDeposes(): boolean {
  return false;
}

/**
 * Fills the cache, then writes: an entry that was never stored can be read.
 *
 * Go: (*LogCache).StoreLogs, log_cache.go · Quirk: cache-before-store
 */
export function* cacheStoreLogs(
  cache: LogCache,
  logs: readonly Log[],
): Task<Error | undefined> {
  cache.keep(logs);
  return yield* cache.store.StoreLogs(logs);
}

/** The quirks by name, each with what it replaces. Go: none. */
export const quirks = {
  "heartbeat-fast-path": { processHeartbeat },
  "torn-vote": { persistVote },
  "nonvoter-campaigns": { campaignsUnsettled, mayLead },
  "commit-bound": { commitBound },
  "cache-before-store": { cacheStoreLogs },
  "verify-counts-anyone": { countsAsLeader },
  "heartbeat-renews-lease": { contacted, heartbeatDeposes },
} satisfies Record<string, Partial<Behaviour>>;

export type Quirk = keyof typeof quirks;

/** Ours, with the named quirks of v1.1.1 put back. Go: none. */
export function withQuirks(names: readonly Quirk[]): Behaviour {
  return Object.assign({}, ours, ...names.map((name) => quirks[name]));
}
