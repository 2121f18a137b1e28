/**
 * A leader whose followers say what the test says: s1 of two, in term 2, with
 * a noop as its last entry, and what it has sent.
 */
import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
} from "../../raft/commands.ts";
import type { Configuration } from "../../raft/configuration.ts";
import { startStopReplication } from "../../raft/raft.ts";
import type {
  FollowerReplication,
  LeaderState,
} from "../../raft/raft_struct.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { follower, type OneServer, type Setup } from "./one_server.ts";
import { agreeing, type Peers } from "./scripted_transport.ts";
import { voters } from "./servers.ts";

type Stored = Partial<AppendEntriesResponse>;

/** Peers that vote, answer heartbeats, and say that to everything else. */
export function replicating(
  answer: (request: AppendEntriesRequest) => Stored | Error | "agree",
): Peers {
  return (to, request) => {
    if (request.kind !== "AppendEntriesRequest") return agreeing(to, request);
    if (isHeartbeat(request)) return agreeing(to, request);
    const said = answer(request);
    if (said instanceof Error) return said;
    const stored = agreeing(to, request);
    return said === "agree" ? stored : (Object.assign(stored, said) as never);
  };
}

export function isHeartbeat(request: AppendEntriesRequest): boolean {
  const { leaderCommitIndex, prevLogEntry, entries } = request;
  return leaderCommitIndex + prevLogEntry + entries.length === 0;
}

export function leader(peers: Peers, setup: Setup = {}): OneServer {
  const configuration = voters(2);
  const server = follower({ log: [1], configuration, ...setup });
  return server.becomeLeader(peers);
}

/** What was sent to `to` by its `replicate` task. */
export function sent(server: OneServer, to = "s2"): AppendEntriesRequest[] {
  return server.transport.sent.flatMap(({ to: peer, request }) =>
    peer === to &&
    request.kind === "AppendEntriesRequest" &&
    !isHeartbeat(request)
      ? [request]
      : [],
  );
}

export function heartbeats(server: OneServer): AppendEntriesRequest[] {
  return server.transport.sent.flatMap(({ request }) =>
    request.kind === "AppendEntriesRequest" && isHeartbeat(request)
      ? [request]
      : [],
  );
}

export const nextIndex = (server: OneServer, id = "s2") =>
  server.r.leaderState?.replState.get(id)?.nextIndex;

/** The indexes of the entries in each request. */
export const indexes = (requests: readonly AppendEntriesRequest[]) =>
  requests.map(({ entries }) => entries.map(({ index }) => index));

/** Makes another configuration the latest, as appending it would. */
export function reconfigure(
  server: OneServer,
  configuration: Configuration,
): void {
  server.r.configurations.latest = configuration;
  function* change(): Task<void> {
    startStopReplication(server.r, server.r.leaderState as LeaderState);
  }
  server.run(change());
  server.settle();
}

export const tasks = (server: OneServer) =>
  [...server.process.tasks].map(({ name }) => name).sort();

/** What the leader knows of that follower. */
export function replicationOf(
  server: OneServer,
  id = "s2",
): FollowerReplication {
  const s = server.r.leaderState?.replState.get(id);
  if (!s) throw new Error(`the server does not replicate to ${id}`);
  return s;
}
