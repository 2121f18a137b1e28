/**
 * What one server may know of the outside: tasks, time, randomness, and the
 * host's callbacks. Nothing in raft/ reaches for them in any other way.
 *
 * Two drivers make the time pass. `VirtualDriver` steps from event to event
 * and is finished when a run returns; `RealDriver` follows the host's clock.
 */

import { Channel } from "./channel.ts";
import { type Clock, Timer, VirtualClock } from "./clock.ts";
import { Random } from "./random.ts";
import {
  Process,
  type RunningTask,
  Scheduler,
  type SchedulerOptions,
  type Task,
} from "./task.ts";

export interface Runtime {
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  /** The random numbers of this server's timers. */
  readonly random: Random;
  readonly process: Process;
  /** False in a virtual world, where nothing outside may be waited for. */
  readonly hostAllowed: boolean;
}

/** Starts a task: Go's `go`. */
export function go(
  runtime: Runtime,
  name: string,
  body: Task<unknown>,
): RunningTask {
  return runtime.scheduler.go(runtime.process, name, body);
}

/** A timer that is ready after `delayMs`: Go's `time.After`. */
export function after(runtime: Runtime, delayMs: number, name?: string): Timer {
  return new Timer(runtime.clock, delayMs, name);
}

/** Parks the task for `delayMs`. */
export function* sleep(runtime: Runtime, delayMs: number): Task<void> {
  yield* after(runtime, delayMs, "sleep").receive();
}

/**
 * Waits for a callback of the host: a socket, a disk, a promise.
 *
 * `start` is called at once and must call `done` once, now or later.
 */
export function* host<T>(
  runtime: Runtime,
  what: string,
  start: (done: (result: T | Error) => void) => void,
): Task<T | Error> {
  if (!runtime.hostAllowed) {
    throw new Error(
      `${what}: a virtual world cannot wait for the host; ` +
        "give it a store or transport whose methods are tasks",
    );
  }
  const answer = new Channel<T | Error>(what, 1);
  start((result) => answer.trySend(result));
  return yield* answer.receive();
}

/**
 * Waits for a promise. A rejection comes back as an error value; it counts as
 * handled from this call on, not only from when the task runs.
 */
export function settled<T>(
  runtime: Runtime,
  what: string,
  promise: Promise<T>,
): Task<T | Error> {
  const result = promise.catch((reason: unknown) =>
    reason instanceof Error ? reason : new Error(String(reason)),
  );
  return host<T>(runtime, what, (done) => {
    result.then(done);
  });
}

/** Steps from event to event. The same seed takes the same steps. */
export class VirtualDriver {
  readonly clock = new VirtualClock();
  readonly scheduler: Scheduler;

  constructor(options: SchedulerOptions) {
    this.scheduler = new Scheduler(options);
  }

  runtime(process: Process, random: Random, clock?: Clock): Runtime {
    return {
      scheduler: this.scheduler,
      clock: clock ?? this.clock,
      random,
      process,
      hostAllowed: false,
    };
  }

  /** Acts on the next event and lets every task run until all are parked. */
  step(): boolean {
    this.scheduler.run();
    if (!this.clock.step()) return false;
    this.scheduler.run();
    return true;
  }
}

/** The host's timers. Every JavaScript host has them. */
interface Host {
  setTimeout(act: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
  setImmediate?(act: () => void): unknown;
  performance: { now(): number };
  console: { error(line: string): void };
}

const theHost = globalThis as unknown as Host;

class HostClock implements Clock {
  now(): number {
    return theHost.performance.now();
  }

  at(time: number, act: () => void): () => void {
    const delay = Math.max(0, time - this.now());
    const timer = theHost.setTimeout(act, delay);
    return () => theHost.clearTimeout(timer);
  }
}

/** Ready tasks may take this many turns before the host gets its own. */
const TURNS_PER_KICK = 10_000;

/** Follows the host's clock: what a server in production runs on. */
export class RealDriver {
  readonly clock: Clock = new HostClock();
  readonly scheduler: Scheduler;
  private readonly random: Random;
  private kicked = false;

  constructor(options: Omit<SchedulerOptions, "onReady">) {
    this.random = options.random;
    this.scheduler = new Scheduler({
      firstInFirstOut: true,
      ...options,
      onReady: () => this.kick(),
    });
  }

  runtime(process: Process): Runtime {
    return {
      scheduler: this.scheduler,
      clock: this.clock,
      random: this.random.stream(process.name),
      process,
      hostAllowed: true,
    };
  }

  /** Sees to it that the ready tasks run soon. */
  private kick(): void {
    if (this.kicked) return;
    this.kicked = true;
    const run = () => {
      this.kicked = false;
      if (!this.scheduler.run(TURNS_PER_KICK)) this.kick();
    };
    if (theHost.setImmediate) theHost.setImmediate(run);
    else theHost.setTimeout(run, 0);
  }
}

/**
 * A runtime on the host's clock for one server: all that a program needs that
 * does not simulate.
 */
export function realRuntime(name: string, seed: number): Runtime {
  const driver = new RealDriver({ random: new Random(seed) });
  return driver.runtime(new Process(name));
}

/** Writes a line where the host shows errors. */
export function printLine(line: string): void {
  theHost.console.error(line);
}

/** Starts a task from outside and gives its result as a promise. */
export function promised<T>(
  runtime: Runtime,
  name: string,
  body: Task<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    function* result(): Task<void> {
      try {
        resolve(yield* body);
      } catch (error) {
        reject(error);
      }
    }
    go(runtime, name, result());
  });
}
