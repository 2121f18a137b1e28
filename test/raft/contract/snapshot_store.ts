/**
 * What every snapshot store does. How many old snapshots one keeps is its own
 * affair: the clauses ask for the newest only.
 */
import { expect } from "vitest";
import {
  type Configuration,
  ServerSuffrage,
} from "../../../raft/configuration.ts";
import type {
  Reader,
  SnapshotMeta,
  SnapshotSink,
  SnapshotStore,
} from "../../../raft/ports.ts";
import type { Task } from "../../../raft/runtime/task.ts";
import { decodeText, encodeText } from "../../../raft/util.ts";
import { type Clause, contract, got, type MakeSubject } from "./subject.ts";

export function snapshotStoreContract(
  name: string,
  make: MakeSubject<SnapshotStore>,
): void {
  contract(`${name} keeps the contract of a snapshot store:`, clauses, make);
}

const members: Configuration = {
  servers: [
    { suffrage: ServerSuffrage.Voter, id: "my id", address: "over here" },
    { suffrage: ServerSuffrage.Nonvoter, id: "another", address: "there" },
  ],
};

function* create(
  store: SnapshotStore,
  index: number,
  term = 3,
): Task<SnapshotSink> {
  return got(yield* store.Create(1, index, term, members, 2));
}

/** A snapshot with that content, closed. Gives its ID. */
function* snapshot(
  store: SnapshotStore,
  index: number,
  content: string,
): Task<string> {
  const sink = yield* create(store, index);
  expect(yield* sink.Write(encodeText(content))).toBeUndefined();
  expect(yield* sink.Close()).toBeUndefined();
  return sink.ID();
}

function* newest(store: SnapshotStore): Task<SnapshotMeta | undefined> {
  return got(yield* store.List())[0];
}

function* indexes(store: SnapshotStore): Task<number[]> {
  return got(yield* store.List()).map(({ index }) => index);
}

function* content(store: SnapshotStore, id: string): Task<string> {
  const { source } = got(yield* store.Open(id));
  const text = yield* readAll(source);
  expect(yield* source.Close()).toBeUndefined();
  return text;
}

/** Everything a reader gives, as text. */
export function* readAll(source: Reader): Task<string> {
  let text = "";
  for (;;) {
    const bytes = got(yield* source.Read());
    if (bytes === undefined) return text;
    text += decodeText(bytes);
  }
}

const clauses: readonly Clause<SnapshotStore>[] = [
  {
    clause: "a new store lists nothing",
    *prove(store) {
      expect(yield* store.List()).toEqual([]);
    },
  },
  {
    clause: "a snapshot is not listed before it is closed",
    *prove(store) {
      const sink = yield* create(store, 10);
      yield* sink.Write(encodeText("half"));
      expect(yield* store.List()).toEqual([]);
      yield* sink.Close();
      expect(yield* indexes(store)).toEqual([10]);
    },
  },
  {
    clause: "a closed snapshot is listed with all that describes it",
    *prove(store) {
      const id = yield* snapshot(store, 10, "first\nsecond\n");
      expect(yield* newest(store)).toEqual({
        version: 1,
        id,
        index: 10,
        term: 3,
        configuration: members,
        configurationIndex: 2,
        size: 13,
      });
    },
  },
  {
    clause: "the pieces that were written are read back as one text",
    *prove(store) {
      const sink = yield* create(store, 10);
      yield* sink.Write(encodeText("first\n"));
      yield* sink.Write(encodeText("second\n"));
      yield* sink.Close();
      expect(yield* content(store, sink.ID())).toBe("first\nsecond\n");
    },
  },
  {
    clause: "a snapshot without content is a snapshot",
    *prove(store) {
      const sink = yield* create(store, 10);
      yield* sink.Close();
      expect((yield* newest(store))?.size).toBe(0);
      expect(yield* content(store, sink.ID())).toBe("");
    },
  },
  {
    clause: "opening gives the description with the content",
    *prove(store) {
      const id = yield* snapshot(store, 10, "data");
      const { meta, source } = got(yield* store.Open(id));
      expect(meta).toEqual(yield* newest(store));
      yield* source.Close();
    },
  },
  {
    clause: "a snapshot can be opened again and again",
    *prove(store) {
      const id = yield* snapshot(store, 10, "data");
      expect(yield* content(store, id)).toBe("data");
      expect(yield* content(store, id)).toBe("data");
    },
  },
  {
    clause: "an ID that it never gave is an error that names it",
    *prove(store) {
      yield* snapshot(store, 10, "data");
      const opened = yield* store.Open("nonsense");
      expect(opened).toBeInstanceOf(Error);
      expect(String(opened)).toContain("nonsense");
    },
  },
  {
    clause: "the newest is listed first",
    *prove(store) {
      yield* snapshot(store, 10, "old");
      const id = yield* snapshot(store, 20, "new");
      expect((yield* newest(store))?.id).toBe(id);
      expect(yield* content(store, id)).toBe("new");
    },
  },
  {
    clause: "snapshots of other indexes and terms have other IDs",
    *prove(store) {
      const ids = new Set<string>();
      for (const [index, term] of [
        [10, 3],
        [11, 3],
        [10, 4],
      ] as const) {
        const sink = yield* create(store, index, term);
        ids.add(sink.ID());
        yield* sink.Close();
      }
      expect(ids.size).toBe(3);
    },
  },
  {
    clause: "a cancelled snapshot is never listed",
    *prove(store) {
      const sink = yield* create(store, 10);
      yield* sink.Write(encodeText("half"));
      expect(yield* sink.Cancel()).toBeUndefined();
      expect(yield* store.List()).toEqual([]);
    },
  },
  {
    clause: "a cancelled snapshot leaves the last good one in place",
    *prove(store) {
      const id = yield* snapshot(store, 10, "good");
      const sink = yield* create(store, 20);
      yield* sink.Write(encodeText("half"));
      yield* sink.Cancel();
      expect(yield* indexes(store)).toEqual([10]);
      expect(yield* content(store, id)).toBe("good");
    },
  },
  {
    clause: "a snapshot that was given up leaves the last good one in place",
    *prove(store) {
      yield* snapshot(store, 10, "good");
      const sink = yield* create(store, 20);
      yield* sink.Write(encodeText("half"));
      expect(yield* indexes(store)).toEqual([10]);
    },
  },
  {
    clause: "a cancelled snapshot cannot be made valid by closing it",
    *prove(store) {
      const id = yield* snapshot(store, 10, "good");
      const sink = yield* create(store, 20);
      yield* sink.Write(encodeText("half"));
      yield* sink.Cancel();
      yield* sink.Close();
      expect(yield* indexes(store)).toEqual([10]);
      expect(yield* content(store, id)).toBe("good");
    },
  },
  {
    clause: "closing twice, or cancelling what is closed, changes nothing",
    *prove(store) {
      const sink = yield* create(store, 10);
      yield* sink.Write(encodeText("good"));
      yield* sink.Close();
      yield* sink.Close();
      yield* sink.Cancel();
      expect(yield* indexes(store)).toEqual([10]);
      expect(yield* content(store, sink.ID())).toBe("good");
    },
  },
  {
    clause: "a version that it does not know is refused",
    *prove(store) {
      const sink = yield* store.Create(9, 10, 3, members, 2);
      expect(sink).toBeInstanceOf(Error);
      expect(String(sink)).toContain("unsupported snapshot version 9");
    },
  },
];
