/**
 * Unscripted runs, and what became of every request for a vote in them.
 *
 * A request is taken when it crosses `rpcCh` into the main task, and decided
 * when that task hands its answer on. In between it takes no other request, so
 * what the server says and writes meanwhile is about this one. Where a request
 * was refused, the server says why; a reason that belongs to no rung is an
 * error. What was granted is told apart by whether the vote was written.
 */

import type {
  RequestVoteRequest,
  RequestVoteResponse,
} from "../../../raft/commands.ts";
import {
  encodeConfiguration,
  type Server,
  ServerSuffrage,
} from "../../../raft/configuration.ts";
import { LogType } from "../../../raft/log.ts";
import type { RPC, RPCResponse } from "../../../raft/ports.ts";
import type { Random } from "../../../raft/runtime/random.ts";
import type { Task } from "../../../raft/runtime/task.ts";
import {
  namedServers,
  type SimServer,
  World,
  type WorldPass,
} from "../../../raft/sim/world.ts";
import { keyLastVoteTerm } from "../../../raft/stable.ts";
import { getCurrentTerm, getLastEntry } from "../../../raft/state.ts";
import { decodeText } from "../../../raft/util.ts";

export const RUNS = 40;
export const CUTS = 6;
/** Every so many runs two more servers have missed what became of them. */
export const OUTDATED_EVERY = 8;

/** What the voter was like when it took the request. */
export interface Voter {
  readonly members: readonly Server[];
  /** Whom it knows as the leader; "" is nobody. */
  readonly leader: string;
  readonly term: number;
  /** Its last vote, as on its disk; 0 and "" is none. */
  readonly votedTerm: number;
  readonly votedFor: string;
  /** Its last entry. */
  readonly lastIndex: number;
  readonly lastTerm: number;
}

/** One request, as a main task has taken it. */
export interface Asked {
  readonly seed: number;
  readonly candidate: string;
  readonly request: RequestVoteRequest;
  readonly voter: Voter;
}

/** The same, and what became of it. */
export interface Decision extends Asked {
  /** Whether the voter has taken a newer term over. */
  readonly tookTerm: boolean;
  readonly granted: boolean;
  /** The rung that has decided. */
  readonly rung: number;
}

/** What all the runs have shown. */
export interface Votes {
  /** Requests that a main task has taken. */
  readonly taken: number;
  readonly decisions: readonly Decision[];
  /** Taken, and the server stopped because rung 4 could not write the term. */
  readonly stopped: readonly Asked[];
  /** Taken, and the run was over before the answer. */
  readonly open: number;
}

/** Which rung gives which reason. */
const REASONS: readonly (readonly [rung: number, reason: RegExp])[] = [
  [1, /^not in our configuration$/],
  [2, /^we have a leader: /],
  [3, /^our term is newer$/],
  [5, /^the candidate is not a voter$/],
  [6, /^we have voted in this term$/],
  [6, /^no last vote: /],
  [7, /^our last (term|index) is greater$/],
  [8, /^failed to persist vote: /],
];

/** The rung of a refusal, by the voter's own words. */
export function rungOf(reason: string): number {
  const known = REASONS.find(([, words]) => words.test(reason));
  if (known) return known[0];
  throw new Error(`no rung of the ladder refuses with "${reason}"`);
}

export function votes(runs = RUNS): Votes {
  const all = Array.from({ length: runs }, (_, i) => play(i + 1));
  const sum = (part: (one: Votes) => number) =>
    all.reduce((total, one) => total + part(one), 0);
  return {
    taken: sum(({ taken }) => taken),
    decisions: all.flatMap(({ decisions }) => decisions),
    stopped: all.flatMap(({ stopped }) => stopped),
    open: sum(({ open }) => open),
  };
}

/** Server after server is cut off; a leader hands over; disks fail. */
function play(seed: number): Votes {
  let watcher: Watcher | undefined;
  const outdated = seed % OUTDATED_EVERY === 0;
  const w = new World({
    seed,
    servers: outdated ? 5 : 3,
    keepTrace: true,
    logLines: true,
    network: { delayMs: [20, 150], lossRate: 0.05, duplicateRate: 0.05 },
    disk: { writeMs: [1, 5], errorRate: 0.03 },
    onPass: (pass) => watcher?.passed(pass),
  });
  if (outdated) changeMembers(w);
  watcher = new Watcher(w, seed);
  const random = w.stream("cuts");
  for (let cut = 0; cut < CUTS; cut++) {
    cutOff(w, random, `x=${cut}`);
    for (const { id } of w.servers) w.start(id);
    if (cut === CUTS / 2) handOver(w, random);
    w.run(500);
  }
  const [violation] = w.violations;
  if (violation) throw new Error(`seed ${seed}: ${violation.what}`);
  return watcher.votes();
}

function cutOff(w: World, random: Random, command: string): void {
  const ids = w.servers.map(({ id }) => id);
  const alone = random.pick(ids);
  const others = ids.filter((id) => id !== alone);
  if (random.chance(0.5)) w.partition([alone], others);
  else for (const other of others) w.cut(other, alone);
  const leader = w.leader();
  if (leader) w.apply(leader.id, command);
  w.run(1500 + random.int(1500));
  w.heal();
}

