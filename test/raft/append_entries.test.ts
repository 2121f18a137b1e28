/**
 * What a server makes of an AppendEntries: the cases that upstream's authors
 * listed at the end of raft_test.go and never wrote, and those around them.
 *
 * The server is s1 of three; s2 is the leader that asks.
 */
import { describe, expect, test } from "vitest";
import { InmemSnapshotStore } from "../../raft/inmem_snapshot.ts";
import type { Log } from "../../raft/log.ts";
import type { SnapshotStore } from "../../raft/ports.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { encodeText } from "../../raft/util.ts";
import { got } from "./contract/subject.ts";
import {
  answered,
  appendEntries,
  atOnce,
  configurationEntry,
  entry,
  follower,
  type OneServer,
} from "./one_server.ts";
import { nonvoter, voter, voters } from "./servers.ts";

/** Entries from `first` on, by their terms. */
function entries(first: number, ...terms: number[]): Log[] {
  return terms.map((term, i) => entry(first + i, term));
}

/** What the server knows of its own log is what stands on its disk. */
function expectMemoryMirrorsDisk(server: OneServer): void {
  const terms = server.log;
  const index = terms.length;
  expect(server.lastLog).toEqual({ index, term: terms.at(-1) ?? 0 });
}

describe("the term of an AppendEntries", () => {
  test("is too small for a follower: refused, and nothing changes", () => {
    const server = follower({ log: [1, 1], term: 3 });
    const answer = server.append({
      term: 2,
      prevLogEntry: 2,
      prevLogTerm: 1,
      entries: entries(3, 2),
      leaderCommitIndex: 2,
    });
    expect(answer).toMatchObject({ success: false, term: 3, lastLog: 2 });
    expect(server.term).toBe(3);
    expect(server.raft.Leader()).toBe("");
    expect(server.log).toEqual([1, 1]);
    expect(server.commitIndex).toBe(0);
  });

  test("is too small for a candidate: it goes on campaigning", () => {
    const server = follower({ log: [1], term: 3 }).becomeCandidate();
    server.settle();
    expect(server.term).toBe(4);
    expect(server.append({ term: 3 })).toMatchObject({
      success: false,
      term: 4,
    });
    expect(server.state).toBe("Candidate");
    expect(server.raft.Leader()).toBe("");
  });

  test("is too small for a leader: it goes on leading", () => {
    const server = follower({ log: [1], term: 3 }).becomeLeader();
    expect(server.append({ term: 3 })).toMatchObject({
      success: false,
      term: 4,
    });
    expect(server.state).toBe("Leader");
    expect(server.raft.Leader()).toBe("s1addr");
  });

  test("is a follower's own: it learns who leads", () => {
    const server = follower({ log: [1], term: 3 });
    expect(server.append({ term: 3 })).toMatchObject({
      success: true,
      term: 3,
    });
    expect(server.raft.Leader()).toBe("s2addr");
    expect(server.store.writes).not.toContain("SetUint64 CurrentTerm 4");
  });

  test("is a candidate's own: somebody else has won, and it follows", () => {
    const server = follower({ log: [1], term: 3 }).becomeCandidate();
    server.settle();
    expect(server.append({ term: 4 })).toMatchObject({
      success: true,
      term: 4,
    });
    expect(server.state).toBe("Follower");
    expect(server.term).toBe(4);
    expect(server.raft.Leader()).toBe("s2addr");
  });

  test("is a leader's own: it yields, as to any other", () => {
    const server = follower({ log: [1], term: 3 }).becomeLeader();
    expect(server.append({ term: 4 })).toMatchObject({
      success: true,
      term: 4,
    });
    expect(server.state).toBe("Follower");
    expect(server.raft.Leader()).toBe("s2addr");
  });

  test("is newer than a follower's: it enters the term and takes the entries", () => {
    const server = follower({ log: [1], term: 3 });
    const answer = server.append({
      term: 5,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 5),
    });
    expect(answer).toMatchObject({ success: true, term: 5 });
    expect(server.term).toBe(5);
    expect(server.log).toEqual([1, 5]);
  });

  test("is newer than a candidate's: it follows and takes the entries", () => {
    const server = follower({ log: [1], term: 3 }).becomeCandidate();
    const answer = server.append({
      term: 9,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 9),
    });
    expect(answer).toMatchObject({ success: true, term: 9 });
    expect([server.state, server.term]).toEqual(["Follower", 9]);
    expect(server.log).toEqual([1, 9]);
  });

  test("is newer than a leader's: it follows, and its own entry gives way", () => {
    const server = follower({ log: [1], term: 3 }).becomeLeader();
    expect(server.log).toEqual([1, 4]);
    const answer = server.append({
      term: 5,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 5),
    });
    expect(answer).toMatchObject({ success: true, term: 5 });
    expect([server.state, server.term]).toEqual(["Follower", 5]);
    expect(server.log).toEqual([1, 5]);
  });

  test("a newer one is on the disk before anything is answered", () => {
    const server = follower({ log: [1], term: 3 });
    const write = server.store.hold("SetUint64 CurrentTerm 5");
    const answer = server.send(appendEntries({ term: 5 }));
    expect(write.reached).toBe(true);
    expect(answer.now).toBeUndefined();
    expect(server.term).toBe(3);
    write.release();
    server.settle();
    expect(answered(answer).response).toMatchObject({ term: 5 });
    expect(server.durable.term).toBe(5);
  });

  test("a newer one is taken even when the entries are refused", () => {
    const server = follower({ log: [1], term: 3 });
    const answer = server.append({ term: 5, prevLogEntry: 7, prevLogTerm: 5 });
    expect(answer).toMatchObject({ success: false, term: 5 });
    expect(server.term).toBe(5);
    expect(server.raft.Leader()).toBe("s2addr");
  });
});

