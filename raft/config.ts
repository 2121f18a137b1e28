/**
 * What can be set, with v1.1.1's defaults and v1.1.1's checks.
 *
 * Modelled on HashiCorp Raft v1.1.1, config.go. MPL-2.0, see NOTICE.md.
 */

import type { ServerID } from "./configuration.ts";
import type { LogLevel } from "./logger.ts";
import type { Logger, Metrics } from "./ports.ts";
import type { Channel } from "./runtime/channel.ts";
import type { Runtime } from "./runtime/runtime.ts";

/** The oldest version understood. Go: ProtocolVersionMin, config.go */
export const ProtocolVersionMin = 0;
/** Go: ProtocolVersionMax, config.go */
export const ProtocolVersionMax = 3;

/** All times are milliseconds. Go: Config, config.go */
export interface Config {
  /**
   * What this server speaks.
   * Differs: only 3; the peer changes of 1 and 2 are not part of this reading.
   */
  readonly protocolVersion: number;
  /** How long a follower bears silence before it looks for a new leader. */
  readonly heartbeatTimeoutMs: number;
  /** How long a candidate waits for votes before it begins a new term. */
  readonly electionTimeoutMs: number;
  /** After this long without a new entry a follower still gets the commit. */
  readonly commitTimeoutMs: number;
  /** The most entries in one AppendEntries. */
  readonly maxAppendEntries: number;
  /** Shut down when the cluster has removed this server, if it leads. */
  readonly shutdownOnRemove: boolean;
  /** How many entries stay in the log behind a snapshot. */
  readonly trailingLogs: number;
  /** How often to look whether a snapshot is due. */
  readonly snapshotIntervalMs: number;
  /** How many entries make a snapshot due. */
  readonly snapshotThreshold: number;
  /** How long a leader may go without hearing from a majority. */
  readonly leaderLeaseTimeoutMs: number;
  /** Who this server is, for ever. */
  readonly localID: ServerID;
  /**
   * Told true when this server becomes leader, false when it no longer is.
   * It has room for one value, and the newest one is in it.
   * Differs: v1.1.1 sends with a wait, so a slow receiver stops the main task
   * (upstream #567).
   */
  readonly notifyCh?: Channel<boolean>;
  /** Where log lines go. Without it: to standard error, from `logLevel` on. */
  readonly logger?: Logger;
  readonly logLevel: LogLevel;
  readonly metrics?: Metrics;
  /** Use only the description of a snapshot at the start, not its content. */
  readonly noSnapshotRestoreOnStart: boolean;
  /** Time, randomness and tasks. Without it: the host's. Go: none. */
  readonly runtime?: Runtime;
}

/** The defaults; `localID` is still to be set. Go: DefaultConfig, config.go */
export function DefaultConfig(): Config {
  return {
    protocolVersion: ProtocolVersionMax,
    heartbeatTimeoutMs: 1000,
    electionTimeoutMs: 1000,
    commitTimeoutMs: 50,
    maxAppendEntries: 64,
    shutdownOnRemove: true,
    trailingLogs: 10240,
    snapshotIntervalMs: 120_000,
    snapshotThreshold: 8192,
    leaderLeaseTimeoutMs: 500,
    localID: "",
    logLevel: "DEBUG",
    noSnapshotRestoreOnStart: false,
  };
}

/**
 * Says what is wrong with a configuration, and which value would do.
 *
 * Go: ValidateConfig, config.go
 */
export function ValidateConfig(config: Config): Error | undefined {
  const { notifyCh } = config;
  const rules: [boolean, string][] = [
    [
      config.protocolVersion === ProtocolVersionMax,
      `protocolVersion ${config.protocolVersion} must be ${ProtocolVersionMax}`,
    ],
    [config.localID !== "", "localID cannot be empty"],
    atLeast(config, "heartbeatTimeoutMs", 5),
    atLeast(config, "electionTimeoutMs", 5),
    atLeast(config, "commitTimeoutMs", 1),
    [
      config.maxAppendEntries >= 1 && config.maxAppendEntries <= 1024,
      `maxAppendEntries ${config.maxAppendEntries} must be from 1 to 1024`,
    ],
    atLeast(config, "snapshotIntervalMs", 5),
    atLeast(config, "leaderLeaseTimeoutMs", 5),
    [
      config.leaderLeaseTimeoutMs <= config.heartbeatTimeoutMs,
      "leaderLeaseTimeoutMs cannot be larger than heartbeatTimeoutMs",
    ],
    [
      config.electionTimeoutMs >= config.heartbeatTimeoutMs,
      "electionTimeoutMs must be equal to or greater than heartbeatTimeoutMs",
    ],
    [
      notifyCh === undefined || notifyCh.capacity === 1,
      `notifyCh has room for ${notifyCh?.capacity} values and needs 1`,
    ],
  ];
  const broken = rules.find(([holds]) => !holds);
  return broken && new Error(broken[1]);
}

type Duration =
  | "heartbeatTimeoutMs"
  | "electionTimeoutMs"
  | "commitTimeoutMs"
  | "snapshotIntervalMs"
  | "leaderLeaseTimeoutMs";

function atLeast(
  config: Config,
  field: Duration,
  leastMs: number,
): [boolean, string] {
  const value = config[field];
  return [
    value >= leastMs,
    `${field} is too low: ${value}, at least ${leastMs}`,
  ];
}
