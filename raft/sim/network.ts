/**
 * The network between the servers: it delays, loses, repeats and reorders
 * messages, it can be cut in any direction, and it can be clogged.
 *
 * There are two of them. Usually each message finds its way alone, so that it
 * can be lost in silence or arrive twice: worse than anything Raft has to bear
 * from TCP. With `streams` a message travels on a connection, as v1.1.1's do:
 * none arrives twice, and one that is lost has broken its connection, which
 * the caller notices at once. A pipeline is a connection in both.
 *
 * A request travels, is handled, and its answer travels back. Heartbeats are
 * handed to the server's heartbeat handler on a task of their own, as
 * upstream's network transport does.
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
} from "../commands.ts";
import type { ServerAddress, ServerID } from "../configuration.ts";
import {
  ErrPipelineReplicationNotSupported,
  ErrPipelineShutdown,
} from "../errors.ts";
import type {
  AppendFuture,
  AppendPipeline,
  RPC,
  RPCResponse,
  Transport,
} from "../ports.ts";
import { Channel } from "../runtime/channel.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Random } from "../runtime/random.ts";
import { after, go, type Runtime } from "../runtime/runtime.ts";
import { select, sending } from "../runtime/select.ts";
import type { Task } from "../runtime/task.ts";
import { decodeText, encodeText } from "../util.ts";

export type Message = Command | Response;

export interface NetworkOptions {
  /** Shortest and longest way of a message, in milliseconds. */
  delayMs: readonly [number, number];
  /** How likely a message takes twenty times as long. */
  tailRate: number;
  /** How likely a message is lost. */
  lossRate: number;
  /** How likely a message arrives a second time. */
  duplicateRate: number;
  /** How long a caller waits for its answer. */
  timeoutMs: number;
  /**
   * How many requests of a pipeline may wait in turn for their answers; one
   * more is with the task that reads them. 0 is no pipeline.
   */
  pipelineDepth: number;
  /** Every request has a connection, as with TCP. */
  streams?: boolean;
}

/** One direction of a connection: it keeps the order, or it breaks. */
interface Way {
  lastArrivalMs: number;
  lost(): void;
}

/** A message under way. */
interface Arrival {
  readonly from: ServerAddress;
  readonly to: ServerAddress;
  readonly message: Message;
  readonly arrive: (transport: SimTransport) => void;
  readonly way: Way | undefined;
}

/** How rules and traces sort messages: heartbeats are a kind of their own. */
export type MessageKind = Message["kind"] | "Heartbeat";

/** The kind of a message. */
export function kindOf(message: Message): MessageKind {
  const { kind } = message;
  if (kind !== "AppendEntriesRequest") return kind;
  return isHeartbeat(message) ? "Heartbeat" : kind;
}

/** What a scenario does to certain messages. `undefined` matches any. */
export interface MessageRule {
  readonly kind: MessageKind | undefined;
  readonly from: ServerAddress | undefined;
  readonly to: ServerAddress | undefined;
  /** Lose it, or let it take exactly this long. */
  readonly action: "drop" | { readonly delayMs: number };
}

/** Told of every message that is sent, arrives or is lost. */
export interface NetworkWatcher {
  sent(from: ServerAddress, to: ServerAddress, message: Message): void;
  arrived(from: ServerAddress, to: ServerAddress, message: Message): void;
  lost(from: ServerAddress, to: ServerAddress, message: Message): void;
  /** The answer to a request of `by`, sent at `sentMs`, has come back. */
  heard(
    by: ServerAddress,
    from: ServerAddress,
    sentMs: number,
    response: Response,
  ): void;
  /** A server has answered a request; the answer is about to be sent. */
  answered(by: ServerAddress, request: Command, response: Response): void;
}

export class Network {
  options: NetworkOptions;
  rules: MessageRule[] = [];
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly watcher: NetworkWatcher;
  private readonly transports = new Map<ServerAddress, SimTransport>();
  /** The ways that are cut: `s1>s2`. */
  private readonly cuts = new Set<string>();
  /** Servers whose messages wait, and the messages that do. */
  private readonly clogged = new Set<ServerAddress>();
  private waiting: Arrival[] = [];
  private readonly pipelines = new Set<SimPipeline>();

  constructor(
    options: NetworkOptions,
    clock: Clock,
    random: Random,
    watcher: NetworkWatcher,
  ) {
    this.options = options;
    this.clock = clock;
    this.random = random;
    this.watcher = watcher;
  }

