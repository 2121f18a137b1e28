/**
 * Deliberate mistakes in raft/, each with the property that must catch it. The
 * numbers are those of the project's list; 22 and 24 are missing here, because
 * their code does not exist yet.
 *
 * Each is hunted by the unscripted seeds of raft/sim/swarm.ts, or in a
 * situation of situations.ts when seeds meet it too rarely. `why` says where
 * that, or the property, needs a reason.
 */

import type { Quirk } from "../../raft/quirks.ts";
import type { situations } from "./situations.ts";

export interface NamedMutant {
  /** "1 no up-to-date check" */
  readonly name: string;
  /** The symbol that is changed, and the change; `from` stands there once. */
  readonly in?: string;
  readonly from?: string;
  readonly to?: string;
  /** In place of a change: a way of v1.1.1. */
  readonly quirk?: Quirk;
  /** Invariants, or "heal" when a healed cluster does not get going. */
  readonly caughtBy: readonly string[];
  readonly why?: string;
  readonly situation?: keyof typeof situations;
}

export const mutants: readonly NamedMutant[] = [
  {
    name: "1 a vote without the up-to-date check",
    in: "raft.ts#requestVoteRefusal",
    from: "const last = getLastEntry(r);",
    to: "const last = { index: 0, term: 0 };",
    caughtBy: ["I4"],
  },
  {
    name: "2 a vote is answered before it is on disk",
    in: "raft.ts#requestVoteRefusal",
    from: "const error = yield* r.behaviour.persistVote(r, req.term, req.candidate);",
    to: 'goFunc(r, "persist", r.behaviour.persistVote(r, req.term, req.candidate)); const error = undefined;',
    caughtBy: ["I7", "I6"],
  },
  {
    name: "3 a candidate's own vote is not written",
    in: "raft.ts#electSelf",
    from: "const error = yield* r.behaviour.persistVote(r, req.term, req.candidate);",
    to: "const error = undefined;",
    caughtBy: ["I6", "I1"],
    why: "I6 counts the votes that are sent, and this one is not",
  },
  {
    name: "4 a vote torn by a crash between its two writes",
    quirk: "torn-vote",
    caughtBy: ["I4"],
  },
  {
    name: "5 the recorded candidate is ignored",
    in: "raft.ts#requestVoteRefusal",
    from: "if (lastVote.term === req.term && lastVote.candidate) {",
    to: "if (false) {",
    caughtBy: ["I6", "I1"],
  },
  {
    name: "6 a refused vote counts as contact",
    in: "raft.ts#requestVote",
    from: "  respond(rpc, resp);",
    to: "  setLastContact(r);\n  respond(rpc, resp);",
    caughtBy: ["heal"],
    situation: "an eager candidate that cannot win",
  },
  {
    name: "7 half of the voters is a majority",
    in: "raft.ts#quorumSize",
    from: "/ 2) + 1",
    to: "/ 2)",
    caughtBy: ["I1"],
  },
  {
    name: "8 entries of an older term are accepted",
    in: "raft.ts#appendEntriesAcceptLeader",
    from: "if (a.term < getCurrentTerm(r)) return false;",
    to: "",
    caughtBy: ["I3", "I4"],
    situation: "an old leader's late request",
  },
  {
    name: "9 the previous entry is not checked",
    in: "raft.ts#appendEntriesMatchPrevious",
    from: "const last = getLastEntry(r);",
    to: "return true;\n  const last = getLastEntry(r);",
    caughtBy: ["I3"],
  },
  {
    name: "10 what comes after the first known entry is always cut",
    in: "raft.ts#appendEntriesFindNew",
    from: "if (entry.term !== stored.term) {",
    to: "if (true) {",
    caughtBy: ["I4", "I8"],
    situation: "a request that arrives late",
  },
  {
    name: "11 a conflict is never cut",
    in: "raft.ts#appendEntriesFindNew",
    from: "if (entry.term !== stored.term) {",
    to: "if (false) {",
    caughtBy: ["I3"],
  },
  {
    name: "12 unchecked entries are committed",
    in: "differs.ts#commitBound",
    from: "return request.prevLogEntry + request.entries.length;",
    to: "return getLastIndex(_r);",
    caughtBy: ["I5"],
    situation: "a cut that fails",
  },
  {
    name: "13 success before the store has finished",
    in: "raft.ts#appendEntriesStore",
    from: "const error = yield* r.logs.StoreLogs(newEntries);",
    to: 'goFunc(r, "store", r.logs.StoreLogs(newEntries)); const error = undefined;',
    caughtBy: ["I8"],
  },
  {
    name: "14 entries of older terms are committed by counting",
    in: "commitment.ts#Commitment.recalculate",
    from: "quorumMatchIndex >= this.startIndex",
    to: "true",
    caughtBy: ["I4"],
    why: "I9 notices in every seed; what follows takes a thousand of them",
    situation: "the paper's Figure 8",
  },
  {
    name: "15 a leader counts its own copy before it is stored",
    in: "raft.ts#dispatchLogs",
    from: "const error = yield* r.logs.StoreLogs(logs);",
    to: "commitment.match(r.localID, lastIndex);\n  const error = yield* r.logs.StoreLogs(logs);",
    caughtBy: ["I8"],
  },
  {
    name: "16 replication speaks in the server's term of today",
    in: "replication.ts#setupAppendEntries",
    from: "const shared = r.leaderState?.shared;",
    to: "s = { ...s, currentTerm: r.vars.currentTerm };\n  const shared = r.leaderState?.shared;",
    caughtBy: ["I7"],
    why: "nothing is sent once the leadership is over, so I1 is out of reach",
    situation: "a leader that is entering a newer term",
  },
  {
    name: "17 nextIndex begins one too far",
    in: "raft.ts#startStopReplication",
    from: "lastIndex + 1)",
    to: "lastIndex + 2)",
    caughtBy: ["I16", "heal"],
    why: "the first refusal mends it, so that every run heals",
  },
  {
    name: "18 a pipeline is not left when the follower refuses",
    in: "replication.ts#pipelineDecode",
    from: "if (!result.success) return;",
    to: "if (!result.success) continue;",
    caughtBy: ["heal"],
  },
  {
    name: "19 a leader begins without its own entry",
    in: "raft.ts#runLeader",
    from: "yield* dispatchLogs(r, leaderState, [noopFuture()]);",
    to: "",
    caughtBy: ["heal"],
  },
  {
    name: "20 the lease counts servers without a vote",
    in: "raft.ts#checkLeaderLease",
    from: "of voters(r.configurations.latest))",
    to: "of r.configurations.latest.servers)",
    caughtBy: ["I14"],
  },
  {
    name: "21 the lease is renewed by what the leader sends",
    in: "replication.ts#heartbeat",
    from: "const sent = ++s.requestsSent;",
    to: "const sent = ++s.requestsSent;\n    s.lastContactMs = start;",
    caughtBy: ["I14"],
  },
  {
    name: "21 the lease is renewed by the leader's own clock",
    in: "raft.ts#checkLeaderLease",
    from: "now - s.lastContactMs",
    to: "now % 100",
    caughtBy: ["I14"],
  },
  {
    name: "23 a configuration stays in force when its entry is cut off",
    in: "raft.ts#appendEntriesTruncate",
    from: "if (index <= configurations.latestIndex) {",
    to: "if (false) {",
    caughtBy: ["I12"],
    why: "no client changes the configuration yet, so an entry is planted",
    situation: "a configuration that is cut off",
  },
  {
    name: "25 what the snapshot covers is applied again",
    in: "api.ts#restoreSnapshot",
    from: "setLastApplied(r, meta.index);",
    to: "",
    caughtBy: ["I10"],
    situation: "a restart from a snapshot",
  },
];

/** Harmless changes: none of them may raise an alarm. */
export const controls: readonly NamedMutant[] = [
  {
    name: "c1 another message",
    in: "raft.ts#electSelf",
    from: '"Failed to persist vote"',
    to: '"the vote could not be written"',
    caughtBy: [],
  },
  {
    name: "c2 another metric name",
    in: "raft.ts#appendEntries",
    from: '"raft.rpc.appendEntries"',
    to: '"raft.rpc.append"',
    caughtBy: [],
  },
  {
    name: "c3 a longer pause after a failure",
    in: "replication.ts#failureWaitMs",
    from: "10",
    to: "20",
    caughtBy: [],
  },
];
