/**
 * What happened, one event a line, in an order that the seed alone decides.
 *
 * The lines are for people and for diffs; the hash says whether two runs were
 * the same without keeping them.
 */

import { hash32 } from "../runtime/random.ts";

export class Trace {
  /** The lines, if they are kept. */
  readonly lines: string[] = [];
  count = 0;
  private readonly keep: boolean;
  private digest = hash32("");

  constructor(keep: boolean) {
    this.keep = keep;
  }

  /** `   1043.271 s2  Follower -> Candidate` */
  add(timeMs: number, who: string, what: string): void {
    this.count++;
    this.digest = hash32(what, hash32(who, this.digest ^ (1000 * timeMs)));
    if (!this.keep) return;
    const line = `${timeMs.toFixed(3).padStart(12)} ${who.padEnd(3)} ${what}`;
    this.lines.push(line);
  }

  /** Eight hexadecimal digits over everything so far. */
  get hash(): string {
    return this.digest.toString(16).padStart(8, "0");
  }
}
