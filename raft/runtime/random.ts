/**
 * Seeded randomness: the same seed gives the same numbers in every JavaScript
 * engine, because only integer operations and one exact division are used.
 *
 * A world splits its seed into named streams, so that one more draw by the
 * network changes nothing for the scheduler or for a server's timers.
 */

const TWO_TO_THE_32 = 4294967296;

/** A 32-bit hash of a text (FNV-1a). Used for stream names and trace hashes. */
export function hash32(text: string, basis = 0x811c9dc5): number {
  let hash = basis;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** A stream of random numbers: Chris Doty-Humphrey's sfc32 generator. */
export class Random {
  readonly seed: number;
  private a: number;
  private b: number;
  private c = 0;
  private counter = 1;

  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.a = this.seed;
    this.b = Math.imul(this.seed, 0x9e3779b9) | 0;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** An independent stream for one purpose, named by that purpose. */
  stream(name: string): Random {
    return new Random(hash32(name, hash32(String(this.seed))));
  }

  /** A whole number from 0 up to 2³². */
  uint32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A number in [0, 1). */
  float(): number {
    return this.uint32() / TWO_TO_THE_32;
  }

  /**
   * A whole number in [0, below). `below` is at least 1. What the number is
   * for makes no difference here; a scenario may fix a draw by its purpose.
   */
  int(below: number, _purpose?: string): number {
    return Math.floor(this.float() * below);
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.float() < p;
  }

  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error("pick from an empty list");
    return list[this.int(list.length)] as T;
  }

  /** A copy of the list in random order. */
  shuffle<T>(list: readonly T[]): T[] {
    const copy = [...list];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
    }
    return copy;
  }
}
