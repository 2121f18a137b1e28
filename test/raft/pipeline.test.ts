/**
 * A leader's pipeline to one follower: what is sent before the answers come,
 * what the answers do, and what ends it. The leader is s1 of two, in term 2,
 * with a noop as entry 2, which s2 has stored; the test answers for s2.
 */
import { describe, expect, test } from "vitest";
import { DeferError } from "../../raft/future.ts";
import { setLastLog } from "../../raft/state.ts";
import { encodeText } from "../../raft/util.ts";
import {
  indexes,
  isHeartbeat,
  nextIndex,
  reconfigure,
  replicating,
  replicationOf,
  sent,
  tasks,
} from "./one_leader.ts";
import { atOnce, entry, follower, type OneServer } from "./one_server.ts";
import {
  agreeing,
  type Peers,
  ScriptedPipeline,
} from "./scripted_transport.ts";
import { voters } from "./servers.ts";

interface Piped {
  readonly server: OneServer;
  /** Every pipeline so far. */
  readonly opened: readonly ScriptedPipeline[];
  /** The first one. */
  readonly pipeline: ScriptedPipeline;
}

function piped(peers: Peers = agreeing): Piped {
  const server = follower({ log: [1], configuration: voters(2) });
  const opened: ScriptedPipeline[] = [];
  server.transport.pipelines = () => {
    const pipeline = new ScriptedPipeline(() => server.now);
    opened.push(pipeline);
    return pipeline;
  };
  server.becomeLeader(peers);
  return { server, opened, pipeline: opened[0] as ScriptedPipeline };
}

function apply(server: OneServer, ...commands: string[]): void {
  for (const command of commands) {
    server.raft.Apply(encodeText(command), 0);
    server.settle();
  }
}

/** Everybody agrees, but no heartbeat arrives. */
const noHeartbeats: Peers = (to, request) =>
  request.kind === "AppendEntriesRequest" && isHeartbeat(request)
    ? new Error("nobody answers")
    : agreeing(to, request);

describe("a pipeline", () => {
  test("begins after a first success, and goes on where that has ended", () => {
    const { server, opened, pipeline } = piped();
    expect(indexes(sent(server))).toEqual([[2]]);
    apply(server, "x");
    expect(opened).toHaveLength(1);
    expect(indexes(pipeline.sent)).toEqual([[3]]);
    expect(pipeline.sent[0]).toMatchObject({ prevLogEntry: 2, prevLogTerm: 2 });
  });

  test("sends what is new and waits for no answer", () => {
    const { server, pipeline } = piped();
    apply(server, "x", "y", "z");
    expect(indexes(pipeline.sent)).toEqual([[3], [4], [5]]);
    expect(nextIndex(server)).toBe(3);
    expect(server.commitIndex).toBe(2);
  });

  test("counts an entry when the answer has come", () => {
    const { server, pipeline } = piped();
    apply(server, "x", "y");
    pipeline.answer();
    server.settle();
    expect([nextIndex(server), server.commitIndex]).toEqual([4, 3]);
    pipeline.answer();
    server.settle();
    expect([nextIndex(server), server.commitIndex]).toEqual([5, 4]);
  });

  test("tells the commit index after a commit timeout, when nothing is new", () => {
    const { server, pipeline } = piped();
    server.pass(100);
    expect(pipeline.sent[0]).toMatchObject({
      entries: [],
      prevLogEntry: 2,
      leaderCommitIndex: 2,
    });
  });

  test("tells the commit index of today, though the place is the same", () => {
    const { server, pipeline } = piped();
    apply(server, "x");
    server.pass(100);
    pipeline.answerAll();
    server.pass(100);
    const told = pipeline.sent.map((one) => one.leaderCommitIndex);
    expect([told[0], told.at(-1)]).toEqual([2, 3]);
  });

  test("whose answers come counts as contact, and keeps the lease", () => {
    const { server, pipeline } = piped(noHeartbeats);
    for (let round = 0; round < 40; round++) {
      server.pass(50);
      pipeline.answerAll();
    }
    expect(server.state).toBe("Leader");
  });

  test("whose answers do not come keeps none", () => {
    const { server } = piped(noHeartbeats);
    server.pass(1100);
    expect(server.state).toBe("Follower");
  });

  test("decides a question whether this server leads, by answers to what was sent later", () => {
    const { server, pipeline } = piped(noHeartbeats);
    apply(server, "x");
    const question = server.raft.VerifyLeader();
    server.settle();
    pipeline.answerAll();
    server.settle();
    expect(question.responded).toBe(false);
    apply(server, "y");
    pipeline.answerAll();
    server.settle();
    expect([question.responded, question.failed]).toEqual([true, false]);
  });

  test("replicates at once when it is asked to, and says that it went well", () => {
    const { server, pipeline } = piped();
    const future = new DeferError();
    replicationOf(server).triggerDeferErrorCh.trySend(future);
    server.settle();
    expect(pipeline.sent).toHaveLength(1);
    expect([future.responded, future.failed]).toEqual([true, false]);
  });

  test("says so when it could not", () => {
    const { server, pipeline } = piped();
    pipeline.Close();
    const future = new DeferError();
    replicationOf(server).triggerDeferErrorCh.trySend(future);
    server.settle();
    expect(server.run(future.wait())?.message).toBe("replication failed");
  });
});

