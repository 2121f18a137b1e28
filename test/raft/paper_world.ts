/**
 * The worlds in which the paper's sentences are tested, and what a test sees
 * of them: whole servers, 10 ms a message, 2 ms a write. Every invariant is
 * watched in each world that `world` has made.
 */
import { afterEach, expect } from "vitest";
import type { AppendEntriesRequest } from "../../raft/commands.ts";
import { DefaultConfig } from "../../raft/config.ts";
import { isHeartbeat, type Message } from "../../raft/sim/network.ts";
import {
  type SimServer,
  World,
  type WorldOptions,
} from "../../raft/sim/world.ts";
import {
  keyCurrentTerm,
  keyLastVoteCand,
  keyLastVoteTerm,
} from "../../raft/stable.ts";
import { decodeText } from "../../raft/util.ts";

/** T: a timer is drawn between this and twice as much. */
export const timeoutMs = DefaultConfig().heartbeatTimeoutMs;
const longest = [1990, 1990, 1990];

const worlds: World[] = [];

afterEach(() => {
  for (const w of worlds.splice(0)) expect(w.violations).toEqual([]);
});

export function world(options: Partial<WorldOptions> = {}): World {
  const w = new World({
    seed: 1,
    network: { delayMs: [10, 10] },
    disk: { writeMs: [2, 2] },
    ...options,
  });
  worlds.push(w);
  return w;
}

/** The first timers of these servers run 1200 ms, all others the longest. */
export function firstToRing(
  ids: readonly string[],
  servers = 3,
  options: Partial<WorldOptions> = {},
): World {
  const w = world({ servers, ...options });
  for (const { id } of w.servers) {
    const first = ids.includes(id) ? [1200] : longest;
    w.fixTimers(id, "heartbeatTimer", first);
  }
  return w;
}

/** s1 has just been elected in term 2. */
export function ledByS1(
  servers = 3,
  options: Partial<WorldOptions> = {},
): World {
  const w = firstToRing(["s1"], servers, options);
  w.runUntil(() => w.server("s1").state === "Leader");
  return w;
}

export function leads(w: World, id: string): boolean {
  return w.server(id).state === "Leader";
}

export function contactOf(w: World, id: string): number | undefined {
  return w.server(id).raft?.LastContact();
}

export function commitOf(w: World, id: string): number {
  return w.server(id).raft?.CommitIndex() ?? 0;
}

/** What stands on the disk of a server. */
export function durable({ disk }: SimServer) {
  const candidate = disk.bytes(keyLastVoteCand);
  return {
    term: disk.number(keyCurrentTerm),
    voteTerm: disk.number(keyLastVoteTerm),
    candidate: candidate ? decodeText(candidate) : "",
  };
}

/** A message, and what was true of its sender at that moment. */
export interface Sent {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly message: Message;
  readonly state: string;
  readonly term: number;
  readonly commit: number;
  readonly disk: ReturnType<typeof durable>;
}

/** Everything that is sent from now on. */
export function record(w: World): Sent[] {
  const sent: Sent[] = [];
  const carry = w.network.carry.bind(w.network);
  w.network.carry = (from, to, message, ...rest) => {
    const server = w.server(from);
    const { state, term } = server;
    const commit = commitOf(w, from);
    const disk = durable(server);
    sent.push({ at: w.now, from, to, message, state, term, commit, disk });
    carry(from, to, message, ...rest);
  };
  return sent;
}

export function isRequest({ message }: Sent): boolean {
  return message.kind.endsWith("Request");
}

/** A request that replicates, and no mere heartbeat. */
export function appendOf({ message }: Sent): AppendEntriesRequest | undefined {
  if (message.kind !== "AppendEntriesRequest") return undefined;
  return isHeartbeat(message) ? undefined : message;
}

/** Looks at the world after every event of so many milliseconds. */
export function watching(w: World, durationMs: number, look: () => void): void {
  w.runUntil(() => {
    look();
    return false;
  }, durationMs);
}
