/**
 * One server of lesson 3 alone, and the leader's part played by hand: every
 * request comes at the moment that is wanted, to the millisecond.
 *
 * The suite of lesson 3 runs the same worlds.
 */

import type { Command } from "../../../raft/commands.ts";
import {
  type Configuration,
  type Server,
  ServerSuffrage,
} from "../../../raft/configuration.ts";
import type { Log } from "../../../raft/log.ts";
import type { RPC, RPCResponse } from "../../../raft/ports.ts";
import { Channel } from "../../../raft/runtime/channel.ts";
import type { Task } from "../../../raft/runtime/task.ts";
import {
  type SimServer,
  World,
  type WorldOptions,
} from "../../../raft/sim/world.ts";
import { encodeText } from "../../../raft/util.ts";

export const rpcHeader = { protocolVersion: 3 } as const;

function member(id: string, suffrage: ServerSuffrage): Server {
  return { id, address: id, suffrage };
}

export function voter(id: string): Server {
  return member(id, ServerSuffrage.Voter);
}

export const s3HasNoVote: Configuration = {
  servers: [voter("s1"), voter("s2"), member("s3", ServerSuffrage.Nonvoter)],
};
export const s3HasAVote: Configuration = {
  servers: [voter("s1"), voter("s2"), voter("s3")],
};

/** s1 and s2 with a vote, s3 without, s4 outside; only `up` is started. */
export function alone(up: string, options: Partial<WorldOptions> = {}): World {
  const w = new World({
    seed: 1,
    servers: [...s3HasAVote.servers, voter("s4")],
    bootstrapped: false,
    keepTrace: true,
    logLines: true,
    watch: [],
    ...options,
    network: { delayMs: [10, 10] },
    disk: { writeMs: [2, 2] },
  });
  if (options.bootstrapped !== false) w.bootstrap(s3HasNoVote);
  for (const { id } of w.servers) if (id !== up) w.crash(id);
  return w;
}

export function runtimeOf(server: SimServer) {
  const { r } = server;
  if (!r) throw new Error(`${server.id} is down`);
  return r;
}

/** A request for a server, by its main task. */
export function ask(w: World, id: string, command: Command): RPC {
  const server = w.server(id);
  const respChan = new Channel<RPCResponse>("respChan", 1);
  const rpc = { command, respChan };
  const { rpcCh } = runtimeOf(server);
  function* probe(): Task<void> {
    yield* rpcCh.send(rpc);
  }
  w.driver.scheduler.go(server.process, "probe", probe());
  w.driver.scheduler.run();
  return rpc;
}

/** What the leader s1 sends in term 1: nothing new, and entry 1 committed. */
export const append = {
  kind: "AppendEntriesRequest",
  rpcHeader,
  term: 1,
  leader: encodeText("s1"),
  prevLogEntry: 1,
  prevLogTerm: 1,
  entries: [] as readonly Log[],
  leaderCommitIndex: 1,
} as const;
