/**
 * Clients that write and read single keys, and remember what they were told,
 * so that the whole history can be judged afterwards.
 *
 * Two ways to read: through the log, as a command like any other; and from the
 * leader's own state, after it has passed a barrier in its term and then found
 * by VerifyLeader that it still leads.
 */

import { ErrEnqueueTimeout, ErrNotLeader } from "../errors.ts";
import type { ApplyFuture } from "../future.ts";
import type { Random } from "../runtime/random.ts";
import type { Task } from "../runtime/task.ts";
import type { Operation } from "./linearizability.ts";
import type { SimServer, World } from "./world.ts";

interface OpenOperation extends Operation {
  value: string;
  returnedMs: number | undefined;
}

const KEYS = ["a", "b", "c"];
const CLIENTS = 8;
/** After this long a client gives up and asks something else. */
const PATIENCE_MS = 1000;
/** How often a client asks anybody, and not one who leads. */
const ASTRAY = 0.1;

export class Clients {
  /** While true nobody asks anything. */
  quiet = false;
  private readonly operations = new Set<OpenOperation>();
  private readonly world: World;
  private readonly random: Random;
  private begun = 0;
  /** What has been asked, not been answered and not been given up. */
  private readonly open = new Set<OpenOperation>();
  /** The questions that nobody has answered, with whom they were asked. */
  private readonly unanswered = new Map<OpenOperation, SimServer["process"]>();
  /** How long a command waits to be taken; 0 is for ever. */
  private readonly applyTimeoutMs: number;
  /** The term in which a server has last passed a barrier. */
  private readonly barriers = new WeakMap<object, number>();

  constructor(world: World, random: Random, applyTimeoutMs = 0) {
    this.world = world;
    this.random = random;
    this.applyTimeoutMs = applyTimeoutMs;
  }

  /** What is known of every operation; those surely not done are not in it. */
  get history(): Operation[] {
    return [...this.operations];
  }

  /** What was asked of a server that is still up, and never answered. */
  get waiting(): Operation[] {
    return [...this.unanswered]
      .filter(([, process]) => !process.crashed)
      .map(([operation]) => operation);
  }

  /** One client does something with a server that leads, or thinks so. */
  act(): void {
    if (this.quiet) return;
    const astray = this.random.chance(ASTRAY);
    const servers = this.world.servers.filter(({ up, state }) =>
      astray ? up : state === "Leader",
    );
    if (servers.length === 0 || this.allWait()) return;
    const server = this.random.pick(servers);
    const key = this.random.pick(KEYS);
    const draw = this.random.int(10);
    if (draw < 6) this.start(server, this.write(server, key));
    else if (draw < 8) this.start(server, this.readByLog(server, key));
    else this.start(server, this.readByVerify(server, key));
  }

  /** Many at once, without waiting for one another. */
  burst(count: number): void {
    for (let i = 0; i < count; i++) {
      this.open.clear();
      this.act();
    }
  }

  /** Whether every client waits for an answer, and none has given up. */
  private allWait(): boolean {
    const patientSince = this.world.now - PATIENCE_MS;
    for (const operation of this.open) {
      if (operation.calledMs <= patientSince) this.open.delete(operation);
    }
    return this.open.size >= CLIENTS;
  }

  private start(server: SimServer, task: Task<void>): void {
    this.world.driver.scheduler.go(server.process, "client", task);
  }

  private begin(
    { process }: SimServer,
    kind: Operation["kind"],
    key: string,
    value: string,
  ) {
    const operation: OpenOperation = {
      client: `c${++this.begun}`,
      key,
      kind,
      value,
      calledMs: this.world.now,
      returnedMs: undefined,
    };
    this.operations.add(operation);
    this.open.add(operation);
    this.unanswered.set(operation, process);
    return operation;
  }

  /** The client has its hands free again. */
  private answered(operation: OpenOperation): void {
    this.open.delete(operation);
    this.unanswered.delete(operation);
  }

  /** Surely not done: it is not part of the history. */
  private drop(operation: OpenOperation): void {
    this.answered(operation);
    this.operations.delete(operation);
  }

  private *write(server: SimServer, key: string): Task<void> {
    const operation = this.begin(server, "write", key, `v${this.begun + 1}`);
    const command = `${key}=${operation.value}`;
    const future = this.apply(server, command);
    const error = yield* future.wait();
    this.answered(operation);
    if (!error) {
      operation.returnedMs = this.world.now;
      this.world.invariants.told(server.id, future.Index(), command);
    } else if (surelyNotDone(error)) this.drop(operation);
  }

  private *readByLog(server: SimServer, key: string): Task<void> {
    const operation = this.begin(server, "read", key, "");
    const future = this.apply(server, `?${key}`);
    const error = yield* future.wait();
    if (error) return this.drop(operation);
    this.answered(operation);
    operation.value = future.Response() as string;
    operation.returnedMs = this.world.now;
  }

  private *readByVerify(server: SimServer, key: string): Task<void> {
    const { raft, applied } = server;
    if (!raft || !applied) return;
    const operation = this.begin(server, "read", key, "");
    const term = raft.CurrentTerm();
    if (this.barriers.get(raft) !== term) {
      const error = yield* raft.Barrier(0).wait();
      if (error || raft.CurrentTerm() !== term) return this.drop(operation);
      this.barriers.set(raft, term);
    }
    const newest = this.world.invariants.newestCommitter;
    const askedMs = this.world.now;
    const error = yield* raft.VerifyLeader().wait();
    if (error) return this.drop(operation);
    this.world.invariants.verified(server, newest, askedMs);
    this.answered(operation);
    operation.value = applied.get(key);
    operation.returnedMs = this.world.now;
  }

  private apply({ id }: SimServer, command: string): ApplyFuture {
    return this.world.apply(id, command, this.applyTimeoutMs);
  }
}

/** Whether a command with that error has certainly no effect. */
function surelyNotDone(error: Error): boolean {
  return error === ErrNotLeader || error === ErrEnqueueTimeout;
}
