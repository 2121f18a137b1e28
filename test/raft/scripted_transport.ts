/**
 * The outside of one server, as a test wants it: who answers what. Nobody can
 * be reached until the test says so.
 */

import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
  Command,
  EncodedPeer,
  RequestVoteRequest,
  RequestVoteResponse,
  Response,
  TimeoutNowRequest,
  TimeoutNowResponse,
} from "../../raft/commands.ts";
import type { ServerAddress, ServerID } from "../../raft/configuration.ts";
import { ErrPipelineReplicationNotSupported } from "../../raft/errors.ts";
import type { RPC, Transport } from "../../raft/ports.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { decodeText, encodeText } from "../../raft/util.ts";

/** What a peer says to a request; a task may take its time over it. */
export type Peers = (
  to: ServerID,
  request: Command,
) => Response | Error | Task<Response | Error>;

export const rpcHeader = { protocolVersion: 3 };

/** Every peer grants every vote and stores every entry. */
export const agreeing: Peers = (_to, request) => {
  switch (request.kind) {
    case "AppendEntriesRequest": {
      const { term, prevLogEntry, entries } = request;
      return {
        kind: "AppendEntriesResponse",
        rpcHeader,
        term,
        lastLog: prevLogEntry + entries.length,
        success: true,
        noRetryBackoff: false,
      };
    }
    case "RequestVoteRequest": {
      const { term } = request;
      return { kind: "RequestVoteResponse", rpcHeader, term, granted: true };
    }
    default:
      return { kind: "TimeoutNowResponse", rpcHeader };
  }
};

/** Every peer grants every vote, and no entry reaches any of them. */
export const votersOnly: Peers = (to, request) =>
  request.kind === "RequestVoteRequest"
    ? agreeing(to, request)
    : new Error("nobody answers");

/** Nobody can be reached. */
export const nobody: Peers = () => new Error("nobody answers");

export class ScriptedTransport implements Transport {
  readonly rpcCh = new Channel<RPC>("rpcCh", 16);
  readonly address: ServerAddress;
  peers: Peers = nobody;
  /** What this server has asked of the others. */
  sent: { readonly to: ServerID; readonly request: Command }[] = [];
  heartbeatHandler: ((rpc: RPC) => Task<void>) | undefined;
  closed = 0;

  constructor(address: ServerAddress) {
    this.address = address;
  }

  *AppendEntriesPipeline(): Task<Error> {
    return ErrPipelineReplicationNotSupported;
  }

  Consumer(): Channel<RPC> {
    return this.rpcCh;
  }

  LocalAddr(): ServerAddress {
    return this.address;
  }

  *AppendEntries(
    to: ServerID,
    _: ServerAddress,
    request: AppendEntriesRequest,
  ) {
    return yield* this.call<AppendEntriesResponse>(to, request);
  }

  *RequestVote(to: ServerID, _: ServerAddress, request: RequestVoteRequest) {
    return yield* this.call<RequestVoteResponse>(to, request);
  }

  *TimeoutNow(to: ServerID, _: ServerAddress, request: TimeoutNowRequest) {
    return yield* this.call<TimeoutNowResponse>(to, request);
  }

  private *call<R extends Response>(
    to: ServerID,
    request: Command,
  ): Task<R | Error> {
    this.sent.push({ to, request });
    if (this.sent.length > 100_000) throw new Error("it asks without end");
    const answer = this.peers(to, request);
    if (!(Symbol.iterator in answer)) return answer as R | Error;
    return (yield* answer) as R | Error;
  }

  EncodePeer(_id: ServerID, address: ServerAddress): EncodedPeer {
    return encodeText(address);
  }

  DecodePeer(peer: EncodedPeer): ServerAddress {
    return decodeText(peer);
  }

  SetHeartbeatHandler(handler: (rpc: RPC) => Task<void>): void {
    this.heartbeatHandler = handler;
  }

  Close(): void {
    this.closed++;
  }
}