  /** Plugs in a server that starts; the one before it is gone. */
  plugIn(runtime: Runtime, address: ServerAddress): SimTransport {
    const transport = new SimTransport(this, runtime, address);
    this.transports.set(address, transport);
    return transport;
  }

  unplug(address: ServerAddress): void {
    this.transports.delete(address);
  }

  /** Cuts the way from one server to another, and not the way back. */
  cut(from: ServerAddress, to: ServerAddress): void {
    this.cuts.add(`${from}>${to}`);
  }

  /** Cuts every way between different groups. */
  partition(groups: readonly (readonly ServerAddress[])[]): void {
    for (const from of groups) {
      for (const to of groups) {
        if (from === to) continue;
        for (const a of from) for (const b of to) this.cut(a, b);
      }
    }
  }

  heal(): void {
    this.cuts.clear();
    this.clogged.clear();
    this.releaseWaiting();
  }

  /** Whatever goes to or comes from this server waits; nothing is lost. */
  clog(address: ServerAddress): void {
    this.clogged.add(address);
  }

  /** What has waited arrives, in its order. */
  unclog(address: ServerAddress): void {
    this.clogged.delete(address);
    this.releaseWaiting();
  }

  private releaseWaiting(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const arrival of waiting)
      this.clock.at(this.now, () => this.land(arrival));
  }

  /** Breaks every pipeline that is chosen, with all that is under way in it. */
  breakPipelines(chosen: () => boolean): void {
    for (const pipeline of this.pipelines) if (chosen()) pipeline.Close();
  }

  opened(pipeline: SimPipeline): void {
    this.pipelines.add(pipeline);
  }

  closed(pipeline: SimPipeline): void {
    this.pipelines.delete(pipeline);
  }

  get now(): number {
    return this.clock.now();
  }

  get isCut(): boolean {
    return this.cuts.size > 0;
  }

  heard(
    by: ServerAddress,
    from: ServerAddress,
    sentMs: number,
    response: Response | undefined,
  ): void {
    if (response) this.watcher.heard(by, from, sentMs, response);
  }

  answered(by: ServerAddress, request: Command, response: Response): void {
    this.watcher.answered(by, request, response);
  }

  /** Carries a message; `arrive` is called for each copy that arrives. */
  carry(
    from: ServerAddress,
    to: ServerAddress,
    message: Message,
    arrive: (transport: SimTransport) => void,
    way?: Way,
  ): void {
    this.watcher.sent(from, to, message);
    const rule = this.rules.find((r) => matches(r, from, to, message));
    const twice = !way && this.random.chance(this.options.duplicateRate);
    const copies = twice ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (
        rule?.action === "drop" ||
        this.random.chance(this.options.lossRate)
      ) {
        this.watcher.lost(from, to, message);
        way?.lost();
        continue;
      }
      const delayMs = rule?.action.delayMs ?? this.drawDelay();
      let at = this.clock.now() + delayMs;
      if (way) at = way.lastArrivalMs = Math.max(way.lastArrivalMs, at);
      const arrival = { from, to, message, arrive, way };
      this.clock.at(at, () => this.land(arrival));
    }
  }

  /** A message is at its end: it is taken, lost, or has to wait. */
  private land(arrival: Arrival): void {
    const { from, to, message, arrive, way } = arrival;
    if (this.clogged.has(from) || this.clogged.has(to)) {
      this.waiting.push(arrival);
      return;
    }
    const target = this.transports.get(to);
    if (!target || this.cuts.has(`${from}>${to}`)) {
      this.watcher.lost(from, to, message);
      way?.lost();
      return;
    }
    this.watcher.arrived(from, to, message);
    arrive(target);
  }

  private drawDelay(): number {
    const [least, most] = this.options.delayMs;
    const delay = least + this.random.int((most - least) * 1000 + 1) / 1000;
    return this.random.chance(this.options.tailRate) ? 20 * delay : delay;
  }
}

function matches(
  rule: MessageRule,
  from: ServerAddress,
  to: ServerAddress,
  message: Message,
): boolean {
  return (
    (rule.from ?? from) === from &&
    (rule.to ?? to) === to &&
    (rule.kind === undefined || rule.kind === kindOf(message))
  );
}