describe("the entry before the new ones", () => {
  test("is none, index 0: it matches every log", () => {
    const server = follower({ log: [1, 1, 2], term: 3 });
    expect(server.append({ term: 3 }).success).toBe(true);
    expect(server.log).toEqual([1, 1, 2]);
  });

  test("is our last one: its term is known without reading the log", () => {
    const server = follower({ log: [1, 1, 2], term: 3 });
    server.store.calls = [];
    const answer = server.append({ term: 3, prevLogEntry: 3, prevLogTerm: 2 });
    expect(answer.success).toBe(true);
    expect(server.store.calls).toEqual([]);
  });

  test("is our last one with another term: refused", () => {
    const server = follower({ log: [1, 1, 2], term: 3 });
    const answer = server.append({ term: 3, prevLogEntry: 3, prevLogTerm: 3 });
    expect(answer).toMatchObject({ success: false, noRetryBackoff: true });
  });

  test("stands inside our log with the same term: accepted", () => {
    const server = follower({ log: [1, 1, 2], term: 3 });
    const answer = server.append({
      term: 3,
      prevLogEntry: 2,
      prevLogTerm: 1,
      entries: entries(3, 2),
    });
    expect(answer.success).toBe(true);
    expect(server.store.calls).toContain("GetLog 2");
  });

  test("stands inside our log with another term: refused, to be asked again at once", () => {
    const server = follower({ log: [1, 1, 2], term: 3 });
    const answer = server.append({
      term: 3,
      prevLogEntry: 2,
      prevLogTerm: 2,
      entries: entries(3, 3),
      leaderCommitIndex: 3,
    });
    expect(answer).toMatchObject({
      success: false,
      noRetryBackoff: true,
      lastLog: 3,
    });
    expect(server.log).toEqual([1, 1, 2]);
    expect(server.commitIndex).toBe(0);
    expect(server.lines).toContain("WARN previous log term mis-match");
  });

  test("lies past our end: refused, with our last index as a hint", () => {
    const server = follower({ log: [1, 1], term: 3 });
    const answer = server.append({
      term: 3,
      prevLogEntry: 9,
      prevLogTerm: 3,
      entries: entries(10, 3),
    });
    expect(answer).toMatchObject({
      success: false,
      noRetryBackoff: true,
      lastLog: 2,
    });
    expect(server.lines).toContain("WARN failed to get previous log");
  });

  test("is asked for in an empty log: refused", () => {
    const server = follower({ log: [], term: 3 });
    const answer = server.append({ term: 3, prevLogEntry: 1, prevLogTerm: 1 });
    expect(answer).toMatchObject({ success: false, lastLog: 0 });
  });
});

