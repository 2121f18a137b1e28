/**
 * Each invariant is able to fail: a hand-made history that is as it should be
 * raises nothing, and with one thing wrong raises that invariant.
 */

import { describe, expect, test } from "vitest";
import type {
  AppendEntriesRequest,
  RequestVoteRequest,
  RequestVoteResponse,
} from "../../../raft/commands.ts";
import { Commitment } from "../../../raft/commitment.ts";
import { type Log, LogType } from "../../../raft/log.ts";
import type { LeaderState, RaftStruct } from "../../../raft/raft_struct.ts";
import { Channel } from "../../../raft/runtime/channel.ts";
import { VirtualClock } from "../../../raft/runtime/clock.ts";
import { Random } from "../../../raft/runtime/random.ts";
import { Process, type RunningTask } from "../../../raft/runtime/task.ts";
import { Disk } from "../../../raft/sim/disk.ts";
import { Invariants, type Observed } from "../../../raft/sim/invariants.ts";
import type { Message } from "../../../raft/sim/network.ts";
import {
  keyCurrentTerm,
  keyLastVoteCand,
  keyLastVoteTerm,
} from "../../../raft/stable.ts";
import { newRaftStateVars, type RaftStateVars } from "../../../raft/state.ts";
import { encodeText } from "../../../raft/util.ts";
import { nonvoter, voter } from "../servers.ts";

const rpcHeader = { protocolVersion: 3 } as const;

/** Three servers that an observer sees, and what the observer says. */
function observed() {
  const said: string[] = [];
  const servers = ["s1", "s2", "s3"].map((id) => serverOf(id));
  const clock = new VirtualClock();
  const invariants = new Invariants(
    servers,
    ({ invariant, server, what }) => {
      said.push(`${invariant} ${server} ${what}`);
    },
    () => clock.now(),
  );
  for (const { id, disk } of servers) told.set(disk, { id, invariants });
  const [s1, s2, s3] = servers as [Server, Server, Server];
  return { invariants, said, servers, clock, s1, s2, s3 };
}

/** Which observer is told of a disk's writes. */
const told = new Map<Disk, { id: string; invariants: Invariants }>();

type Server = ReturnType<typeof serverOf>;

function serverOf(id: string) {
  const options = { writeMs: [1, 1], errorRate: 0 } as const;
  const clock = new VirtualClock();
  const disk: Disk = new Disk(options, clock, new Random(1), (write) => {
    told.get(disk)?.invariants.wrote(server, write);
  });
  const members = { servers: [voter("s1"), voter("s2"), voter("s3")] };
  const r = {
    localID: id,
    runtime: { clock, process: new Process(id) },
    leaderCh: new Channel<boolean>("leaderCh", 1),
    conf: { leaderLeaseTimeoutMs: 500 },
    vars: newRaftStateVars(),
    leaderState: undefined,
    configurations: { latest: members, committed: members },
  } as unknown as RaftStruct;
  const server: Observed & { r: RaftStruct } = {
    id,
    disk,
    r,
    paused: false,
    applied: { commands: [] },
  };
  return server;
}

function entry(index: number, term: number, text = `${index}`): Log {
  return { index, term, type: LogType.Command, data: encodeText(text) };
}

/** Term and entries on the disk, and in memory what belongs to them. */
function has({ disk, r }: Server, term: number, ...logs: Log[]): void {
  disk.preset({ [keyCurrentTerm]: term }, logs);
  r.vars.currentTerm = term;
  r.vars.lastLogIndex = disk.lastIndex;
  r.vars.lastLogTerm = disk.entry(disk.lastIndex)?.term ?? 0;
}

function is({ r }: Server, changes: Partial<RaftStateVars>): void {
  Object.assign(r.vars, changes);
}

function votesFor({ disk }: Server, term: number, candidate: string): void {
  const set = { [keyLastVoteCand]: encodeText(candidate) };
  disk.preset({ ...set, [keyLastVoteTerm]: term }, []);
}

function granted(term: number): RequestVoteResponse {
  return { kind: "RequestVoteResponse", rpcHeader, term, granted: true };
}

