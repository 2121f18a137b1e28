/**
 * The transport in memory: upstream's transport_test.go and
 * inmem_transport_test.go under their names, and the limits of each call.
 * What it shares with every other transport is in contract.test.ts.
 */
import { describe, expect, test } from "vitest";
import {
  InmemTransport,
  NewInmemTransport,
} from "../../raft/inmem_transport.ts";
import { type RPC, respond } from "../../raft/ports.ts";
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
