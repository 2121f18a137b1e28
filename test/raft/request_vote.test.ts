/**
 * The ladder of a vote, rung by rung in its order: what each rung refuses, and
 * what a request that comes that far has already changed.
 *
 * The server is s1 of three; s2 is the candidate.
 */
import { describe, expect, test } from "vitest";
import type { Configuration } from "../../raft/configuration.ts";
import { InmemSnapshotStore } from "../../raft/inmem_snapshot.ts";
import { type Observation, Observer } from "../../raft/observer.ts";
import type { SnapshotStore } from "../../raft/ports.ts";
import type { Quirk } from "../../raft/quirks.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { encodeText } from "../../raft/util.ts";
import { got } from "./contract/subject.ts";
import {
  answered,
  atOnce,
  follower,
  type OneServer,
  requestVote,
  restarted,
  type Setup,
} from "./one_server.ts";
import { nonvoter, voter, voters } from "./servers.ts";

const s3 = encodeText("s3addr");

/** Three voters, and s4 without a vote. */
const withNonvoter: Configuration = {
  servers: [...voters(3).servers, nonvoter("s4")],
};

/** A follower in term 3 whose last entry is 3 of term 2. */
function inTerm3(setup: Setup = {}): OneServer {
  return follower({ log: [1, 2, 2], term: 3, ...setup });
}

/** The same, and it has heard from its leader s2 just now. */
function ledByS2(): OneServer {
  const server = inTerm3();
  server.append({ term: 3 });
  return server;
}

/** Why the last request was refused. */
function refusal(server: OneServer): string | undefined {
  const start = "WARN rejecting vote request: ";
  return server.lines
    .findLast((line) => line.startsWith(start))
    ?.slice(start.length);
}

describe("a candidate that is not in the configuration", () => {
  const stranger = { term: 9, candidate: encodeText("s9addr") };

  test("is refused, and its term does not count", () => {
    const server = inTerm3();
    expect(server.vote(stranger)).toMatchObject({ granted: false, term: 3 });
    expect(server.term).toBe(3);
    expect(refusal(server)).toBe("not in our configuration");
  });

  test("is refused even when the leader has handed over to it", () => {
    const server = ledByS2();
    const answer = server.vote({ ...stranger, leadershipTransfer: true });
    expect(answer.granted).toBe(false);
    expect(server.raft.Leader()).toBe("s2addr");
  });

  test("may have the vote of a server that knows no configuration", () => {
    const server = follower({ log: [], term: 3 });
    expect(server.vote(stranger)).toMatchObject({ granted: true, term: 9 });
  });
});

describe("a server that knows a leader", () => {
  test("refuses every other candidate, and the newer term does not count", () => {
    const server = ledByS2();
    const answer = server.vote({ term: 9, candidate: s3 });
    expect(answer).toMatchObject({ granted: false, term: 3 });
    expect(server.term).toBe(3);
    expect(server.raft.Leader()).toBe("s2addr");
    expect(refusal(server)).toBe("we have a leader: s2addr");
  });

  test("votes for that leader itself", () => {
    const server = ledByS2();
    expect(server.vote({ term: 9 })).toMatchObject({ granted: true, term: 9 });
  });

  test("votes for another when the leader has handed over", () => {
    const server = ledByS2();
    const answer = server.vote({
      term: 9,
      candidate: s3,
      leadershipTransfer: true,
    });
    expect(answer).toMatchObject({ granted: true, term: 9 });
  });

  test("votes again once it has given its leader up", () => {
    const server = ledByS2();
    server.until(() => server.raft.Leader() === "");
    expect(server.vote({ term: 9, candidate: s3 }).granted).toBe(true);
  });

  test("is that leader: it refuses everybody", () => {
    const server = inTerm3().becomeLeader();
    const answer = server.vote({ term: 9 });
    expect(answer).toMatchObject({ granted: false, term: 4 });
    expect(server.state).toBe("Leader");
    expect(refusal(server)).toBe("we have a leader: s1addr");
  });

  test("is that leader and has handed over: it follows", () => {
    const server = inTerm3().becomeLeader();
    const answer = server.vote({ term: 9, leadershipTransfer: true });
    expect(answer).toMatchObject({ granted: true, term: 9 });
    expect(server.state).toBe("Follower");
  });
});