function requestOf(
  term: number,
  lastLogIndex: number,
  lastLogTerm: number,
): RequestVoteRequest {
  return {
    kind: "RequestVoteRequest",
    rpcHeader,
    term,
    candidate: encodeText("s2"),
    lastLogIndex,
    lastLogTerm,
    leadershipTransfer: false,
  };
}

function append(term: number, ...entries: Log[]): AppendEntriesRequest {
  return {
    kind: "AppendEntriesRequest",
    rpcHeader,
    term,
    leader: encodeText("s1"),
    prevLogEntry: 0,
    prevLogTerm: 0,
    entries,
    leaderCommitIndex: 0,
  };
}

function success(term: number): Message & { kind: "AppendEntriesResponse" } {
  return {
    kind: "AppendEntriesResponse",
    rpcHeader,
    term,
    lastLog: 1,
    success: true,
    noRetryBackoff: false,
  };
}

describe("a history that is as it should be", () => {
  test("raises nothing", () => {
    const { invariants, said, servers, s1, s2 } = observed();
    for (const server of servers) has(server, 2, entry(1, 1), entry(2, 2));
    votesFor(s2, 2, "s1");
    invariants.sent(s1, "s2", requestOf(2, 1, 1));
    invariants.sent(s2, "s1", granted(2));
    is(s1, { state: "Leader" });
    invariants.check();
    invariants.sent(s1, "s2", append(2, entry(2, 2)));
    invariants.answered(s2, append(2, entry(2, 2)), success(2));
    invariants.sent(s2, "s1", success(2));
    is(s1, { commitIndex: 2, lastApplied: 2 });
    invariants.check();
    invariants.applied(s1, entry(1, 1));
    invariants.applied(s1, entry(2, 2));
    expect(said).toEqual([]);
    expect(invariants.committed).toBe(2);
  });
});

describe("I1 Election Safety", () => {
  test("two servers lead in one term", () => {
    const { invariants, said, s1, s2 } = observed();
    for (const server of [s1, s2]) has(server, 2);
    is(s1, { state: "Leader" });
    invariants.check();
    is(s2, { state: "Leader" });
    invariants.check();
    expect(said).toEqual(["I1 s2 leads, term 2, and so did s1"]);
  });

  test("two servers send entries in one term", () => {
    const { invariants, said, s1, s2 } = observed();
    for (const server of [s1, s2]) has(server, 2);
    invariants.sent(s1, "s3", append(2));
    invariants.sent(s2, "s3", append(2));
    expect(said).toEqual(["I1 s2 sends AppendEntries, term 2, and so did s1"]);
  });

  test("a leader without a vote", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 2);
    s1.r.configurations.latest = { servers: [nonvoter("s1"), voter("s2")] };
    is(s1, { state: "Leader" });
    invariants.check();
    expect(said).toEqual(["I1 s1 leads term 2 and is not a voter"]);
  });
});

describe("I2 Leader Append-Only", () => {
  test("a leader deletes its last entries", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 2, entry(1, 1), entry(2, 2));
    is(s1, { state: "Leader" });
    invariants.wrote(s1, { kind: "delete", min: 2, max: 2 });
    expect(said).toEqual(["I2 s1 the leader deletes from 2"]);
  });

  test("a leader stores an entry of another term", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 2);
    is(s1, { state: "Leader" });
    invariants.check();
    s1.disk.preset({}, [entry(1, 1)]);
    expect(said).toEqual(["I2 s1 leads term 2 and stores 1/1"]);
  });
});

describe("I3 Log Matching", () => {
  test("two entries of the same index and term", () => {
    const { said, s1, s2 } = observed();
    has(s1, 2, entry(1, 1, "x"));
    has(s2, 2, entry(1, 1, "y"));
    expect(said).toEqual(["I3 s2 another entry 1/1 than others have"]);
  });

  test("the same entry with another past", () => {
    const { said, s1, s2 } = observed();
    has(s1, 2, entry(1, 1), entry(2, 2));
    has(s2, 2, entry(1, 2), entry(2, 2));
    expect(said).toEqual(["I3 s2 another entry 2/2 than others have"]);
  });
});