/** A store with one snapshot, of what s1 had applied up to `index`. */
function snapshotAt(
  index: number,
  term: number,
  configurationIndex = 1,
): SnapshotStore {
  const store = new InmemSnapshotStore();
  function* write(): Task<void> {
    const members = voters(3);
    const sink = got(
      yield* store.Create(1, index, term, members, configurationIndex),
    );
    yield* sink.Write(encodeText("restored"));
    yield* sink.Close();
  }
  atOnce(write());
  return store;
}

describe("the entry before the new ones, when a snapshot covers it", () => {
  test("lies before the snapshot's index: it matches, though it is not in the log", () => {
    const snapshots = snapshotAt(10, 2);
    const server = follower({ entries: [], term: 3, snapshots });
    const answer = server.append({ term: 3, prevLogEntry: 8, prevLogTerm: 2 });
    expect(answer).toMatchObject({ success: true, lastLog: 10 });
  });

  test("is the snapshot's last one: it matches, and the log goes on behind it", () => {
    const snapshots = snapshotAt(10, 2);
    const server = follower({ entries: [], term: 3, snapshots });
    const answer = server.append({
      term: 3,
      prevLogEntry: 10,
      prevLogTerm: 2,
      entries: entries(11, 3, 3),
      leaderCommitIndex: 11,
    });
    expect(answer.success).toBe(true);
    expect(server.log.slice(10)).toEqual([3, 3]);
    expect(server.lastLog).toEqual({ index: 12, term: 3 });
    expect(server.commitIndex).toBe(11);
    expect(server.applied).toEqual(["restored", "11/3"]);
  });

  test("is the snapshot's last one while the log goes on behind it: it matches", () => {
    const snapshots = snapshotAt(10, 2);
    const behind = entries(11, 2, 2);
    const server = follower({ entries: behind, term: 3, snapshots });
    const answer = server.append({
      term: 3,
      prevLogEntry: 10,
      prevLogTerm: 2,
      entries: entries(11, 2, 3),
    });
    expect(answer.success).toBe(true);
    expect(server.log.slice(10)).toEqual([2, 3]);
  });

  test("lies behind the snapshot, past our end: refused", () => {
    const snapshots = snapshotAt(10, 2);
    const server = follower({ entries: [], term: 3, snapshots });
    const answer = server.append({ term: 3, prevLogEntry: 11, prevLogTerm: 3 });
    expect(answer).toMatchObject({ success: false, lastLog: 10 });
  });

  test("entries that the snapshot covers are not stored again", () => {
    const snapshots = snapshotAt(10, 2);
    const server = follower({ entries: [], term: 3, snapshots });
    const answer = server.append({
      term: 3,
      prevLogEntry: 7,
      prevLogTerm: 2,
      entries: entries(8, 2, 2, 2, 3),
    });
    expect(answer.success).toBe(true);
    expect(server.store.writes.at(-1)).toBe("StoreLogs 11-11");
  });

  test("an old configuration that the snapshot covers does not come back", () => {
    const snapshots = snapshotAt(10, 2, 9);
    const server = follower({ entries: [], term: 3, snapshots });
    server.append({
      term: 3,
      prevLogEntry: 6,
      prevLogTerm: 2,
      entries: [configurationEntry(7, 2, voters(5)), entry(8, 2)],
    });
    expect(server.r.configurations).toMatchObject({
      latest: voters(3),
      latestIndex: 9,
    });
  });
});

