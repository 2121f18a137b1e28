/**
 * How a server is made: every check of NewRaft in v1.1.1's order, and what it
 * remembers from its stores.
 */
import { describe, expect, test } from "vitest";
import type { Reader } from "../../raft/ports.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { type Kept, KeptSnapshots } from "./kept_snapshots.ts";
import {
  Applied,
  atOnce,
  configurationEntry,
  entry,
  follower,
  OneServer,
  preset,
  restarted,
  type Setup,
} from "./one_server.ts";
import { agreeing } from "./scripted_transport.ts";
import { nonvoter, voters } from "./servers.ts";

/** A server on a preset disk, still to be made. */
function unmade(setup: Setup = {}): OneServer {
  const server = new OneServer(setup);
  atOnce(preset(server.store.disk, setup));
  return server;
}

/** The error that making it ends with; "" if it ends with a server. */
function errorOf(server: OneServer): string {
  const raft = server.tryToMake();
  return raft instanceof Error ? raft.message : "";
}

describe("NewRaft", () => {
  test("begins as a follower that knows no leader", () => {
    const server = follower({ log: [1, 2, 2], term: 5 });
    expect(server.state).toBe("Follower");
    expect(server.raft.Leader()).toBe("");
    expect(server.raft.LastContact()).toBeUndefined();
    expect(String(server.raft)).toBe("Node at s1addr [Follower]");
  });

  test("starts the three tasks of a server", () => {
    const server = follower();
    const names = [...server.process.tasks].map(({ name }) => name);
    expect(names).toEqual(["run", "runFSM", "runSnapshots"]);
  });

  test("remembers the term and the last entry", () => {
    const server = follower({ log: [1, 2, 2], term: 5 });
    expect(server.raft.CurrentTerm()).toBe(5);
    expect(server.raft.LastIndex()).toBe(3);
    expect(server.lastLog).toEqual({ index: 3, term: 2 });
  });

  test("knows nothing of what is committed or applied", () => {
    const server = follower({ log: [1, 2, 2], term: 5 });
    expect(server.raft.CommitIndex()).toBe(0);
    expect(server.raft.AppliedIndex()).toBe(0);
    expect(server.applied).toEqual([]);
  });

  test("begins in term 0 on a new disk, and writes that", () => {
    const server = new OneServer({}).make();
    expect(server.term).toBe(0);
    expect(server.lastLog).toEqual({ index: 0, term: 0 });
    expect(server.store.writes).toEqual(["SetUint64 CurrentTerm 0"]);
    expect(server.r.configurations.latestIndex).toBe(0);
  });

  test("takes a term that the store calls not found for 0", () => {
    const server = new OneServer({});
    server.store.GetUint64 = function* () {
      return new Error("not found");
    };
    expect(server.make().term).toBe(0);
  });

  test("takes the newest configuration of the log, committed or not", () => {
    const server = follower({
      entries: [
        configurationEntry(1, 1, voters(3)),
        entry(2, 1),
        configurationEntry(3, 2, voters(4)),
        entry(4, 2),
      ],
    });
    expect(server.r.configurations).toEqual({
      committed: voters(3),
      committedIndex: 1,
      latest: voters(4),
      latestIndex: 3,
    });
  });

  test("gives the transport a handler of heartbeats", () => {
    expect(follower().transport.heartbeatHandler).toBeDefined();
  });
});

describe("NewRaft checks, in v1.1.1's order,", () => {
  const snapshots = () => {
    const store = new KeptSnapshots();
    store.failure = new Error("broken disk");
    return store;
  };

  /** The error of each step, and what makes the step fail. */
  const steps: readonly [string, (server: OneServer) => void][] = [
    [
      "failed to load current term: broken disk",
      ({ store }) => store.fail("GetUint64 CurrentTerm"),
    ],
    [
      "failed to find last log: broken disk",
      ({ store }) => store.fail("LastIndex"),
    ],
    [
      "failed to get last log at index 2: broken disk",
      ({ store }) => store.fail("GetLog 2"),
    ],
  ];

  test("the Config, before it reads anything", () => {
    const server = unmade({ config: { localID: "" } });
    expect(errorOf(server)).toContain("localID cannot be empty");
    expect(server.store.calls).toEqual([]);
  });

  test("the term, the last index and the last entry", () => {
    steps.forEach(([error], first) => {
      const server = unmade({ log: [1, 1], snapshots: snapshots() });
      for (const [, breakStep] of steps.slice(first)) breakStep(server);
      expect(errorOf(server)).toBe(error);
      expect(server.store.writes).toEqual([]);
    });
  });

  test("the snapshots, when they cannot be listed", () => {
    const server = unmade({ snapshots: snapshots() });
    expect(errorOf(server)).toBe("broken disk");
    expect(server.lines).toContain("ERROR Failed to list snapshots");
  });

  test("and starts nothing when one of them fails", () => {
    const server = unmade({ snapshots: snapshots() });
    errorOf(server);
    server.settle();
    expect(server.process.tasks.size).toBe(0);
    expect(server.transport.heartbeatHandler).toBeUndefined();
  });

  test("that the term can be written: else it stops for good", () => {
    const server = unmade({ term: 3 });
    server.store.fail("SetUint64 CurrentTerm");
    expect(() => server.tryToMake()).toThrow();
    expect(String(server.failures[0]?.error)).toContain(
      "failed to save current term: broken disk",
    );
  });

  test("that every entry can be read: else it stops for good", () => {
    const server = unmade({ log: [1, 1, 1], term: 3 });
    server.store.fail("GetLog 2");
    expect(() => server.tryToMake()).toThrow();
    expect(String(server.failures[0]?.error)).toContain(
      "failed to get log at 2: broken disk",
    );
    expect(server.lines).toContain("ERROR Failed to get log");
  });

  test("nothing of entries that the snapshot covers", () => {
    const kept = new KeptSnapshots({ index: 2, term: 1, content: "old" });
    const server = unmade({ log: [1, 1, 1], snapshots: kept });
    server.make();
    expect(server.store.calls).not.toContain("GetLog 1");
    expect(server.store.calls).not.toContain("GetLog 2");
  });
});