describe("I4 Leader Completeness", () => {
  test("a leader lacks what an older term has committed", () => {
    const { invariants, said, s1, s2, s3 } = observed();
    for (const server of [s1, s2]) has(server, 2, entry(1, 2));
    is(s1, { state: "Leader", commitIndex: 1 });
    invariants.check();
    has(s3, 3);
    is(s3, { state: "Leader" });
    invariants.check();
    expect(said).toEqual(["I4 s3 leads term 3 without committed entry 1"]);
  });

  test("a late leader need not have what a newer term has committed", () => {
    const { invariants, said, s1, s2, s3 } = observed();
    for (const server of [s1, s2]) has(server, 4, entry(1, 4));
    is(s1, { state: "Leader", commitIndex: 1 });
    invariants.check();
    has(s3, 3);
    is(s3, { state: "Leader" });
    invariants.check();
    expect(said).toEqual([]);
  });

  test("a vote for a log that is behind", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 3, entry(1, 1), entry(2, 2));
    invariants.answered(s1, requestOf(3, 1, 2), granted(3));
    invariants.answered(s1, requestOf(4, 9, 1), granted(4));
    invariants.answered(s1, requestOf(5, 2, 2), granted(5));
    expect(said).toEqual([
      "I4 s1 has 2/2 and votes for a log that ends at 1/2",
      "I4 s1 has 2/2 and votes for a log that ends at 9/1",
    ]);
  });

  test("a late vote elects nobody once the term has its leader", () => {
    const { invariants, said, s1, s2 } = observed();
    for (const server of [s1, s2]) has(server, 3, entry(1, 1), entry(2, 3));
    is(s2, { state: "Leader" });
    invariants.check();
    invariants.answered(s1, requestOf(3, 1, 1), granted(3));
    expect(said).toEqual([]);
  });
});

describe("I5 State Machine Safety", () => {
  test("two servers commit different entries", () => {
    const { invariants, said, s1, s2, s3 } = observed();
    for (const server of [s1, s2]) has(server, 2, entry(1, 1));
    has(s3, 2, entry(1, 2));
    is(s1, { state: "Leader", commitIndex: 1 });
    is(s3, { commitIndex: 1 });
    invariants.check();
    expect(said.at(-1)).toBe("I5 s3 commits another entry at 1 than others");
  });

  test("two state machines are given different commands", () => {
    const { invariants, said, s1, s2 } = observed();
    for (const server of [s1, s2]) is(server, { commitIndex: 1 });
    invariants.applied(s1, entry(1, 1, "x"));
    invariants.applied(s2, entry(1, 1, "y"));
    expect(said).toEqual(['I5 s2 applies "1 y" at 1, others "1 x"']);
  });
});

describe("I6 Votes", () => {
  test("a term falls", () => {
    const { said, s1 } = observed();
    has(s1, 5);
    has(s1, 4);
    expect(said).toEqual(["I6 s1 term 5 becomes 4"]);
  });

  test("a server votes twice in a term", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 2);
    votesFor(s1, 2, "s2");
    invariants.sent(s1, "s2", granted(2));
    invariants.sent(s1, "s2", granted(2));
    votesFor(s1, 2, "s3");
    invariants.sent(s1, "s3", granted(2));
    expect(said).toEqual(["I6 s3 has the vote, term s1 2, and so did s2"]);
  });
});

describe("I7 Durable before said", () => {
  test.each<[string, Message]>([
    ["a request for votes", requestOf(2, 0, 0)],
    ["entries", append(2)],
    ["an acknowledgement", success(2)],
  ])("%s shows a term that is not on disk", (_, message) => {
    const { invariants, said, s1 } = observed();
    invariants.sent(s1, "s2", message);
    expect(said).toEqual(["I7 s1 shows term 2, on disk is 0"]);
  });

  test.each<[string, (server: Server) => void]>([
    ["not on disk", () => {}],
    ["on disk for another", (server) => votesFor(server, 2, "s3")],
    ["on disk for another term", (server) => votesFor(server, 1, "s2")],
  ])("a vote is %s", (_, prepare) => {
    const { invariants, said, s1 } = observed();
    has(s1, 2);
    prepare(s1);
    invariants.sent(s1, "s2", granted(2));
    expect(said).toEqual(["I7 s1 grants s2 term 2 before it is on disk"]);
  });
});

