/**
 * One server's own clock: it runs a little fast or slow, and what it is to
 * ring may come late, as on a machine that is short of time.
 *
 * It never goes back: Go's clock for timers is monotonic as well.
 */

import type { Clock } from "../runtime/clock.ts";
import type { Random } from "../runtime/random.ts";

export class ServerClock implements Clock {
  /** How many of its milliseconds pass in one of the world's. */
  readonly rate: number;
  /** How likely an alarm is late, and by how much at most. */
  late = { rate: 0, mostMs: 0 };
  /** Some alarm is late until then, by the clock of the world. */
  lateUntilMs = 0;
  private readonly world: Clock;
  private readonly random: Random;

  constructor(world: Clock, random: Random, rate = 1) {
    this.world = world;
    this.random = random;
    this.rate = rate;
  }

  now(): number {
    return this.world.now() * this.rate;
  }

  at(time: number, act: () => void): () => void {
    return this.world.at(this.delayed(time / this.rate), act);
  }

  private delayed(atMs: number): number {
    const { rate, mostMs } = this.late;
    if (rate === 0 || !this.random.chance(rate)) return atMs;
    const lateMs = Math.max(atMs, this.world.now()) + this.random.int(mostMs);
    this.lateUntilMs = Math.max(this.lateUntilMs, lateMs);
    return lateMs;
  }
}
