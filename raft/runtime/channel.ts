/**
 * Channels, with Go's rules: an unbuffered channel hands a value from a
 * parked sender to a parked receiver; a buffered one keeps up to `capacity`
 * values; a closed one gives its zero value for ever; `undefined` in place of
 * a channel is Go's nil channel, which is never ready.
 *
 * A channel never runs anybody: it moves values and makes tasks ready.
 */

import {
  type Op,
  passed,
  type RunningTask,
  type Waiter,
  WaitQueue,
  wake,
} from "./task.ts";
import { finished, PARKED, Wait } from "./wait.ts";

/** What a task can receive from: a channel or a timer. */
export interface Source<T> {
  /** The tasks that wait for the next value. */
  readonly receivers: WaitQueue;
  canReceive(): boolean;
  /** Takes the value. Only after `canReceive` said yes, in the same turn. */
  take(): T;
}

export class Channel<T> implements Source<T> {
  readonly name: string;
  readonly capacity: number;
  readonly receivers: WaitQueue;
  readonly senders: WaitQueue;
  closed = false;
  private readonly receiving: Receive<T>;
  private readonly sending: Send<T>;
  private readonly zero: T | undefined;
  private readonly buffer: T[] = [];
  /** Where the oldest value stands in the ring `buffer`. */
  private oldest = 0;
  private held = 0;

  /** `zero` is what receivers get once the channel is closed. */
  constructor(name: string, capacity = 0, zero?: T) {
    this.name = name;
    this.capacity = capacity;
    this.zero = zero;
    this.receivers = new WaitQueue(`receive ${name}`);
    this.senders = new WaitQueue(`send ${name}`);
    this.receiving = new Receive(this);
    this.sending = new Send(this);
  }

  /** How many values wait in the buffer. */
  get length(): number {
    return this.held;
  }

  /** The buffered values, oldest first. */
  values(): T[] {
    return Array.from(
      { length: this.held },
      (_, i) => this.buffer[(this.oldest + i) % this.capacity] as T,
    );
  }

  /** Receives the next value; parks while there is none. */
  receive(): Op<T> {
    return this.receiving.called();
  }

  /** Sends a value; parks until a receiver or the buffer takes it. */
  send(value: T): Op<void> {
    return this.sending.offer(value);
  }

  /** Receives if that is possible now. The value comes wrapped. */
  tryReceive(): { readonly value: T } | undefined {
    return this.canReceive() ? { value: this.take() } : undefined;
  }

  /** Sends if that is possible now: `select` with an empty `default` in Go. */
  trySend(value: T): boolean {
    if (!this.canSend()) return false;
    this.put(value);
    return true;
  }

  /** Closes the channel and wakes everybody: receivers with the zero value. */
  close(): void {
    if (this.closed) throw new Error(`close of closed channel ${this.name}`);
    this.closed = true;
    passed("close", this.name, this.zero);
    while (this.receivers.head) wake(this.receivers.head, this.zero);
    while (this.senders.head) {
      wake(this.senders.head, undefined, sendOnClosed(this.name));
    }
  }

  canReceive(): boolean {
    return this.held > 0 || this.senders.head !== undefined || this.closed;
  }

  take(): T {
    if (this.held > 0) {
      const value = this.buffer[this.oldest] as T;
      this.buffer[this.oldest] = undefined as T;
      this.oldest = (this.oldest + 1) % this.capacity;
      this.held--;
      passed("receive", this.name, value);
      const sender = this.senders.head;
      if (sender) this.keep(takeFrom<T>(sender));
      return value;
    }
    const sender = this.senders.head;
    if (sender) passed("receive", this.name, sender.value, sender.task);
    return sender ? takeFrom<T>(sender) : (this.zero as T);
  }

  canSend(): boolean {
    if (this.closed) throw sendOnClosed(this.name);
    return this.receivers.head !== undefined || this.held < this.capacity;
  }

  /** Hands the value over. Only after `canSend` said yes, in the same turn. */
  put(value: T): void {
    const receiver = this.receivers.head;
    passed("send", this.name, value, receiver?.task);
    if (receiver) wake(receiver, value);
    else this.keep(value);
  }

  private keep(value: T): void {
    this.buffer[(this.oldest + this.held) % this.capacity] = value;
    this.held++;
  }
}

/** `yield* source.receive()` */
export class Receive<T> extends Wait<T> {
  private readonly source: Source<T>;

  constructor(source: Source<T>) {
    super(source.receivers.operation);
    this.source = source;
  }

  protected begin(task: RunningTask): IteratorResult<void, T> {
    if (this.source.canReceive()) return finished(this.source.take());
    task.waitIn(this.source.receivers, "");
    return PARKED;
  }

  protected woken(task: RunningTask): T {
    return task.wokenWith as T;
  }
}

/** `yield* channel.send(value)` */
class Send<T> extends Wait<void> {
  private readonly channel: Channel<T>;
  /** The value, from the call of `send` to the `yield*` around it. */
  private offered: T | undefined;

  constructor(channel: Channel<T>) {
    super(channel.senders.operation);
    this.channel = channel;
  }

  offer(value: T): this {
    this.called();
    this.offered = value;
    return this;
  }

  protected begin(task: RunningTask): IteratorResult<void, void> {
    const value = this.offered as T;
    this.offered = undefined;
    if (this.channel.trySend(value)) return finished(undefined);
    task.waitIn(this.channel.senders, "", value);
    return PARKED;
  }

  protected woken(): void {}
}

function takeFrom<T>(sender: Waiter): T {
  const value = sender.value as T;
  wake(sender, undefined);
  return value;
}

function sendOnClosed(name: string): Error {
  return new Error(`send on closed channel ${name}`);
}
