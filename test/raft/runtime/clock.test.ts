import { describe, expect, test } from "vitest";
import { Channel } from "../../../raft/runtime/channel.ts";
import { Timer, VirtualClock } from "../../../raft/runtime/clock.ts";
import { Random } from "../../../raft/runtime/random.ts";
import {
  after,
  go,
  sleep,
  VirtualDriver,
} from "../../../raft/runtime/runtime.ts";
import { select } from "../../../raft/runtime/select.ts";
import { Process, type Task } from "../../../raft/runtime/task.ts";

function virtual() {
  const random = new Random(1);
  const driver = new VirtualDriver({ random, firstInFirstOut: true });
  const runtime = driver.runtime(new Process("server-1"), random);
  return {
    driver,
    runtime,
    clock: driver.clock,
    run: (name: string, body: () => Task) => go(runtime, name, body()),
    timer: (delayMs: number) => after(runtime, delayMs),
    nap: (delayMs: number) => sleep(runtime, delayMs),
  };
}

describe("the virtual clock", () => {
  test("stands still until it is told to step", () => {
    const clock = new VirtualClock();
    const acts: number[] = [];
    clock.at(50, () => acts.push(clock.now()));
    expect(clock.now()).toBe(0);
    expect(clock.next()).toBe(50);
    expect(clock.step()).toBe(true);
    expect(acts).toEqual([50]);
  });

  test("acts on its alarms in order of time", () => {
    const clock = new VirtualClock();
    const random = new Random(5);
    const acts: number[] = [];
    const times = Array.from({ length: 200 }, () => random.int(100));
    for (const time of times) clock.at(time, () => acts.push(time));
    while (clock.step());
    expect(acts).toEqual(times.toSorted((a, b) => a - b));
  });

  test("acts on equal times in the order of their making", () => {
    const clock = new VirtualClock();
    const acts: string[] = [];
    clock.at(20, () => acts.push("late"));
    for (const name of ["a", "b", "c", "d", "e"]) {
      clock.at(10, () => acts.push(name));
    }
    while (clock.step());
    expect(acts).toEqual(["a", "b", "c", "d", "e", "late"]);
  });

  test("acts at once, not in the past, on an alarm that is overdue", () => {
    const clock = new VirtualClock();
    clock.advanceTo(100);
    clock.at(30, () => {});
    expect(clock.next()).toBe(100);
  });

  test("forgets an alarm that was called off", () => {
    const clock = new VirtualClock();
    const acts: string[] = [];
    const callOff = clock.at(10, () => acts.push("called off"));
    clock.at(20, () => acts.push("kept"));
    callOff();
    expect(clock.next()).toBe(20);
    while (clock.step());
    expect(acts).toEqual(["kept"]);
  });

  test("says that nothing is to come", () => {
    const clock = new VirtualClock();
    expect(clock.next()).toBeUndefined();
    expect(clock.step()).toBe(false);
  });

  test("advances to a time before which nothing lies", () => {
    const clock = new VirtualClock();
    clock.at(10, () => {});
    clock.advanceTo(10);
    expect(clock.now()).toBe(10);
  });

  test("refuses to advance past an alarm", () => {
    const clock = new VirtualClock();
    clock.at(10, () => {});
    expect(() => clock.advanceTo(11)).toThrow(
      "an alarm at 10 ms lies before 11 ms",
    );
  });

  test("never goes back", () => {
    const clock = new VirtualClock();
    clock.advanceTo(10);
    clock.advanceTo(5);
    expect(clock.now()).toBe(10);
  });
});

