// Guarantees one entry for every rule of the paper's Figure 2 and for each of
// the five properties of its Figure 3: what it says, in our words; the code
// that keeps it; the actions of Ongaro's TLA+ specification that have it; and
// what goes red without it, a claim with its break or a mutant that the
// simulator's invariants catch.
//
// Names that do not exist stop the build. `departs` says where v1.1.1, and so
// this code, does otherwise.

export interface Rule {
  readonly id: string;
  readonly box: string;
  readonly rule: string;
  /** Addresses in raft/. */
  readonly code: readonly string[];
  /** Actions of the TLA+ specification; it has none for a property. */
  readonly tla: readonly string[];
  readonly proof: Proof;
  readonly departs?: string;
}

/** A claim of a lesson, a mutant by its number, or a test by its name. */
export type Proof =
  | { readonly lesson: number; readonly claim: string }
  | { readonly mutant: number }
  | { readonly file: string; readonly test: string };

const STATE = "State";
const APPEND = "AppendEntries, the receiver";
const VOTE = "RequestVote, the receiver";
const ALL = "All servers";
const FOLLOWERS = "Followers";
const CANDIDATES = "Candidates";
const LEADERS = "Leaders";
const SAFETY = "Figure 3: what always holds";

export const rules: readonly Rule[] = [
  {
    id: "current-term",
    box: STATE,
    rule: "The current term is on disk before any message shows it, and never falls.",
    code: ["raft.ts#setCurrentTerm", "state.ts#getCurrentTerm"],
    tla: ["Timeout", "UpdateTerm"],
    proof: { lesson: 2, claim: "a term is on disk before it is in memory" },
  },
  {
    id: "voted-for",
    box: STATE,
    rule: "The candidate that has this term's vote is on disk before the vote is answered.",
    code: ["differs.ts#persistVote", "raft.ts#readLastVote"],
    tla: ["HandleRequestVoteRequest"],
    proof: {
      lesson: 2,
      claim:
        "when the answer leaves, nothing of the vote is still to be written",
    },
    departs:
      "v1.1.1 keeps the term of the vote and its candidate under two keys; ours writes them in the order that survives a crash in between.",
  },
  {
    id: "log",
    box: STATE,
    rule: "The entries of the log are on disk before they are acknowledged.",
    code: ["raft.ts#appendEntriesStore", "raft.ts#dispatchLogs"],
    tla: ["ClientRequest", "HandleAppendEntriesRequest"],
    proof: {
      lesson: 2,
      claim: "an entry is on a follower's disk before it is acknowledged",
    },
  },
  {
    id: "volatile",
    box: STATE,
    rule: "What is committed and what is applied is kept in memory, and starts at zero.",
    code: ["state.ts#newRaftStateVars"],
    tla: ["Restart"],
    proof: {
      lesson: 2,
      claim: "a restarted server knows of no commit, and has applied nothing",
    },
  },
  {
    id: "next-index",
    box: STATE,
    rule: "A new leader begins with the next index after its own log for every server, and with no copy counted.",
    code: ["raft.ts#newFollowerReplication", "commitment.ts#Commitment"],
    tla: ["BecomeLeader"],
    proof: { mutant: 17 },
  },
  {
    id: "append-older-term",
    box: APPEND,
    rule: "A request of an older term is refused.",
    code: ["raft.ts#appendEntriesAcceptLeader"],
    tla: ["HandleAppendEntriesRequest"],
    proof: { mutant: 8 },
  },
  {
    id: "append-previous",
    box: APPEND,
    rule: "A request is refused when the log has no entry of that term at the previous index.",
    code: ["raft.ts#appendEntriesMatchPrevious"],
    tla: ["HandleAppendEntriesRequest"],
    proof: { mutant: 9 },
  },
  {
    id: "append-conflict",
    box: APPEND,
    rule: "An entry that conflicts with a new one goes, and everything after it; nothing before it, and nothing without a conflict.",
    code: ["raft.ts#appendEntriesFindNew", "raft.ts#appendEntriesTruncate"],
    tla: ["HandleAppendEntriesRequest"],
    proof: {
      lesson: 7,
      claim: "a conflict deletes from its own index on, and nothing before it",
    },
  },
  {
    id: "append-new",
    box: APPEND,
    rule: "Entries that are not in the log yet are appended.",
    code: ["raft.ts#appendEntriesStore"],
    tla: ["HandleAppendEntriesRequest"],
    proof: {
      lesson: 7,
      claim: "each of the six followers of Figure 7 ends with the leader's log",
    },
  },
  {
    id: "append-commit",
    box: APPEND,
    rule: "The commit index rises to the leader's, but not beyond the last entry that this request has checked.",
    code: ["raft.ts#appendEntriesCommit", "differs.ts#commitBound"],
    tla: ["HandleAppendEntriesRequest"],
    proof: { mutant: 12 },
    departs:
      "v1.1.1 takes its own last index as the bound, which is safe only while nothing unchecked lies behind the request; the quirk commit-bound brings that back.",
  },
  {
    id: "vote-older-term",
    box: VOTE,
    rule: "A candidate of an older term is refused.",
    code: ["raft.ts#requestVoteRefusal"],
    tla: ["HandleRequestVoteRequest"],
    proof: {
      lesson: 5,
      claim: "a candidate of an older term is refused and told the newer one",
    },
  },
  {
    id: "vote-once",
    box: VOTE,
    rule: "A term's vote goes to one candidate, and to it again.",
    code: ["raft.ts#requestVoteRefusal"],
    tla: ["HandleRequestVoteRequest"],
    proof: { mutant: 5 },
  },
  {
    id: "vote-up-to-date",
    box: VOTE,
    rule: "The vote goes only to a log that is at least as up to date: the newer last term, then the longer log.",
    code: ["raft.ts#requestVoteRefusal"],
    tla: ["HandleRequestVoteRequest"],
    proof: {
      lesson: 5,
      claim:
        "a log whose last term is newer wins, and only then the longer one",
    },
    departs:
      "Before all of this a server that knows a leader refuses every other candidate.",
  },
  {
    id: "apply",
    box: ALL,
    rule: "What is committed and not yet applied is applied, in the order of the log.",
    code: ["raft.ts#processLogs", "fsm.ts#runFSMCommit"],
    tla: [],
    proof: {
      lesson: 8,
      claim:
        "runFSM answers the client, after Apply, with what Apply has returned",
    },
  },
  {
    id: "newer-term",
    box: ALL,
    rule: "Who meets a newer term enters it and becomes a follower.",
    code: [
      "raft.ts#appendEntriesAcceptLeader",
      "raft.ts#requestVoteRefusal",
      "raft.ts#runCandidate",
    ],
    tla: ["UpdateTerm"],
    proof: {
      lesson: 4,
      claim: "a RequestVote with a newer term makes a candidate a follower",
    },
    departs:
      "A leader that meets a newer term in an answer steps down and stays in its own until a request brings the newer one.",
  },
  {
    id: "respond",
    box: FOLLOWERS,
    rule: "Requests of candidates and leaders are answered.",
    code: ["raft.ts#processRPC"],
    tla: ["Receive"],
    proof: {
      lesson: 1,
      claim: "without run a server stays in its term, whatever the others send",
    },
  },
  {
    id: "timeout",
    box: FOLLOWERS,
    rule: "Without word from a leader, and without a vote given, a follower campaigns after its timeout.",
    code: ["raft.ts#runFollower", "raft.ts#reasonNotToCampaign"],
    tla: ["Timeout"],
    proof: {
      lesson: 3,
      claim: "a voter whose configuration is settled campaigns",
    },
    departs:
      "A message does not start the timer anew; at each ring the follower looks how long ago the last contact was.",
  },
  {
    id: "campaign",
    box: CANDIDATES,
    rule: "A candidate raises its term, votes for itself, starts its timer and asks all the others.",
    code: ["raft.ts#electSelf"],
    tla: ["Timeout", "RequestVote"],
    proof: { lesson: 4, claim: "each round raises the term by exactly one" },
  },
  {
    id: "win",
    box: CANDIDATES,
    rule: "With votes of a majority it leads.",
    code: ["raft.ts#runCandidate", "raft.ts#quorumSize"],
    tla: ["HandleRequestVoteResponse", "BecomeLeader"],
    proof: { mutant: 7 },
  },
  {
    id: "another-leader",
    box: CANDIDATES,
    rule: "With a request from a leader of its term it follows.",
    code: ["raft.ts#appendEntriesAcceptLeader"],
    tla: ["HandleAppendEntriesRequest"],
    proof: {
      lesson: 4,
      claim: "an AppendEntries of its own term makes a candidate a follower",
    },
  },
  {
    id: "another-round",
    box: CANDIDATES,
    rule: "With neither, its timer rings and it begins another election.",
    code: ["raft.ts#runCandidate"],
    tla: ["Timeout"],
    proof: { lesson: 4, claim: "random election timers end a split vote" },
  },
  {
    id: "heartbeats",
    box: LEADERS,
    rule: "A leader speaks to every server at once, and again before any of them times out.",
    code: ["raft.ts#startStopReplication", "replication.ts#heartbeat"],
    tla: ["AppendEntries"],
    proof: {
      lesson: 6,
      claim:
        "heartbeats are answered while a worker waits for its follower's disk",
    },
    departs: "A heartbeat here carries no previous entry and no commit index.",
  },
  {
    id: "command",
    box: LEADERS,
    rule: "A client's command is appended to the leader's log, and answered once it is applied.",
    code: ["raft.ts#dispatchLogs", "fsm.ts#runFSMCommit"],
    tla: ["ClientRequest"],
    proof: {
      lesson: 8,
      claim: "a leader stores an entry first and counts its own copy then",
    },
  },
  {
    id: "replicate",
    box: LEADERS,
    rule: "A follower is sent what it lacks; success raises its next index and its count, a refusal moves the next index back.",
    code: ["replication.ts#replicateTo", "replication.ts#updateLastAppended"],
    tla: ["AppendEntries", "HandleAppendEntriesResponse"],
    proof: {
      lesson: 7,
      claim:
        "a log that is too short is refused once, and then asked at its end",
    },
    departs:
      "The answer carries the follower's last index, so a log that is too short costs one refusal and not one an entry.",
  },
  {
    id: "commit-rule",
    box: LEADERS,
    rule: "An index is committed when a majority holds it and its entry is of the leader's own term.",
    code: ["commitment.ts#Commitment.recalculate"],
    tla: ["AdvanceCommitIndex"],
    proof: {
      lesson: 8,
      claim:
        "an entry of an older term is never committed by counting its copies",
    },
  },
  {
    id: "election-safety",
    box: SAFETY,
    rule: "Election Safety: a term has at most one leader.",
    code: ["sim/invariants.ts#Invariants"],
    tla: [],
    proof: {
      lesson: 4,
      claim:
        "with v1.1.1's heartbeat path a vote for the old term wins the new one",
    },
  },
  {
    id: "append-only",
    box: SAFETY,
    rule: "Leader Append-Only: a leader never overwrites or deletes an entry of its own log.",
    code: ["sim/invariants.ts#Invariants"],
    tla: [],
    proof: {
      file: "test/raft/sim/invariants.test.ts",
      test: "I2 Leader Append-Only",
    },
  },
  {
    id: "log-matching",
    box: SAFETY,
    rule: "Log Matching: two logs that agree on an entry's index and term agree on everything before it.",
    code: ["sim/invariants.ts#Invariants"],
    tla: [],
    proof: { mutant: 11 },
  },
  {
    id: "leader-completeness",
    box: SAFETY,
    rule: "Leader Completeness: what was committed in a term is in the log of every leader of a later term.",
    code: ["sim/invariants.ts#Invariants"],
    tla: [],
    proof: { mutant: 1 },
  },
  {
    id: "state-machine-safety",
    box: SAFETY,
    rule: "State Machine Safety: no two servers apply different entries at one index.",
    code: ["sim/invariants.ts#Invariants"],
    tla: [],
    proof: {
      lesson: 8,
      claim:
        "with v1.1.1's bound a follower commits an entry that nobody has checked",
    },
  },
];
