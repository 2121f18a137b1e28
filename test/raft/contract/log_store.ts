/**
 * What every log store does. Upstream has no such suite: each store of the
 * Go world brought its own tests.
 */
import { expect } from "vitest";
import { ErrLogNotFound } from "../../../raft/errors.ts";
import { type Log, LogType } from "../../../raft/log.ts";
import type { LogStore } from "../../../raft/ports.ts";
import type { Task } from "../../../raft/runtime/task.ts";
import { type Clause, contract, got, type MakeSubject } from "./subject.ts";

export function logStoreContract(
  name: string,
  make: MakeSubject<LogStore>,
): void {
  contract(`${name} keeps the contract of a log store:`, clauses, make);
}

function entry(index: number, term = 1): Log {
  const data = Uint8Array.of(index & 0xff, term);
  return { index, term, type: LogType.Command, data };
}

function entries(from: number, to: number, term = 1): Log[] {
  return Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, term));
}

function* range(store: LogStore): Task<[number, number]> {
  return [got(yield* store.FirstIndex()), got(yield* store.LastIndex())];
}

/** The terms of the entries from 1 to `to`; 0 where there is none. */
function* terms(store: LogStore, to: number): Task<number[]> {
  const found: number[] = [];
  for (let index = 1; index <= to; index++) {
    const log = yield* store.GetLog(index);
    found.push(log instanceof Error ? 0 : log.term);
  }
  return found;
}

const clauses: readonly Clause<LogStore>[] = [
  {
    clause: "an empty log begins and ends at 0",
    *prove(store) {
      expect(yield* range(store)).toEqual([0, 0]);
    },
  },
  {
    clause: "an entry that is not there is the very value ErrLogNotFound",
    *prove(store) {
      expect(yield* store.GetLog(1)).toBe(ErrLogNotFound);
      expect(yield* store.StoreLogs(entries(1, 3))).toBeUndefined();
      expect(yield* store.GetLog(0)).toBe(ErrLogNotFound);
      expect(yield* store.GetLog(4)).toBe(ErrLogNotFound);
    },
  },
  {
    clause: "an entry comes back with every field",
    *prove(store) {
      const log: Log = {
        index: 1,
        term: 7,
        type: LogType.Configuration,
        data: Uint8Array.of(0, 255, 128),
        extensions: Uint8Array.of(1, 2),
      };
      expect(yield* store.StoreLog(log)).toBeUndefined();
      expect(yield* store.GetLog(1)).toEqual(log);
    },
  },
  {
    clause: "an entry without extensions comes back without them",
    *prove(store) {
      yield* store.StoreLog(entry(1));
      expect(got(yield* store.GetLog(1)).extensions).toBeUndefined();
    },
  },
  {
    clause: "an entry without data comes back with no bytes",
    *prove(store) {
      yield* store.StoreLog({ ...entry(1), data: new Uint8Array() });
      expect(got(yield* store.GetLog(1)).data).toEqual(new Uint8Array());
    },
  },
  {
    clause: "many entries are stored by one call, in order",
    *prove(store) {
      expect(yield* store.StoreLogs(entries(1, 5))).toBeUndefined();
      expect(yield* range(store)).toEqual([1, 5]);
      expect(yield* terms(store, 6)).toEqual([1, 1, 1, 1, 1, 0]);
    },
  },
  {
    clause: "storing nothing changes nothing",
    *prove(store) {
      yield* store.StoreLogs(entries(1, 2));
      expect(yield* store.StoreLogs([])).toBeUndefined();
      expect(yield* range(store)).toEqual([1, 2]);
    },
  },
  {
    clause: "a later call goes on where the one before it ended",
    *prove(store) {
      yield* store.StoreLogs(entries(1, 2));
      yield* store.StoreLog(entry(3, 2));
      expect(yield* range(store)).toEqual([1, 3]);
      expect(yield* terms(store, 3)).toEqual([1, 1, 2]);
    },
  },
  {
    clause: "an entry replaces the one that stood at its index",
    *prove(store) {
      yield* store.StoreLogs(entries(1, 3));
      yield* store.StoreLog(entry(2, 9));
      expect(yield* range(store)).toEqual([1, 3]);
      expect(yield* terms(store, 3)).toEqual([1, 9, 1]);
    },
  },
  {
    clause: "a log may begin anywhere, as behind a snapshot",
    *prove(store) {
      yield* store.StoreLogs(entries(100, 103));
      expect(yield* range(store)).toEqual([100, 103]);
      expect(yield* store.GetLog(99)).toBe(ErrLogNotFound);
    },
  },
  {
    clause: "an index may need more than 32 bits",
    *prove(store) {
      const far = 2 ** 40;
      yield* store.StoreLogs([entry(far, far), entry(far + 1, far)]);
      expect(yield* range(store)).toEqual([far, far + 1]);
      expect(got(yield* store.GetLog(far)).term).toBe(far);
    },
  },
  {
    clause: "a deleted tail is gone, both its ends included",
    *prove(store) {
      yield* store.StoreLogs(entries(1, 5));
      expect(yield* store.DeleteRange(3, 5)).toBeUndefined();
      expect(yield* range(store)).toEqual([1, 2]);
      expect(yield* terms(store, 5)).toEqual([1, 1, 0, 0, 0]);
      expect(yield* store.GetLog(3)).toBe(ErrLogNotFound);
    },
  },
  {
    clause: "a deleted head is gone, both its ends included",
    *prove(store) {
      yield* store.StoreLogs(entries(1, 5));
      expect(yield* store.DeleteRange(1, 3)).toBeUndefined();
      expect(yield* range(store)).toEqual([4, 5]);
      expect(yield* terms(store, 5)).toEqual([0, 0, 0, 1, 1]);
    },
  },
  {
    clause: "one entry may be left",
    *prove(store) {
      yield* store.StoreLogs(entries(1, 3));
      yield* store.DeleteRange(2, 3);
      expect(yield* range(store)).toEqual([1, 1]);
      yield* store.StoreLogs(entries(2, 3));
      yield* store.DeleteRange(1, 2);
      expect(yield* range(store)).toEqual([3, 3]);
    },
  },
  {
    clause: "one entry can be deleted: from its index to its index",
    *prove(store) {
      yield* store.StoreLogs(entries(1, 3));
      yield* store.DeleteRange(3, 3);
      expect(yield* range(store)).toEqual([1, 2]);
    },
  },
  {
    clause: "a log that has lost every entry is empty",
    *prove(store) {
      yield* store.StoreLogs(entries(1, 5));
      yield* store.DeleteRange(1, 5);
      expect(yield* range(store)).toEqual([0, 0]);
    },
  },
  {
    clause: "a range may reach past the end of the log",
    *prove(store) {
      yield* store.StoreLogs(entries(1, 5));
      yield* store.DeleteRange(4, 9);
      expect(yield* range(store)).toEqual([1, 3]);
    },
  },
  {
    clause: "new entries follow where a tail was deleted",
    *prove(store) {
      yield* store.StoreLogs(entries(1, 5, 1));
      yield* store.DeleteRange(3, 5);
      yield* store.StoreLogs(entries(3, 4, 2));
      expect(yield* range(store)).toEqual([1, 4]);
      expect(yield* terms(store, 5)).toEqual([1, 1, 2, 2, 0]);
    },
  },
  {
    clause: "an emptied log may begin again further on",
    *prove(store) {
      yield* store.StoreLogs(entries(1, 5));
      yield* store.DeleteRange(1, 5);
      yield* store.StoreLog(entry(20, 2));
      expect(yield* range(store)).toEqual([20, 20]);
    },
  },
];