describe("the new entries", () => {
  test("are none: nothing is written", () => {
    const server = follower({ log: [1, 1], term: 3 });
    server.store.calls = [];
    server.append({ term: 3, prevLogEntry: 2, prevLogTerm: 1 });
    expect(server.store.writes).toEqual([]);
  });

  test("are all new: stored in one write", () => {
    const server = follower({ log: [1, 1], term: 3 });
    server.store.calls = [];
    const answer = server.append({
      term: 3,
      prevLogEntry: 2,
      prevLogTerm: 1,
      entries: entries(3, 2, 3, 3),
    });
    expect(answer).toMatchObject({ success: true, lastLog: 2 });
    expect(server.store.writes).toEqual(["StoreLogs 3-5"]);
    expect(server.log).toEqual([1, 1, 2, 3, 3]);
    expectMemoryMirrorsDisk(server);
  });

  test("are the first of an empty log: stored", () => {
    const server = follower({ log: [], term: 3 });
    const answer = server.append({ term: 3, entries: entries(1, 1, 3) });
    expect(answer.success).toBe(true);
    expect(server.log).toEqual([1, 3]);
    expectMemoryMirrorsDisk(server);
  });

  test("are on the disk before the answer leaves", () => {
    const server = follower({ log: [1], term: 3 });
    const write = server.store.hold("StoreLogs");
    const answer = server.send(
      appendEntries({
        term: 3,
        prevLogEntry: 1,
        prevLogTerm: 1,
        entries: entries(2, 3),
      }),
    );
    expect(write.reached).toBe(true);
    expect(answer.now).toBeUndefined();
    expect(server.lastLog).toEqual({ index: 1, term: 1 });
    write.release();
    server.settle();
    expect(answered(answer).response).toMatchObject({ success: true });
    expect(server.log).toEqual([1, 3]);
  });

  test("are all here already: none is written, none is deleted", () => {
    const server = follower({ log: [1, 2, 2, 3], term: 3 });
    server.store.calls = [];
    const answer = server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 2, 2, 3),
    });
    expect(answer.success).toBe(true);
    expect(server.store.writes).toEqual([]);
    expect(server.log).toEqual([1, 2, 2, 3]);
    expectMemoryMirrorsDisk(server);
  });

  test("are an old request that comes again: what followed it stays", () => {
    const server = follower({ log: [1, 2, 2, 3], term: 3 });
    server.store.calls = [];
    const answer = server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 2),
    });
    expect(answer).toMatchObject({ success: true, lastLog: 4 });
    expect(server.store.writes).toEqual([]);
    expect(server.log).toEqual([1, 2, 2, 3]);
  });

  test("are here in part: only the new ones are written", () => {
    const server = follower({ log: [1, 2, 2], term: 3 });
    server.store.calls = [];
    const answer = server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 2, 2, 3, 3),
    });
    expect(answer.success).toBe(true);
    expect(server.store.writes).toEqual(["StoreLogs 4-5"]);
    expect(server.log).toEqual([1, 2, 2, 3, 3]);
    expectMemoryMirrorsDisk(server);
  });

  test("all conflict: ours are deleted up to the end, and theirs stored", () => {
    const server = follower({ log: [1, 2, 2, 2], term: 3 });
    server.store.calls = [];
    const answer = server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 3, 3, 3),
    });
    expect(answer.success).toBe(true);
    expect(server.store.writes).toEqual(["DeleteRange 2-4", "StoreLogs 2-4"]);
    expect(server.log).toEqual([1, 3, 3, 3]);
    expectMemoryMirrorsDisk(server);
  });

  test("conflict and are fewer than ours: the rest of ours is gone too", () => {
    const server = follower({ log: [1, 2, 2, 2, 2], term: 3 });
    server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 3),
    });
    expect(server.log).toEqual([1, 3]);
    expectMemoryMirrorsDisk(server);
  });

  test("are here in part and conflict in part: the common ones stay untouched", () => {
    const server = follower({ log: [1, 2, 2, 2], term: 3 });
    server.store.calls = [];
    server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 2, 3, 3, 3),
    });
    expect(server.store.writes).toEqual(["DeleteRange 3-4", "StoreLogs 3-5"]);
    expect(server.log).toEqual([1, 2, 3, 3, 3]);
    expectMemoryMirrorsDisk(server);
  });

  test("conflict from the very first entry: the whole log is replaced", () => {
    const server = follower({ log: [1, 1], term: 3 });
    server.append({ term: 3, entries: entries(1, 3) });
    expect(server.log).toEqual([3]);
    expectMemoryMirrorsDisk(server);
  });

  test("conflict right behind a snapshot: the snapshot's last entry is before them", () => {
    const snapshots = snapshotAt(10, 2);
    const behind = entries(11, 2, 2);
    const server = follower({ entries: behind, term: 3, snapshots });
    server.store.fail("StoreLogs");
    server.append({
      term: 3,
      prevLogEntry: 10,
      prevLogTerm: 2,
      entries: entries(11, 3),
    });
    expect(server.lastLog).toEqual({ index: 10, term: 2 });
    expect(server.raft.LastIndex()).toBe(10);
  });
});