describe("the term of a RequestVote", () => {
  test("is older than ours: refused with our term", () => {
    const server = inTerm3();
    expect(server.vote({ term: 2 })).toMatchObject({ granted: false, term: 3 });
    expect(server.term).toBe(3);
    expect(refusal(server)).toBe("our term is newer");
  });

  test("is ours: nothing changes but the vote", () => {
    const server = inTerm3();
    expect(server.vote({ term: 3 })).toMatchObject({ granted: true, term: 3 });
    expect(server.state).toBe("Follower");
    expect(server.durable.term).toBe(3);
  });

  test("is newer: it is entered, on the disk before the vote", () => {
    const server = inTerm3();
    server.store.calls = [];
    expect(server.vote({ term: 5 })).toMatchObject({ granted: true, term: 5 });
    expect(server.term).toBe(5);
    expect(server.store.writes[0]).toBe("SetUint64 CurrentTerm 5");
  });

  test("is newer than a candidate's: it follows, and votes for the other", () => {
    const server = inTerm3().becomeCandidate();
    server.settle();
    expect(server.vote({ term: 9 })).toMatchObject({ granted: true, term: 9 });
    expect(server.state).toBe("Follower");
  });

  test("is a candidate's own: it has voted for itself", () => {
    const server = inTerm3().becomeCandidate();
    server.settle();
    expect(server.vote({ term: 4 })).toMatchObject({
      granted: false,
      term: 4,
    });
    expect(server.state).toBe("Candidate");
    expect(refusal(server)).toBe("we have voted in this term");
  });

  test("is newer: it counts, and the leader is given up, though the vote is refused", () => {
    const server = ledByS2();
    const answer = server.vote({
      term: 5,
      candidate: s3,
      leadershipTransfer: true,
      lastLogTerm: 1,
    });
    expect(answer).toMatchObject({ granted: false, term: 5 });
    expect(server.term).toBe(5);
    expect(server.raft.Leader()).toBe("");
  });
});

describe("a candidate without a vote of its own", () => {
  const request = { term: 9, candidate: encodeText("s4addr") };

  test("gets none, and its newer term counts all the same", () => {
    const server = inTerm3({ configuration: withNonvoter });
    expect(server.vote(request)).toMatchObject({ granted: false, term: 9 });
    expect(server.term).toBe(9);
    expect(refusal(server)).toBe("the candidate is not a voter");
    expect(server.durable.candidate).toBe("");
  });

  test("gets one with the quirk nonvoter-campaigns, as in v1.1.1", () => {
    const server = inTerm3({
      configuration: withNonvoter,
      quirks: ["nonvoter-campaigns"],
    });
    expect(server.vote(request)).toMatchObject({ granted: true, term: 9 });
  });
});

describe("the last vote", () => {
  test("was never given: both its keys may be missing", () => {
    const server = inTerm3();
    expect(server.durable).toMatchObject({ voteTerm: 0, candidate: "" });
    expect(server.vote({ term: 3 }).granted).toBe(true);
  });

  for (const key of ["GetUint64 LastVoteTerm", "Get LastVoteCand"]) {
    test(`cannot be read by ${key}: refused`, () => {
      const server = inTerm3();
      server.store.fail(key);
      expect(server.vote({ term: 3 }).granted).toBe(false);
      expect(refusal(server)).toBe("no last vote: broken disk");
      expect(server.failures).toEqual([]);
      expect(server.vote({ term: 3 }).granted).toBe(true);
    });
  }

  test("cannot be read: the newer term counts all the same", () => {
    const server = inTerm3();
    server.store.fail("GetUint64 LastVoteTerm");
    expect(server.vote({ term: 5 })).toMatchObject({ granted: false, term: 5 });
    expect(server.term).toBe(5);
  });

  test("was for the same candidate in this term: granted again", () => {
    const server = inTerm3({ voted: { term: 3, candidate: "s2" } });
    expect(server.vote({ term: 3 }).granted).toBe(true);
  });

  test("is granted again without a write, whatever the candidate's log", () => {
    const server = inTerm3({ voted: { term: 3, candidate: "s2" } });
    server.store.calls = [];
    const answer = server.vote({ term: 3, lastLogIndex: 0, lastLogTerm: 0 });
    expect(answer.granted).toBe(true);
    expect(server.store.writes).toEqual([]);
  });

  test("is granted again: our silence goes on", () => {
    const server = inTerm3({ voted: { term: 3, candidate: "s2" } });
    server.vote({ term: 3 });
    expect(server.raft.LastContact()).toBeUndefined();
  });

  test("was for another candidate in this term: refused", () => {
    const server = inTerm3({ voted: { term: 3, candidate: "s3" } });
    expect(server.vote({ term: 3 }).granted).toBe(false);
    expect(refusal(server)).toBe("we have voted in this term");
    expect(server.durable.candidate).toBe("s3addr");
  });

  test("was in an older term: this term's is free", () => {
    const server = inTerm3({ voted: { term: 2, candidate: "s3" } });
    expect(server.vote({ term: 3 }).granted).toBe(true);
    expect(server.durable).toEqual({
      term: 3,
      voteTerm: 3,
      candidate: "s2addr",
    });
  });
});

