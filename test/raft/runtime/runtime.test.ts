/**
 * The two drivers' ways to wait for the host. The clock of the virtual one
 * is in clock.test.ts; no test here waits for the time of day.
 */
import { describe, expect, test } from "vitest";
import { Channel } from "../../../raft/runtime/channel.ts";
import { Random } from "../../../raft/runtime/random.ts";
import {
  go,
  host,
  promised,
  RealDriver,
  type Runtime,
  realRuntime,
  settled,
  sleep,
  VirtualDriver,
} from "../../../raft/runtime/runtime.ts";
import {
  type Failure,
  Process,
  type Task,
} from "../../../raft/runtime/task.ts";

/** Runs a task on the host's clock and promises its result. */
function onTheHost<T>(body: (runtime: Runtime) => Task<T>): Promise<T> {
  const runtime = realRuntime("server-1", 1);
  return promised(runtime, "main", body(runtime));
}

describe("host", () => {
  test("waits for a callback that comes later", async () => {
    const result = await onTheHost((runtime) =>
      host<string>(runtime, "read", (done) => {
        queueMicrotask(() => done("bytes"));
      }),
    );
    expect(result).toBe("bytes");
  });

  test("takes a callback that comes at once", async () => {
    const result = await onTheHost((runtime) =>
      host<string>(runtime, "read", (done) => done("bytes")),
    );
    expect(result).toBe("bytes");
  });

  test("gives an error back as a value", async () => {
    const result = await onTheHost((runtime) =>
      host<string>(runtime, "read", (done) => done(new Error("no disk"))),
    );
    expect(result).toEqual(new Error("no disk"));
  });

  test("lets other tasks run while it waits", async () => {
    const journal: string[] = [];
    await onTheHost(function* (runtime) {
      const done = new Channel<void>("done");
      go(
        runtime,
        "other",
        (function* () {
          journal.push("other runs");
          yield* done.send();
        })(),
      );
      yield* host<number>(runtime, "read", (answer) => {
        setImmediate(() => answer(1));
      });
      journal.push("host answered");
      yield* done.receive();
    });
    expect(journal).toEqual(["other runs", "host answered"]);
  });
});

describe("settled", () => {
  test("gives the value of a promise", async () => {
    const result = await onTheHost((runtime) =>
      settled(runtime, "fetch", Promise.resolve(7)),
    );
    expect(result).toBe(7);
  });

  test("gives a rejection back as an error value", async () => {
    const result = await onTheHost((runtime) =>
      settled(runtime, "fetch", Promise.reject(new Error("refused"))),
    );
    expect(result).toEqual(new Error("refused"));
  });

  test("makes an error of a rejection that is none", async () => {
    const result = await onTheHost((runtime) =>
      settled(runtime, "fetch", Promise.reject("refused")),
    );
    expect(result).toEqual(new Error("refused"));
  });
});

describe("a virtual world", () => {
  function failureOf(body: (runtime: Runtime) => Task<unknown>): unknown {
    const failures: Failure[] = [];
    const random = new Random(1);
    const driver = new VirtualDriver({
      random,
      onFailure: (failure) => failures.push(failure),
    });
    const runtime = driver.runtime(new Process("server-1"), random);
    go(runtime, "main", body(runtime));
    driver.scheduler.run();
    return failures[0]?.error;
  }
  const refusal = new Error(
    "StoreLogs: a virtual world cannot wait for the host; " +
      "give it a store or transport whose methods are tasks",
  );

  test("refuses by name to wait for a callback", () => {
    let started = false;
    const failure = failureOf((runtime) =>
      host(runtime, "StoreLogs", () => {
        started = true;
      }),
    );
    expect(failure).toEqual(refusal);
    expect(started).toBe(false);
  });

  test("refuses by name to wait for a promise", () => {
    const failure = failureOf((runtime) =>
      settled(runtime, "StoreLogs", Promise.resolve()),
    );
    expect(failure).toEqual(refusal);
  });
});

describe("the real driver", () => {
  test("runs tasks after the call that started them has returned", async () => {
    const runtime = realRuntime("server-1", 1);
    const journal: string[] = [];
    const ended = new Promise<void>((resolve) => {
      go(
        runtime,
        "main",
        (function* () {
          journal.push("task");
          resolve();
        })(),
      );
    });
    journal.push("caller");
    await ended;
    expect(journal).toEqual(["caller", "task"]);
  });

  test("wakes a sleeper by the host's timers", async () => {
    const passed = await onTheHost(function* (runtime) {
      const start = runtime.clock.now();
      yield* sleep(runtime, 2);
      return runtime.clock.now() - start;
    });
    expect(passed).toBeGreaterThan(0);
  });

  test("gives the host its turn among tasks that never rest", async () => {
    const driver = new RealDriver({ random: new Random(1) });
    const runtime = driver.runtime(new Process("server-1"));
    const ping = new Channel<void>("ping");
    const pong = new Channel<void>("pong");
    function* returnBall(from: Channel<void>, to: Channel<void>): Task {
      for (;;) {
        yield* from.receive();
        yield* to.send();
      }
    }
    go(runtime, "ping", returnBall(ping, pong));
    go(runtime, "pong", returnBall(pong, ping));
    function* serve(): Task {
      yield* ping.send();
    }
    go(runtime, "server", serve());
    const turns: number[] = [];
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      turns.push(driver.scheduler.turns);
    }
    const [, second = 0, , fourth = 0] = turns;
    expect(second).toBeGreaterThan(0);
    expect(fourth).toBeGreaterThan(second);
    runtime.process.crash();
  });

  test("reports an uncaught error to whom it was told to", async () => {
    const failure = await new Promise<Failure>((resolve) => {
      const random = new Random(1);
      const driver = new RealDriver({ random, onFailure: resolve });
      const runtime = driver.runtime(new Process("server-1"));
      go(
        runtime,
        "main",
        (function* () {
          throw new Error("disk full");
        })(),
      );
    });
    expect(failure.process.name).toBe("server-1");
    expect(failure.error).toEqual(new Error("disk full"));
  });

  test("gives each server its own stream of random numbers", () => {
    const driver = new RealDriver({ random: new Random(1) });
    const [one, again, two] = ["server-1", "server-1", "server-2"].map((name) =>
      driver.runtime(new Process(name)).random.uint32(),
    );
    expect(one).toBe(again);
    expect(one).not.toBe(two);
  });
});
