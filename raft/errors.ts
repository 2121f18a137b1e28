/**
 * The error values of the library. They are compared by identity, as in Go:
 * `if (err === ErrNotLeader)`.
 *
 * Inside raft/ a call that fails returns its error; throwing is for broken
 * invariants only, and ends the server.
 *
 * Modelled on HashiCorp Raft v1.1.1, api.go and replication.go. MPL-2.0.
 */

/**
 * A follower or a candidate was asked for what only a leader can do.
 * Go: ErrNotLeader, api.go
 */
export const ErrNotLeader = new Error("node is not the leader");

/**
 * The leader lost its office while the entry was in flight. Whether the entry
 * will be committed is unknown.
 * Go: ErrLeadershipLost, api.go
 */
export const ErrLeadershipLost = new Error(
  "leadership lost while committing log",
);

/** The server has been shut down. Go: ErrRaftShutdown, api.go */
export const ErrRaftShutdown = new Error("raft is already shutdown");

/**
 * The main task did not take the request within the caller's timeout.
 * Go: ErrEnqueueTimeout, api.go
 */
export const ErrEnqueueTimeout = new Error("timed out enqueuing operation");

/**
 * The sender speaks a protocol version that this server does not.
 * Go: ErrUnsupportedProtocol, api.go
 */
export const ErrUnsupportedProtocol = new Error(
  "operation not supported with current protocol version",
);

/**
 * Only a server without any state can be bootstrapped.
 * Go: ErrCantBootstrap, api.go
 */
export const ErrCantBootstrap = new Error(
  "bootstrap only works on new clusters",
);

/**
 * A server was told to bootstrap a cluster in which it has no vote.
 * Go: none, upstream 1.3.6.
 */
export const ErrNotVoter = new Error("node is not a voter");

/**
 * A transport has no pipeline.
 * Go: ErrPipelineReplicationNotSupported, replication.go
 */
export const ErrPipelineReplicationNotSupported = new Error(
  "pipeline replication not supported",
);

/**
 * The pipeline has been closed. Go: ErrPipelineShutdown, net_transport.go
 */
export const ErrPipelineShutdown = new Error("append pipeline closed");

/**
 * A log store has no entry at that index. Stores must return this very value.
 * Go: ErrLogNotFound, replication.go
 */
export const ErrLogNotFound = new Error("log not found");

/**
 * A stable store has no value for that key. Only the text counts.
 * Go: none, upstream compares with the text "not found".
 */
export const ErrKeyNotFound = new Error("not found");

/** Whether a stable store means "no such key" by this error. Go: none. */
export function isNotFound(error: Error): boolean {
  return error.message === ErrKeyNotFound.message;
}
