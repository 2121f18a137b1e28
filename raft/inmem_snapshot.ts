/**
 * A snapshot store that keeps the newest snapshot, in memory.
 *
 * Modelled on HashiCorp Raft v1.1.1, inmem_snapshot.go. MPL-2.0.
 */

import type { Configuration } from "./configuration.ts";
import type {
  Reader,
  SnapshotMeta,
  SnapshotSink,
  SnapshotStore,
} from "./ports.ts";
import type { Task } from "./runtime/task.ts";

interface Snapshot {
  readonly meta: SnapshotMeta;
  readonly content: Uint8Array;
}

/**
 * Go: InmemSnapshotStore, inmem_snapshot.go
 * Differs: a snapshot can be listed once its sink is closed, not before, and a
 * cancelled one leaves the last good one in place.
 */
export class InmemSnapshotStore implements SnapshotStore {
  private latest: Snapshot | undefined;

  *Create(
    version: number,
    index: number,
    term: number,
    configuration: Configuration,
    configurationIndex: number,
  ): Task<SnapshotSink | Error> {
    if (version !== 1) {
      return new Error(`unsupported snapshot version ${version}`);
    }
    const id = `snapshot-${term}-${index}`;
    const meta = {
      version,
      id,
      index,
      term,
      configuration,
      configurationIndex,
    };
    return new InmemSnapshotSink(id, (content) => {
      this.latest = { meta: { ...meta, size: content.length }, content };
    });
  }

  *List(): Task<SnapshotMeta[]> {
    return this.latest ? [this.latest.meta] : [];
  }

  *Open(id: string): Task<{ meta: SnapshotMeta; source: Reader } | Error> {
    const snapshot = this.latest;
    if (snapshot?.meta.id !== id) {
      return new Error(`there is no snapshot "${id}" in memory`);
    }
    return { meta: snapshot.meta, source: readerOf([snapshot.content]) };
  }
}

/** Go: InmemSnapshotSink, inmem_snapshot.go */
class InmemSnapshotSink implements SnapshotSink {
  private readonly id: string;
  private readonly keep: (content: Uint8Array) => void;
  private readonly written: number[] = [];
  /** Closed or cancelled: what comes after that changes nothing. */
  private finished = false;

  constructor(id: string, keep: (content: Uint8Array) => void) {
    this.id = id;
    this.keep = keep;
  }

  ID(): string {
    return this.id;
  }

  *Write(bytes: Uint8Array): Task<Error | undefined> {
    for (const byte of bytes) this.written.push(byte);
    return undefined;
  }

  *Close(): Task<Error | undefined> {
    if (!this.finished) this.keep(Uint8Array.from(this.written));
    this.finished = true;
    return undefined;
  }

  *Cancel(): Task<Error | undefined> {
    this.finished = true;
    return undefined;
  }
}

/** Reads the given pieces one by one. Go: none, `bytes.NewReader`. */
export function readerOf(pieces: readonly Uint8Array[]): Reader {
  const left = [...pieces];
  return {
    *Read() {
      return left.shift();
    },
    *Close() {
      left.length = 0;
      return undefined;
    },
  };
}

/** Go: NewInmemSnapshotStore, inmem_snapshot.go */
export function NewInmemSnapshotStore(): InmemSnapshotStore {
  return new InmemSnapshotStore();
}
