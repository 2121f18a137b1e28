/**
 * Everything that an application imports.
 *
 * Modelled on HashiCorp Raft v1.1.1. MPL-2.0, see NOTICE.md.
 */

export * from "./api.ts";
export { BootstrapCluster, HasExistingState } from "./bootstrap.ts";
export type * from "./commands.ts";
export { type Config, DefaultConfig, ValidateConfig } from "./config.ts";
export {
  type Configuration,
  type Server,
  type ServerAddress,
  type ServerID,
  ServerSuffrage,
} from "./configuration.ts";
export * from "./errors.ts";
export type { ApplyFuture, Future, IndexFuture } from "./future.ts";
export { InmemSnapshotStore, NewInmemSnapshotStore } from "./inmem_snapshot.ts";
export { InmemStore, NewInmemStore } from "./inmem_store.ts";
export { InmemTransport, NewInmemTransport } from "./inmem_transport.ts";
export { type Log, LogType } from "./log.ts";
export { LogCache, NewLogCache } from "./log_cache.ts";
export { type LogLevel, newLogger } from "./logger.ts";
export { type Observation, Observer } from "./observer.ts";
export type * from "./ports.ts";
export type { Quirk } from "./quirks.ts";
export { Channel } from "./runtime/channel.ts";
export {
  after,
  go,
  promised,
  type Runtime,
  realRuntime,
  sleep,
} from "./runtime/runtime.ts";
export { select, sending } from "./runtime/select.ts";
export type { Task } from "./runtime/task.ts";
export type { RaftState } from "./state.ts";
export { decodeText, encodeText } from "./util.ts";