describe("I8 Stored before counted", () => {
  test("an acknowledged entry is not on disk", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 2, entry(1, 1));
    const request = append(2, entry(1, 1), entry(2, 2));
    invariants.answered(s1, request, success(2));
    expect(said).toEqual(["I8 s1 acknowledges 2/2, not on its disk"]);
  });

  test("a leader counts its own copy too early", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 2, entry(1, 1));
    const { commitment } = leads(s1, []);
    commitment.match("s1", 2);
    invariants.check();
    expect(said).toEqual(["I8 s1 counts its own 2, on disk is 1"]);
  });
});

describe("I9 Commit", () => {
  test("the commit index falls", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 2, entry(1, 1), entry(2, 2));
    is(s1, { commitIndex: 2 });
    invariants.check();
    is(s1, { commitIndex: 1 });
    invariants.check();
    expect(said).toEqual(["I9 s1 commit 2 becomes 1"]);
  });

  test("a restart forgets the commit index", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 2, entry(1, 1));
    is(s1, { commitIndex: 1 });
    invariants.check();
    is(s1, { commitIndex: 0 });
    invariants.started(s1);
    invariants.check();
    expect(said).toEqual([]);
  });

  test("an entry is not on a majority", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 2, entry(1, 2));
    is(s1, { state: "Leader", commitIndex: 1 });
    invariants.check();
    expect(said).toEqual(["I9 s1 commits 1, which 1 of 3 voters have"]);
  });

  test("an entry of an older term is committed by counting", () => {
    const { invariants, said, s1, s2 } = observed();
    for (const server of [s1, s2]) has(server, 2, entry(1, 1));
    is(s1, { state: "Leader", commitIndex: 1 });
    invariants.check();
    expect(said).toEqual(["I9 s1 commits 1 of term 1 by counting"]);
  });
});

describe("I10 Apply", () => {
  test.each<[string, number[], string]>([
    ["twice", [1, 1], "applies 1 after 1"],
    ["out of order", [1, 2, 3, 2], "applies 2 after 3"],
    ["with a gap", [1, 3], "applies 3 and leaves out 2"],
    ["before it is committed", [1, 2, 3, 4], "applies 4, which is not com"],
  ])("an entry is applied %s", (_, order, what) => {
    const { invariants, said, s1 } = observed();
    has(s1, 2, ...[1, 2, 3, 4].map((index) => entry(index, 1)));
    is(s1, { commitIndex: 3 });
    for (const index of order) invariants.applied(s1, entry(index, 1));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`I10 s1 ${what}`);
  });

  test("an entry that a snapshot covers is applied again", () => {
    const { invariants, said, s1 } = observed();
    is(s1, { lastSnapshotIndex: 3, commitIndex: 4 });
    invariants.started(s1);
    invariants.applied(s1, entry(3, 1));
    expect(said).toEqual(["I10 s1 applies 3 after 3"]);
  });
});

describe("I11 Order", () => {
  test.each<[string, Partial<RaftStateVars>]>([
    ["commit is behind what was applied", { lastApplied: 2, commitIndex: 1 }],
    ["commit is past the last entry", { lastApplied: 2, commitIndex: 3 }],
    ["the snapshot is ahead", { lastSnapshotIndex: 2, lastApplied: 1 }],
  ])("%s", (_, vars) => {
    const { invariants, said, s1 } = observed();
    has(s1, 2, entry(1, 1), entry(2, 2));
    is(s1, vars);
    invariants.check();
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^I11 s1 snapshot \d, applied \d, commit \d, last/);
  });
});

