/**
 * Keeps the newest entries in memory, in front of a log store: replication
 * reads each new entry once for every follower.
 *
 * A ring: an entry has its slot by its index, and a slot counts only for the
 * entry that is in it.
 *
 * Modelled on HashiCorp Raft v1.1.1, log_cache.go. MPL-2.0, see NOTICE.md.
 */

import type { Log } from "./log.ts";
import type { LogStore } from "./ports.ts";
import type { Task } from "./runtime/task.ts";

/** How a cache stores entries: which comes first, cache or disk. Go: none. */
export type CacheStoreLogs = (
  cache: LogCache,
  logs: readonly Log[],
) => Task<Error | undefined>;

/** Go: LogCache, log_cache.go */
export class LogCache implements LogStore {
  readonly store: LogStore;
  /** Which comes first, cache or disk. NewRaft may replace it. */
  storeLogs: CacheStoreLogs = storeThenKeep;
  private readonly capacity: number;
  private slots: (Log | undefined)[] = [];

  constructor(capacity: number, store: LogStore) {
    if (capacity <= 0) throw new Error("capacity must be positive");
    this.capacity = capacity;
    this.store = store;
  }

  /** Puts entries into their slots. */
  keep(logs: readonly Log[]): void {
    for (const log of logs) this.slots[log.index % this.capacity] = log;
  }

  *FirstIndex(): Task<number | Error> {
    return yield* this.store.FirstIndex();
  }

  *LastIndex(): Task<number | Error> {
    return yield* this.store.LastIndex();
  }

  *GetLog(index: number): Task<Log | Error> {
    const cached = this.slots[index % this.capacity];
    if (cached?.index === index) return cached;
    return yield* this.store.GetLog(index);
  }

  *StoreLog(log: Log): Task<Error | undefined> {
    return yield* this.StoreLogs([log]);
  }

  *StoreLogs(logs: readonly Log[]): Task<Error | undefined> {
    return yield* this.storeLogs(this, logs);
  }

  /** Empties the cache first: nothing deleted may be read from it. */
  *DeleteRange(min: number, max: number): Task<Error | undefined> {
    this.slots = [];
    return yield* this.store.DeleteRange(min, max);
  }
}

/**
 * Writes, and only what is written may be read from the cache.
 *
 * Go: (*LogCache).StoreLogs, log_cache.go
 * Differs: v1.1.1 fills the cache first, so an entry whose write failed can be
 * read back (upstream #460).
 */
export function* storeThenKeep(
  cache: LogCache,
  logs: readonly Log[],
): Task<Error | undefined> {
  const error = yield* cache.store.StoreLogs(logs);
  if (!error) cache.keep(logs);
  return error;
}

/** Go: NewLogCache, log_cache.go */
export function NewLogCache(capacity: number, store: LogStore): LogCache {
  return new LogCache(capacity, store);
}