describe("a timer", () => {
  test("is ready at its deadline and not before", () => {
    const clock = new VirtualClock();
    const timer = new Timer(clock, 50);
    clock.advanceTo(49);
    expect(timer.canReceive()).toBe(false);
    clock.advanceTo(50);
    expect(timer.canReceive()).toBe(true);
  });

  test("wakes its task at its deadline", () => {
    const { driver, clock, run, timer } = virtual();
    let wokenAt = 0;
    run("waiter", function* () {
      yield* timer(50).receive();
      wokenAt = clock.now();
    });
    while (driver.step());
    expect(wokenAt).toBe(50);
  });

  test("counts from its making, not from the wait", () => {
    const { driver, clock, run, timer, nap } = virtual();
    let wokenAt = 0;
    run("waiter", function* () {
      const alarm = timer(50);
      yield* nap(30);
      yield* alarm.receive();
      wokenAt = clock.now();
    });
    while (driver.step());
    expect(wokenAt).toBe(50);
  });

  test("is received from once", () => {
    const { driver, clock, run, timer } = virtual();
    let received = 0;
    run("waiter", function* () {
      const alarm = timer(50);
      for (;;) {
        yield* alarm.receive();
        received++;
      }
    });
    while (driver.step());
    expect(received).toBe(1);
    expect(clock.next()).toBeUndefined();
  });

  test("is received by one of two tasks that wait", () => {
    const { driver, run, timer } = virtual();
    const alarm = timer(50);
    const woken: string[] = [];
    for (const name of ["first", "second"]) {
      run(name, function* () {
        yield* alarm.receive();
        woken.push(name);
      });
    }
    while (driver.step());
    expect(woken).toEqual(["first"]);
  });

  test("is a case of a select like any other", () => {
    const { driver, run, timer } = virtual();
    const never = new Channel<number>("never");
    let event: unknown;
    run("waiter", function* () {
      event = yield* select({ never, timeout: timer(50) });
    });
    while (driver.step());
    expect(event).toEqual({ case: "timeout", value: undefined });
  });

  test("that lost its select leaves nothing in the clock", () => {
    const { driver, clock, run, timer } = virtual();
    const channel = new Channel<number>("c");
    run("waiter", function* () {
      yield* select({ channel, timeout: timer(50) });
    });
    driver.scheduler.run();
    expect(clock.next()).toBe(50);
    channel.trySend(1);
    expect(clock.next()).toBeUndefined();
  });

  test("that lost its select can be waited for again", () => {
    const { driver, clock, run, timer } = virtual();
    const channel = new Channel<number>("c");
    let wokenAt = 0;
    run("waiter", function* () {
      const alarm = timer(50);
      yield* select({ channel, alarm });
      yield* alarm.receive();
      wokenAt = clock.now();
    });
    driver.scheduler.run();
    channel.trySend(1);
    while (driver.step());
    expect(wokenAt).toBe(50);
  });

  test("of a task that crashed leaves nothing in the clock", () => {
    const { driver, clock, runtime, run, nap } = virtual();
    run("sleeper", () => nap(50));
    driver.scheduler.run();
    runtime.process.crash();
    expect(clock.next()).toBeUndefined();
  });
});

describe("the virtual driver", () => {
  test("runs every task until all are parked, event by event", () => {
    const { driver, clock, run, nap } = virtual();
    const journal: string[] = [];
    for (const [name, delay] of [
      ["slow", 20],
      ["fast", 10],
    ] as const) {
      run(name, function* () {
        for (;;) {
          yield* nap(delay);
          journal.push(`${clock.now()} ${name}`);
        }
      });
    }
    while (clock.now() < 40) driver.step();
    expect(journal).toEqual([
      "10 fast",
      "20 slow",
      "20 fast",
      "30 fast",
      "40 slow",
    ]);
  });

  test("passes a virtual hour in one synchronous call", () => {
    const { driver, clock, run, nap } = virtual();
    let ticks = 0;
    run("ticker", function* () {
      while (ticks < 3600) {
        yield* nap(1000);
        ticks++;
      }
    });
    while (driver.step());
    expect([ticks, clock.now()]).toEqual([3600, 3_600_000]);
  });

  test("says that nothing is to come", () => {
    expect(virtual().driver.step()).toBe(false);
  });
});
