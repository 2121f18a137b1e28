import { describe, expect, test } from "vitest";
import { Channel } from "../../../raft/runtime/channel.ts";
import { Random } from "../../../raft/runtime/random.ts";
import { select, sending, trySelect } from "../../../raft/runtime/select.ts";
import { oneProcess } from "./one-process.ts";

describe("select", () => {
  test("names the case that was ready and gives its value", () => {
    const a = new Channel<number>("a", 1);
    const b = new Channel<string>("b", 1);
    let event: unknown;
    b.trySend("hello");
    oneProcess().run(function* () {
      event = yield* select({ a, b });
    });
    expect(event).toEqual({ case: "b", value: "hello" });
  });

  test("parks until one of its cases is ready", () => {
    const a = new Channel<number>("a");
    const b = new Channel<string>("b");
    const world = oneProcess();
    let event: unknown;
    world.run(function* () {
      event = yield* select({ a, b });
    });
    expect(event).toBeUndefined();
    a.trySend(7);
    world.scheduler.run();
    expect(event).toEqual({ case: "a", value: 7 });
  });

  test("leaves no waiter behind in the cases that lost", () => {
    const a = new Channel<number>("a");
    const b = new Channel<number>("b");
    const c = new Channel<number>("c");
    const world = oneProcess();
    world.run(function* () {
      yield* select({ a, b, send: sending(c, 1) });
    });
    a.trySend(7);
    expect(b.receivers.head).toBeUndefined();
    expect(c.senders.head).toBeUndefined();
    expect(b.trySend(8)).toBe(false);
    expect(c.tryReceive()).toBeUndefined();
  });

  test("may name one channel in two cases", () => {
    const channel = new Channel<number>("c");
    const world = oneProcess();
    let event: unknown;
    world.run(function* () {
      event = yield* select({ one: channel, other: channel });
    });
    channel.trySend(7);
    world.scheduler.run();
    expect(event).toEqual({ case: "one", value: 7 });
    expect(channel.receivers.head).toBeUndefined();
  });

  test("does not hand its own value to itself", () => {
    const channel = new Channel<number>("c");
    const world = oneProcess();
    let event: unknown;
    world.run(function* () {
      event = yield* select({ give: sending(channel, 1), take: channel });
    });
    expect(event).toBeUndefined();
    expect(channel.tryReceive()).toEqual({ value: 1 });
  });

  test("takes a closed channel as ready, with its zero value", () => {
    const stopCh = new Channel<number>("stopCh", 0, 0);
    const other = new Channel<number>("other");
    let event: unknown;
    stopCh.close();
    oneProcess().run(function* () {
      event = yield* select({ other, stop: stopCh });
    });
    expect(event).toEqual({ case: "stop", value: 0 });
  });

  test("is woken by a close", () => {
    const stopCh = new Channel<number>("stopCh", 0, 0);
    const other = new Channel<number>("other");
    const world = oneProcess();
    let event: unknown;
    world.run(function* () {
      event = yield* select({ other, stop: stopCh });
    });
    stopCh.close();
    world.scheduler.run();
    expect(event).toEqual({ case: "stop", value: 0 });
  });
});

describe("an undefined case, Go's nil channel,", () => {
  test("is never ready", () => {
    const ready = new Channel<number>("ready", 1);
    const off = undefined as Channel<number> | undefined;
    const chosen = new Set<string>();
    oneProcess().run(function* () {
      for (let i = 0; i < 50; i++) {
        ready.trySend(i);
        chosen.add((yield* select({ off, ready })).case);
      }
    });
    expect([...chosen]).toEqual(["ready"]);
  });

  test("alone waits for ever", () => {
    const world = oneProcess();
    let passed = false;
    const task = world.go("waiter", function* () {
      yield* select({ off: undefined });
      passed = true;
    });
    expect(world.scheduler.run()).toBe(true);
    expect(passed).toBe(false);
    expect(task.parkedOn()).toEqual([]);
  });
});