/** A snapshot up to entry 10 of term 2, and nothing in the log. */
function snapshotAt10(): SnapshotStore {
  const store = new InmemSnapshotStore();
  function* write(): Task<void> {
    const sink = got(yield* store.Create(1, 10, 2, voters(3), 1));
    yield* sink.Close();
  }
  atOnce(write());
  return store;
}

describe("the log of the candidate", () => {
  const ours = { lastLogIndex: 3, lastLogTerm: 2 };

  test("ends as ours does: granted", () => {
    expect(inTerm3().vote({ term: 3, ...ours }).granted).toBe(true);
  });

  test("ends in an older term: refused, however long it is", () => {
    const server = inTerm3();
    const answer = server.vote({ term: 3, lastLogIndex: 99, lastLogTerm: 1 });
    expect(answer.granted).toBe(false);
    expect(refusal(server)).toBe("our last term is greater");
  });

  test("ends in the same term and is shorter: refused", () => {
    const server = inTerm3();
    const answer = server.vote({ term: 3, ...ours, lastLogIndex: 2 });
    expect(answer.granted).toBe(false);
    expect(refusal(server)).toBe("our last index is greater");
  });

  test("ends in the same term and is longer: granted", () => {
    const server = inTerm3();
    expect(server.vote({ term: 3, ...ours, lastLogIndex: 4 }).granted).toBe(
      true,
    );
  });

  test("ends in a newer term: granted, however short it is", () => {
    const server = inTerm3();
    const answer = server.vote({ term: 3, lastLogIndex: 1, lastLogTerm: 3 });
    expect(answer.granted).toBe(true);
  });

  test("is compared with the snapshot when our log is empty", () => {
    const setup = { entries: [], snapshots: snapshotAt10() };
    const vote = (lastLogIndex: number) =>
      inTerm3(setup).vote({ term: 3, lastLogIndex, lastLogTerm: 2 });
    expect(vote(9).granted).toBe(false);
    expect(vote(10).granted).toBe(true);
  });
});

describe("the rungs, in their order", () => {
  test("a request that fails on all of them is refused by the first, then by the next", () => {
    const setup: Setup = {
      configuration: withNonvoter,
      voted: { term: 3, candidate: "s3" },
    };
    const s4 = encodeText("s4addr");
    const hopeless = { lastLogIndex: 0, lastLogTerm: 0 };
    const led = inTerm3(setup);
    led.append({ term: 3, leader: s3 });
    const free = inTerm3(setup);
    const reason = (
      server: OneServer,
      request: Parameters<OneServer["vote"]>[0],
    ) => {
      expect(server.vote({ ...hopeless, ...request }).granted).toBe(false);
      return refusal(server);
    };
    expect(reason(led, { term: 2, candidate: encodeText("s9addr") })).toBe(
      "not in our configuration",
    );
    expect(reason(led, { term: 2, candidate: s4 })).toBe(
      "we have a leader: s3addr",
    );
    expect(reason(free, { term: 2, candidate: s4 })).toBe("our term is newer");
    expect(reason(free, { term: 3, candidate: s4 })).toBe(
      "the candidate is not a voter",
    );
    free.store.fail("GetUint64 LastVoteTerm");
    expect(reason(free, { term: 3 })).toBe("no last vote: broken disk");
    expect(reason(free, { term: 3 })).toBe("we have voted in this term");
    free.store.fail("Set LastVoteCand");
    expect(reason(free, { term: 4, lastLogIndex: 99 })).toBe(
      "our last term is greater",
    );
    expect(reason(free, { term: 4, lastLogTerm: 2 })).toBe(
      "our last index is greater",
    );
    expect(reason(free, { term: 4, lastLogTerm: 3 })).toBe(
      "failed to persist vote: broken disk",
    );
  });
});