/** One server's end of the network, from its start to its crash. */
export class SimTransport implements Transport {
  private readonly network: Network;
  private readonly runtime: Runtime;
  private readonly address: ServerAddress;
  private readonly consumerCh = new Channel<RPC>("rpcCh");
  private heartbeatHandler: ((rpc: RPC) => Task<void>) | undefined;

  constructor(network: Network, runtime: Runtime, address: ServerAddress) {
    this.network = network;
    this.runtime = runtime;
    this.address = address;
  }

  Consumer(): Channel<RPC> {
    return this.consumerCh;
  }

  LocalAddr(): ServerAddress {
    return this.address;
  }

  *AppendEntries(_id: ServerID, to: ServerAddress, req: AppendEntriesRequest) {
    return yield* this.call<AppendEntriesResponse>(to, req);
  }

  *RequestVote(_id: ServerID, to: ServerAddress, req: RequestVoteRequest) {
    return yield* this.call<RequestVoteResponse>(to, req);
  }

  *TimeoutNow(_id: ServerID, to: ServerAddress, req: TimeoutNowRequest) {
    return yield* this.call<TimeoutNowResponse>(to, req);
  }

  *AppendEntriesPipeline(
    _id: ServerID,
    to: ServerAddress,
  ): Task<AppendPipeline | Error> {
    if (this.network.options.pipelineDepth === 0) {
      return ErrPipelineReplicationNotSupported;
    }
    return new SimPipeline(this.network, this.runtime, this.address, to);
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
    this.network.unplug(this.address);
  }

  private *call<R extends Response>(
    to: ServerAddress,
    request: Command,
  ): Task<R | Error> {
    const answers = new Channel<RPCResponse>("answer", 1);
    const sentMs = this.network.now;
    const way = this.network.options.streams ? brokenTo(answers) : undefined;
    this.network.carry(
      this.address,
      to,
      request,
      (target) => target.receive(this.address, request, answers, way),
      way,
    );
    const { timeoutMs } = this.network.options;
    const event = yield* select({
      answer: answers,
      timeout: after(this.runtime, timeoutMs, "answer timeout"),
    });
    if (event.case === "timeout") return new Error(`no answer from ${to}`);
    const { response, error } = event.value;
    this.network.heard(this.address, to, sentMs, response);
    return error ?? (response as R);
  }

  /** A request has arrived: serves it on a task of this server. */
  private receive(
    from: ServerAddress,
    request: Command,
    answers: Channel<RPCResponse>,
    way: Way | undefined,
  ): void {
    go(this.runtime, `serve ${from}`, this.serve(from, request, answers, way));
  }

  /** Serves the requests of one pipeline, one after the other. */
  accept(pipeline: SimPipeline): Channel<Inflight> {
    const requests = new Channel<Inflight>("connection", 1024);
    go(
      this.runtime,
      `serve ${pipeline.from} pipeline`,
      this.servePipeline(pipeline, requests),
    );
    return requests;
  }

  private *servePipeline(
    pipeline: SimPipeline,
    requests: Channel<Inflight>,
  ): Task<void> {
    for (;;) {
      const event = yield* select({ requests, closed: pipeline.closedCh });
      if (event.case === "closed") return;
      const { request, answers } = event.value;
      const respChan = new Channel<RPCResponse>("respChan", 1);
      yield* this.consumerCh.send({ command: request, respChan });
      const answer = yield* respChan.receive();
      if (!answer.response) return pipeline.Close();
      this.network.answered(this.address, request, answer.response);
      this.network.carry(
        this.address,
        pipeline.from,
        answer.response,
        () => answers.trySend(answer),
        pipeline.back,
      );
    }
  }

  private *serve(
    from: ServerAddress,
    request: Command,
    answers: Channel<RPCResponse>,
    way: Way | undefined,
  ): Task<void> {
    const respChan = new Channel<RPCResponse>("respChan", 1);
    const rpc: RPC = { command: request, respChan };
    if (this.heartbeatHandler && isHeartbeat(request)) {
      yield* this.heartbeatHandler(rpc);
    } else {
      yield* this.consumerCh.send(rpc);
    }
    const answer = yield* respChan.receive();
    if (!answer.response) return; // an error: the caller runs into its timeout
    this.network.answered(this.address, request, answer.response);
    this.network.carry(
      this.address,
      from,
      answer.response,
      () => answers.trySend(answer),
      way,
    );
  }
}

