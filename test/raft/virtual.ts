/**
 * Virtual time for a test: one process of tasks, a clock that moves only when
 * it is told to, and ready tasks that run first in, first out, unless a seed
 * is given. An error that no task catches goes to the test.
 */
import { Random } from "../../raft/runtime/random.ts";
import { type Runtime, VirtualDriver } from "../../raft/runtime/runtime.ts";
import { allAsleep, Process, type Task } from "../../raft/runtime/task.ts";

export interface Virtual {
  readonly driver: VirtualDriver;
  readonly process: Process;
  readonly runtime: Runtime;
  /** Runs a task to its end, however long that takes, and gives its result. */
  run<T>(body: Task<T>): T;
  /** Starts a task, and lets every task run until all are parked. */
  start(body: Task<unknown>): void;
  /** Lets every task run until all are parked; the time stands still. */
  settle(): void;
  /** Lets so many milliseconds pass. */
  pass(durationMs: number): void;
}

export function virtualTime(seed?: number): Virtual {
  const random = new Random(seed ?? 1);
  const driver = new VirtualDriver({
    random: random.stream("scheduler"),
    firstInFirstOut: seed === undefined,
  });
  const process = new Process("test");
  const runtime = driver.runtime(process, random.stream("timers"));
  return {
    driver,
    process,
    runtime,
    run: (body) => finish(driver, process, body),
    start(body) {
      driver.scheduler.go(process, "test", body);
      driver.scheduler.run();
    },
    settle: () => void driver.scheduler.run(),
    pass: (durationMs) => passTime(driver, durationMs),
  };
}

/** Who waits longer than this, in virtual time, waits for ever. */
const FOR_EVER_MS = 600_000;

/** Runs a task of that process to its end, and gives its result. */
export function finish<T>(
  driver: VirtualDriver,
  process: Process,
  body: Task<T>,
): T {
  const ended: { result: T }[] = [];
  function* test(): Task<void> {
    ended.push({ result: yield* body });
  }
  driver.scheduler.go(process, "test", test());
  driver.scheduler.run();
  const limit = driver.clock.now() + FOR_EVER_MS;
  while (ended.length === 0 && driver.clock.now() < limit && driver.step());
  if (!ended[0]) throw allAsleep([process]);
  return ended[0].result;
}

/** Lets so many milliseconds pass, with all that happens in them. */
export function passTime(driver: VirtualDriver, durationMs: number): void {
  const end = driver.clock.now() + durationMs;
  driver.scheduler.run();
  for (
    let next = driver.clock.next();
    next !== undefined && next <= end;
    next = driver.clock.next()
  ) {
    driver.step();
  }
  driver.clock.advanceTo(end);
}
