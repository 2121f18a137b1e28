/**
 * What the runtime's tests start from: one scheduler with one process, in
 * which ready tasks run first in, first out, unless a test asks otherwise.
 * Uncaught errors are thrown by `run`, so that a test goes red by itself.
 */
import { Random } from "../../../raft/runtime/random.ts";
import {
  Process,
  type RunningTask,
  Scheduler,
  type SchedulerOptions,
  type Task,
} from "../../../raft/runtime/task.ts";

export interface OneProcess {
  readonly scheduler: Scheduler;
  readonly process: Process;
  go(name: string, body: () => Task<unknown>): RunningTask;
  /** Starts the tasks in order, and runs until every one is parked. */
  run(...bodies: (() => Task<unknown>)[]): void;
}

export function oneProcess(
  options: Partial<SchedulerOptions> = {},
): OneProcess {
  const scheduler = new Scheduler({
    random: new Random(1),
    firstInFirstOut: true,
    ...options,
  });
  const process = new Process("server-1");
  const go = (name: string, body: () => Task<unknown>) =>
    scheduler.go(process, name, body());
  return {
    scheduler,
    process,
    go,
    run(...bodies) {
      bodies.forEach((body, i) => {
        go(`task-${i + 1}`, body);
      });
      scheduler.run();
    },
  };
}
