/** The end of a server: who is told, once, and what is left. */
import { describe, expect, test } from "vitest";
import {
  ErrLeadershipLost,
  ErrNotLeader,
  ErrRaftShutdown,
} from "../../raft/errors.ts";
import type { ApplyFuture, Future } from "../../raft/future.ts";
import type { Log } from "../../raft/log.ts";
import { sleep } from "../../raft/runtime/runtime.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { encodeText } from "../../raft/util.ts";
import { Applied, follower, OneServer, type Setup } from "./one_server.ts";
import { voters } from "./servers.ts";

function alone(setup: Setup = {}): OneServer {
  return follower({
    log: [1],
    configuration: voters(1),
    ...setup,
  }).becomeLeader();
}

function shutDown(server: OneServer): Error | undefined {
  return server.run(server.raft.Shutdown().wait());
}

function apply(server: OneServer, command: string): ApplyFuture {
  return server.raft.Apply(encodeText(command), 0);
}

/** A state machine that takes a second for each command. */
function slow(): Applied {
  class Slow extends Applied {
    server: OneServer | undefined;
    *slowly(log: Log): Task<unknown> {
      const { server } = this;
      if (server) yield* sleep(server.r.runtime, 1000);
      return super.Apply(log);
    }
    override Apply(log: Log): unknown {
      return this.slowly(log);
    }
  }
  return new Slow();
}

function aloneAndSlow(setup: Setup = {}): OneServer {
  const fsm = slow();
  const server = alone({ fsm, ...setup });
  Object.assign(fsm, { server });
  return server;
}

describe("Shutdown", () => {
  test("TestRaft_StartStop: a server starts and stops", () => {
    const server = alone();
    expect(shutDown(server)).toBeUndefined();
    expect(server.state).toBe("Shutdown");
    expect(server.raft.Leader()).toBe("");
  });

  test("is answered when every task has ended and the transport is closed", () => {
    const server = follower({ log: [1] }).becomeLeader();
    expect(server.process.tasks.size).toBeGreaterThan(3);
    shutDown(server);
    expect(server.process.tasks.size).toBe(0);
    expect(server.transport.closed).toBe(1);
  });

  test("waits for tasks that have not had their first turn", () => {
    const server = new OneServer({});
    server.tryToMake();
    const future = server.raft.Shutdown();
    const tasks = () => [...server.process.tasks].map(({ name }) => name);
    expect(tasks()).toContain("run");
    server.run(future.wait());
    expect(tasks()).toEqual([]);
  });

  test("waits for a disk that is slow", () => {
    const server = alone();
    const write = server.store.hold("StoreLogs");
    apply(server, "x");
    server.settle();
    const future = server.raft.Shutdown();
    server.pass(60_000);
    expect(future.responded).toBe(false);
    expect(server.transport.closed).toBe(0);
    write.release();
    expect(server.run(future.wait())).toBeUndefined();
  });

  test("is possible twice: the second is answered at once, and closes nothing", () => {
    const server = alone();
    const write = server.store.hold("StoreLogs");
    apply(server, "x");
    server.settle();
    const first = server.raft.Shutdown();
    const second = server.raft.Shutdown();
    expect([first.responded, second.responded]).toEqual([false, true]);
    expect(server.run(second.wait())).toBeUndefined();
    write.release();
    server.run(first.wait());
    expect(server.transport.closed).toBe(1);
  });

  for (const role of ["Follower", "Candidate", "Leader"] as const) {
    test(`ends a ${role.toLowerCase()}`, () => {
      const server = follower({ log: [1] });
      if (role === "Candidate") server.becomeCandidate();
      if (role === "Leader") server.becomeLeader();
      expect(server.state).toBe(role);
      shutDown(server);
      expect(server.process.tasks.size).toBe(0);
      expect(server.raft.Leader()).toBe("");
    });
  }
});

