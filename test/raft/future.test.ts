/** Answers that come later: upstream's future_test.go, and the log futures. */
import { describe, expect, test } from "vitest";
import { DeferError, LogFuture, noopFuture } from "../../raft/future.ts";
import { LogType } from "../../raft/log.ts";
import { sleep } from "../../raft/runtime/runtime.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { virtualTime } from "./virtual.ts";

describe("a future", () => {
  test("TestDeferFutureSuccess: answered without an error it says so each time", () => {
    const { run } = virtualTime();
    const future = new DeferError();
    future.respond(undefined);
    expect(run(future.wait())).toBeUndefined();
    expect(run(future.wait())).toBeUndefined();
  });

  test("TestDeferFutureError: answered with an error it gives that very error each time", () => {
    const { run } = virtualTime();
    const want = new Error("x");
    const future = new DeferError();
    future.respond(want);
    expect(run(future.wait())).toBe(want);
    expect(run(future.wait())).toBe(want);
  });

  test("TestDeferFutureConcurrent: one task waits while another answers", () => {
    const { run, start, runtime } = virtualTime();
    const want = new Error("x");
    const future = new DeferError();
    function* answer(): Task<void> {
      yield* sleep(runtime, 5);
      future.respond(want);
    }
    start(answer());
    expect(run(future.wait())).toBe(want);
    expect(runtime.clock.now()).toBe(5);
  });

  test("a waiting task parks until the answer, and not longer", () => {
    const { start, settle } = virtualTime();
    const future = new DeferError();
    const errors: unknown[] = [];
    function* waiting(): Task<void> {
      errors.push(yield* future.wait());
    }
    start(waiting());
    expect(errors).toEqual([]);
    future.respond(undefined);
    settle();
    expect(errors).toEqual([undefined]);
  });

  test("any number of tasks may wait, and each gets the answer", () => {
    const { start, settle } = virtualTime();
    const want = new Error("x");
    const future = new DeferError();
    const errors: unknown[] = [];
    function* waiting(): Task<void> {
      errors.push(yield* future.wait());
    }
    for (let i = 0; i < 3; i++) start(waiting());
    future.respond(want);
    settle();
    expect(errors).toEqual([want, want, want]);
  });

  test("only the first answer counts", () => {
    const { run } = virtualTime();
    const first = new Error("first");
    const future = new DeferError();
    future.respond(first);
    future.respond(undefined);
    future.respond(new Error("third"));
    expect(run(future.wait())).toBe(first);
  });

  test("a success is not turned into a failure by a later answer", () => {
    const { run } = virtualTime();
    const future = new DeferError();
    future.respond(undefined);
    future.respond(new Error("too late"));
    expect(run(future.wait())).toBeUndefined();
  });

  test("it says whether it has been answered", () => {
    const future = new DeferError();
    expect(future.responded).toBe(false);
    future.respond(undefined);
    expect(future.responded).toBe(true);
  });

  test("it says whether the answer was an error", () => {
    const good = new DeferError();
    const bad = new DeferError();
    expect([good.failed, bad.failed]).toEqual([false, false]);
    good.respond(undefined);
    bad.respond(new Error("x"));
    expect([good.failed, bad.failed]).toEqual([false, true]);
  });
});

describe("a future as a promise", () => {
  test("is resolved by an answer without an error", async () => {
    const future = new DeferError();
    const promise = future.promise();
    future.respond(undefined);
    await expect(promise).resolves.toBeUndefined();
  });

  test("is rejected with the error of the answer", async () => {
    const want = new Error("x");
    const future = new DeferError();
    const promise = future.promise();
    future.respond(want);
    await expect(promise).rejects.toBe(want);
  });

  test("can be asked for after the answer too, and again", async () => {
    const future = new DeferError();
    future.respond(undefined);
    await expect(future.promise()).resolves.toBeUndefined();
    await expect(future.promise()).resolves.toBeUndefined();
  });
});

describe("the future of a log entry", () => {
  test("gives the entry the place that the leader chose", () => {
    const data = Uint8Array.of(1, 2);
    const future = new LogFuture(LogType.Command, data);
    expect(future.place(7, 3)).toEqual({
      index: 7,
      term: 3,
      type: LogType.Command,
      data,
    });
    expect(future.Index()).toBe(7);
  });

  test("has the index 0 before that", () => {
    expect(new LogFuture(LogType.Command).Index()).toBe(0);
  });

  test("hands extensions on with the entry", () => {
    const extensions = Uint8Array.of(9);
    const future = new LogFuture(LogType.Command, new Uint8Array(), extensions);
    expect(future.place(1, 1).extensions).toBe(extensions);
  });

  test("gives what the state machine returned", () => {
    const future = new LogFuture(LogType.Command);
    expect(future.Response()).toBeUndefined();
    future.response = 42;
    expect(future.Response()).toBe(42);
  });

  test("the first entry of a term is a noop without data", () => {
    expect(noopFuture().place(1, 1)).toEqual({
      index: 1,
      term: 1,
      type: LogType.Noop,
      data: new Uint8Array(),
    });
  });
});
