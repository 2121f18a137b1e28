/**
 * What a contract is proved on: a port, and a way to run its tasks. A store
 * on the host's disk runs them in real time and answers with a promise, one in
 * virtual time at once.
 */
import { describe, test } from "vitest";
import type { Task } from "../../../raft/runtime/task.ts";

export interface Subject<Port> {
  readonly port: Port;
  run(body: Task<void>): void | Promise<void>;
  /** Gives back what the port holds: files, sockets. */
  close?(): void | Promise<void>;
}

export type MakeSubject<Port> = () => Subject<Port> | Promise<Subject<Port>>;

/** One line of a contract: what every implementation does, and the proof. */
export interface Clause<Port> {
  readonly clause: string;
  prove(port: Port): Task<void>;
}

/** Proves every clause on a fresh port of its own. */
export function contract<Port>(
  name: string,
  clauses: readonly Clause<Port>[],
  make: MakeSubject<Port>,
): void {
  describe(name, () => {
    for (const { clause, prove } of clauses) {
      test(clause, async () => {
        const { port, run, close } = await make();
        await run(prove(port));
        await close?.();
      });
    }
  });
}

/** The value, or the test ends with the error that came in its place. */
export function got<T>(value: T | Error): T {
  if (value instanceof Error) throw value;
  return value;
}
