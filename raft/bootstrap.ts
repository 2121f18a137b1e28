/**
 * The very first step of a cluster: its configuration as entry 1 of term 1.
 *
 * Modelled on HashiCorp Raft v1.1.1, api.go. MPL-2.0, see NOTICE.md.
 */

import { type Config, ValidateConfig } from "./config.ts";
import {
  type Configuration,
  checkConfiguration,
  encodeConfiguration,
} from "./configuration.ts";
import { ErrCantBootstrap, isNotFound } from "./errors.ts";
import { LogType } from "./log.ts";
import type { LogStore, SnapshotStore, StableStore } from "./ports.ts";
import type { Task } from "./runtime/task.ts";
import { keyCurrentTerm } from "./stable.ts";

/**
 * Gives a server without any state its first configuration. Every server that
 * is given the same one may be bootstrapped; one voter is enough. The servers
 * that join later must not be.
 *
 * Go: BootstrapCluster, api.go
 */
export function* BootstrapCluster(
  conf: Config,
  logs: LogStore,
  stable: StableStore,
  snaps: SnapshotStore,
  configuration: Configuration,
): Task<Error | undefined> {
  const invalid = ValidateConfig(conf) ?? checkConfiguration(configuration);
  if (invalid) return invalid;

  const hasState = yield* HasExistingState(logs, stable, snaps);
  if (hasState instanceof Error) {
    return because("failed to check for existing state", hasState);
  }
  if (hasState) return ErrCantBootstrap;

  const notSaved = yield* stable.SetUint64(keyCurrentTerm, 1);
  if (notSaved) return because("failed to save current term", notSaved);

  const notStored = yield* logs.StoreLog({
    index: 1,
    term: 1,
    type: LogType.Configuration,
    data: encodeConfiguration(configuration),
  });
  return (
    notStored &&
    because("failed to append configuration entry to log", notStored)
  );
}

/**
 * Whether a server remembers anything: a term, an entry, a snapshot.
 *
 * Go: HasExistingState, api.go
 */
export function* HasExistingState(
  logs: LogStore,
  stable: StableStore,
  snaps: SnapshotStore,
): Task<boolean | Error> {
  const currentTerm = yield* stable.GetUint64(keyCurrentTerm);
  if (currentTerm instanceof Error) {
    if (!isNotFound(currentTerm)) {
      return because("failed to read current term", currentTerm);
    }
  } else if (currentTerm > 0) return true;

  const lastIndex = yield* logs.LastIndex();
  if (lastIndex instanceof Error) {
    return because("failed to get last log index", lastIndex);
  }
  if (lastIndex > 0) return true;

  const snapshots = yield* snaps.List();
  if (snapshots instanceof Error) {
    return because("failed to list snapshots", snapshots);
  }
  return snapshots.length > 0;
}

/** An error with the reason behind it. Go: none, `fmt.Errorf("…: %v")`. */
export function because(what: string, cause: Error): Error {
  return new Error(`${what}: ${cause.message}`, { cause });
}
