/**
 * The transport in memory: upstream's transport_test.go and
 * inmem_transport_test.go under their names, and the limits of each call.
 * What it shares with every other transport is in contract.test.ts.
 */
import { describe, expect, test } from "vitest";
import { ErrPipelineShutdown } from "../../raft/errors.ts";
import {
  InmemTransport,
  NewInmemTransport,
} from "../../raft/inmem_transport.ts";
import {
  type AppendFuture,
  type AppendPipeline,
  type RPC,
  respond,
} from "../../raft/ports.ts";
import { sleep } from "../../raft/runtime/runtime.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { append, appended, serve, vote, voted } from "./contract/transport.ts";
import { type Virtual, virtualTime } from "./virtual.ts";

interface Pair extends Virtual {
  readonly t1: InmemTransport;
  readonly t2: InmemTransport;
}

/** Two transports, each connected to the other. */
function pair(timeoutMs?: number): Pair {
  const virtual = virtualTime();
  const t1 = new InmemTransport(virtual.runtime, "a1", timeoutMs);
  const t2 = new InmemTransport(virtual.runtime, "a2", timeoutMs);
  t1.Connect("a2", t2);
  t2.Connect("a1", t1);
  return { ...virtual, t1, t2 };
}

describe("InmemTransport", () => {
  test("TestTransport_StartStop: starts and stops", () => {
    const { runtime } = virtualTime();
    const transport = NewInmemTransport(runtime, "a1");
    expect(transport.LocalAddr()).toBe("a1");
    expect(transport.Close()).toBeUndefined();
  });

  test("TestTransport_AppendEntries: a request and its answer cross unchanged", () => {
    const { run, runtime, t1, t2 } = pair();
    const seen: unknown[] = [];
    serve(runtime, t1, (rpc) => {
      seen.push(rpc.command);
      respond(rpc, appended);
    });
    expect(run(t2.AppendEntries("id1", "a1", append))).toEqual(appended);
    expect(seen).toEqual([append]);
  });

  test("TestTransport_AppendEntriesPipeline: ten requests get their ten answers", () => {
    const { run, runtime, t1, t2 } = pair();
    const seen: unknown[] = [];
    serve(runtime, t1, (rpc) => {
      seen.push(rpc.command);
      respond(rpc, appended);
    });
    const pipeline = opened(run(t2.AppendEntriesPipeline("id1", "a1")));
    for (let i = 0; i < 10; i++) {
      expect(run(pipeline.AppendEntries(append))).toBeUndefined();
    }
    for (let i = 0; i < 10; i++) {
      const { request, result } = run(nextAnswer(pipeline));
      expect([request, result]).toEqual([append, appended]);
    }
    expect(seen).toEqual(Array(10).fill(append));
    pipeline.Close();
  });

  test("TestTransport_RequestVote: a request and its answer cross unchanged", () => {
    const { run, runtime, t1, t2 } = pair();
    const seen: unknown[] = [];
    serve(runtime, t1, (rpc) => {
      seen.push(rpc.command);
      respond(rpc, voted);
    });
    expect(run(t2.RequestVote("id1", "a1", vote))).toEqual(voted);
    expect(seen).toEqual([vote]);
  });

  test("TestTransport_EncodeDecode: an address comes back equal", () => {
    const { t1 } = pair();
    expect(t1.DecodePeer(t1.EncodePeer("aaaa", "a1"))).toBe("a1");
  });

  test("TestInmemTransportWriteTimeout: a request that nobody takes fails", () => {
    const { run, runtime, t1, t2 } = pair(10);
    serve(runtime, t2, (rpc) => respond(rpc, appended));
    expect(run(t1.AppendEntries("id2", "a2", append))).toEqual(appended);

    const abandoned = new InmemTransport(runtime, "a3", 10);
    t1.Connect("a3", abandoned);
    while (abandoned.Consumer().trySend({} as RPC));
    const start = runtime.clock.now();
    const answer = run(t1.AppendEntries("id3", "a3", append));
    expect(answer).toEqual(new Error("send timed out"));
    expect(runtime.clock.now() - start).toBe(10);
  });

  test("sixteen requests wait for a server that is busy", () => {
    const { t1 } = pair();
    expect(t1.Consumer().capacity).toBe(16);
  });

  test("a request that is taken and not answered fails after 50 ms", () => {
    const { run, runtime, t1 } = pair();
    expect(run(t1.AppendEntries("id2", "a2", append))).toEqual(
      new Error("command timed out"),
    );
    expect(runtime.clock.now()).toBe(50);
  });

  test("TimeoutNow may take ten times as long", () => {
    const { run, runtime, t1 } = pair();
    const rpcHeader = { protocolVersion: 3 };
    const request = { kind: "TimeoutNowRequest", rpcHeader } as const;
    expect(run(t1.TimeoutNow("id2", "a2", request))).toEqual(
      new Error("command timed out"),
    );
    expect(runtime.clock.now()).toBe(500);
  });

  test("an answer is kept until the caller has time to look", () => {
    const { run, start, runtime, t1, t2 } = pair();
    while (t2.Consumer().trySend({} as RPC));
    const answers: unknown[] = [];
    function* call(): Task<void> {
      answers.push(yield* t1.RequestVote("id2", "a2", vote));
    }
    start(call());
    t2.Consumer().tryReceive();
    for (const rpc of t2.Consumer().values()) {
      if (rpc.command === vote) respond(rpc, voted);
    }
    run(sleep(runtime, 100));
    expect(answers).toEqual([voted]);
  });

  test("an error that the other server answers with comes back itself", () => {
    const { run, runtime, t1, t2 } = pair();
    const refusal = new Error("not today");
    serve(runtime, t2, (rpc) => respond(rpc, undefined, refusal));
    expect(run(t1.RequestVote("id2", "a2", vote))).toBe(refusal);
  });

  test("a peer that is not connected is named", () => {
    const { run, t1 } = pair();
    expect(run(t1.AppendEntries("id9", "a9", append))).toEqual(
      new Error("failed to connect to peer: a9"),
    );
  });

  test("a disconnected peer is out of reach and can still send here", () => {
    const { run, runtime, t1, t2 } = pair();
    for (const t of [t1, t2]) serve(runtime, t, (rpc) => respond(rpc, voted));
    t1.Disconnect("a2");
    expect(run(t1.RequestVote("id2", "a2", vote))).toBeInstanceOf(Error);
    expect(run(t2.RequestVote("id1", "a1", vote))).toEqual(voted);
  });

  test("a peer that is connected again can be reached", () => {
    const { run, runtime, t1, t2 } = pair();
    serve(runtime, t2, (rpc) => respond(rpc, voted));
    t1.Disconnect("a2");
    t1.Connect("a2", t2);
    expect(run(t1.RequestVote("id2", "a2", vote))).toEqual(voted);
  });

  test("after DisconnectAll, or Close, no peer can be reached", () => {
    for (const cut of ["DisconnectAll", "Close"] as const) {
      const { run, t1 } = pair();
      t1[cut]();
      expect(run(t1.RequestVote("id2", "a2", vote))).toBeInstanceOf(Error);
    }
  });

  test("a request that is on its way is answered although the way is cut", () => {
    const { run, runtime, t1, t2 } = pair();
    serve(runtime, t2, (rpc) => {
      t1.DisconnectAll();
      respond(rpc, voted);
    });
    expect(run(t1.RequestVote("id2", "a2", vote))).toEqual(voted);
  });

  test("heartbeats take the same way as everything else", () => {
    const { run, runtime, t1, t2 } = pair();
    t2.SetHeartbeatHandler();
    serve(runtime, t2, (rpc) => respond(rpc, appended));
    const heartbeat = {
      ...append,
      prevLogEntry: 0,
      prevLogTerm: 0,
      entries: [],
      leaderCommitIndex: 0,
    };
    expect(run(t1.AppendEntries("id2", "a2", heartbeat))).toEqual(appended);
  });
});