describe("a configuration among the new entries", () => {
  const three = voters(3);
  const four = { servers: [...three.servers, voter("s4")] };
  const five = { servers: [...three.servers, nonvoter("s5")] };

  test("is in force at once, and the one before it is committed", () => {
    const server = follower({ log: [1], term: 3, configuration: three });
    server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: [configurationEntry(2, 3, four)],
    });
    expect(server.r.configurations).toEqual({
      latest: four,
      latestIndex: 2,
      committed: three,
      committedIndex: 1,
    });
  });

  test("is cut off: the committed one is in force again", () => {
    const server = follower({ log: [1], term: 3, configuration: three });
    server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: [entry(2, 3), configurationEntry(3, 3, four), entry(4, 3)],
    });
    server.append({
      term: 4,
      prevLogEntry: 2,
      prevLogTerm: 3,
      entries: entries(3, 4),
    });
    expect(server.log).toEqual([1, 3, 4]);
    expect(server.r.configurations).toEqual({
      latest: three,
      latestIndex: 1,
      committed: three,
      committedIndex: 1,
    });
  });

  test("stands before the cut: it stays in force", () => {
    const server = follower({ log: [1], term: 3, configuration: three });
    server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: [configurationEntry(2, 3, four), entry(3, 3)],
    });
    server.append({
      term: 4,
      prevLogEntry: 2,
      prevLogTerm: 3,
      entries: entries(3, 4),
    });
    expect(server.r.configurations).toMatchObject({
      latest: four,
      latestIndex: 2,
    });
  });

  test("takes the place of one that is cut off", () => {
    const server = follower({ log: [1], term: 3, configuration: three });
    server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: [configurationEntry(2, 3, four)],
    });
    server.append({
      term: 4,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: [configurationEntry(2, 4, five)],
    });
    expect(server.r.configurations).toEqual({
      latest: five,
      latestIndex: 2,
      committed: three,
      committedIndex: 1,
    });
  });

  test("is settled when the leader has committed it", () => {
    const server = follower({ log: [1], term: 3, configuration: three });
    server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: [configurationEntry(2, 3, four), entry(3, 3)],
      leaderCommitIndex: 1,
    });
    expect(server.r.configurations.committedIndex).toBe(1);
    server.append({
      term: 3,
      prevLogEntry: 3,
      prevLogTerm: 3,
      leaderCommitIndex: 2,
    });
    expect(server.r.configurations).toEqual({
      latest: four,
      latestIndex: 2,
      committed: four,
      committedIndex: 2,
    });
  });

  test("whose bytes mean nothing stops the server", () => {
    const server = follower({ log: [1], term: 3 });
    const broken = {
      ...configurationEntry(2, 3, four),
      data: Uint8Array.of(1),
    };
    server.send(
      appendEntries({
        term: 3,
        prevLogEntry: 1,
        prevLogTerm: 1,
        entries: [broken],
      }),
    );
    expect(String(server.failures[0]?.error)).toContain("msgpack");
  });
});

