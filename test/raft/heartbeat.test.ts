/**
 * A heartbeat that the transport hands over beside the main task: ours notes
 * that the leader is alive and no more; v1.1.1's handles the whole request.
 */
import { describe, expect, test } from "vitest";
import type { Quirk } from "../../raft/quirks.ts";
import { encodeText } from "../../raft/util.ts";
import {
  answered,
  appendEntries,
  entry,
  follower,
  type OneServer,
  requestVote,
} from "./one_server.ts";

/** A follower in term 3 that has heard from its leader s2 at time 0. */
function ledByS2(quirks: readonly Quirk[] = []): OneServer {
  const server = follower({ log: [1, 1], term: 3, quirks });
  server.append({ term: 3 });
  return server;
}

/** The same, and its main task waits for the disk. */
function busy(quirks: readonly Quirk[] = []) {
  const server = ledByS2(quirks);
  const write = server.store.hold("StoreLogs");
  const storing = server.send(
    appendEntries({
      term: 3,
      prevLogEntry: 2,
      prevLogTerm: 1,
      entries: [entry(3, 3)],
    }),
  );
  expect(write.reached).toBe(true);
  return { server, write, storing };
}

describe("a heartbeat of the leader we know, in our term,", () => {
  test("is answered at once, though the main task waits for the disk", () => {
    const { server } = busy();
    server.pass(400);
    const answer = server.heartbeat(appendEntries({ term: 3 }));
    expect(answered(answer).response).toEqual({
      kind: "AppendEntriesResponse",
      rpcHeader: { protocolVersion: 3 },
      term: 3,
      lastLog: 2,
      success: true,
      noRetryBackoff: false,
    });
    expect(server.raft.LastContact()).toBe(400);
  });

  test("keeps a server with a slow disk from campaigning", () => {
    const { server, write } = busy();
    for (let i = 0; i < 20; i++) {
      server.pass(400);
      server.heartbeat(appendEntries({ term: 3 }));
    }
    write.release();
    server.pass(900);
    expect([server.state, server.term]).toEqual(["Follower", 3]);
  });
});

describe("any other heartbeat", () => {
  test("of a newer term waits for the main task: the term stays until then", () => {
    const { server, write } = busy();
    const answer = server.heartbeat(appendEntries({ term: 4 }));
    expect(answer.now).toBeUndefined();
    expect([server.term, server.durable.term]).toEqual([3, 3]);
    expect(server.raft.LastContact()).toBe(0);
    write.release();
    server.settle();
    expect(answered(answer).response).toMatchObject({ success: true, term: 4 });
    expect(server.term).toBe(4);
  });

  test("of an older term is refused by the main task", () => {
    const server = ledByS2();
    server.pass(400);
    const answer = server.heartbeat(appendEntries({ term: 2 }));
    expect(answered(answer).response).toMatchObject({ success: false });
    expect(server.raft.LastContact()).toBe(0);
  });

  test("of a leader that we do not know yet is taken by the main task", () => {
    const server = follower({ log: [1, 1], term: 3 });
    const answer = server.heartbeat(appendEntries({ term: 3 }));
    expect(answered(answer).response).toMatchObject({ success: true });
    expect(server.raft.Leader()).toBe("s2addr");
  });

  test("that names another leader is taken by the main task", () => {
    const { server, write } = busy();
    const leader = encodeText("s3addr");
    const answer = server.heartbeat(appendEntries({ term: 3, leader }));
    expect(answer.now).toBeUndefined();
    write.release();
    server.settle();
    expect(server.raft.Leader()).toBe("s3addr");
  });

  test("to a candidate is taken by the main task, and ends its candidacy", () => {
    const server = follower({ log: [1, 1], term: 3 }).becomeCandidate();
    server.settle();
    server.heartbeat(appendEntries({ term: 4 }));
    expect([server.state, server.term]).toEqual(["Follower", 4]);
  });

  test("to a leader is taken by the main task, even in its own name", () => {
    const server = follower({ log: [1], term: 3 }).becomeLeader();
    const write = server.store.hold("StoreLogs");
    server.raft.Apply(encodeText("x"), 0);
    server.settle();
    expect(write.reached).toBe(true);
    const leader = encodeText("s1addr");
    const answer = server.heartbeat(appendEntries({ term: 4, leader }));
    expect(answer.now).toBeUndefined();
    write.release();
    server.settle();
    expect(server.state).toBe("Follower");
  });

  test("is another request altogether: it waits for the main task", () => {
    const { server, write } = busy();
    const answer = server.heartbeat(
      requestVote({ term: 4, leadershipTransfer: true }),
    );
    expect(answer.now).toBeUndefined();
    write.release();
    server.settle();
    expect(answered(answer).response).toMatchObject({ granted: true });
  });

  test("after a shutdown is not answered, and waits for nothing", () => {
    const server = ledByS2();
    server.run(server.raft.Shutdown().wait());
    while (server.transport.rpcCh.trySend({} as never));
    const answer = server.heartbeat(appendEntries({ term: 3 }));
    expect(answer.now).toBeUndefined();
    expect(server.process.tasks.size).toBe(0);
  });
});

describe("with the quirk heartbeat-fast-path a heartbeat", () => {
  const quirks: readonly Quirk[] = ["heartbeat-fast-path"];

  test("of a newer term changes the term while the main task is at work", () => {
    const { server, write, storing } = busy(quirks);
    const answer = server.heartbeat(appendEntries({ term: 4 }));
    expect(answered(answer).response).toMatchObject({ success: true, term: 4 });
    expect(server.term).toBe(4);
    expect(storing.now).toBeUndefined();
    write.release();
    server.settle();
  });

  test("turns a leader into a follower that writes an entry in a term it never led", () => {
    const server = follower({ log: [1], term: 3, quirks }).becomeLeader();
    expect(server.log).toEqual([1, 4]);
    server.heartbeat(appendEntries({ term: 5 }));
    expect([server.state, server.term]).toEqual(["Follower", 5]);
    server.raft.Apply(encodeText("x"), 0);
    server.settle();
    expect(server.log).toEqual([1, 4, 5]);
  });

  test("that is another request is an error", () => {
    const server = ledByS2(quirks);
    const answer = server.heartbeat(requestVote({ term: 4 }));
    expect(answered(answer).error).toEqual(new Error("unexpected command"));
  });

  test("after a shutdown is not answered", () => {
    const server = ledByS2(quirks);
    server.run(server.raft.Shutdown().wait());
    const answer = server.heartbeat(appendEntries({ term: 3 }));
    expect(answer.now).toBeUndefined();
  });
});

describe("without that quirk", () => {
  test("a leader that is deposed by a heartbeat writes nothing more", () => {
    const server = follower({ log: [1], term: 3 }).becomeLeader();
    server.heartbeat(appendEntries({ term: 5 }));
    server.raft.Apply(encodeText("x"), 0);
    server.settle();
    expect([server.state, server.term]).toEqual(["Follower", 5]);
    expect(server.log).toEqual([1, 4]);
  });
});
