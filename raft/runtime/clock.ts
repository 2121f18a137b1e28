/**
 * Clocks, and the timers that stand on them.
 *
 * A clock knows the time and calls back at a later one. A timer is a deadline
 * and nothing else until somebody waits for it: it arms the clock when the
 * first task waits and disarms it when the last one has left, so a timer that
 * lost its select leaves nothing behind (Go's `time.After` leaks until then).
 */

import { Receive, type Source } from "./channel.ts";
import { type Op, type QueueWatcher, WaitQueue, wake } from "./task.ts";

/** Times and durations are milliseconds; a time counts from an unnamed zero. */
export interface Clock {
  now(): number;
  /** Calls `act` at `time`, once. The answer calls it off. */
  at(time: number, act: () => void): () => void;
}

/** One alarm: like the channel of `time.After`, it is received from once. */
export class Timer implements Source<void>, QueueWatcher {
  readonly deadline: number;
  readonly receivers: WaitQueue;
  private readonly clock: Clock;
  private spent = false;
  private disarm: (() => void) | undefined;

  constructor(clock: Clock, delayMs: number, name = "timer") {
    this.clock = clock;
    this.deadline = clock.now() + delayMs;
    this.receivers = new WaitQueue(`receive ${name}`, this);
  }

  receive(): Op<void> {
    return new Receive(this).called();
  }

  canReceive(): boolean {
    return !this.spent && this.clock.now() >= this.deadline;
  }

  take(): void {
    this.spent = true;
  }

  waited(): void {
    if (this.spent) return;
    this.disarm = this.clock.at(this.deadline, () => this.ring());
  }

  abandoned(): void {
    this.disarm?.();
    this.disarm = undefined;
  }

  private ring(): void {
    const waiter = this.receivers.head;
    if (!waiter) return;
    this.spent = true;
    wake(waiter, undefined);
  }
}

interface Alarm {
  readonly time: number;
  readonly order: number;
  act: (() => void) | undefined;
}

/** Time that stands still until it is told to go on. */
export class VirtualClock implements Clock {
  private time = 0;
  private made = 0;
  /** A binary heap: the earliest alarm first, equal ones in order of making. */
  private readonly heap: Alarm[] = [];

  now(): number {
    return this.time;
  }

  at(time: number, act: () => void): () => void {
    const alarm: Alarm = {
      time: Math.max(time, this.time),
      order: this.made++,
      act,
    };
    this.heap.push(alarm);
    this.siftUp(this.heap.length - 1);
    return () => {
      alarm.act = undefined;
    };
  }

  /** The time of the next alarm, or undefined when nothing is to come. */
  next(): number | undefined {
    while (this.heap[0] && !this.heap[0].act) this.pop();
    return this.heap[0]?.time;
  }

  /** Goes on to the next alarm and acts on it. False: nothing is to come. */
  step(): boolean {
    if (this.next() === undefined) return false;
    const alarm = this.pop();
    this.time = alarm.time;
    const act = alarm.act as () => void;
    alarm.act = undefined;
    act();
    return true;
  }

  /** Moves the time where no alarm lies between. */
  advanceTo(time: number): void {
    const next = this.next();
    if (next !== undefined && next < time) {
      throw new Error(`an alarm at ${next} ms lies before ${time} ms`);
    }
    this.time = Math.max(this.time, time);
  }

  private pop(): Alarm {
    const first = this.heap[0] as Alarm;
    const last = this.heap.pop() as Alarm;
    if (last !== first) {
      this.heap[0] = last;
      this.siftDown(0);
    }
    return first;
  }

  private siftUp(index: number): void {
    const { heap } = this;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(heap[index] as Alarm, heap[parent] as Alarm)) return;
      this.swap(index, parent);
      index = parent;
    }
  }

  private siftDown(index: number): void {
    const { heap } = this;
    for (;;) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        const alarm = heap[child];
        if (alarm && before(alarm, heap[least] as Alarm)) least = child;
      }
      if (least === index) return;
      this.swap(index, least);
      index = least;
    }
  }

  private swap(i: number, j: number): void {
    const { heap } = this;
    [heap[i], heap[j]] = [heap[j] as Alarm, heap[i] as Alarm];
  }
}

function before(a: Alarm, b: Alarm): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
