/**
 * The task that looks, from time to time, whether a snapshot is due.
 *
 * Absent until the lesson on snapshots: taking it.
 *
 * Modelled on HashiCorp Raft v1.1.1, snapshot.go. MPL-2.0, see NOTICE.md.
 */

import type { RaftStruct } from "./raft_struct.ts";
import { select } from "./runtime/select.ts";
import type { Task } from "./runtime/task.ts";
import { getLastSnapshot } from "./state.ts";
import { randomTimeout } from "./util.ts";

/**
 * Wakes every interval, until shutdown.
 *
 * Go: (*Raft).runSnapshots, snapshot.go · Paper: §7 · Task: runSnapshots
 */
export function* runSnapshots(r: RaftStruct): Task<void> {
  for (;;) {
    const event = yield* select({
      interval: randomTimeout(
        r.runtime,
        r.conf.snapshotIntervalMs,
        "snapshotInterval",
      ),
      shutdown: r.shutdownCh,
    });
    switch (event.case) {
      case "interval":
        if (yield* shouldSnapshot(r)) r.logger.info("a snapshot is due");
        break;
      case "shutdown":
        return;
      default:
        event satisfies never;
    }
  }
}

/**
 * Whether enough entries have come since the last snapshot.
 *
 * Go: (*Raft).shouldSnapshot, snapshot.go · Task: runSnapshots
 * Differs: v1.1.1 subtracts without sign, so a log that ends before the
 * snapshot always makes one due.
 */
export function* shouldSnapshot(r: RaftStruct): Task<boolean> {
  const lastIndex = yield* r.logs.LastIndex();
  if (lastIndex instanceof Error) {
    r.logger.error("Failed to get last log index", { error: lastIndex });
    return false;
  }
  return lastIndex - getLastSnapshot(r).index >= r.conf.snapshotThreshold;
}