/** A connection for one request: when it breaks, its caller hears of it. */
function brokenTo(answers: Channel<RPCResponse>): Way {
  const lost = () => {
    const error = new Error("the connection is broken");
    answers.trySend({ response: undefined, error });
  };
  return { lastArrivalMs: 0, lost };
}

interface Inflight {
  /** When it was sent, by the clock of the server and of the world. */
  readonly startMs: number;
  readonly sentMs: number;
  readonly request: AppendEntriesRequest;
  readonly answers: Channel<RPCResponse>;
}

/**
 * One connection that carries requests there and answers back, both in order.
 * A message that is lost breaks it.
 */
class SimPipeline implements AppendPipeline {
  readonly from: ServerAddress;
  readonly closedCh = new Channel<void>("pipelineClosedCh");
  readonly back: Way = this.newWay();
  private readonly there: Way = this.newWay();
  private readonly to: ServerAddress;
  private readonly network: Network;
  private readonly runtime: Runtime;
  private readonly inprogressCh: Channel<Inflight>;
  private readonly doneCh: Channel<AppendFuture>;
  private server: SimTransport | undefined;
  private requests: Channel<Inflight> | undefined;

  constructor(
    network: Network,
    runtime: Runtime,
    from: ServerAddress,
    to: ServerAddress,
  ) {
    const { pipelineDepth } = network.options;
    this.network = network;
    this.runtime = runtime;
    this.from = from;
    this.to = to;
    this.inprogressCh = new Channel("inprogressCh", pipelineDepth);
    this.doneCh = new Channel("doneCh", pipelineDepth);
    network.opened(this);
    go(runtime, `decodeResponses ${to}`, this.decodeResponses());
  }

  *AppendEntries(request: AppendEntriesRequest): Task<Error | undefined> {
    if (this.closedCh.closed) return ErrPipelineShutdown;
    const inflight: Inflight = {
      startMs: this.runtime.clock.now(),
      sentMs: this.network.now,
      request,
      answers: new Channel<RPCResponse>("answer", 1),
    };
    const event = yield* select({
      room: sending(this.inprogressCh, inflight),
      closed: this.closedCh,
    });
    if (event.case === "closed") return ErrPipelineShutdown;
    this.network.carry(
      this.from,
      this.to,
      request,
      (target) => this.arrived(target, inflight),
      this.there,
    );
    return undefined;
  }

  Consumer(): Channel<AppendFuture> {
    return this.doneCh;
  }

  Close(): void {
    this.network.closed(this);
    if (!this.closedCh.closed) this.closedCh.close();
  }

  private newWay(): Way {
    return { lastArrivalMs: 0, lost: () => this.Close() };
  }

  private arrived(target: SimTransport, inflight: Inflight): void {
    this.server ??= target;
    if (this.closedCh.closed || this.server !== target) {
      this.Close();
      return;
    }
    this.requests ??= target.accept(this);
    this.requests.trySend(inflight);
  }

  /** Hands out the answers in order; the first failure is the last word. */
  private *decodeResponses(): Task<void> {
    const { timeoutMs } = this.network.options;
    for (;;) {
      const next = yield* select({
        inflight: this.inprogressCh,
        closed: this.closedCh,
      });
      if (next.case === "closed") return;
      const { startMs, sentMs, request, answers } = next.value;
      const event = yield* select({
        answer: answers,
        timeout: after(this.runtime, timeoutMs, "answer timeout"),
        closed: this.closedCh,
      });
      const result =
        event.case === "answer"
          ? (event.value.error ??
            (event.value.response as AppendEntriesResponse))
          : new Error(`the pipeline to ${this.to} is broken`);
      if (event.case === "answer") {
        const { response } = event.value;
        this.network.heard(this.from, this.to, sentMs, response);
      }
      yield* this.doneCh.send({ startMs, request, result });
      if (result instanceof Error) {
        this.Close();
        return;
      }
    }
  }
}

/** What upstream's network transport takes for a heartbeat. */
export function isHeartbeat(request: Command): boolean {
  return (
    request.kind === "AppendEntriesRequest" &&
    request.term !== 0 &&
    request.prevLogEntry === 0 &&
    request.prevLogTerm === 0 &&
    request.entries.length === 0 &&
    request.leaderCommitIndex === 0
  );
}
