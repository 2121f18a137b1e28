/**
 * The task that owns the application's state machine. It takes committed
 * entries one by one, in order, and answers the callers.
 *
 * Absent until the lessons on snapshots: taking one, installing one.
 *
 * Modelled on HashiCorp Raft v1.1.1, fsm.go. MPL-2.0, see NOTICE.md.
 */

import { decodeConfiguration } from "./configuration.ts";
import { ErrRaftShutdown } from "./errors.ts";
import { LogType } from "./log.ts";
import type { ConfigurationStore, FSM } from "./ports.ts";
import {
  type CommitTuple,
  measureSince,
  type RaftStruct,
} from "./raft_struct.ts";
import { select } from "./runtime/select.ts";
import type { Task } from "./runtime/task.ts";

/**
 * Applies what is committed, until shutdown.
 *
 * Go: (*Raft).runFSM, fsm.go · Paper: §5.3 · Task: runFSM
 * Differs: what still waits at shutdown is answered with ErrRaftShutdown; in
 * v1.1.1 those callers wait for ever (upstream #145).
 */
export function* runFSM(r: RaftStruct): Task<void> {
  for (;;) {
    const event = yield* select({
      commit: r.fsmMutateCh,
      shutdown: r.shutdownCh,
    });
    switch (event.case) {
      case "commit":
        yield* runFSMCommit(r, event.value);
        break;
      case "shutdown":
        answerWithShutdown(r);
        return;
      default:
        event satisfies never;
    }
  }
}

/**
 * Applies one entry and answers its caller.
 *
 * Go: (*Raft).runFSM, fsm.go · Task: runFSM
 */
export function* runFSMCommit(
  r: RaftStruct,
  { log, future }: CommitTuple,
): Task<void> {
  let response: unknown;
  if (log.type === LogType.Command) {
    const start = r.runtime.clock.now();
    response = yield* apply(r.fsm, log);
    measureSince(r, "raft.fsm.apply", start);
  } else if (log.type === LogType.Configuration) {
    const { fsm } = r;
    if (storesConfigurations(fsm)) {
      const start = r.runtime.clock.now();
      fsm.StoreConfiguration(log.index, decodeConfiguration(log.data));
      measureSince(r, "raft.fsm.store_config", start);
    }
  }
  if (future) {
    future.response = response;
    future.respond(undefined);
  }
}

/** Answers everybody whose entry will not be applied any more. Go: none. */
export function answerWithShutdown(r: RaftStruct): void {
  for (
    let tuple = r.fsmMutateCh.tryReceive();
    tuple;
    tuple = r.fsmMutateCh.tryReceive()
  ) {
    tuple.value.future?.respond(ErrRaftShutdown);
  }
}

function* apply(fsm: FSM, log: CommitTuple["log"]): Task<unknown> {
  const result = fsm.Apply(log);
  return isTask(result) ? yield* result : result;
}

function isTask(value: unknown): value is Task<unknown> {
  return Object.prototype.toString.call(value) === "[object Generator]";
}

function storesConfigurations(fsm: FSM): fsm is FSM & ConfigurationStore {
  return "StoreConfiguration" in fsm;
}