describe("I13 Once", () => {
  test("a command is applied at two indexes", () => {
    const { invariants, said, s1 } = observed();
    is(s1, { commitIndex: 2 });
    invariants.applied(s1, entry(1, 1, "a=1"));
    invariants.applied(s1, entry(2, 1, "a=1"));
    expect(said).toEqual(['I13 s1 applies "a=1" at 1 and 2']);
  });

  test("a client is told what is not so", () => {
    const { invariants, said, s1 } = observed();
    is(s1, { commitIndex: 1 });
    invariants.applied(s1, entry(1, 1, "a=1"));
    invariants.told("s1", 1, "a=1");
    expect(said).toEqual([]);
    invariants.told("s1", 1, "a=2");
    invariants.told("s1", 2, "a=2");
    expect(said).toEqual([
      'I13 s1 says "a=2" at 1, applied is "1 a=1"',
      'I13 s1 says "a=2" at 2, applied is nothing',
    ]);
  });
});

describe("I14 Lease", () => {
  /** s1 leads from the beginning; the others accept what it sends at a time. */
  function leading(...accepted: [by: string, sentMs: number][]) {
    const seen = observed();
    const { invariants, s1 } = seen;
    has(s1, 2);
    leads(s1, []);
    invariants.check();
    for (const [by, sentMs] of accepted) {
      invariants.heard("s1", voter(by).address, sentMs, success(2));
    }
    return seen;
  }

  test.each<[number, [string, number][], string[]]>([
    [540, [], []],
    [600, [], ["I14 s1 still leads, and has heard only of s1"]],
    [600, [["s3", 100]], []],
    [700, [["s3", 100]], ["I14 s1 still leads, and has heard only of s1"]],
  ])("at %i ms, when %j", (atMs, accepted, expected) => {
    const { invariants, said, clock } = leading(...accepted);
    clock.advanceTo(atMs);
    invariants.check();
    expect(said).toEqual(expected);
  });

  test("an answer of a newer term renews nothing", () => {
    const { invariants, said, clock } = leading();
    invariants.heard("s1", voter("s2").address, 300, success(3));
    clock.advanceTo(600);
    invariants.check();
    expect(said).toEqual(["I14 s1 still leads, and has heard only of s1"]);
  });

  test("a server that sleeps cannot step down", () => {
    const { invariants, said, clock, s1 } = leading();
    Object.assign(s1, { paused: true });
    clock.advanceTo(600);
    invariants.check();
    expect(said).toEqual([]);
  });

  test("verified when nobody has answered since", () => {
    const { invariants, said, s1 } = leading(["s2", 100]);
    invariants.verified(s1, 2, 100);
    expect(said).toEqual([]);
    invariants.verified(s1, 2, 101);
    expect(said).toEqual(["I14 s1 is verified, and since then heard only s1"]);
  });

  test("verified when a newer leader had committed", () => {
    const { invariants, said, s1 } = leading(["s2", 100]);
    invariants.verified(s1, 3, 100);
    const what = "is verified in term 2, and a leader of term 3 had committed";
    expect(said).toEqual([`I14 s1 ${what} before`]);
  });
});

describe("I15 Memory mirrors disk", () => {
  test("what a log cache gives out", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 2, entry(1, 1));
    invariants.read(s1, 1, entry(1, 1));
    expect(said).toEqual([]);
    invariants.read(s1, 1, entry(1, 2));
    invariants.read(s1, 2, entry(2, 2));
    expect(said).toEqual([
      "I15 s1 reads 1/2, which is not on its disk",
      "I15 s1 reads 2/2, which is not on its disk",
    ]);
  });

  test("the last entry", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 2, entry(1, 1));
    is(s1, { lastLogIndex: 2, lastLogTerm: 2 });
    invariants.check();
    expect(said).toEqual(["I15 s1 last entry in memory 2/2, on disk 1/1"]);
  });

  test("the term", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 2);
    is(s1, { currentTerm: 3 });
    invariants.check();
    expect(said).toEqual(["I15 s1 term in memory 3, on disk 2"]);
  });
});

