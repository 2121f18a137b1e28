/**
 * The three keys under which a server remembers what it must not forget: the
 * term it is in, and whom it voted for in which term.
 *
 * Modelled on HashiCorp Raft v1.1.1, stable.go and raft.go. MPL-2.0.
 */

/** Go: keyCurrentTerm, raft.go · Paper: Figure 2, currentTerm */
export const keyCurrentTerm = "CurrentTerm";
/** Go: keyLastVoteTerm, raft.go · Paper: Figure 2, votedFor */
export const keyLastVoteTerm = "LastVoteTerm";
/** Go: keyLastVoteCand, raft.go · Paper: Figure 2, votedFor */
export const keyLastVoteCand = "LastVoteCand";
