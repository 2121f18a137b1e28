/**
 * A log store and stable store that forget everything with the process.
 *
 * Modelled on HashiCorp Raft v1.1.1, inmem_store.go. MPL-2.0, see NOTICE.md.
 */

import { ErrKeyNotFound, ErrLogNotFound } from "./errors.ts";
import type { Log } from "./log.ts";
import type { LogStore, StableStore } from "./ports.ts";
import type { Task } from "./runtime/task.ts";

/** For tests and for a first try. Go: InmemStore, inmem_store.go */
export class InmemStore implements LogStore, StableStore {
  private low = 0;
  private high = 0;
  private readonly logs = new Map<number, Log>();
  private readonly values = new Map<string, Uint8Array>();
  private readonly numbers = new Map<string, number>();

  *FirstIndex(): Task<number> {
    return this.low;
  }

  *LastIndex(): Task<number> {
    return this.high;
  }

  *GetLog(index: number): Task<Log | Error> {
    return this.logs.get(index) ?? ErrLogNotFound;
  }

  *StoreLog(log: Log): Task<Error | undefined> {
    return yield* this.StoreLogs([log]);
  }

  *StoreLogs(logs: readonly Log[]): Task<Error | undefined> {
    for (const log of logs) {
      this.logs.set(log.index, log);
      if (this.low === 0) this.low = log.index;
      this.high = Math.max(this.high, log.index);
    }
    return undefined;
  }

  *DeleteRange(min: number, max: number): Task<Error | undefined> {
    for (let index = min; index <= max; index++) this.logs.delete(index);
    if (min <= this.low) this.low = max + 1;
    if (max >= this.high) this.high = min - 1;
    if (this.low > this.high) this.low = this.high = 0;
    return undefined;
  }

  *Set(key: string, value: Uint8Array): Task<Error | undefined> {
    this.values.set(key, value);
    return undefined;
  }

  *Get(key: string): Task<Uint8Array | Error> {
    return this.values.get(key) ?? ErrKeyNotFound;
  }

  *SetUint64(key: string, value: number): Task<Error | undefined> {
    this.numbers.set(key, value);
    return undefined;
  }

  *GetUint64(key: string): Task<number> {
    return this.numbers.get(key) ?? 0;
  }
}

/** Go: NewInmemStore, inmem_store.go */
export function NewInmemStore(): InmemStore {
  return new InmemStore();
}
