/** What every store of terms and votes does. */
import { expect } from "vitest";
import { isNotFound } from "../../../raft/errors.ts";
import type { StableStore } from "../../../raft/ports.ts";
import { type Clause, contract, type MakeSubject } from "./subject.ts";

export function stableStoreContract(
  name: string,
  make: MakeSubject<StableStore>,
): void {
  contract(`${name} keeps the contract of a stable store:`, clauses, make);
}

const clauses: readonly Clause<StableStore>[] = [
  {
    clause: "bytes that were never set are an error that says not found",
    *prove(store) {
      const value = yield* store.Get("key");
      expect(value).toBeInstanceOf(Error);
      expect(isNotFound(value as unknown as Error)).toBe(true);
    },
  },
  {
    clause: "a number that was never set is 0, or the same error",
    *prove(store) {
      const value = yield* store.GetUint64("key");
      const none = value instanceof Error ? isNotFound(value) : value === 0;
      expect(none).toBe(true);
    },
  },
  {
    clause: "bytes come back as they were set",
    *prove(store) {
      const value = Uint8Array.of(0, 1, 127, 128, 255);
      expect(yield* store.Set("key", value)).toBeUndefined();
      expect(yield* store.Get("key")).toEqual(value);
    },
  },
  {
    clause: "bytes that are set again replace the old ones",
    *prove(store) {
      yield* store.Set("key", Uint8Array.of(1, 2, 3));
      yield* store.Set("key", Uint8Array.of(4));
      expect(yield* store.Get("key")).toEqual(Uint8Array.of(4));
    },
  },
  {
    clause: "a number comes back as it was set, up to 53 bits of it",
    *prove(store) {
      for (const value of [1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
        expect(yield* store.SetUint64("key", value)).toBeUndefined();
        expect(yield* store.GetUint64("key")).toBe(value);
      }
    },
  },
  {
    clause: "a number may be set to 0 again",
    *prove(store) {
      yield* store.SetUint64("key", 5);
      yield* store.SetUint64("key", 0);
      expect(yield* store.GetUint64("key")).toBe(0);
    },
  },
  {
    clause: "keys do not touch one another",
    *prove(store) {
      yield* store.SetUint64("CurrentTerm", 5);
      yield* store.SetUint64("LastVoteTerm", 4);
      yield* store.Set("LastVoteCand", Uint8Array.of(9));
      yield* store.SetUint64("CurrentTerm", 6);
      expect(yield* store.GetUint64("CurrentTerm")).toBe(6);
      expect(yield* store.GetUint64("LastVoteTerm")).toBe(4);
      expect(yield* store.Get("LastVoteCand")).toEqual(Uint8Array.of(9));
    },
  },
];
