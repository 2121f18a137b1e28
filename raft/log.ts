/**
 * The entry of the replicated log.
 *
 * Modelled on HashiCorp Raft v1.1.1, log.go. MPL-2.0, see NOTICE.md.
 */

/**
 * What an entry is for. The numbers stand on disk and on the wire.
 *
 * Go: LogType, log.go
 * Differs: 2 and 3, the peer changes of protocol 1 and 2, are refused.
 */
export const LogType = {
  /** Bytes for the state machine. */
  Command: 0,
  /** Says nothing: a new leader commits one to begin its term. */
  Noop: 1,
  /** Answered when everything before it has been applied. */
  Barrier: 4,
  /** A new set of servers. */
  Configuration: 5,
} as const;
export type LogType = (typeof LogType)[keyof typeof LogType];

/** The name of a log type, for people. Go: none. */
export function logTypeName(type: LogType): string {
  return (
    Object.entries(LogType).find(([, value]) => value === type)?.[0] ??
    `type ${type}`
  );
}

/**
 * One entry. Two entries with the same index and term are the same entry, on
 * whatever server they stand, and so is everything before them.
 *
 * Go: Log, log.go · Paper: §5.3
 */
export interface Log {
  /** The place in the log, from 1 on. */
  readonly index: number;
  /** The term of the leader that made the entry. */
  readonly term: number;
  readonly type: LogType;
  /** A command's bytes: only the state machine knows what they mean. */
  readonly data: Uint8Array;
  /** Bytes for middleware between the application and Raft. */
  readonly extensions?: Uint8Array;
}
