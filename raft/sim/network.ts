/**
 * The network between the servers: it delays, loses, repeats and reorders
 * messages, and it can be cut in any direction.
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
import type { RPC, RPCResponse, Transport } from "../ports.ts";
import { Channel } from "../runtime/channel.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Random } from "../runtime/random.ts";
import { after, go, type Runtime } from "../runtime/runtime.ts";
import { select } from "../runtime/select.ts";
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
  }

  get isCut(): boolean {
    return this.cuts.size > 0;
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
  ): void {
    this.watcher.sent(from, to, message);
    const rule = this.rules.find((r) => matches(r, from, to, message));
    const copies = this.random.chance(this.options.duplicateRate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (
        rule?.action === "drop" ||
        this.random.chance(this.options.lossRate)
      ) {
        this.watcher.lost(from, to, message);
        continue;
      }
      const delayMs = rule?.action.delayMs ?? this.drawDelay();
      this.clock.at(this.clock.now() + delayMs, () => {
        const target = this.transports.get(to);
        if (!target || this.cuts.has(`${from}>${to}`)) {
          this.watcher.lost(from, to, message);
          return;
        }
        this.watcher.arrived(from, to, message);
        arrive(target);
      });
    }
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
    this.network.carry(this.address, to, request, (target) => {
      target.receive(this.address, request, answers);
    });
    const { timeoutMs } = this.network.options;
    const event = yield* select({
      answer: answers,
      timeout: after(this.runtime, timeoutMs, "answer timeout"),
    });
    if (event.case === "timeout") return new Error(`no answer from ${to}`);
    const { response, error } = event.value;
    return error ?? (response as R);
  }

  /** A request has arrived: serves it on a task of this server. */
  private receive(
    from: ServerAddress,
    request: Command,
    answers: Channel<RPCResponse>,
  ): void {
    go(this.runtime, `serve ${from}`, this.serve(from, request, answers));
  }

  private *serve(
    from: ServerAddress,
    request: Command,
    answers: Channel<RPCResponse>,
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
    this.network.carry(this.address, from, answer.response, () => {
      answers.trySend(answer);
    });
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