describe("a snapshot at the start", () => {
  const newest: Kept = {
    index: 20,
    term: 4,
    content: "a\nb\nc",
    configuration: voters(5),
    configurationIndex: 12,
  };
  const older: Kept = {
    index: 10,
    term: 2,
    content: "a",
    configuration: voters(2),
    configurationIndex: 7,
  };

  function made(...kept: readonly Kept[]): OneServer {
    const snapshots = new KeptSnapshots(...kept);
    return unmade({ entries: [], term: 5, snapshots }).make();
  }

  test("gives the state machine its content, and is closed again", () => {
    const server = made(newest, older);
    expect(server.applied).toEqual(["a", "b", "c"]);
    const { calls } = server.snapshots as KeptSnapshots;
    expect(calls).toEqual(["open 4-20", "close 4-20"]);
  });

  test("counts as applied, and as the last entry", () => {
    const server = made(newest, older);
    expect(server.raft.AppliedIndex()).toBe(20);
    expect(server.raft.LastIndex()).toBe(20);
    expect(server.lastLog).toEqual({ index: 0, term: 0 });
    expect(server.raft.CommitIndex()).toBe(0);
  });

  test("brings its configuration, committed", () => {
    expect(made(newest, older).r.configurations).toEqual({
      committed: voters(5),
      committedIndex: 12,
      latest: voters(5),
      latestIndex: 12,
    });
  });

  test("cannot be opened: the one before it is taken", () => {
    const server = made({ ...newest, content: new Error("CRC") }, older);
    expect(server.applied).toEqual(["a"]);
    expect(server.raft.AppliedIndex()).toBe(10);
    expect(server.r.configurations.latestIndex).toBe(7);
    expect(server.lines).toContain("ERROR Failed to restore snapshot");
  });

  test("is refused by the state machine: closed, and the one before it is taken", () => {
    class Picky extends Applied {
      override *Restore(source: Reader): Task<Error | undefined> {
        const error = yield* super.Restore(source);
        return this.commands.length > 1 ? new Error("too much") : error;
      }
    }
    const snapshots = new KeptSnapshots(newest, older);
    const setup = { entries: [], snapshots, fsm: new Picky() };
    const server = unmade(setup).make();
    expect(server.raft.AppliedIndex()).toBe(10);
    expect(snapshots.calls).toEqual([
      "open 4-20",
      "close 4-20",
      "open 2-10",
      "close 2-10",
    ]);
  });

  test("cannot be opened, and neither can any other: an error", () => {
    const broken = { content: new Error("CRC") };
    const snapshots = new KeptSnapshots(
      { ...newest, ...broken },
      { ...older, ...broken },
    );
    const server = unmade({ entries: [], snapshots });
    expect(errorOf(server)).toBe("failed to load any existing snapshots");
  });

  test("a configuration in the log behind it is newer", () => {
    const behind = [configurationEntry(21, 4, voters(3)), entry(22, 4)];
    const snapshots = new KeptSnapshots(newest);
    const server = unmade({ entries: behind, snapshots }).make();
    expect(server.r.configurations).toEqual({
      committed: voters(5),
      committedIndex: 12,
      latest: voters(3),
      latestIndex: 21,
    });
  });

  test("what it covers is not applied again", () => {
    const snapshots = new KeptSnapshots({ ...older, index: 2 });
    const server = unmade({ log: [1, 2, 2, 2], term: 3, snapshots }).make();
    server.append({
      term: 3,
      prevLogEntry: 4,
      prevLogTerm: 2,
      leaderCommitIndex: 4,
    });
    expect(server.applied).toEqual(["a", "3/2", "4/2"]);
  });

  test("TestRaft_NoRestoreOnStart: with that option the state machine stays empty", () => {
    const snapshots = new KeptSnapshots(newest, older);
    const server = unmade({
      entries: [],
      snapshots,
      config: { noSnapshotRestoreOnStart: true },
    }).make();
    expect(server.applied).toEqual([]);
    expect(snapshots.calls).toEqual([]);
  });

  test("with that option its description counts all the same", () => {
    const server = unmade({
      entries: [],
      snapshots: new KeptSnapshots({ ...newest, content: new Error("CRC") }),
      config: { noSnapshotRestoreOnStart: true },
    }).make();
    expect(server.raft.AppliedIndex()).toBe(20);
    expect(server.raft.LastIndex()).toBe(20);
    expect(server.r.configurations.latestIndex).toBe(12);
  });
});

