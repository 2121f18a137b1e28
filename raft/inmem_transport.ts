/**
 * Servers in one process that hand one another their messages.
 *
 * Requests and answers are passed as they are, not copied: nobody may change
 * one after it was sent. The heartbeat handler is ignored, as upstream does.
 *
 * Modelled on HashiCorp Raft v1.1.1, inmem_transport.go. MPL-2.0.
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
} from "./commands.ts";
import type { ServerAddress, ServerID } from "./configuration.ts";
import { ErrPipelineShutdown } from "./errors.ts";
import type {
  AppendFuture,
  AppendPipeline,
  RPC,
  RPCResponse,
  Transport,
} from "./ports.ts";
import { Channel } from "./runtime/channel.ts";
import { after, go, type Runtime } from "./runtime/runtime.ts";
import { select, sending } from "./runtime/select.ts";
import type { Task } from "./runtime/task.ts";
import { decodeText, encodeText } from "./util.ts";

/** How long a request may wait to be taken, and then to be answered. */
const DEFAULT_TIMEOUT_MS = 50;

/** Go: InmemTransport, inmem_transport.go */
export class InmemTransport implements Transport {
  private readonly runtime: Runtime;
  private readonly address: ServerAddress;
  private readonly timeoutMs: number;
  private readonly consumerCh = new Channel<RPC>("rpcCh", 16);
  private peers = new Map<ServerAddress, InmemTransport>();
  private readonly pipelines = new Set<InmemPipeline>();

  constructor(
    runtime: Runtime,
    address: ServerAddress,
    timeoutMs = DEFAULT_TIMEOUT_MS,
  ) {
    this.runtime = runtime;
    this.address = address;
    this.timeoutMs = timeoutMs;
  }

  Consumer(): Channel<RPC> {
    return this.consumerCh;
  }

  LocalAddr(): ServerAddress {
    return this.address;
  }

  *AppendEntries(
    _id: ServerID,
    target: ServerAddress,
    request: AppendEntriesRequest,
  ): Task<AppendEntriesResponse | Error> {
    return yield* this.makeRPC<AppendEntriesResponse>(
      target,
      request,
      this.timeoutMs,
    );
  }

  *RequestVote(
    _id: ServerID,
    target: ServerAddress,
    request: RequestVoteRequest,
  ): Task<RequestVoteResponse | Error> {
    return yield* this.makeRPC<RequestVoteResponse>(
      target,
      request,
      this.timeoutMs,
    );
  }

  *TimeoutNow(
    _id: ServerID,
    target: ServerAddress,
    request: TimeoutNowRequest,
  ): Task<TimeoutNowResponse | Error> {
    return yield* this.makeRPC<TimeoutNowResponse>(
      target,
      request,
      10 * this.timeoutMs,
    );
  }

  *AppendEntriesPipeline(
    _id: ServerID,
    target: ServerAddress,
  ): Task<AppendPipeline | Error> {
    const peer = this.peers.get(target);
    if (!peer) return new Error(`failed to connect to peer: ${target}`);
    const pipeline = new InmemPipeline(
      this.runtime,
      peer.consumerCh,
      target,
      this.timeoutMs,
    );
    this.pipelines.add(pipeline);
    return pipeline;
  }

  EncodePeer(_id: ServerID, address: ServerAddress): EncodedPeer {
    return encodeText(address);
  }

  DecodePeer(peer: EncodedPeer): ServerAddress {
    return decodeText(peer);
  }

  SetHeartbeatHandler(): void {}

  /** Opens the way to a peer. The way back is the peer's own. */
  Connect(peer: ServerAddress, transport: InmemTransport): void {
    this.peers.set(peer, transport);
  }

  /** Closes the way to a peer; the peer can still send here. */
  Disconnect(peer: ServerAddress): void {
    this.peers.delete(peer);
    this.closePipelines((pipeline) => pipeline.target === peer);
  }

  DisconnectAll(): void {
    this.peers = new Map();
    this.closePipelines(() => true);
  }

  private closePipelines(which: (pipeline: InmemPipeline) => boolean): void {
    for (const pipeline of this.pipelines) {
      if (!which(pipeline)) continue;
      pipeline.Close();
      this.pipelines.delete(pipeline);
    }
  }

  Close(): void {
    this.DisconnectAll();
  }

