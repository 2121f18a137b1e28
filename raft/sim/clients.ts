/**
 * Clients that write and read single keys, and remember what they were told,
 * so that the whole history can be judged afterwards.
 *
 * Two ways to read: through the log, as a command like any other; and from the
 * leader's own state, after it has passed a barrier in its term and then found
 * by VerifyLeader that it still leads.
 */

import { ErrNotLeader } from "../errors.ts";
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

export class Clients {
  private readonly operations = new Set<OpenOperation>();
  private readonly world: World;
  private readonly random: Random;
  private begun = 0;
  /** What has been asked, not been answered and not been given up. */
  private readonly open = new Set<OpenOperation>();
  /** The term in which a server has last passed a barrier. */
  private readonly barriers = new WeakMap<object, number>();

  constructor(world: World, random: Random) {
    this.world = world;
    this.random = random;
  }

  /** What is known of every operation; those surely not done are not in it. */
  get history(): Operation[] {
    return [...this.operations];
  }

  /** One client does something with a server that leads, or thinks so. */
  act(): void {
    const leaders = this.world.servers.filter((s) => s.state === "Leader");
    if (leaders.length === 0 || this.allWait()) return;
    const server = this.random.pick(leaders);
    const key = this.random.pick(KEYS);
    const draw = this.random.int(10);
    if (draw < 6) this.start(server, this.write(server, key));
    else if (draw < 8) this.start(server, this.readByLog(server, key));
    else this.start(server, this.readByVerify(server, key));
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

  private begin(kind: Operation["kind"], key: string, value: string) {
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
    return operation;
  }

  /** Surely not done: it is not part of the history. */
  private drop(operation: OpenOperation): void {
    this.open.delete(operation);
    this.operations.delete(operation);
  }

  private *write(server: SimServer, key: string): Task<void> {
    const operation = this.begin("write", key, `v${this.begun + 1}`);
    const command = `${key}=${operation.value}`;
    const error = yield* this.world.apply(server.id, command).wait();
    this.open.delete(operation);
    if (!error) operation.returnedMs = this.world.now;
    else if (error === ErrNotLeader) this.drop(operation);
  }

  private *readByLog(server: SimServer, key: string): Task<void> {
    const operation = this.begin("read", key, "");
    const future = this.world.apply(server.id, `?${key}`);
    const error = yield* future.wait();
    if (error) return this.drop(operation);
    this.open.delete(operation);
    operation.value = future.Response() as string;
    operation.returnedMs = this.world.now;
  }

  private *readByVerify(server: SimServer, key: string): Task<void> {
    const { raft, applied } = server;
    if (!raft || !applied) return;
    const operation = this.begin("read", key, "");
    const term = raft.CurrentTerm();
    if (this.barriers.get(raft) !== term) {
      const error = yield* raft.Barrier(0).wait();
      if (error || raft.CurrentTerm() !== term) return this.drop(operation);
      this.barriers.set(raft, term);
    }
    const newest = this.world.invariants.newestCommitter;
    const error = yield* raft.VerifyLeader().wait();
    if (error) return this.drop(operation);
    this.world.invariants.verified(server, newest);
    this.open.delete(operation);
    operation.value = applied.get(key);
    operation.returnedMs = this.world.now;
  }
}