describe("several ready cases", () => {
  const rounds = 8000;

  /** How often each of eight ready channels was chosen. */
  function chosenOfEight(seed: number): number[] {
    const channels = Array.from({ length: 8 }, (_, i) => {
      const channel = new Channel<number>(`c${i}`, 1);
      channel.trySend(i);
      return channel;
    });
    const cases = Object.fromEntries(channels.map((c) => [c.name, c]));
    const counts = channels.map(() => 0);
    oneProcess({ random: new Random(seed) }).run(function* () {
      for (let i = 0; i < rounds; i++) {
        const { value } = yield* select(cases);
        counts[value] = (counts[value] as number) + 1;
        channels[value]?.trySend(value);
      }
    });
    return counts;
  }

  /** Pearson's measure of how far the counts are from all alike. */
  function chiSquare(counts: number[]): number {
    const expected = rounds / counts.length;
    return counts
      .map((count) => (count - expected) ** 2 / expected)
      .reduce((sum, term) => sum + term);
  }

  test.each([1, 2, 3])("are chosen all alike, with seed %i", (seed) => {
    // Seven degrees of freedom: chance exceeds 24.3 once in a thousand.
    expect(chiSquare(chosenOfEight(seed))).toBeLessThan(24.3);
  });

  test("are chosen in the same order with the same seed", () => {
    expect(chosenOfEight(7)).toEqual(chosenOfEight(7));
    expect(chosenOfEight(7)).not.toEqual(chosenOfEight(8));
  });
});

describe("a case that sends", () => {
  test("is ready when a receiver is parked", () => {
    const channel = new Channel<number>("c");
    let received = 0;
    let event: unknown;
    oneProcess().run(
      function* () {
        received = yield* channel.receive();
      },
      function* () {
        event = yield* select({ push: sending(channel, 7) });
      },
    );
    expect(received).toBe(7);
    expect(event).toEqual({ case: "push", value: undefined });
  });

  test("is ready while the buffer has room", () => {
    const channel = new Channel<number>("c", 1);
    oneProcess().run(function* () {
      yield* select({ push: sending(channel, 7) });
      yield* select({ push: sending(channel, 8) });
    });
    expect(channel.values()).toEqual([7]);
  });

  test("hands its value over when a receiver comes later", () => {
    const channel = new Channel<number>("c");
    const stopCh = new Channel<number>("stopCh");
    let event: unknown;
    let received = 0;
    oneProcess().run(
      function* () {
        event = yield* select({ push: sending(channel, 7), stop: stopCh });
      },
      function* () {
        received = yield* channel.receive();
      },
    );
    expect(received).toBe(7);
    expect(event).toEqual({ case: "push", value: undefined });
  });

  test("sends nothing when another case wins", () => {
    const channel = new Channel<number>("c");
    const stopCh = new Channel<number>("stopCh", 0, 0);
    const world = oneProcess();
    world.run(function* () {
      yield* select({ push: sending(channel, 7), stop: stopCh });
    });
    stopCh.close();
    expect(channel.tryReceive()).toBeUndefined();
  });

  test("meets a receiving case of another select", () => {
    const channel = new Channel<number>("c");
    const idle = new Channel<number>("idle");
    let event: unknown;
    oneProcess().run(
      function* () {
        yield* select({ push: sending(channel, 7), idle });
      },
      function* () {
        event = yield* select({ idle, pull: channel });
      },
    );
    expect(event).toEqual({ case: "pull", value: 7 });
    expect(idle.receivers.head).toBeUndefined();
  });

  test("throws in the selecting task when its channel is closed", () => {
    const channel = new Channel<number>("c");
    const world = oneProcess();
    let caught: unknown;
    world.run(function* () {
      try {
        yield* select({ push: sending(channel, 7) });
      } catch (error) {
        caught = error;
      }
    });
    channel.close();
    world.scheduler.run();
    expect(caught).toEqual(new Error("send on closed channel c"));
  });
});

describe("trySelect, a select with an empty default,", () => {
  const first = () => 0;

  test("takes a ready case", () => {
    const a = new Channel<number>("a");
    const b = new Channel<string>("b", 1);
    b.trySend("hello");
    expect(trySelect({ a, b }, first)).toEqual({ case: "b", value: "hello" });
  });

  test("says undefined when none is ready, and leaves no waiter", () => {
    const a = new Channel<number>("a");
    const b = new Channel<number>("b");
    expect(trySelect({ a, push: sending(b, 1) }, first)).toBeUndefined();
    expect(a.receivers.head).toBeUndefined();
    expect(b.senders.head).toBeUndefined();
  });

  test("asks its caller which of several ready cases to take", () => {
    const a = new Channel<number>("a", 1);
    const b = new Channel<number>("b", 1);
    a.trySend(1);
    b.trySend(2);
    const second = (below: number) => below - 1;
    expect(trySelect({ a, b }, second)).toEqual({ case: "b", value: 2 });
  });
});
