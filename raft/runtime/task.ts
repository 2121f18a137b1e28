/**
 * Tasks, and the one scheduler that runs them: what `go` and the Go scheduler
 * are to the original.
 *
 * A task is a generator. `yield*` marks every place where it may park, and
 * nowhere else can another task run: between two `yield*` the code is atomic.
 * A parked task leaves a `Waiter` in the queue of whatever it waits for; the
 * one who wakes it hands it a value and takes back every waiter it left.
 *
 * Absent on purpose: promises, preemption, locks.
 */

import type { Random } from "./random.ts";

/** The body of a task: `function* run(r: RaftStruct): Task<void>`. */
export type Task<T = void> = Generator<void, T, void>;

/** Something that may park the task that runs `yield*` on it. */
export interface Op<T> {
  [Symbol.iterator](): Iterator<void, T, void>;
}

/** What one parked task waits for, in one queue. A select leaves several. */
export class Waiter {
  readonly task: RunningTask;
  /** The select case that this waiter stands for. */
  label = "";
  /** What a parked sender offers. */
  value: unknown;
  queue: WaitQueue | undefined;
  previous: Waiter | undefined;
  next: Waiter | undefined;

  constructor(task: RunningTask) {
    this.task = task;
  }
}

/** Told of the first task that waits in a queue, and that the last has left. */
export interface QueueWatcher {
  waited(): void;
  abandoned(): void;
}

/** Parked tasks in the order in which they came: a doubly linked list. */
export class WaitQueue {
  /** For people: `receive commitCh`. */
  readonly operation: string;
  private readonly watcher: QueueWatcher | undefined;
  head: Waiter | undefined;
  private tail: Waiter | undefined;

  constructor(operation: string, watcher?: QueueWatcher) {
    this.operation = operation;
    this.watcher = watcher;
  }

  push(waiter: Waiter): void {
    waiter.queue = this;
    waiter.previous = this.tail;
    waiter.next = undefined;
    if (this.tail) this.tail.next = waiter;
    else this.head = waiter;
    this.tail = waiter;
    if (this.watcher && this.head === waiter) this.watcher.waited();
  }

  remove(waiter: Waiter): void {
    const { previous, next } = waiter;
    if (previous) previous.next = next;
    else this.head = next;
    if (next) next.previous = previous;
    else this.tail = previous;
    waiter.queue = undefined;
    waiter.value = undefined;
    if (this.watcher && !this.head) this.watcher.abandoned();
  }
}

/** The tasks of one server from start to crash or shutdown: one incarnation. */
export class Process {
  readonly name: string;
  readonly tasks = new Set<RunningTask>();
  crashed = false;
  /** A paused process keeps its ready tasks back until it is resumed. */
  paused = false;
  private held: RunningTask[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Drops every task where it stands. No `finally` block runs. */
  crash(): void {
    this.crashed = true;
    this.held = [];
    for (const task of this.tasks) task.leaveQueues();
    this.tasks.clear();
  }

  hold(task: RunningTask): void {
    this.held.push(task);
  }

  resume(): void {
    this.paused = false;
    const held = this.held;
    this.held = [];
    for (const task of held) task.scheduler.ready(task);
  }
}

/** A task that has been started and has not ended. */
export class RunningTask {
  readonly id: number;
  readonly name: string;
  readonly process: Process;
  readonly parent: RunningTask | undefined;
  readonly scheduler: Scheduler;
  readonly body: Task<unknown>;
  /** Set when somebody ends its wait, until it runs again. */
  woken = false;
  /** The case that woke it, and the value it was handed. */
  wokenBy = "";
  wokenWith: unknown;
  /** Set when the waker hands over an error: a send on a closed channel. */
  wokenError: Error | undefined;
  /** The operation that was made and not yet run: a forgotten `yield*`. */
  pending: string | undefined;
  private readonly waiters: Waiter[] = [];
  private waiting = 0;

  constructor(
    id: number,
    name: string,
    process: Process,
    parent: RunningTask | undefined,
    scheduler: Scheduler,
    body: Task<unknown>,
  ) {
    this.id = id;
    this.name = name;
    this.process = process;
    this.parent = parent;
    this.scheduler = scheduler;
    this.body = body;
  }

  /** Leaves a waiter in the queue. The task parks at its next `yield`. */
  waitIn(queue: WaitQueue, label: string, value?: unknown): void {
    if (this.waiting === this.waiters.length) {
      this.waiters.push(new Waiter(this));
    }
    const waiter = this.waiters[this.waiting++] as Waiter;
    waiter.label = label;
    waiter.value = value;
    queue.push(waiter);
  }

  /** Takes back every waiter that this task has left. */
  leaveQueues(): void {
    for (let i = 0; i < this.waiting; i++) {
      const waiter = this.waiters[i] as Waiter;
      waiter.queue?.remove(waiter);
    }
    this.waiting = 0;
  }

