/**
 * What the three ways to wait have in common: receive, send, select.
 *
 * Such an operation is its own iterator, and when it is finished its own
 * result, so that `yield*` on it costs one small object and no generator.
 */

import { type Op, type RunningTask, theRunningTask } from "./task.ts";

const PARKED: IteratorYieldResult<void> = { done: false, value: undefined };

export abstract class Wait<T> implements Op<T>, IteratorReturnResult<T> {
  readonly done = true;
  value!: T;
  protected readonly task: RunningTask;
  private parked = false;

  constructor(operation: string) {
    this.task = theRunningTask(operation);
    this.task.pending = operation;
  }

  [Symbol.iterator](): Iterator<void, T, void> {
    this.task.pending = undefined;
    return this;
  }

  next(): IteratorResult<void, T> {
    if (this.parked) {
      if (this.task.wokenError) throw this.task.wokenError;
      this.value = this.woken(this.task);
      return this;
    }
    if (this.begin(this.task)) return this;
    this.parked = true;
    return PARKED;
  }

  /** Sets `value` and says true, or leaves waiters and says false: park. */
  protected abstract begin(task: RunningTask): boolean;

  /** The result, once somebody has woken the task. */
  protected abstract woken(task: RunningTask): T;
}
