/**
 * Answers that come later. The public calls return a future at once; the main
 * task, or the state machine's, answers it once.
 *
 * A task waits with `yield* future.wait()`; a program outside asks for
 * `future.promise()`.
 *
 * Modelled on HashiCorp Raft v1.1.1, future.go. MPL-2.0, see NOTICE.md.
 */

import type { Configuration } from "./configuration.ts";
import { type Log, LogType } from "./log.ts";
import { Channel } from "./runtime/channel.ts";
import type { Task } from "./runtime/task.ts";

/** An answer to come: an error, or none. Go: Future, future.go */
export interface Future {
  readonly responded: boolean;
  readonly failed: boolean;
  /** Parks until it is answered; the error, or `undefined` for success. */
  wait(): Task<Error | undefined>;
  /** The same for code outside tasks: rejects with the error. */
  promise(): Promise<void>;
}

/** The future of an entry of the log. Go: IndexFuture, future.go */
export interface IndexFuture extends Future {
  /** The index of the entry. Only after a successful wait. */
  Index(): number;
}

/** The future of `Apply`. Go: ApplyFuture, future.go */
export interface ApplyFuture extends IndexFuture {
  /** What the state machine returned. Only after a successful wait. */
  Response(): unknown;
}

/**
 * A future that is answered once; every later answer is ignored.
 *
 * Go: deferError, future.go
 * Differs: any number of tasks may wait; upstream allows one at a time.
 */
export class DeferError implements Future {
  private readonly answered = new Channel<void>("future");
  private error: Error | undefined;
  private readonly listeners: (() => void)[] = [];

  get responded(): boolean {
    return this.answered.closed;
  }

  /** Whether it was answered with an error. */
  get failed(): boolean {
    return this.error !== undefined;
  }

  /** Go: (*deferError).Error, future.go */
  *wait(): Task<Error | undefined> {
    if (!this.responded) yield* this.answered.receive();
    return this.error;
  }

  promise(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => (this.error ? reject(this.error) : resolve());
      if (this.responded) settle();
      else this.listeners.push(settle);
    });
  }

  /** Answers. Go: (*deferError).respond, future.go */
  respond(error: Error | undefined): void {
    if (this.responded) return;
    this.error = error;
    this.answered.close();
    for (const tell of this.listeners.splice(0)) tell();
  }
}

/**
 * An entry on its way into the log, and the caller who waits for it.
 *
 * Go: logFuture, future.go
 */
export class LogFuture extends DeferError implements ApplyFuture {
  readonly type: LogType;
  readonly data: Uint8Array;
  readonly extensions: Uint8Array | undefined;
  /** The entry, once the leader has given it index and term. */
  log: Log | undefined;
  /** When the leader took it, in milliseconds of its clock. */
  dispatch = 0;
  response: unknown;

  constructor(
    type: LogType,
    data: Uint8Array = new Uint8Array(),
    extensions?: Uint8Array,
  ) {
    super();
    this.type = type;
    this.data = data;
    this.extensions = extensions;
  }

  /** Makes the entry of this future at its place in the log. Go: none. */
  place(index: number, term: number): Log {
    const { type, data, extensions } = this;
    this.log = { index, term, type, data, ...(extensions && { extensions }) };
    return this.log;
  }

  /** Go: (*logFuture).Index, future.go */
  Index(): number {
    return this.log?.index ?? 0;
  }

  /** Go: (*logFuture).Response, future.go */
  Response(): unknown {
    return this.response;
  }
}

/** The entry that opens a leader's term. Go: none, a literal in runLeader. */
export function noopFuture(): LogFuture {
  return new LogFuture(LogType.Noop);
}

/**
 * A question to the leader: are you still the leader? It counts the voters who
 * say so, and itself.
 *
 * Go: verifyFuture, future.go · Paper: thesis §6.4
 */
export class VerifyFuture extends DeferError {
  /** How many are needed; 0 until the leader loop has taken the question. */
  quorumSize = 0;
  votes = 0;
  private decided = false;

  /**
   * A follower's word. A majority decides for, the first "no" against. True
   * says: it is decided, by this word.
   *
   * Go: (*verifyFuture).vote, future.go
   */
  vote(leader: boolean): boolean {
    if (this.decided) return false;
    if (leader) this.votes++;
    if (leader && this.votes < this.quorumSize) return false;
    this.decided = true;
    return true;
  }
}

/** A request to bootstrap a running server. Go: bootstrapFuture, future.go */
export class BootstrapFuture extends DeferError {
  readonly configuration: Configuration;

  constructor(configuration: Configuration) {
    super();
    this.configuration = configuration;
  }
}