describe("the pipeline in memory", () => {
  test("takes sixteen requests to be answered, and sixteen that nobody has taken yet", () => {
    const { driver, run, start, t1, t2 } = pair(10);
    const pipeline = opened(run(t1.AppendEntriesPipeline("id2", "a2")));
    let sent = 0;
    function* send(): Task<void> {
      while (!(yield* pipeline.AppendEntries(append))) sent++;
    }
    start(send());
    expect(sent).toBe(16);
    expect(t2.Consumer().length).toBe(16);
    expect(driver.clock.now()).toBe(0);
  });

  test("a request that nobody takes fails, and says so to the sender", () => {
    const { run, runtime, t1, t2 } = pair(10);
    const pipeline = opened(run(t1.AppendEntriesPipeline("id2", "a2")));
    while (t2.Consumer().trySend({} as RPC));
    expect(run(pipeline.AppendEntries(append))).toEqual(
      new Error("command enqueue timeout"),
    );
    expect(runtime.clock.now()).toBe(10);
  });

  test("a request that is taken and not answered has an error in place of its answer", () => {
    const { run, runtime, t1 } = pair();
    const pipeline = opened(run(t1.AppendEntriesPipeline("id2", "a2")));
    expect(run(pipeline.AppendEntries(append))).toBeUndefined();
    const { result } = run(nextAnswer(pipeline));
    expect(result).toEqual(new Error("command timed out"));
    expect(runtime.clock.now()).toBe(50);
  });

  test("a peer that is not connected gets none", () => {
    const { run, t1 } = pair();
    expect(run(t1.AppendEntriesPipeline("id9", "a9"))).toEqual(
      new Error("failed to connect to peer: a9"),
    );
  });

  test("is closed when its peer is disconnected, and no other is", () => {
    const { run, runtime, t1, t2 } = pair();
    const t3 = new InmemTransport(runtime, "a3");
    t1.Connect("a3", t3);
    const two = opened(run(t1.AppendEntriesPipeline("id2", "a2")));
    const three = opened(run(t1.AppendEntriesPipeline("id3", "a3")));
    for (const t of [t2, t3])
      serve(runtime, t, (rpc) => respond(rpc, appended));
    t1.Disconnect("a2");
    expect(run(two.AppendEntries(append))).toBe(ErrPipelineShutdown);
    expect(run(three.AppendEntries(append))).toBeUndefined();
    t1.DisconnectAll();
    expect(run(three.AppendEntries(append))).toBe(ErrPipelineShutdown);
  });
});

function opened(pipeline: AppendPipeline | Error): AppendPipeline {
  if (pipeline instanceof Error) throw pipeline;
  return pipeline;
}

function* nextAnswer(pipeline: AppendPipeline): Task<AppendFuture> {
  return yield* pipeline.Consumer().receive();
}