describe("I16 Next index", () => {
  test.each([0, 3])("is %i, and the log ends at 1", (nextIndex) => {
    const { invariants, said, s1 } = observed();
    has(s1, 2, entry(1, 1));
    leads(s1, [{ peer: voter("s2"), nextIndex }]);
    invariants.check();
    const what = `would send s2 entry ${nextIndex}, last 1`;
    expect(said).toEqual([`I16 s1 ${what}`]);
  });

  test("what counts as stored grows less", () => {
    const { invariants, said, servers, s1 } = observed();
    for (const server of servers) has(server, 2, entry(1, 2), entry(2, 2));
    const replicated = [{ peer: voter("s2"), nextIndex: 3 }];
    leads(s1, replicated).commitment.match("s2", 2);
    invariants.check();
    leads(s1, replicated).commitment.match("s2", 1);
    invariants.check();
    expect(said).toEqual(["I16 s1 counts 1 for s2, and 2 before"]);
  });

  test("may be one behind the last entry", () => {
    const { invariants, said, s1 } = observed();
    has(s1, 2, entry(1, 1));
    leads(s1, [{ peer: voter("s2"), nextIndex: 2 }]);
    invariants.check();
    expect(said).toEqual([]);
  });
});

describe("I17 Messages", () => {
  test("are not changed after they were sent", () => {
    const { invariants, s1 } = observed();
    has(s1, 2);
    const request = append(2, entry(1, 2));
    invariants.sent(s1, "s2", request);
    expect(() => Object.assign(request, { term: 3 })).toThrow(TypeError);
    expect(() => Object.assign(request.entries, [])).not.toThrow();
    expect(() => (request.entries as Log[]).push(entry(2, 2))).toThrow();
    expect(() => Object.assign(request.entries[0] as Log, { term: 3 })).toThrow(
      TypeError,
    );
  });
});

describe("at the end of a run", () => {
  test("nothing is said when all agree", () => {
    const { invariants, said, servers } = observed();
    for (const server of servers) has(server, 2, entry(1, 1));
    invariants.healed();
    expect(said).toEqual([]);
  });

  test("I18 a server's last word about leading is wrong", () => {
    const { invariants, said, s1 } = observed();
    s1.r.leaderCh.trySend(true);
    invariants.healed();
    expect(said).toEqual(["I18 s1 is Follower and has said leader: true"]);
  });

  test("I19 a log is shorter", () => {
    const { invariants, said, s1, s2 } = observed();
    for (const server of [s1, s2]) has(server, 2, entry(1, 1));
    invariants.healed();
    expect(said).toEqual(["I19 s3 its log ends at 0, that of s1 at 1"]);
  });

  test("I19 a log is another", () => {
    const { invariants, said, s1, s2, s3 } = observed();
    for (const server of [s1, s2]) has(server, 2, entry(1, 1));
    has(s3, 2, entry(1, 2));
    invariants.healed();
    expect(said).toEqual(["I19 s3 has another log than s1"]);
  });

  test("I19 a state machine was given something else", () => {
    const { invariants, said, s2 } = observed();
    Object.assign(s2, { applied: { commands: ["x"] } });
    invariants.healed();
    expect(said).toEqual(["I19 s2 has another state machine than s1"]);
  });

  test("I21 tasks are left over", () => {
    const { invariants, said, s2 } = observed();
    const { tasks } = s2.r.runtime.process;
    for (let i = 0; i < 100; i++) tasks.add({ name: `${i}` } as RunningTask);
    invariants.healed();
    expect(said).toEqual(["I21 s2 has 100 tasks"]);
  });
});

/** Makes it a leader with that replication. */
function leads(
  server: Server,
  replications: readonly { peer: { id: string }; nextIndex: number }[],
): LeaderState {
  const { r } = server;
  is(server, { state: "Leader" });
  const { latest } = r.configurations;
  const commitCh = new Channel<void>("commitCh", 1);
  const leaderState = {
    commitment: new Commitment(commitCh, latest, 1),
    replState: new Map(replications.map((one) => [one.peer.id, one])),
  } as unknown as LeaderState;
  r.leaderState = leaderState;
  return leaderState;
}