describe("a pipeline ends", () => {
  test("at a refusal: one request at a time, from the last entry that was acknowledged", () => {
    const { server, opened, pipeline } = piped();
    apply(server, "x", "y", "z");
    pipeline.answer();
    pipeline.answer({ success: false, lastLog: 3 });
    server.pass(200);
    expect(pipeline.closedCh.closed).toBe(true);
    expect(indexes(sent(server))).toEqual([[2], [4, 5]]);
    expect(opened).toHaveLength(2);
    expect(server.commitIndex).toBe(5);
  });

  test("at a request that failed, and that is no contact", () => {
    const { server, opened, pipeline } = piped();
    apply(server, "x");
    const contact = replicationOf(server).lastContactMs;
    pipeline.answer(new Error("the connection is broken"));
    server.settle();
    expect(replicationOf(server).lastContactMs).toBe(contact);
    server.pass(200);
    expect(pipeline.closedCh.closed).toBe(true);
    expect(indexes(sent(server))).toEqual([[2], [3]]);
    expect(opened).toHaveLength(2);
  });

  test("at a request that cannot be sent", () => {
    const { server, opened, pipeline } = piped();
    pipeline.Close();
    apply(server, "x");
    server.pass(200);
    expect(server.lines).toContain("ERROR Failed to pipeline AppendEntries");
    expect(indexes(sent(server))).toEqual([[2], [3]]);
    expect(opened).toHaveLength(2);
  });

  test("at an entry that cannot be read", () => {
    const { server, pipeline } = piped();
    server.store.fail("GetLog 3");
    apply(server, "x");
    expect(server.lines).toContain("ERROR Failed to get log");
    server.pass(200);
    expect(pipeline.sent).toEqual([]);
    expect(indexes(sent(server))).toEqual([[2], [3]]);
  });

  test("and another begins only when a request has succeeded", () => {
    const { server, opened, pipeline } = piped();
    server.transport.peers = replicating(() => new Error("nobody answers"));
    apply(server, "x");
    pipeline.answer(new Error("the connection is broken"));
    server.pass(2000);
    expect(sent(server).length).toBeGreaterThan(2);
    expect(opened).toHaveLength(1);
    server.transport.peers = agreeing;
    server.pass(2000);
    expect(opened).toHaveLength(2);
  });

  test("although the sender waits for room in it", () => {
    const { server, pipeline } = piped();
    pipeline.room = 1;
    apply(server, "x", "y");
    expect(pipeline.sent).toHaveLength(1);
    pipeline.answer({ success: false, lastLog: 2 });
    server.pass(200);
    expect(indexes(sent(server))).toEqual([[2], [3, 4]]);
  });

  test("and with it the leadership, at a newer term", () => {
    const { server, pipeline } = piped();
    apply(server, "x");
    pipeline.answer({ success: false, term: 9 });
    server.settle();
    expect(server.state).toBe("Follower");
    expect(server.lines).toContain(
      "ERROR peer has newer term, stopping replication",
    );
  });

  test("with the leadership: nothing more is sent, and no task is left", () => {
    const { server, pipeline } = piped();
    apply(server, "x");
    server.append({ term: 9 });
    server.pass(900);
    expect(pipeline.sent).toHaveLength(1);
    expect(pipeline.closedCh.closed).toBe(true);
    expect(tasks(server)).toEqual(["run", "runFSM", "runSnapshots"]);
  });

  test("with the leadership, though a request for it is half made", () => {
    const { server, pipeline } = piped();
    const read = server.store.holdAfter("GetLog 2");
    apply(server, "x");
    expect(read.reached).toBe(true);
    const previous = { prevLogEntry: 1, prevLogTerm: 1 };
    const entries = [entry(2, 3), entry(3, 3)];
    server.append({ term: 3, ...previous, entries });
    expect(server.log).toEqual([1, 3, 3]);
    read.release();
    server.settle();
    expect(pipeline.sent).toEqual([]);
  });

  test("when the follower is removed, once it was sent all that there is", () => {
    const { server, pipeline } = piped();
    atOnce(server.store.disk.StoreLog(entry(3, 2)));
    setLastLog(server.r, { index: 3, term: 2 });
    reconfigure(server, voters(1));
    expect(indexes(pipeline.sent)).toEqual([[3]]);
    expect(pipeline.closedCh.closed).toBe(true);
    expect(tasks(server)).toEqual(["run", "runFSM", "runSnapshots"]);
  });
});

describe("a transport", () => {
  test("without pipelines is no error: every request waits for its answer", () => {
    const server = follower({ log: [1], configuration: voters(2) });
    server.becomeLeader(agreeing);
    apply(server, "x", "y");
    expect(indexes(sent(server))).toEqual([[2], [3], [4]]);
    expect(server.lines.filter((line) => line.startsWith("ERROR"))).toEqual([]);
  });

  test("that cannot open one says so, and every request waits for its answer", () => {
    const server = follower({ log: [1], configuration: voters(2) });
    server.transport.pipelines = () => new Error("no way there");
    server.becomeLeader(agreeing);
    apply(server, "x", "y");
    expect(indexes(sent(server))).toEqual([[2], [3], [4]]);
    expect(server.lines).toContain(
      "ERROR Failed to start pipeline replication",
    );
  });
});
