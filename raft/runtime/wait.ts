/**
 * What the three ways to wait have in common: receive, send, select.
 *
 * Such an operation is its own iterator, and all that is remembered of a wait
 * stands in the task that waits. So one object can serve every receive from
 * a channel, and `yield*` on it makes no object and no generator.
 */

import {
  type Op,
  type RunningTask,
  runningTask,
  theRunningTask,
} from "./task.ts";

/** An operation's answer while its task has to wait. */
export const PARKED: IteratorYieldResult<void> = {
  done: false,
  value: undefined,
};

const FINISHED: IteratorReturnResult<unknown> = {
  done: true,
  value: undefined,
};

/** An operation's answer with its result. Read it before anything else. */
export function finished<T>(value: T): IteratorResult<void, T> {
  FINISHED.value = value;
  return FINISHED as IteratorReturnResult<T>;
}

export abstract class Wait<T> implements Op<T> {
  private readonly operation: string;

  constructor(operation: string) {
    this.operation = operation;
  }

  /** Notes that the running task called it: `yield*` must follow. */
  called(): this {
    theRunningTask(this.operation).pending = this.operation;
    return this;
  }

  [Symbol.iterator](): Iterator<void, T, void> {
    const task = runningTask();
    if (task) task.pending = undefined;
    return this;
  }

  /** The first call begins the wait; a second one comes when it is over. */
  next(): IteratorResult<void, T> {
    const task = theRunningTask(this.operation);
    if (!task.woken) return this.begin(task);
    task.woken = false;
    if (task.wokenError) throw task.wokenError;
    return finished(this.woken(task));
  }

  /** Finishes at once, or leaves waiters in queues and parks. */
  protected abstract begin(task: RunningTask): IteratorResult<void, T>;

  /** The result, once somebody has woken the task. */
  protected abstract woken(task: RunningTask): T;
}