describe("a server that starts again", () => {
  test("has its term, its log and its configuration from the disk", () => {
    const before = follower({ log: [1], term: 1 });
    before.append({
      term: 4,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: [entry(2, 4), configurationEntry(3, 4, voters(5))],
      leaderCommitIndex: 2,
    });
    before.crash();
    const after = restarted(before);
    expect(after.term).toBe(4);
    expect(after.lastLog).toEqual({ index: 3, term: 4 });
    expect(after.r.configurations).toEqual(before.r.configurations);
    expect(after.commitIndex).toBe(0);
  });

  test("applies everything again once it learns what is committed", () => {
    const before = follower({ log: [1, 2, 2], term: 2 });
    const commit = {
      term: 2,
      prevLogEntry: 3,
      prevLogTerm: 2,
      leaderCommitIndex: 3,
    };
    before.append(commit);
    before.crash();
    const after = restarted(before);
    expect(after.applied).toEqual([]);
    after.append(commit);
    expect(after.applied).toEqual(["2/2", "3/2"]);
  });

  test("applies everything again when it leads, with its first entry", () => {
    const server = follower({ log: [1, 1, 1], configuration: voters(1) });
    server.becomeLeader(agreeing);
    expect(server.applied).toEqual(["2/1", "3/1"]);
    expect(server.commitIndex).toBe(4);
  });
});

describe("a server that may not campaign", () => {
  function waited(setup: Setup): OneServer {
    const server = follower(setup);
    server.pass(30_000);
    return server;
  }

  const warnings = (server: OneServer) =>
    server.lines.filter((line) => line.endsWith("aborting election"));

  test("knows no configuration: it waits, and says so once", () => {
    const server = waited({ log: [] });
    expect([server.state, server.term]).toEqual(["Follower", 0]);
    expect(warnings(server)).toEqual([
      "WARN no known peers, aborting election",
    ]);
  });

  test("has no vote in a settled configuration: it waits, and says so once", () => {
    const configuration = {
      servers: [nonvoter("s1"), ...voters(3).servers.slice(1)],
    };
    const server = follower({ log: [1], configuration });
    server.append({
      prevLogEntry: 1,
      prevLogTerm: 1,
      leaderCommitIndex: 1,
    });
    server.pass(30_000);
    expect([server.state, server.term]).toEqual(["Follower", 1]);
    expect(warnings(server)).toEqual([
      "WARN not part of stable configuration, aborting election",
    ]);
  });

  test("has no vote in a configuration that is not settled: it waits too", () => {
    const configuration = {
      servers: [nonvoter("s1"), ...voters(3).servers.slice(1)],
    };
    const server = waited({ log: [1], configuration });
    expect([server.state, server.term]).toEqual(["Follower", 1]);
    expect(warnings(server)).toEqual([
      "WARN not a voter in the latest configuration, aborting election",
    ]);
  });

  test("campaigns there with the quirk nonvoter-campaigns, as in v1.1.1", () => {
    const configuration = {
      servers: [nonvoter("s1"), ...voters(3).servers.slice(1)],
    };
    const server = waited({
      log: [1],
      configuration,
      quirks: ["nonvoter-campaigns"],
    });
    expect(server.state).toBe("Candidate");
  });

  test("is not in the configuration at all: it waits", () => {
    const configuration = { servers: voters(3).servers.slice(1) };
    expect(waited({ log: [1], configuration }).state).toBe("Follower");
  });

  test("forgets its leader all the same", () => {
    const server = follower({ log: [], term: 1 });
    server.append({});
    expect(server.raft.Leader()).toBe("s2addr");
    server.pass(30_000);
    expect(server.raft.Leader()).toBe("");
  });
});
