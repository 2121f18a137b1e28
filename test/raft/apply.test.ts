/**
 * What becomes of a command: who takes it, how long it waits, what comes back.
 */
import { describe, expect, test } from "vitest";
import { ErrEnqueueTimeout, ErrNotLeader } from "../../raft/errors.ts";
import type { ApplyFuture } from "../../raft/future.ts";
import { type Log, LogType } from "../../raft/log.ts";
import type { ConfigurationStore, FSM } from "../../raft/ports.ts";
import { sleep } from "../../raft/runtime/runtime.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { encodeText } from "../../raft/util.ts";
import { Applied, follower, type OneServer, type Setup } from "./one_server.ts";
import { agreeing } from "./scripted_transport.ts";
import { voters } from "./servers.ts";

/** The only server of its cluster, which leads; entry 2 opened its term. */
function alone(setup: Setup = {}): OneServer {
  return follower({
    log: [1],
    configuration: voters(1),
    ...setup,
  }).becomeLeader();
}

function apply(server: OneServer, command: string, timeoutMs = 0): ApplyFuture {
  return server.raft.Apply(encodeText(command), timeoutMs);
}

describe("a command", () => {
  test("is stored, applied and answered by a server that is alone", () => {
    const server = alone();
    const future = apply(server, "x=1");
    expect(server.run(future.wait())).toBeUndefined();
    expect(future.Index()).toBe(3);
    expect(future.Response()).toBe(1);
    expect(server.applied).toEqual(["x=1"]);
    expect(server.log).toEqual([1, 2, 2]);
  });

  test("is answered when a majority has it, and not before", () => {
    const server = follower({ log: [1] }).becomeLeader();
    const future = apply(server, "x=1");
    server.pass(500);
    expect(future.responded).toBe(false);
    expect(server.log).toEqual([1, 2, 2]);
    server.transport.peers = agreeing;
    expect(server.run(future.wait())).toBeUndefined();
  });

  test("goes to the state machine with its extensions, its index and its term", () => {
    const seen: Log[] = [];
    class Seeing extends Applied {
      override Apply(log: Log): unknown {
        seen.push(log);
        return super.Apply(log);
      }
    }
    const server = alone({ fsm: new Seeing() });
    const data = encodeText("x");
    const extensions = Uint8Array.of(9);
    server.run(server.raft.ApplyLog({ data, extensions }, 0).wait());
    expect(seen).toEqual([
      { index: 3, term: 2, type: LogType.Command, data, extensions },
    ]);
  });

  test("may take the state machine its time", () => {
    class Slow extends Applied {
      *slowly(log: Log): Task<unknown> {
        yield* sleep(server.r.runtime, 300);
        return super.Apply(log);
      }
      override Apply(log: Log): unknown {
        return this.slowly(log);
      }
    }
    const server = alone({ fsm: new Slow() });
    const start = server.now;
    const future = apply(server, "x=1");
    expect(server.run(future.wait())).toBeUndefined();
    expect(server.now - start).toBe(300);
    expect(future.Response()).toBe(1);
  });

  test("that the state machine refuses is a response, and no error", () => {
    class Refusing extends Applied {
      override Apply(): unknown {
        return new Error("no such key");
      }
    }
    const server = alone({ fsm: new Refusing() });
    const future = apply(server, "x=1");
    expect(server.run(future.wait())).toBeUndefined();
    expect(future.Response()).toEqual(new Error("no such key"));
  });

  test("follows those that the same caller gave before it", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const server = alone({ seed });
      const commands = ["a", "b", "c", "d", "e"];
      const futures = commands.map((command) => apply(server, command));
      for (const future of futures) server.run(future.wait());
      expect(server.applied).toEqual(commands);
    }
  });
});

describe("a server that does not lead", () => {
  test("TestRaft_ApplyNonLeader: a follower refuses, and says so each time", () => {
    const server = follower({ log: [1] });
    const future = apply(server, "test");
    expect(server.run(future.wait())).toBe(ErrNotLeader);
    expect(server.run(future.wait())).toBe(ErrNotLeader);
    expect(server.log).toEqual([1]);
  });

  test("a candidate refuses too", () => {
    const server = follower({ log: [1] }).becomeCandidate();
    expect(server.run(apply(server, "test").wait())).toBe(ErrNotLeader);
  });
});

describe("the timeout of a command", () => {
  /** A leader whose main task waits for the disk until `release`. */
  function busy() {
    const server = alone();
    const write = server.store.hold("StoreLogs");
    const first = apply(server, "first");
    server.settle();
    expect(write.reached).toBe(true);
    return { server, write, first };
  }

  test("ends the wait for the main task, and the command is never stored", () => {
    const { server, write, first } = busy();
    const start = server.now;
    const future = apply(server, "second", 30);
    expect(server.run(future.wait())).toBe(ErrEnqueueTimeout);
    expect(server.now - start).toBe(30);
    write.release();
    expect(server.run(first.wait())).toBeUndefined();
    server.pass(1000);
    expect(server.applied).toEqual(["first"]);
  });

  test("of 0 is for ever", () => {
    const { server, write } = busy();
    const future = apply(server, "second");
    server.pass(100_000);
    expect(future.responded).toBe(false);
    write.release();
    expect(server.run(future.wait())).toBeUndefined();
  });

  test("is over once the main task has taken the command", () => {
    const { server, write } = busy();
    const future = apply(server, "second", 30);
    server.pass(20);
    const second = server.store.hold("StoreLogs");
    write.release();
    server.settle();
    expect(second.reached).toBe(true);
    server.pass(1000);
    expect(future.responded).toBe(false);
    second.release();
    expect(server.run(future.wait())).toBeUndefined();
  });

  test("does not bound a follower's refusal, which comes at once", () => {
    const server = follower({ log: [1] });
    const future = apply(server, "test", 30);
    expect(server.run(future.wait())).toBe(ErrNotLeader);
    expect(server.now).toBe(0);
  });
});

describe("a leader whose disk fails", () => {
  test("answers with the disk's error, and leads no more", () => {
    const server = alone();
    server.store.fail("StoreLogs");
    const future = apply(server, "x=1");
    expect(server.run(future.wait())?.message).toBe("broken disk");
    expect(server.state).toBe("Follower");
    expect(server.lastLog).toEqual({ index: 2, term: 2 });
    expect(server.applied).toEqual([]);
    expect(server.lines).toContain("ERROR Failed to commit logs");
  });

  test("may lead again, and goes on where its log ends", () => {
    const server = alone();
    server.store.fail("StoreLogs");
    apply(server, "x=1");
    server.settle();
    server.becomeLeader();
    const future = apply(server, "x=2");
    expect(server.run(future.wait())).toBeUndefined();
    expect(server.log).toEqual([1, 2, 3, 3]);
    expect(server.applied).toEqual(["x=2"]);
  });
});

describe("a state machine that stores configurations", () => {
  class Storing extends Applied implements ConfigurationStore {
    readonly stored: [number, number][] = [];
    StoreConfiguration(index: number, { servers }: typeof one): void {
      this.stored.push([index, servers.length]);
    }
  }
  const one = voters(1);

  test("gets each committed one, with its index", () => {
    const fsm = new Storing();
    alone({ fsm });
    expect(fsm.stored).toEqual([[1, 1]]);
  });

  test("is not asked to apply it, nor to apply a noop", () => {
    const fsm: FSM & Storing = new Storing();
    const server = alone({ fsm });
    expect(server.applied).toEqual([]);
    expect(server.raft.AppliedIndex()).toBe(2);
  });
});
