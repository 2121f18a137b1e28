/**
 * A server's disk: it outlives the server.
 *
 * A write takes time, and counts only when it is done. A crash in between
 * leaves nothing of it, all of it, or the first entries of it, as the seed
 * decides; so an entry can be on the disk though nobody was ever told.
 */

import { ErrKeyNotFound, ErrLogNotFound } from "../errors.ts";
import type { Log } from "../log.ts";
import type { LogStore, StableStore } from "../ports.ts";
import { Channel } from "../runtime/channel.ts";
import type { Clock } from "../runtime/clock.ts";
import { hash32, type Random } from "../runtime/random.ts";
import type { Task } from "../runtime/task.ts";

export interface DiskOptions {
  /** Shortest and longest time of one write, in milliseconds. */
  writeMs: readonly [number, number];
  /** How likely a write fails and changes nothing. */
  errorRate: number;
}

/** One write, in the words of a trace. */
export type DiskWrite =
  | { readonly kind: "store"; readonly logs: readonly Log[] }
  | { readonly kind: "delete"; readonly min: number; readonly max: number }
  | { readonly kind: "set"; readonly key: string; readonly value: Value };

type Value = Uint8Array | number;

/** Told of every write when it is durable. */
export type DiskWatcher = (write: DiskWrite) => void;

/** Which writes fail: any, those of one kind, or what is stored after a cut. */
export type Failing = DiskWrite["kind"] | "any" | "store after delete";

interface Pending {
  readonly write: DiskWrite;
  readonly fails: boolean;
  readonly cancel: () => void;
}

export class Disk implements LogStore, StableStore {
  options: DiskOptions;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly watcher: DiskWatcher;
  private readonly logs = new Map<number, Log>();
  /** For each entry a hash of it and of everything before it. */
  private readonly chain = new Map<number, number>();
  private readonly values = new Map<string, Value>();
  private first = 0;
  private last = 0;
  private readonly pending = new Set<Pending>();
  private failures = 0;
  private failing: Failing = "any";
  private lastWrite: DiskWrite["kind"] | undefined;
  /** How many writes from now something happens in the middle of one. */
  private interruptIn = 0;
  private interrupt: (() => void) | undefined;
  /** Called when a write has failed, before whoever asked for it knows. */
  onFailure: (() => void) | undefined;

  constructor(
    options: DiskOptions,
    clock: Clock,
    random: Random,
    watcher: DiskWatcher,
  ) {
    this.options = options;
    this.clock = clock;
    this.random = random;
    this.watcher = watcher;
  }

  // What an observer outside may look at without waiting.

  get lastIndex(): number {
    return this.last;
  }

  get firstIndex(): number {
    return this.first;
  }

  /** Whether a write has begun and is not done. */
  get busy(): boolean {
    return this.pending.size > 0;
  }

  entry(index: number): Log | undefined {
    return this.logs.get(index);
  }

  /** The hash of the log up to and with `index`; 0 before the first entry. */
  chainAt(index: number): number | undefined {
    return index === 0 ? 0 : this.chain.get(index);
  }

  number(key: string): number {
    return (this.values.get(key) as number | undefined) ?? 0;
  }

  bytes(key: string): Uint8Array | undefined {
    return this.values.get(key) as Uint8Array | undefined;
  }

  /** What is on the disk before the server is started. */
  preset(values: Readonly<Record<string, Value>>, logs: readonly Log[]): void {
    for (const [key, value] of Object.entries(values)) {
      this.commit({ kind: "set", key, value });
    }
    this.commit({ kind: "store", logs });
  }

  /** The next `count` writes of that kind fail and change nothing. */
  failNext(count: number, failing: Failing = "any"): void {
    this.failures = count;
    this.failing = failing;
  }

  /** While the `count`th write from now is under way, `act` is called. */
  interruptWrite(count: number, act: (() => void) | undefined): void {
    this.interruptIn = count;
    this.interrupt = act;
  }

