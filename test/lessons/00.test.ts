/**
 * How to read this code: what the words of raft/runtime/ promise, on virtual
 * time and without any Raft. "00" is the suite of a page beside the lessons.
 */

import { expect } from "vitest";
import { Channel } from "../../raft/runtime/channel.ts";
import { Random } from "../../raft/runtime/random.ts";
import {
  after,
  type Runtime,
  sleep,
  VirtualDriver,
} from "../../raft/runtime/runtime.ts";
import { select } from "../../raft/runtime/select.ts";
import { type Failure, Process, type Task } from "../../raft/runtime/task.ts";
import { asyncNotifyCh } from "../../raft/util.ts";
import { claim } from "../claim.ts";

interface Here {
  readonly driver: VirtualDriver;
  readonly process: Process;
  readonly runtime: Runtime;
  readonly failures: Failure[];
}

function here(): Here {
  const failures: Failure[] = [];
  const random = new Random(1);
  const driver = new VirtualDriver({
    random: random.stream("scheduler"),
    onFailure: (failure) => failures.push(failure),
  });
  const process = new Process("s1");
  const runtime = driver.runtime(process, random.stream("timers"));
  return { driver, process, runtime, failures };
}

/** Starts the tasks, and lets them run until all are parked. */
function start({ driver, process }: Here, ...bodies: Task<unknown>[]): void {
  for (const body of bodies) driver.scheduler.go(process, "task", body);
  driver.scheduler.run();
}

claim(
  "a wait that is over at once gives nobody else a turn",
  {
    at: "runtime/channel.ts#Receive.begin",
    break: {
      in: "runtime/channel.ts#Receive.begin",
      from: "if (this.source.canReceive()) return finished(this.source.take());",
      to: "if (this.source.canReceive()) {\n      task.woken = true;\n      task.wokenError = undefined;\n      task.wokenWith = this.source.take();\n      task.scheduler.ready(task);\n      return PARKED;\n    }",
    },
  },
  () => {
    const full = new Channel<void>("full", 2);
    full.trySend(undefined);
    full.trySend(undefined);
    let sum = 0;
    function* add(): Task<void> {
      const seen = sum;
      yield* full.receive();
      sum = seen + 1;
    }
    start(here(), add(), add());
    expect(sum).toBe(2);
  },
);

claim(
  "a wait that parks lets others in, and what was read before it is old",
  {
    at: "runtime/runtime.ts#sleep",
    break: {
      in: "runtime/runtime.ts#sleep",
      from: 'yield* after(runtime, delayMs, "sleep").receive();',
      to: "if (delayMs !== 5) yield* after(runtime, delayMs).receive();",
    },
  },
  () => {
    const h = here();
    let sum = 0;
    function* add(): Task<void> {
      const seen = sum;
      yield* sleep(h.runtime, 5);
      sum = seen + 1;
    }
    start(h, add(), add());
    while (h.driver.step());
    expect(sum).toBe(1);
  },
);

claim(
  "among several ready cases of a select each is chosen now and then",
  {
    at: "runtime/select.ts#readyCase",
    break: {
      in: "runtime/select.ts#readyCase",
      from: "others[pick(others.length)]",
      to: "others[0]",
    },
  },
  () => {
    const left = new Channel<void>("left", 1);
    const right = new Channel<void>("right", 1);
    const chosen = { left: 0, right: 0 };
    function* choose(): Task<void> {
      for (let i = 0; i < 1000; i++) {
        left.trySend(undefined);
        right.trySend(undefined);
        const event = yield* select({ left, right });
        chosen[event.case]++;
      }
    }
    start(here(), choose());
    expect(chosen.left).toBeGreaterThan(400);
    expect(chosen.right).toBeGreaterThan(400);
  },
);