describe("after a shutdown", () => {
  test("TestRaft_AfterShutdown: every call fails, and another Shutdown does not", () => {
    const server = alone();
    shutDown(server);
    expect(server.run(apply(server, "x").wait())).toBe(ErrRaftShutdown);
    const again = server.raft.BootstrapCluster(voters(1));
    expect(server.run(again.wait())).toBe(ErrRaftShutdown);
    expect(shutDown(server)).toBeUndefined();
    expect(server.transport.closed).toBe(1);
  });
});

describe("at a shutdown", () => {
  /** The answer of each future; every one must have come, and may not change. */
  function answers(server: OneServer, futures: readonly Future[]) {
    const read = () =>
      futures.map((future) => {
        expect(future.responded).toBe(true);
        return server.run(future.wait());
      });
    const first = read();
    server.pass(60_000);
    expect(read()).toEqual(first);
    return first;
  }

  test("commands that wait for a majority may or may not have happened", () => {
    const server = follower({ log: [1] }).becomeLeader();
    const futures = ["a", "b"].map((command) => apply(server, command));
    server.settle();
    shutDown(server);
    expect(answers(server, futures)).toEqual([
      ErrLeadershipLost,
      ErrLeadershipLost,
    ]);
  });

  test("commands that the main task has not taken have not happened", () => {
    const server = alone();
    const write = server.store.hold("StoreLogs");
    const taken = apply(server, "taken");
    server.settle();
    const futures = ["a", "b"].map((command) => apply(server, command));
    server.settle();
    const future = server.raft.Shutdown();
    server.settle();
    expect(answers(server, futures)).toEqual([
      ErrRaftShutdown,
      ErrRaftShutdown,
    ]);
    write.release();
    server.run(future.wait());
    expect(answers(server, [taken])).toEqual([ErrLeadershipLost]);
  });

  test("a command that is being applied is finished, and each behind it is or is not", () => {
    for (let seed = 1; seed <= 10; seed++) {
      const server = aloneAndSlow({ seed });
      const commands = ["a", "b", "c"];
      const futures = commands.map((command) => apply(server, command));
      server.pass(500);
      shutDown(server);
      const errors = answers(server, futures);
      expect(errors[0]).toBeUndefined();
      const done = commands.filter((_, i) => errors[i] === undefined);
      expect(server.applied).toEqual(done);
      const refused = errors.filter((error) => error !== undefined);
      expect(new Set(refused).size).toBeLessThanOrEqual(1);
      expect(refused[0] ?? ErrRaftShutdown).toBe(ErrRaftShutdown);
    }
  });

  test("more commands than the state machine's queue holds are all answered", () => {
    const server = aloneAndSlow();
    const futures = Array.from({ length: 300 }, (_, i) =>
      apply(server, `${i}`),
    );
    server.pass(500);
    shutDown(server);
    const [first, ...rest] = answers(server, futures);
    expect(first).toBeUndefined();
    const applied = rest.findIndex((error) => error !== undefined);
    const lost = [ErrRaftShutdown, ErrLeadershipLost];
    const others = rest.slice(applied);
    expect(others.length).toBeGreaterThan(200);
    expect(others.filter((error) => !lost.includes(error as Error))).toEqual(
      [],
    );
    expect(server.process.tasks.size).toBe(0);
  });

  test("a bootstrap that waits is refused", () => {
    const server = follower({ log: [] });
    const write = server.store.hold("SetUint64 CurrentTerm");
    const taken = server.raft.BootstrapCluster(voters(3));
    const waits = server.raft.BootstrapCluster(voters(3));
    server.settle();
    const future = server.raft.Shutdown();
    server.settle();
    expect(answers(server, [waits])).toEqual([ErrRaftShutdown]);
    write.release();
    server.run(future.wait());
    expect(taken.responded).toBe(true);
  });

  test("a command that comes while the server ends is answered too", () => {
    const server = aloneAndSlow();
    apply(server, "a");
    server.pass(500);
    const future = server.raft.Shutdown();
    const late = apply(server, "late");
    server.run(future.wait());
    const [error] = answers(server, [late]);
    expect([ErrRaftShutdown, ErrNotLeader]).toContain(error);
  });
});