/** A leader sends TimeoutNow, without a look at who is up to date. */
function handOver(w: World, random: Random): void {
  const leader = w.leader();
  const trans = leader?.r?.trans;
  if (!leader || !trans) return;
  const others = namedServers(3).filter(({ id }) => id !== leader.id);
  const { id, address } = random.pick(others);
  function* program(): Task<void> {
    const rpcHeader = { protocolVersion: 3 } as const;
    const request = { kind: "TimeoutNowRequest", rpcHeader } as const;
    yield* trans?.TimeoutNow(id, address, request) ?? [];
  }
  w.driver.scheduler.go(leader.process, "hand over", program());
}

/**
 * s4 has lost its vote by entry 2 and s5 is removed by entry 3. The voters
 * have both entries; the logs of s4 and s5 end before.
 */
function changeMembers(w: World): void {
  const members = namedServers(5);
  const demoted = members.map((server) =>
    server.id === "s4"
      ? { ...server, suffrage: ServerSuffrage.Nonvoter }
      : server,
  );
  const removed = demoted.filter(({ id }) => id !== "s5");
  const logs = [demoted, removed].map((servers, i) => ({
    index: i + 2,
    term: 1,
    type: LogType.Configuration,
    data: encodeConfiguration({ servers }),
  }));
  for (const { id } of namedServers(3)) w.server(id).disk.preset({}, logs);
}

/** A request that is not decided yet. */
interface Open extends Asked {
  /** How many lines the trace had. */
  readonly fromLine: number;
}

class Watcher {
  private readonly w: World;
  private readonly seed: number;
  /** By the server that has taken it. */
  private readonly open = new Map<string, Open>();
  private readonly decisions: Decision[] = [];
  private readonly stopped: Asked[] = [];
  private taken = 0;

  constructor(w: World, seed: number) {
    this.w = w;
    this.seed = seed;
  }

  /** A value crosses a channel. */
  passed({ kind, server, task, to, channel, value }: WorldPass): void {
    const taker = kind === "send" ? to : task;
    if (channel === "rpcCh" && taker === "run" && kind !== "close") {
      const { command } = value as RPC;
      if (command.kind === "RequestVoteRequest") this.takes(server, command);
    } else if (channel === "respChan" && task === "run" && kind === "send") {
      const { response } = value as RPCResponse;
      if (response?.kind === "RequestVoteResponse") {
        this.answers(server, response);
      }
    }
  }

  /** The run is over. */
  votes(): Votes {
    for (const id of this.open.keys()) this.hasStopped(id);
    return {
      taken: this.taken,
      decisions: this.decisions,
      stopped: this.stopped,
      open: this.open.size,
    };
  }

  private takes(id: string, request: RequestVoteRequest): void {
    if (this.open.has(id) && !this.hasStopped(id)) {
      throw new Error(`${id} takes a second request before it has answered`);
    }
    this.taken++;
    this.open.set(id, {
      seed: this.seed,
      candidate: decodeText(request.candidate),
      request,
      voter: voterAt(this.w.server(id)),
      fromLine: this.w.trace.lines.length,
    });
  }

  /** Whether it could not write the term that it was told, and crashed. */
  private hasStopped(id: string): boolean {
    const open = this.open.get(id);
    const crashed = this.saidSince(id).some((said) =>
      said.startsWith("crashes in run: failed to save current term"),
    );
    if (!open || !crashed) return false;
    this.open.delete(id);
    this.stopped.push(open);
    return true;
  }

  private answers(id: string, answer: RequestVoteResponse): void {
    const open = this.open.get(id);
    if (!open) throw new Error(`${id} answers a request that it has not taken`);
    const { granted, term } = answer;
    this.decisions.push({
      ...open,
      tookTerm: term > open.voter.term,
      granted,
      rung: granted ? this.granting(id, term) : this.refusing(id),
    });
    this.open.delete(id);
  }

  /** A vote of rung 8 has been written; of rung 6, long ago. */
  private granting(id: string, term: number): number {
    const said = this.saidSince(id);
    return said.includes(`writes LastVoteTerm ${term}`) ? 8 : 6;
  }

  private refusing(id: string): number {
    const reasons = this.saidSince(id).flatMap((said) => {
      const [, reason] = REFUSED.exec(said) ?? [];
      return reason ?? [];
    });
    if (reasons.length === 1) return rungOf(reasons[0] ?? "");
    throw new Error(`${id} refuses for ${reasons.length} reasons`);
  }

  /** What a server has said and written since it took its request. */
  private saidSince(id: string): string[] {
    const from = this.open.get(id)?.fromLine ?? 0;
    return this.w.trace.lines.slice(from).flatMap((line) => {
      const [, who, what = ""] = LINE.exec(line) ?? [];
      return who === id ? what : [];
    });
  }
}

const LINE = /^ *\S+ (\S+) +(.*)$/;
const REFUSED = /^\[WARN\] rejecting vote request: (.*) from=\S+$/;

function voterAt({ r, disk, lastVote }: SimServer): Voter {
  if (!r) throw new Error("a server that is down takes no request");
  const last = getLastEntry(r);
  return {
    members: r.configurations.latest.servers,
    leader: r.leader,
    term: getCurrentTerm(r),
    votedTerm: disk.number(keyLastVoteTerm),
    votedFor: lastVote,
    lastIndex: last.index,
    lastTerm: last.term,
  };
}
