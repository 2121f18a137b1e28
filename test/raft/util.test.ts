/** The small helpers: upstream's util_test.go, and the wake-up idioms. */
import { describe, expect, test } from "vitest";
import { Channel } from "../../raft/runtime/channel.ts";
import { hash32, Random } from "../../raft/runtime/random.ts";
import { select } from "../../raft/runtime/select.ts";
import type { Task } from "../../raft/runtime/task.ts";
import {
  asyncNotifyCh,
  backoff,
  decodeText,
  encodeText,
  equalBytes,
  overrideNotifyBool,
  randomTimeout,
} from "../../raft/util.ts";
import { virtualTime } from "./virtual.ts";

describe("randomTimeout", () => {
  test("TestRandomTimeout: rings after the shortest time and before twice as long", () => {
    const { runtime } = virtualTime(1);
    for (let i = 0; i < 1000; i++) {
      const timer = randomTimeout(runtime, 1);
      expect(timer?.deadline).toBeGreaterThanOrEqual(1);
      expect(timer?.deadline).toBeLessThan(2);
    }
  });

  test("reaches both ends of its range", () => {
    const { runtime } = virtualTime(1);
    const deadlines = Array.from(
      { length: 1000 },
      () => randomTimeout(runtime, 100)?.deadline ?? 0,
    );
    expect(Math.min(...deadlines)).toBeLessThan(102);
    expect(Math.max(...deadlines)).toBeGreaterThan(198);
  });

  test("TestRandomTimeout_NoTime: of no time is never ready", () => {
    const { runtime, run } = virtualTime();
    const other = new Channel<string>("other", 1);
    const timer = randomTimeout(runtime, 0);
    expect(timer).toBeUndefined();
    function* wait(): Task<string> {
      other.trySend("the other case");
      const event = yield* select({ timer, other });
      return event.case === "other" ? event.value : event.case;
    }
    expect(run(wait())).toBe("the other case");
  });

  test("TestNewSeed: a thousand servers draw a thousand different streams", () => {
    const draws = Array.from({ length: 1000 }, (_, i) => {
      const random = new Random(hash32(`server-${i}`));
      return [random.uint32(), random.uint32()].join();
    });
    expect(new Set(draws).size).toBe(1000);
  });
});

describe("backoff", () => {
  test("TestBackoff: doubles after the second round, up to the limit", () => {
    expect(backoff(10, 1, 8)).toBe(10);
    expect(backoff(10, 2, 8)).toBe(10);
    expect(backoff(10, 3, 8)).toBe(20);
    expect(backoff(10, 8, 8)).toBe(640);
    expect(backoff(10, 9, 8)).toBe(640);
  });

  test("the longest pause of replication is 10.24 s", () => {
    expect(backoff(10, 12, 12)).toBe(10_240);
    expect(backoff(10, 1000, 12)).toBe(10_240);
  });
});

describe("asyncNotifyCh", () => {
  test("many calls before the task wakes are one wake-up", () => {
    const ch = new Channel<void>("triggerCh", 1);
    for (let i = 0; i < 3; i++) asyncNotifyCh(ch);
    expect(ch.tryReceive()).toBeDefined();
    expect(ch.tryReceive()).toBeUndefined();
  });

  test("a call after the wake-up is another one", () => {
    const ch = new Channel<void>("triggerCh", 1);
    asyncNotifyCh(ch);
    ch.tryReceive();
    asyncNotifyCh(ch);
    expect(ch.tryReceive()).toBeDefined();
  });
});

describe("overrideNotifyBool", () => {
  test("leaves the newest value when nobody has received the last", () => {
    const ch = new Channel<boolean>("leaderCh", 1);
    for (const leads of [true, false, true, false]) {
      overrideNotifyBool(ch, leads);
    }
    expect(ch.values()).toEqual([false]);
  });

  test("hands the value to a task that waits for it", () => {
    const { start, settle } = virtualTime();
    const ch = new Channel<boolean>("leaderCh", 1);
    const seen: boolean[] = [];
    function* watch(): Task<void> {
      for (;;) seen.push(yield* ch.receive());
    }
    start(watch());
    overrideNotifyBool(ch, true);
    settle();
    overrideNotifyBool(ch, false);
    settle();
    expect(seen).toEqual([true, false]);
  });
});

describe("bytes", () => {
  test("a text comes back from its bytes", () => {
    for (const text of ["", "x=1", "服务器 №1 🚀"]) {
      expect(decodeText(encodeText(text))).toBe(text);
    }
  });

  test("are equal when they are the same ones in the same order", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(equalBytes(bytes, Uint8Array.of(1, 2, 3))).toBe(true);
    expect(equalBytes(bytes, Uint8Array.of(1, 2))).toBe(false);
    expect(equalBytes(bytes, Uint8Array.of(1, 2, 3, 4))).toBe(false);
    expect(equalBytes(bytes, Uint8Array.of(1, 2, 4))).toBe(false);
    expect(equalBytes(new Uint8Array(), new Uint8Array())).toBe(true);
  });
});
