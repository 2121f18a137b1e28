/**
 * The snapshot store in memory: upstream's inmem_snapshot_test.go under its
 * names. What it shares with every other store is in contract.test.ts.
 */
import { describe, expect, test } from "vitest";
import { NewInmemSnapshotStore, readerOf } from "../../raft/inmem_snapshot.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { encodeText } from "../../raft/util.ts";
import { readAll } from "./contract/snapshot_store.ts";
import { got } from "./contract/subject.ts";
import { voters } from "./servers.ts";
import { virtualTime } from "./virtual.ts";

describe("InmemSnapshotStore", () => {
  // Upstream lists a snapshot as soon as it is begun; ours once it is closed.
  test("TestInmemSS_CreateSnapshot: is listed once closed, and reads back equal", () => {
    const store = NewInmemSnapshotStore();
    function* create(): Task<void> {
      expect(yield* store.List()).toEqual([]);
      const sink = got(yield* store.Create(1, 10, 3, voters(1), 2));
      expect(yield* store.List()).toEqual([]);
      yield* sink.Write(encodeText("first\n"));
      yield* sink.Write(encodeText("second\n"));
      yield* sink.Close();

      const snapshots = yield* store.List();
      expect(snapshots).toHaveLength(1);
      expect(snapshots[0]).toMatchObject({
        index: 10,
        term: 3,
        configuration: voters(1),
        configurationIndex: 2,
        size: 13,
      });
      const { source } = got(yield* store.Open(sink.ID()));
      expect(yield* readAll(source)).toBe("first\nsecond\n");
      expect(yield* source.Close()).toBeUndefined();
    }
    virtualTime().run(create());
  });

  test("TestInmemSS_OpenSnapshotTwice: gives the same bytes each time", () => {
    const store = NewInmemSnapshotStore();
    function* openTwice(): Task<void> {
      const sink = got(yield* store.Create(1, 10, 3, voters(1), 2));
      yield* sink.Write(encodeText("data\n"));
      yield* sink.Close();
      for (let time = 1; time <= 2; time++) {
        const { source } = got(yield* store.Open(sink.ID()));
        expect(yield* readAll(source)).toBe("data\n");
        yield* source.Close();
      }
    }
    virtualTime().run(openTwice());
  });

  test("keeps one snapshot: the one that was closed last", () => {
    const store = NewInmemSnapshotStore();
    function* replace(): Task<void> {
      for (const index of [10, 20]) {
        const sink = got(yield* store.Create(1, index, 3, voters(1), 2));
        yield* sink.Close();
      }
      const listed = yield* store.List();
      expect(listed.map(({ index }) => index)).toEqual([20]);
      expect(yield* store.Open("snapshot-3-10")).toBeInstanceOf(Error);
    }
    virtualTime().run(replace());
  });
});

describe("readerOf", () => {
  test("gives the pieces one by one, and then says that it is the end", () => {
    const reader = readerOf([Uint8Array.of(1), Uint8Array.of(2, 3)]);
    function* read(): Task<void> {
      expect(yield* reader.Read()).toEqual(Uint8Array.of(1));
      expect(yield* reader.Read()).toEqual(Uint8Array.of(2, 3));
      expect(yield* reader.Read()).toBeUndefined();
      expect(yield* reader.Read()).toBeUndefined();
    }
    virtualTime().run(read());
  });

  test("gives nothing more once it is closed", () => {
    const reader = readerOf([Uint8Array.of(1)]);
    function* close(): Task<void> {
      yield* reader.Close();
      expect(yield* reader.Read()).toBeUndefined();
    }
    virtualTime().run(close());
  });
});