  /** What the task is parked on, for people: `receive commitCh`. */
  parkedOn(): string[] {
    return this.waiters
      .slice(0, this.waiting)
      .map((waiter) => waiter.queue?.operation ?? "");
  }
}

/** Ends the wait of the waiter's task and makes it ready to run. */
export function wake(waiter: Waiter, value: unknown, error?: Error): void {
  const { task } = waiter;
  task.woken = true;
  task.wokenBy = waiter.label;
  task.wokenWith = value;
  task.wokenError = error;
  task.leaveQueues();
  task.scheduler.ready(task);
}

/** An error that no task caught. It ends its process as a crash would. */
export interface Failure {
  readonly process: Process;
  readonly task: RunningTask;
  readonly error: unknown;
}

/**
 * A value that crossed a channel, or the end of a channel. `peer` is the
 * parked task at the other end; without one the value went into the buffer, or
 * came out of it.
 */
export interface Pass {
  readonly kind: "send" | "receive" | "close";
  readonly channel: string;
  readonly task: RunningTask;
  readonly peer: RunningTask | undefined;
  readonly value: unknown;
}

export interface SchedulerOptions {
  /** Draws among the ready cases of a select, and the next ready task. */
  readonly random: Random;
  /** Run ready tasks first in, first out, and not in drawn order. */
  readonly firstInFirstOut?: boolean;
  /** Told of every uncaught error. Without it, `run` throws the error. */
  readonly onFailure?: (failure: Failure) => void;
  /** Told that a task became ready while nothing ran: a driver kicks here. */
  readonly onReady?: () => void;
  /** Told of everything that tasks send, receive and close. */
  readonly onPass?: (pass: Pass) => void;
}

let running: RunningTask | undefined;

/** The task whose code is running now, if a task is running at all. */
export function runningTask(): RunningTask | undefined {
  return running;
}

/** Tells whoever watches the channels what the running task has done. */
export function passed(
  kind: Pass["kind"],
  channel: string,
  value: unknown,
  peer?: RunningTask,
): void {
  const task = running;
  task?.scheduler.onPass?.({ kind, channel, task, peer, value });
}

/** The running task, or an error that says what may only be done by a task. */
export function theRunningTask(operation: string): RunningTask {
  if (!running) {
    throw new Error(`${operation}: only a task can wait, and none is running`);
  }
  refuseForgottenYield(running);
  return running;
}

function refuseForgottenYield({ name, pending }: RunningTask): void {
  if (pending === undefined) return;
  throw new Error(`task ${name}: ${pending} was called without yield*`);
}

/** The ready tasks: a ring that grows and never shrinks. */
class RunQueue {
  length = 0;
  private ring: (RunningTask | undefined)[] = new Array(64);
  private first = 0;

  push(task: RunningTask): void {
    if (this.length === this.ring.length) this.grow();
    this.ring[(this.first + this.length++) & (this.ring.length - 1)] = task;
  }

  /** The task that has waited longest. Only while there is one. */
  shift(): RunningTask {
    const task = this.ring[this.first] as RunningTask;
    this.first = (this.first + 1) & (this.ring.length - 1);
    this.length--;
    return task;
  }

  /** The task at `place`, where the oldest one goes instead. */
  takeAny(place: number): RunningTask {
    const oldest = this.shift();
    if (place === 0) return oldest;
    const index = (this.first + place - 1) & (this.ring.length - 1);
    const task = this.ring[index] as RunningTask;
    this.ring[index] = oldest;
    return task;
  }

  private grow(): void {
    const { ring, first } = this;
    this.ring = [...ring.slice(first), ...ring.slice(0, first)];
    this.ring.length = 2 * ring.length;
    this.first = 0;
  }
}

/** One run queue. `run` returns when every task is parked. */
export class Scheduler {
  readonly random: Random;
  readonly onPass: ((pass: Pass) => void) | undefined;
  turns = 0;
  private readonly options: SchedulerOptions;
  private readonly queue = new RunQueue();
  private tasksStarted = 0;

  constructor(options: SchedulerOptions) {
    this.options = options;
    this.random = options.random;
    this.onPass = options.onPass;
  }

  /** Starts a task. It runs when its turn comes, not before `go` returns. */
  go(process: Process, name: string, body: Task<unknown>): RunningTask {
    const task = new RunningTask(
      ++this.tasksStarted,
      name,
      process,
      running,
      this,
      body,
    );
    if (process.crashed) return task;
    process.tasks.add(task);
    this.ready(task);
    return task;
  }

  ready(task: RunningTask): void {
    if (task.process.crashed) return;
    if (task.process.paused) {
      task.process.hold(task);
      return;
    }
    this.queue.push(task);
    if (running?.scheduler !== this) this.options.onReady?.();
  }

  /**
   * Gives ready tasks their turns until none is ready: true, or until the
   * budget of turns is spent: false.
   */
  run(budget = Number.POSITIVE_INFINITY): boolean {
    for (let turns = 0; turns < budget; turns++) {
      const task = this.next();
      if (!task) return true;
      this.turn(task);
    }
    return this.queue.length === 0;
  }

  /** Gives one ready task its turn. False when none is ready. */
  step(): boolean {
    const task = this.next();
    if (task) this.turn(task);
    return task !== undefined;
  }

  private next(): RunningTask | undefined {
    const { length } = this.queue;
    if (length === 0) return undefined;
    if (this.options.firstInFirstOut === true || length === 1) {
      return this.queue.shift();
    }
    return this.queue.takeAny(this.random.int(length));
  }

  private turn(task: RunningTask): void {
    if (task.process.crashed) return;
    if (task.process.paused) {
      task.process.hold(task);
      return;
    }
    this.turns++;
    const outer = running;
    running = task;
    try {
      if (task.body.next().done) this.end(task);
      else if (task.process.crashed) task.leaveQueues();
    } catch (error) {
      this.fail(task, error);
    } finally {
      running = outer;
    }
  }

  private end(task: RunningTask): void {
    task.process.tasks.delete(task);
    refuseForgottenYield(task);
  }

  private fail(task: RunningTask, error: unknown): void {
    task.process.crash();
    if (!this.options.onFailure) throw error;
    this.options.onFailure({ process: task.process, task, error });
  }
}

/** Go's last words when everything waits and nothing is to come. */
export function allAsleep(processes: Iterable<Process>): Error {
  const lines = [];
  for (const process of processes) {
    for (const task of process.tasks) {
      lines.push(`  ${process.name} ${task.name}: ${task.parkedOn()}`);
    }
  }
  return new Error(`all tasks are asleep - deadlock!\n${lines.join("\n")}`);
}
