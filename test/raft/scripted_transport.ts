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
import {
  ErrPipelineReplicationNotSupported,
  ErrPipelineShutdown,
} from "../../raft/errors.ts";
import type {
  AppendFuture,
  AppendPipeline,
  RPC,
  Transport,
} from "../../raft/ports.ts";
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
  /** What comes of the wish for a pipeline; without more ado, nothing. */
  pipelines: (to: ServerID) => AppendPipeline | Error = () =>
    ErrPipelineReplicationNotSupported;
  /** What this server has asked of the others, but by a pipeline. */
  sent: { readonly to: ServerID; readonly request: Command }[] = [];
  heartbeatHandler: ((rpc: RPC) => Task<void>) | undefined;
  closed = 0;

  constructor(address: ServerAddress) {
    this.address = address;
  }

  *AppendEntriesPipeline(to: ServerID): Task<AppendPipeline | Error> {
    return this.pipelines(to);
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

/** A pipeline whose answers the test gives, one by one. */
export class ScriptedPipeline implements AppendPipeline {
  readonly sent: AppendEntriesRequest[] = [];
  /** How many requests may be out before the sender has to wait. */
  room = Number.POSITIVE_INFINITY;
  readonly closedCh = new Channel<void>("closedCh");
  private readonly now: () => number;
  private readonly times: number[] = [];
  private readonly doneCh = new Channel<AppendFuture>("doneCh", 100);
  private answered = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  *AppendEntries(request: AppendEntriesRequest): Task<Error | undefined> {
    if (this.room <= this.sent.length && !this.closedCh.closed) {
      yield* this.closedCh.receive();
    }
    if (this.closedCh.closed) return ErrPipelineShutdown;
    this.sent.push(request);
    this.times.push(this.now());
    return undefined;
  }

  Consumer(): Channel<AppendFuture> {
    return this.doneCh;
  }

  Close(): void {
    if (!this.closedCh.closed) this.closedCh.close();
  }

  /** Answers the oldest open request: success, unless `said` is otherwise. */
  answer(said: Partial<AppendEntriesResponse> | Error = {}): void {
    const at = this.answered++;
    const request = this.sent[at];
    if (!request) throw new Error("no request is open in the pipeline");
    const stored = agreeing("", request) as AppendEntriesResponse;
    const result = said instanceof Error ? said : { ...stored, ...said };
    this.doneCh.trySend({ request, startMs: this.times[at] ?? 0, result });
  }

  /** Answers every open request with success. */
  answerAll(): void {
    while (this.answered < this.sent.length) this.answer();
  }
}