describe("giving the vote", () => {
  test("writes the candidate, then the term, and then answers", () => {
    const server = inTerm3();
    server.store.calls = [];
    const second = server.store.holdAfter("SetUint64 LastVoteTerm");
    const answer = server.send(requestVote({ term: 4 }));
    expect(second.reached).toBe(true);
    expect(server.durable).toEqual({
      term: 4,
      voteTerm: 4,
      candidate: "s2addr",
    });
    expect(answer.now).toBeUndefined();
    second.release();
    server.settle();
    expect(answered(answer).response).toMatchObject({ granted: true });
    expect(server.store.writes).toEqual([
      "SetUint64 CurrentTerm 4",
      "Set LastVoteCand",
      "SetUint64 LastVoteTerm 4",
    ]);
  });

  for (const write of ["Set LastVoteCand", "SetUint64 LastVoteTerm"]) {
    test(`fails at ${write}: refused, and the silence goes on`, () => {
      const server = inTerm3();
      server.store.fail(write);
      expect(server.vote({ term: 4 }).granted).toBe(false);
      expect(refusal(server)).toBe("failed to persist vote: broken disk");
      expect(server.raft.LastContact()).toBeUndefined();
      expect(server.failures).toEqual([]);
    });
  }

  test("begins our silence anew", () => {
    const server = inTerm3();
    server.pass(500);
    server.vote({ term: 3 });
    expect(server.raft.LastContact()).toBe(500);
  });

  test("refused, it leaves our silence as it is", () => {
    const server = inTerm3();
    server.pass(500);
    server.vote({ term: 2 });
    server.vote({ term: 3, lastLogTerm: 1 });
    expect(server.raft.LastContact()).toBeUndefined();
  });

  test("happens once a term, whoever asks and however often", () => {
    const server = inTerm3();
    const granted = [
      server.vote({ term: 4 }),
      server.vote({ term: 4, candidate: s3 }),
      server.vote({ term: 4 }),
      server.vote({ term: 5, candidate: s3 }),
      server.vote({ term: 5 }),
    ].map((answer) => answer.granted);
    expect(granted).toEqual([true, false, true, true, false]);
  });

  test("happens once a term, a crash in between or not", () => {
    const before = inTerm3();
    expect(before.vote({ term: 4 }).granted).toBe(true);
    before.crash();
    const after = restarted(before);
    expect(after.term).toBe(4);
    expect(after.vote({ term: 4, candidate: s3 }).granted).toBe(false);
    expect(after.vote({ term: 4 }).granted).toBe(true);
  });
});

describe("a crash between the two writes of a vote", () => {
  /**
   * s1 has voted for s3 in term 2. It is about to vote for s2 in term 3, and
   * crashes when that write is done. s3 asks it then, with an empty log.
   */
  function crashAfter(write: string, quirks: readonly Quirk[]) {
    const setup: Setup = {
      log: [1, 2, 2],
      term: 2,
      voted: { term: 2, candidate: "s3" },
      quirks,
    };
    const before = follower(setup);
    const held = before.store.holdAfter(write);
    const lost = before.send(requestVote({ term: 3 }));
    expect(held.reached).toBe(true);
    expect(lost.now).toBeUndefined();
    before.crash();

    const after = restarted(before, { quirks });
    const ofS3 = after.vote({
      term: 3,
      candidate: s3,
      lastLogIndex: 0,
      lastLogTerm: 0,
    });
    return { after, ofS3 };
  }

  test("leaves a vote that no request can match: the log is compared", () => {
    const { after, ofS3 } = crashAfter("Set LastVoteCand", []);
    expect(ofS3.granted).toBe(false);
    expect(refusal(after)).toBe("our last term is greater");
    expect(after.vote({ term: 3 }).granted).toBe(true);
  });

  test("with the quirk torn-vote, the old candidate gets the new term unchecked", () => {
    const { ofS3 } = crashAfter("SetUint64 LastVoteTerm", ["torn-vote"]);
    expect(ofS3.granted).toBe(true);
  });

  test("does not happen: the quirk torn-vote remembers the vote whole", () => {
    const server = inTerm3({ quirks: ["torn-vote"] });
    expect(server.vote({ term: 4 }).granted).toBe(true);
    expect(server.durable).toEqual({
      term: 4,
      voteTerm: 4,
      candidate: "s2addr",
    });
  });

  test("of its own candidacy leaves no vote for anybody else's log", () => {
    const before = follower({ log: [1, 2, 2], term: 2 });
    const held = before.store.holdAfter("Set LastVoteCand");
    before.until(() => held.reached);
    before.crash();
    const after = restarted(before);
    expect(after.durable).toMatchObject({ term: 3, voteTerm: 0 });
    expect(after.vote({ term: 3, lastLogTerm: 1 }).granted).toBe(false);
    expect(after.vote({ term: 3 }).granted).toBe(true);
  });
});

describe("a RequestVote", () => {
  test("is seen by the observers, granted or not", () => {
    const server = inTerm3();
    const channel = new Channel<Observation>("observations", 10);
    const votes = ({ kind }: Observation) => kind === "RequestVote";
    server.raft.RegisterObserver(new Observer(channel, false, votes));
    server.vote({ term: 2 });
    server.vote({ term: 3 });
    const terms = channel
      .values()
      .map((seen) => (seen.kind === "RequestVote" ? seen.request.term : 0));
    expect(terms).toEqual([2, 3]);
  });

  test("is judged by the address, not by the ID", () => {
    const moved = { ...voter("s2"), address: "elsewhere" };
    const configuration = { servers: [voter("s1"), moved, voter("s3")] };
    const server = inTerm3({ configuration });
    expect(server.vote({ term: 3 }).granted).toBe(false);
    const elsewhere = encodeText("elsewhere");
    expect(server.vote({ term: 3, candidate: elsewhere }).granted).toBe(true);
  });
});