describe("a disk that fails", () => {
  /** Conflicts with entries 3 and 4 of the server, and commits entry 3. */
  const request = {
    term: 3,
    prevLogEntry: 2,
    prevLogTerm: 2,
    entries: entries(3, 3),
    leaderCommitIndex: 3,
  };
  const server = () => follower({ log: [1, 2, 2, 2], term: 3 });

  /** Refused, and nothing got ahead of the disk; the next try goes through. */
  function expectNothingHappened(failed: OneServer): void {
    expectMemoryMirrorsDisk(failed);
    expect(failed.commitIndex).toBe(0);
    expect(failed.applied).toEqual([]);
    expect(failed.raft.LastContact()).toBeUndefined();
    expect(failed.failures).toEqual([]);
    expect(failed.append(request).success).toBe(true);
    expect(failed.log).toEqual([1, 2, 3]);
    expect(failed.commitIndex).toBe(3);
  }

  test("when the previous entry is read: refused, to be asked again at once", () => {
    const s1 = server();
    s1.store.fail("GetLog 2");
    expect(s1.append(request)).toMatchObject({
      success: false,
      noRetryBackoff: true,
    });
    expect(s1.log).toEqual([1, 2, 2, 2]);
    expectNothingHappened(s1);
  });

  test("when an entry is compared: refused, to be asked again after a pause", () => {
    const s1 = server();
    s1.store.fail("GetLog 3");
    expect(s1.append(request)).toMatchObject({
      success: false,
      noRetryBackoff: false,
    });
    expect(s1.log).toEqual([1, 2, 2, 2]);
    expectNothingHappened(s1);
  });

  test("when a conflict is deleted: refused, and the old entries stay", () => {
    const s1 = server();
    s1.store.fail("DeleteRange");
    expect(s1.append(request)).toMatchObject({
      success: false,
      noRetryBackoff: false,
    });
    expect(s1.log).toEqual([1, 2, 2, 2]);
    expect(s1.lines).toContain("ERROR Failed to clear log suffix");
    expectNothingHappened(s1);
  });

  test("when a conflict is deleted: the configuration in it stays in force", () => {
    const four = voters(4);
    const s1 = follower({
      entries: [
        configurationEntry(1, 1, voters(3)),
        entry(2, 2),
        configurationEntry(3, 2, four),
      ],
      term: 3,
    });
    s1.store.fail("DeleteRange");
    expect(s1.append(request).success).toBe(false);
    expect(s1.r.configurations).toMatchObject({ latest: four, latestIndex: 3 });
  });

  test("when the entry before the cut is read: refused, and nothing is half done", () => {
    const s1 = follower({
      entries: [
        configurationEntry(1, 1, voters(3)),
        entry(2, 2),
        configurationEntry(3, 2, voters(4)),
        entry(4, 2),
      ],
      term: 3,
    });
    s1.store.fail("GetLog 2", 2);
    expect(s1.append(request).success).toBe(false);
    expectMemoryMirrorsDisk(s1);
    const { latestIndex } = s1.r.configurations;
    expect(latestIndex).toBe(s1.log.length >= 3 ? 3 : 1);
    expectNothingHappened(s1);
  });

  test("when new entries are stored: refused, and the log is as it was", () => {
    const s1 = follower({ log: [1, 2], term: 3 });
    s1.store.fail("StoreLogs");
    expect(s1.append(request)).toMatchObject({
      success: false,
      noRetryBackoff: false,
    });
    expect(s1.log).toEqual([1, 2]);
    expect(s1.lines).toContain("ERROR Failed to append to logs");
    expectNothingHappened(s1);
  });

  test("when entries are stored in place of deleted ones: the log ends before the cut", () => {
    const s1 = server();
    s1.store.fail("StoreLogs");
    expect(s1.append(request).success).toBe(false);
    expect(s1.log).toEqual([1, 2]);
    expect(s1.lastLog).toEqual({ index: 2, term: 2 });
    expectNothingHappened(s1);
  });

  test("when a configuration is stored: the old one stays in force", () => {
    const s1 = follower({ log: [1, 2], term: 3 });
    s1.store.fail("StoreLogs");
    s1.append({ ...request, entries: [configurationEntry(3, 3, voters(4))] });
    expect(s1.r.configurations).toMatchObject({
      latest: voters(3),
      latestIndex: 1,
    });
  });

  test("when the log was cut and not written: a vote is asked by the true last entry", () => {
    const s1 = server();
    s1.store.fail("StoreLogs");
    s1.append(request);
    const behind = s1.vote({ term: 4, lastLogIndex: 1, lastLogTerm: 2 });
    expect(behind.granted).toBe(false);
    s1.until(() => s1.state === "Candidate");
    s1.settle();
    expect(s1.transport.sent.at(-1)?.request).toMatchObject({
      kind: "RequestVoteRequest",
      lastLogIndex: 2,
      lastLogTerm: 2,
    });
  });
});

