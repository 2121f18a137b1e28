/**
 * Waits for the end of several tasks: Go's sync.WaitGroup.
 */

import { Channel } from "./channel.ts";
import type { Task } from "./task.ts";

export class WaitGroup {
  private running = 0;
  private readonly waiting: Channel<void>[] = [];

  /** Counts `body` as one of the group from now on, until it has ended. */
  counted<T>(body: Task<T>): Task<T> {
    this.running++;
    return this.countOut(body);
  }

  /** A crash drops a task uncounted, and nobody waits any more. */
  private *countOut<T>(body: Task<T>): Task<T> {
    try {
      return yield* body;
    } finally {
      this.running--;
      if (this.running === 0) {
        for (const done of this.waiting.splice(0)) done.close();
      }
    }
  }

  /** Parks until no task of the group is left. */
  *wait(): Task<void> {
    if (this.running === 0) return;
    const done = new Channel<void>("group");
    this.waiting.push(done);
    yield* done.receive();
  }
}