  /** The server has crashed: decides what is left of writes under way. */
  crash(): void {
    for (const { write, fails, cancel } of this.pending) {
      cancel();
      if (fails) continue;
      if (write.kind === "store") {
        const kept = this.random.int(write.logs.length + 1);
        if (kept > 0) {
          this.commit({ kind: "store", logs: write.logs.slice(0, kept) });
        }
      } else if (this.random.chance(0.5)) this.commit(write);
    }
    this.pending.clear();
  }

  // The stores that the server is given.

  *FirstIndex(): Task<number> {
    return this.first;
  }

  *LastIndex(): Task<number> {
    return this.last;
  }

  *GetLog(index: number): Task<Log | Error> {
    return this.logs.get(index) ?? ErrLogNotFound;
  }

  *StoreLog(log: Log): Task<Error | undefined> {
    return yield* this.StoreLogs([log]);
  }

  *StoreLogs(logs: readonly Log[]): Task<Error | undefined> {
    return yield* this.write({ kind: "store", logs });
  }

  *DeleteRange(min: number, max: number): Task<Error | undefined> {
    return yield* this.write({ kind: "delete", min, max });
  }

  *Set(key: string, value: Uint8Array): Task<Error | undefined> {
    return yield* this.write({ kind: "set", key, value });
  }

  *Get(key: string): Task<Uint8Array | Error> {
    return this.bytes(key) ?? ErrKeyNotFound;
  }

  *SetUint64(key: string, value: number): Task<Error | undefined> {
    return yield* this.write({ kind: "set", key, value });
  }

  *GetUint64(key: string): Task<number> {
    return this.number(key);
  }

  private *write(write: DiskWrite): Task<Error | undefined> {
    const failsNow = this.failsNow(write);
    const fails = failsNow || this.random.chance(this.options.errorRate);
    if (failsNow) this.failures--;
    this.lastWrite = write.kind;
    const done = new Channel<void>("disk", 1);
    const [least, most] = this.options.writeMs;
    const delay = least + this.random.int((most - least) * 1000 + 1) / 1000;
    const pending = {
      write,
      fails,
      cancel: this.clock.at(this.clock.now() + delay, () => {
        this.pending.delete(pending);
        if (fails) this.onFailure?.();
        else this.commit(write);
        done.trySend(undefined);
      }),
    };
    this.pending.add(pending);
    this.interruptWithin(delay);
    yield* done.receive();
    return fails ? new Error("disk: write failed") : undefined;
  }

  private failsNow({ kind }: DiskWrite): boolean {
    if (this.failures === 0) return false;
    if (this.failing === "any" || this.failing === kind) return true;
    const afterDelete = kind === "store" && this.lastWrite === "delete";
    return this.failing === "store after delete" && afterDelete;
  }

  private interruptWithin(delayMs: number): void {
    const act = this.interrupt;
    if (!act || --this.interruptIn > 0) return;
    this.interrupt = undefined;
    const at = this.clock.now() + this.random.float() * delayMs;
    this.clock.at(at, act);
  }

  /** The write is durable from here on. */
  private commit(write: DiskWrite): void {
    if (write.kind === "store") this.store(write.logs);
    else if (write.kind === "delete") this.delete(write.min, write.max);
    else this.values.set(write.key, write.value);
    this.watcher(write);
  }

  private store(logs: readonly Log[]): void {
    for (const log of logs) {
      this.logs.set(log.index, log);
      const before = this.chain.get(log.index - 1) ?? 0;
      this.chain.set(log.index, entryHash(log, before));
      if (this.first === 0) this.first = log.index;
      this.last = Math.max(this.last, log.index);
    }
  }

  private delete(min: number, max: number): void {
    for (let index = min; index <= max; index++) {
      this.logs.delete(index);
      this.chain.delete(index);
    }
    if (min <= this.first) this.first = max + 1;
    if (max >= this.last) this.last = min - 1;
    if (this.first > this.last) this.first = this.last = 0;
  }
}

/** A hash of an entry and, by `before`, of everything before it. */
function entryHash(log: Log, before: number): number {
  let hash = hash32(
    `${log.index} ${log.term} ${log.type}`,
    before ^ 0x5bd1e995,
  );
  for (const byte of log.data) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