describe("the commit index", () => {
  test("follows the leader's up to the last entry of the request", () => {
    const server = follower({ log: [1], term: 3 });
    server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 3, 3),
      leaderCommitIndex: 9,
    });
    expect(server.commitIndex).toBe(3);
    expect(server.applied).toEqual(["2/3", "3/3"]);
  });

  test("follows the leader's when that lies inside the request", () => {
    const server = follower({ log: [1], term: 3 });
    server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 3, 3),
      leaderCommitIndex: 2,
    });
    expect(server.commitIndex).toBe(2);
    expect(server.applied).toEqual(["2/3"]);
  });

  test("never covers own entries that the request has not checked", () => {
    const server = follower({ log: [1, 2, 2], term: 3 });
    server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      leaderCommitIndex: 3,
    });
    expect(server.commitIndex).toBe(1);
    expect(server.applied).toEqual([]);
  });

  test("stays when a request checks nothing: a heartbeat", () => {
    const server = follower({ log: [1, 2, 2], term: 3 });
    server.append({ term: 3, leaderCommitIndex: 3 });
    expect(server.commitIndex).toBe(0);
  });

  test("covers duplicates too: they have been checked", () => {
    const server = follower({ log: [1, 2, 2], term: 3 });
    server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: entries(2, 2, 2),
      leaderCommitIndex: 3,
    });
    expect(server.commitIndex).toBe(3);
  });

  test("never falls", () => {
    const server = follower({ log: [1, 2, 2], term: 3 });
    const request = { term: 3, prevLogEntry: 3, prevLogTerm: 2 };
    server.append({ ...request, leaderCommitIndex: 3 });
    server.append({ ...request, leaderCommitIndex: 2 });
    server.append(request);
    expect(server.commitIndex).toBe(3);
    expect(server.applied).toEqual(["2/2", "3/2"]);
  });

  test("stays when the request is refused", () => {
    const server = follower({ log: [1, 2, 2], term: 3 });
    const refused = [
      { term: 2, prevLogEntry: 3, prevLogTerm: 2 },
      { term: 3, prevLogEntry: 3, prevLogTerm: 3 },
      { term: 3, prevLogEntry: 9, prevLogTerm: 3 },
    ];
    for (const request of refused) {
      server.append({ ...request, leaderCommitIndex: 3 });
    }
    expect(server.commitIndex).toBe(0);
  });

  test("hands over only what is new, each entry once, in order", () => {
    const server = follower({ log: [1, 2, 2, 2], term: 3 });
    const request = { term: 3, prevLogEntry: 4, prevLogTerm: 2 };
    server.append({ ...request, leaderCommitIndex: 2 });
    server.append({ ...request, leaderCommitIndex: 4 });
    expect(server.applied).toEqual(["2/2", "3/2", "4/2"]);
    expect(server.raft.AppliedIndex()).toBe(4);
  });

  test("reaches an entry that the disk has lost: the server stops", () => {
    const server = follower({ log: [1, 2, 2], term: 3 });
    server.store.fail("GetLog 2");
    server.send(
      appendEntries({
        term: 3,
        prevLogEntry: 3,
        prevLogTerm: 2,
        leaderCommitIndex: 3,
      }),
    );
    expect(server.failures.map(({ error }) => String(error))).toEqual([
      "Error: broken disk",
    ]);
    expect(server.applied).toEqual([]);
  });
});

describe("the last contact with a leader", () => {
  const matching = { term: 3, prevLogEntry: 2, prevLogTerm: 1 };
  const refused = {
    "of an older term": { ...matching, term: 2 },
    "whose previous entry conflicts": { ...matching, prevLogTerm: 2 },
    "whose previous entry is missing": { ...matching, prevLogEntry: 9 },
  };

  test("is now after a request that was accepted", () => {
    const server = follower({ log: [1, 1], term: 3 });
    expect(server.raft.LastContact()).toBeUndefined();
    server.pass(500);
    server.append(matching);
    expect(server.raft.LastContact()).toBe(500);
  });

  for (const [which, request] of Object.entries(refused)) {
    test(`is not touched by a request ${which}`, () => {
      const server = follower({ log: [1, 1], term: 3 });
      server.append(matching);
      server.pass(500);
      expect(server.append(request).success).toBe(false);
      expect(server.raft.LastContact()).toBe(0);
    });
  }

  test("is not touched by a request that the disk could not take", () => {
    const server = follower({ log: [1, 1], term: 3 });
    server.append(matching);
    server.pass(500);
    server.store.fail("StoreLogs");
    server.append({ ...matching, entries: entries(3, 3) });
    expect(server.raft.LastContact()).toBe(0);
  });

  test("keeps a follower from campaigning for as long as it is renewed", () => {
    const server = follower({ log: [1, 1], term: 3 });
    for (let i = 0; i < 50; i++) {
      server.append(matching);
      server.pass(900);
      expect(server.state).toBe("Follower");
    }
    server.pass(3000);
    expect(server.state).toBe("Candidate");
  });

  test("a leader that is refused does not keep a follower from campaigning", () => {
    const server = follower({ log: [1, 1], term: 3 });
    for (let i = 0; i < 30 && server.state === "Follower"; i++) {
      server.append({ ...matching, prevLogTerm: 2 });
      server.pass(100);
    }
    expect(server.state).toBe("Candidate");
  });
});
