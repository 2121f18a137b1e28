/** What can be set: v1.1.1's defaults, its checks, and their order. */
import { describe, expect, test } from "vitest";
import {
  type Config,
  DefaultConfig,
  ValidateConfig,
} from "../../raft/config.ts";
import { Channel } from "../../raft/runtime/channel.ts";

const valid: Config = { ...DefaultConfig(), localID: "s1" };

describe("DefaultConfig", () => {
  test("has v1.1.1's values", () => {
    expect(DefaultConfig()).toEqual({
      protocolVersion: 3,
      heartbeatTimeoutMs: 1000,
      electionTimeoutMs: 1000,
      commitTimeoutMs: 50,
      maxAppendEntries: 64,
      shutdownOnRemove: true,
      trailingLogs: 10_240,
      snapshotIntervalMs: 120_000,
      snapshotThreshold: 8192,
      leaderLeaseTimeoutMs: 500,
      localID: "",
      logLevel: "DEBUG",
      noSnapshotRestoreOnStart: false,
    });
  });

  test("is valid as soon as the server has an ID", () => {
    expect(ValidateConfig(DefaultConfig())).toBeInstanceOf(Error);
    expect(ValidateConfig(valid)).toBeUndefined();
  });
});

/** In the order in which v1.1.1 looks: each row is wrong from here on. */
const rules: readonly [Partial<Config>, string][] = [
  [{ protocolVersion: 2 }, "protocolVersion 2 must be 3"],
  [{ localID: "" }, "localID cannot be empty"],
  [{ heartbeatTimeoutMs: 4 }, "heartbeatTimeoutMs is too low: 4, at least 5"],
  [{ electionTimeoutMs: 4 }, "electionTimeoutMs is too low: 4, at least 5"],
  [{ commitTimeoutMs: 0.5 }, "commitTimeoutMs is too low: 0.5, at least 1"],
  [{ maxAppendEntries: 0 }, "maxAppendEntries 0 must be from 1 to 1024"],
  [{ snapshotIntervalMs: 4 }, "snapshotIntervalMs is too low: 4, at least 5"],
  [
    { leaderLeaseTimeoutMs: 4 },
    "leaderLeaseTimeoutMs is too low: 4, at least 5",
  ],
];

describe("ValidateConfig", () => {
  test.each(rules)("refuses %j and says what would do", (change, error) => {
    expect(ValidateConfig({ ...valid, ...change })?.message).toBe(error);
  });

  test("names the first of several faults, in v1.1.1's order", () => {
    rules.forEach(([, error], first) => {
      const wrong = rules.slice(first).map(([change]) => change);
      const config: Config = Object.assign({}, valid, ...wrong);
      expect(ValidateConfig(config)?.message).toBe(error);
    });
  });

  test.each([
    [{ protocolVersion: 0 }],
    [{ protocolVersion: 1 }],
    [{ protocolVersion: 4 }],
    [{ maxAppendEntries: -1 }],
    [{ maxAppendEntries: 1025 }],
    [{ heartbeatTimeoutMs: Number.NaN }],
  ])("refuses %j", (change) => {
    expect(ValidateConfig({ ...valid, ...change })).toBeInstanceOf(Error);
  });

  test("lets every limit itself pass", () => {
    const least: Config = {
      ...valid,
      heartbeatTimeoutMs: 5,
      electionTimeoutMs: 5,
      commitTimeoutMs: 1,
      maxAppendEntries: 1,
      snapshotIntervalMs: 5,
      leaderLeaseTimeoutMs: 5,
    };
    expect(ValidateConfig(least)).toBeUndefined();
    expect(ValidateConfig({ ...valid, maxAppendEntries: 1024 })).toBe(
      undefined,
    );
  });

  test("refuses a lease that is longer than the heartbeat timeout", () => {
    const error = ValidateConfig({ ...valid, leaderLeaseTimeoutMs: 1001 });
    expect(error?.message).toContain(
      "leaderLeaseTimeoutMs cannot be larger than heartbeatTimeoutMs",
    );
    expect(ValidateConfig({ ...valid, leaderLeaseTimeoutMs: 1000 })).toBe(
      undefined,
    );
  });

  test("refuses an election timeout below the heartbeat timeout", () => {
    const error = ValidateConfig({ ...valid, electionTimeoutMs: 999 });
    expect(error?.message).toContain(
      "electionTimeoutMs must be equal to or greater than heartbeatTimeoutMs",
    );
  });

  test("refuses a notifyCh that has not room for exactly one value", () => {
    const of = (capacity: number) =>
      ValidateConfig({
        ...valid,
        notifyCh: new Channel<boolean>("notifyCh", capacity),
      })?.message;
    expect(of(0)).toContain("notifyCh has room for 0 values and needs 1");
    expect(of(2)).toContain("notifyCh has room for 2 values and needs 1");
    expect(of(1)).toBeUndefined();
  });
});