  /**
   * Puts a request into the peer's queue and waits for the answer.
   *
   * Go: (*InmemTransport).makeRPC, inmem_transport.go
   * Differs: the answer has a slot to wait in. In v1.1.1 it has none, and a
   * server that answers a caller who has given up waits for ever (upstream
   * #392).
   */
  private *makeRPC<R extends Response>(
    target: ServerAddress,
    command: Command,
    timeoutMs: number,
  ): Task<R | Error> {
    const peer = this.peers.get(target);
    if (!peer) return new Error(`failed to connect to peer: ${target}`);

    const respChan = new Channel<RPCResponse>("respChan", 1);
    const sent = yield* select({
      request: sending(peer.consumerCh, { command, respChan }),
      timeout: after(this.runtime, timeoutMs, "send timeout"),
    });
    if (sent.case === "timeout") return new Error("send timed out");

    const answered = yield* select({
      response: respChan,
      timeout: after(this.runtime, timeoutMs, "answer timeout"),
    });
    if (answered.case === "timeout") return new Error("command timed out");
    const { response, error } = answered.value;
    return error ?? (response as R);
  }
}

interface Inflight {
  readonly startMs: number;
  readonly request: AppendEntriesRequest;
  readonly respChan: Channel<RPCResponse>;
}

/**
 * Sixteen requests may wait in turn for their answers; one more is with
 * `decodeResponses`, and one with the sender. Sixteen answers may wait to be
 * read.
 *
 * Go: inmemPipeline, inmem_transport.go
 */
class InmemPipeline implements AppendPipeline {
  readonly target: ServerAddress;
  private readonly runtime: Runtime;
  private readonly peerCh: Channel<RPC>;
  private readonly timeoutMs: number;
  private readonly inprogressCh = new Channel<Inflight>("inprogressCh", 16);
  private readonly doneCh = new Channel<AppendFuture>("doneCh", 16);
  private readonly shutdownCh = new Channel<void>("pipelineShutdownCh");

  constructor(
    runtime: Runtime,
    peerCh: Channel<RPC>,
    target: ServerAddress,
    timeoutMs: number,
  ) {
    this.runtime = runtime;
    this.peerCh = peerCh;
    this.target = target;
    this.timeoutMs = timeoutMs;
    go(runtime, `decodeResponses ${target}`, this.decodeResponses());
  }

  /** Go: (*inmemPipeline).AppendEntries, inmem_transport.go */
  *AppendEntries(request: AppendEntriesRequest): Task<Error | undefined> {
    if (this.shutdownCh.closed) return ErrPipelineShutdown;
    const startMs = this.runtime.clock.now();
    const respChan = new Channel<RPCResponse>("respChan", 1);
    const sent = yield* select({
      request: sending(this.peerCh, { command: request, respChan }),
      timeout: after(this.runtime, this.timeoutMs, "send timeout"),
      shutdown: this.shutdownCh,
    });
    if (sent.case === "timeout") return new Error("command enqueue timeout");
    if (sent.case === "shutdown") return ErrPipelineShutdown;
    const kept = yield* select({
      inflight: sending(this.inprogressCh, { startMs, request, respChan }),
      shutdown: this.shutdownCh,
    });
    return kept.case === "shutdown" ? ErrPipelineShutdown : undefined;
  }

  Consumer(): Channel<AppendFuture> {
    return this.doneCh;
  }

  Close(): void {
    if (!this.shutdownCh.closed) this.shutdownCh.close();
  }

  /** Go: (*inmemPipeline).decodeResponses, inmem_transport.go */
  private *decodeResponses(): Task<void> {
    const shutdown = this.shutdownCh;
    for (;;) {
      const next = yield* select({ inflight: this.inprogressCh, shutdown });
      if (next.case === "shutdown") return;
      const { startMs, request, respChan } = next.value;
      const answered = yield* select({
        response: respChan,
        timeout: after(this.runtime, this.timeoutMs, "answer timeout"),
        shutdown,
      });
      if (answered.case === "shutdown") return;
      const result =
        answered.case === "timeout"
          ? new Error("command timed out")
          : (answered.value.error ??
            (answered.value.response as AppendEntriesResponse));
      const done = yield* select({
        done: sending(this.doneCh, { startMs, request, result }),
        shutdown,
      });
      if (done.case === "shutdown") return;
    }
  }
}

/** Go: NewInmemTransport, inmem_transport.go */
export function NewInmemTransport(
  runtime: Runtime,
  address: ServerAddress,
): InmemTransport {
  return new InmemTransport(runtime, address);
}
