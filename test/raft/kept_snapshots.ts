/**
 * A snapshot store that holds what a test puts into it, the newest first, and
 * fails where the test wants it to.
 */
import type { Configuration } from "../../raft/configuration.ts";
import { readerOf } from "../../raft/inmem_snapshot.ts";
import type { SnapshotMeta, SnapshotStore } from "../../raft/ports.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { encodeText } from "../../raft/util.ts";
import { voters } from "./servers.ts";

export interface Kept {
  readonly index: number;
  readonly term: number;
  /** One command a line; an error instead: it cannot be opened. */
  readonly content: string | Error;
  readonly configuration?: Configuration;
  readonly configurationIndex?: number;
}

export class KeptSnapshots implements SnapshotStore {
  /** What was opened, and what was closed again. */
  readonly calls: string[] = [];
  private readonly kept: readonly Kept[];
  /** What `List` fails with. */
  failure: Error | undefined;

  constructor(...kept: readonly Kept[]) {
    this.kept = kept;
  }

  *Create(): Task<Error> {
    return new Error("no test asks for it");
  }

  *List(): Task<SnapshotMeta[] | Error> {
    return this.failure ?? this.kept.map(describe);
  }

  *Open(id: string) {
    this.calls.push(`open ${id}`);
    const kept = this.kept.find((one) => describe(one).id === id) as Kept;
    if (kept.content instanceof Error) return kept.content;
    const reader = readerOf([encodeText(kept.content)]);
    const { calls } = this;
    const source = {
      Read: reader.Read,
      *Close() {
        calls.push(`close ${id}`);
        return undefined;
      },
    };
    return { meta: describe(kept), source };
  }
}

function describe(kept: Kept): SnapshotMeta {
  const { index, term, content } = kept;
  return {
    version: 1,
    id: `${term}-${index}`,
    index,
    term,
    configuration: kept.configuration ?? voters(3),
    configurationIndex: kept.configurationIndex ?? 1,
    size: content instanceof Error ? 0 : content.length,
  };
}