claim(
  "a case that is undefined is never ready",
  {
    at: "runtime/select.ts#isReady",
    break: {
      in: "runtime/select.ts#isReady",
      from: "if (entry === undefined) return false;",
      to: "if (entry === undefined) return true;",
    },
  },
  () => {
    const h = here();
    let woken = "";
    function* wait(): Task<void> {
      const off = undefined as Channel<void> | undefined;
      const event = yield* select({ off, timer: after(h.runtime, 1000) });
      woken = event.case;
    }
    start(h, wait());
    expect(woken).toBe("");
    while (h.driver.step());
    expect(woken).toBe("timer");
    expect(h.failures).toEqual([]);
  },
);

claim(
  "a closed channel gives its zero value for ever",
  {
    at: "runtime/channel.ts#Channel.take",
    break: {
      in: "runtime/channel.ts#Channel.take",
      from: "(this.zero as T)",
      to: "(7 as T)",
    },
  },
  () => {
    const stopCh = new Channel<number>("stopCh", 1, 0);
    stopCh.trySend(12);
    stopCh.close();
    const got: number[] = [];
    function* receive(): Task<void> {
      for (let i = 0; i < 4; i++) got.push(yield* stopCh.receive());
    }
    start(here(), receive());
    expect(got).toEqual([12, 0, 0, 0]);
  },
);

claim(
  "notifications that nobody awaits yet become one wake-up, and not none",
  {
    at: "util.ts#asyncNotifyCh",
    break: {
      in: "util.ts#asyncNotifyCh",
      from: "ch.trySend(undefined);",
      to: "if (ch.receivers.head) ch.trySend(undefined);",
    },
  },
  () => {
    const triggerCh = new Channel<void>("triggerCh", 1);
    for (let i = 0; i < 3; i++) asyncNotifyCh(triggerCh);
    let wakeUps = 0;
    function* work(): Task<void> {
      for (;;) {
        yield* triggerCh.receive();
        wakeUps++;
      }
    }
    start(here(), work());
    expect(wakeUps).toBe(1);
  },
);

claim(
  "a timer that lost its select leaves nothing in the clock",
  {
    at: "runtime/clock.ts#Timer.abandoned",
    break: {
      in: "runtime/clock.ts#Timer.abandoned",
      from: "this.disarm?.();",
      to: "",
    },
  },
  () => {
    const h = here();
    const work = new Channel<void>("work");
    function* wait(): Task<void> {
      yield* select({ work, timer: after(h.runtime, 60_000) });
    }
    start(h, wait());
    expect(h.driver.clock.next()).toBe(60_000);
    work.trySend(undefined);
    h.driver.scheduler.run();
    expect(h.driver.clock.next()).toBeUndefined();
  },
);

claim(
  "a forgotten yield* ends the server, and the error says which wait it was",
  {
    at: "runtime/task.ts#refuseForgottenYield",
    break: {
      in: "runtime/task.ts#refuseForgottenYield",
      from: "if (pending === undefined) return;",
      to: "return;",
    },
  },
  () => {
    const h = here();
    const commitCh = new Channel<void>("commitCh");
    function* forgetful(): Task<void> {
      commitCh.receive();
    }
    start(h, forgetful());
    expect(h.process.crashed).toBe(true);
    expect(String(h.failures[0]?.error)).toBe(
      "Error: task task: receive commitCh was called without yield*",
    );
  },
);

claim(
  "a crash drops a task where it stands, and no finally block runs",
  {
    at: "runtime/task.ts#Process.crash",
    break: {
      in: "runtime/task.ts#Process.crash",
      from: "for (const task of this.tasks) task.leaveQueues();",
      to: "for (const task of this.tasks) {\n      task.leaveQueues();\n      task.body.return(undefined);\n    }",
    },
  },
  () => {
    const h = here();
    let deferred = false;
    function* lead(): Task<void> {
      try {
        yield* new Channel<void>("never").receive();
      } finally {
        deferred = true;
      }
    }
    start(h, lead());
    h.process.crash();
    expect(deferred).toBe(false);
    expect(h.process.tasks.size).toBe(0);
  },
);
