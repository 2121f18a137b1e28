import { describe, expect, test } from "vitest";
import { Channel } from "../../../raft/runtime/channel.ts";
import { Random } from "../../../raft/runtime/random.ts";
import { select, sending } from "../../../raft/runtime/select.ts";
import {
  allAsleep,
  type Failure,
  Process,
  runningTask,
  Scheduler,
  type Task,
} from "../../../raft/runtime/task.ts";
import { oneProcess } from "./one-process.ts";

describe("go", () => {
  test("starts a task that runs when its turn comes, not at once", () => {
    const world = oneProcess();
    const journal: string[] = [];
    world.go("main", function* () {
      world.go("child", function* () {
        journal.push("child runs");
      });
      journal.push("go has returned");
    });
    world.scheduler.run();
    expect(journal).toEqual(["go has returned", "child runs"]);
  });

  test("remembers who started the task", () => {
    const world = oneProcess();
    const parents: (string | undefined)[] = [];
    const main = world.go("main", function* () {
      const child = world.go("child", function* () {});
      parents.push(child.parent?.name);
    });
    world.scheduler.run();
    expect(parents).toEqual(["main"]);
    expect(main.parent).toBeUndefined();
  });

  test("gives every task its own number", () => {
    const world = oneProcess();
    const ids = [1, 2, 3].map(() => world.go("same", function* () {}).id);
    expect(ids).toEqual([1, 2, 3]);
  });

  test("starts nothing in a process that has crashed", () => {
    const world = oneProcess();
    let ran = false;
    world.process.crash();
    world.go("late", function* () {
      ran = true;
    });
    world.scheduler.run();
    expect(ran).toBe(false);
    expect(world.process.tasks.size).toBe(0);
  });
});

describe("a task", () => {
  test("runs without a break until it has to park", () => {
    const free = new Channel<number>("free", 9);
    const full = new Channel<number>("full");
    const journal: string[] = [];
    oneProcess().run(
      function* () {
        for (let i = 0; i < 3; i++) {
          yield* free.send(i);
          journal.push(`first ${i}`);
        }
        yield* full.send(0);
      },
      function* () {
        journal.push("second");
      },
    );
    expect(journal).toEqual(["first 0", "first 1", "first 2", "second"]);
  });

  test("is known by name while its code runs", () => {
    const names: (string | undefined)[] = [];
    oneProcess().run(function* () {
      names.push(runningTask()?.name);
    });
    names.push(runningTask()?.name);
    expect(names).toEqual(["task-1", undefined]);
  });

  test("belongs to its process until it ends", () => {
    const gate = new Channel<void>("gate");
    const world = oneProcess();
    world.run(function* () {
      yield* gate.receive();
    });
    expect([...world.process.tasks].map((task) => task.name)).toEqual([
      "task-1",
    ]);
    gate.trySend();
    world.scheduler.run();
    expect(world.process.tasks.size).toBe(0);
  });

  test("says by name what it is parked on", () => {
    const rpcCh = new Channel<number>("rpcCh");
    const applyCh = new Channel<number>("applyCh");
    const world = oneProcess();
    const parkedOn = (body: () => Task) => {
      const task = world.go("task", body);
      world.scheduler.run();
      return task.parkedOn();
    };
    const receives = parkedOn(function* () {
      yield* rpcCh.receive();
    });
    const sends = parkedOn(function* () {
      yield* applyCh.send(1);
    });
    const selects = parkedOn(function* () {
      yield* select({ rpc: rpcCh, apply: sending(applyCh, 1) });
    });
    expect(receives).toEqual(["receive rpcCh"]);
    expect(sends).toEqual(["send applyCh"]);
    expect(selects).toEqual(["receive rpcCh", "send applyCh"]);
  });

  test("is parked on nothing once it is woken", () => {
    const rpcCh = new Channel<number>("rpcCh");
    const world = oneProcess();
    const task = world.go("task", function* () {
      yield* rpcCh.receive();
    });
    world.scheduler.run();
    rpcCh.trySend(1);
    expect(task.parkedOn()).toEqual([]);
  });
});

describe("the next ready task", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h"];

  /** The order in which eight ready tasks run. */
  function order(seed: number, firstInFirstOut: boolean): string {
    const random = new Random(seed);
    const world = oneProcess({ random, firstInFirstOut });
    let ran = "";
    for (const name of names) {
      world.go(name, function* () {
        ran += name;
      });
    }
    world.scheduler.run();
    return ran;
  }

  test("is the one that has waited longest, if so asked", () => {
    expect(order(1, true)).toBe("abcdefgh");
  });

  test("is drawn otherwise, and everyone gets a turn", () => {
    const drawn = order(1, false);
    expect(drawn).not.toBe("abcdefgh");
    expect([...drawn].toSorted().join("")).toBe("abcdefgh");
  });

  test("is the same one with the same seed", () => {
    expect(order(1, false)).toBe(order(1, false));
    expect(order(1, false)).not.toBe(order(2, false));
  });

  test("is each of them about equally often", () => {
    const first = new Map<string, number>();
    for (let seed = 0; seed < 2000; seed++) {
      const name = order(seed, false).charAt(0);
      first.set(name, (first.get(name) ?? 0) + 1);
    }
    expect(first.size).toBe(8);
    for (const count of first.values()) {
      expect(Math.abs(count - 250)).toBeLessThan(75);
    }
  });

  test("is found among more tasks than the queue had room for", () => {
    const world = oneProcess();
    const ran: number[] = [];
    for (let i = 0; i < 300; i++) {
      world.go(`task ${i}`, function* () {
        ran.push(i);
      });
      if (i === 40) world.scheduler.run(20);
    }
    world.scheduler.run();
    expect(ran).toEqual(Array.from({ length: 300 }, (_, i) => i));
  });
});

describe("run", () => {
  test("stops when its budget of turns is spent, and says so", () => {
    const world = oneProcess();
    const ran: number[] = [];
    for (const i of [1, 2, 3]) {
      world.go(`task ${i}`, function* () {
        ran.push(i);
      });
    }
    expect(world.scheduler.run(2)).toBe(false);
    expect(ran).toEqual([1, 2]);
    expect(world.scheduler.run(2)).toBe(true);
    expect(ran).toEqual([1, 2, 3]);
  });

  test("says that nothing is left when the budget just sufficed", () => {
    const world = oneProcess();
    world.go("only", function* () {});
    expect(world.scheduler.run(1)).toBe(true);
  });

  test("counts the turns it gives", () => {
    const channel = new Channel<number>("c");
    const world = oneProcess();
    world.run(
      function* () {
        yield* channel.receive();
      },
      function* () {
        yield* channel.send(1);
      },
    );
    expect(world.scheduler.turns).toBe(3);
  });

  test("can be taken turn by turn with step", () => {
    const world = oneProcess();
    const ran: string[] = [];
    for (const name of ["a", "b"]) {
      world.go(name, function* () {
        ran.push(name);
      });
    }
    expect(world.scheduler.step()).toBe(true);
    expect(ran).toEqual(["a"]);
    expect(world.scheduler.step()).toBe(true);
    expect(world.scheduler.step()).toBe(false);
  });

  test("tells a driver of tasks that become ready while nothing runs", () => {
    const channel = new Channel<number>("c");
    let kicks = 0;
    const world = oneProcess({ onReady: () => kicks++ });
    world.run(function* () {
      yield* channel.receive();
      world.go("child", function* () {});
    });
    expect(kicks).toBe(1);
    channel.trySend(1);
    expect(kicks).toBe(2);
    world.scheduler.run();
    expect(kicks).toBe(2);
  });
});

describe("a crash", () => {
  test("drops every task where it stands: no finally block runs", () => {
    const gate = new Channel<void>("gate");
    const world = oneProcess();
    const journal: string[] = [];
    world.run(function* () {
      try {
        yield* gate.receive();
        journal.push("went on");
      } finally {
        journal.push("finally");
      }
    });
    world.process.crash();
    gate.close();
    world.scheduler.run();
    expect(journal).toEqual([]);
    expect(world.process.tasks.size).toBe(0);
  });

  test("takes the waiters of its tasks out of every queue", () => {
    const a = new Channel<number>("a");
    const b = new Channel<number>("b");
    const world = oneProcess();
    world.run(function* () {
      yield* select({ a, push: sending(b, 1) });
    });
    world.process.crash();
    expect(a.trySend(1)).toBe(false);
    expect(b.tryReceive()).toBeUndefined();
  });

  test("drops a task that was ready to run", () => {
    const world = oneProcess();
    let ran = false;
    world.go("ready", function* () {
      ran = true;
    });
    world.process.crash();
    world.scheduler.run();
    expect(ran).toBe(false);
  });

  test("leaves the tasks of other processes alone", () => {
    const world = oneProcess();
    const other = new Process("server-2");
    const gate = new Channel<number>("gate");
    let received = 0;
    world.scheduler.go(
      other,
      "survivor",
      (function* () {
        received = yield* gate.receive();
      })(),
    );
    world.scheduler.run();
    world.process.crash();
    gate.trySend(7);
    world.scheduler.run();
    expect(received).toBe(7);
  });

  test("made by a task of its own process drops that task too", () => {
    const gate = new Channel<number>("gate");
    const world = oneProcess();
    let wentOn = false;
    world.run(function* () {
      world.process.crash();
      yield* gate.receive();
      wentOn = true;
    });
    expect(gate.trySend(1)).toBe(false);
    world.scheduler.run();
    expect(wentOn).toBe(false);
  });
});

describe("a paused process", () => {
  test("keeps its ready tasks back until it is resumed", () => {
    const gate = new Channel<number>("gate");
    const world = oneProcess();
    const received: number[] = [];
    world.run(function* () {
      for (;;) received.push(yield* gate.receive());
    });
    world.process.paused = true;
    gate.trySend(1);
    expect(world.scheduler.run()).toBe(true);
    expect(received).toEqual([]);
    world.process.resume();
    world.scheduler.run();
    expect(received).toEqual([1]);
  });

  test("keeps back a task that was already in the run queue", () => {
    const world = oneProcess();
    let ran = false;
    world.go("ready", function* () {
      ran = true;
    });
    world.process.paused = true;
    world.scheduler.run();
    expect(ran).toBe(false);
    world.process.resume();
    world.scheduler.run();
    expect(ran).toBe(true);
  });

  test("goes on in the order in which its tasks became ready", () => {
    const world = oneProcess();
    const ran: string[] = [];
    world.process.paused = true;
    for (const name of ["a", "b", "c"]) {
      world.go(name, function* () {
        ran.push(name);
      });
    }
    world.process.resume();
    world.scheduler.run();
    expect(ran).toEqual(["a", "b", "c"]);
  });

  test("that crashes has nothing to resume", () => {
    const world = oneProcess();
    let ran = false;
    world.process.paused = true;
    world.go("held", function* () {
      ran = true;
    });
    world.process.crash();
    world.process.resume();
    world.scheduler.run();
    expect(ran).toBe(false);
  });
});

describe("an uncaught error", () => {
  function* leaderLoop(): Task {
    yield* persist();
  }
  function* persist(): Task {
    throw new Error("disk full");
  }

  test("is reported with its process, its task and the error", () => {
    const failures: Failure[] = [];
    const world = oneProcess({ onFailure: (f) => failures.push(f) });
    const task = world.go("leader", leaderLoop);
    world.scheduler.run();
    expect(failures).toEqual([
      { process: world.process, task, error: new Error("disk full") },
    ]);
  });

  test("has the whole stack, through generators that call generators", () => {
    const failures: Failure[] = [];
    const gate = new Channel<void>("gate", 1);
    const world = oneProcess({ onFailure: (f) => failures.push(f) });
    world.go("leader", function* runLeader() {
      yield* gate.receive();
      yield* leaderLoop();
    });
    world.scheduler.run();
    gate.trySend();
    world.scheduler.run();
    const [error] = failures.map((failure) => failure.error as Error);
    expect(error?.stack).toMatch(/persist.*leaderLoop.*runLeader.*turn/s);
  });

  test("ends its process as a crash would", () => {
    const gate = new Channel<void>("gate");
    const world = oneProcess({ onFailure: () => {} });
    world.run(function* () {
      yield* gate.receive();
    }, leaderLoop);
    expect(world.process.crashed).toBe(true);
    expect(gate.trySend()).toBe(false);
  });

  test("leaves the other processes running", () => {
    const world = oneProcess({ onFailure: () => {} });
    let ran = false;
    world.go("leader", leaderLoop);
    world.scheduler.go(
      new Process("server-2"),
      "other",
      (function* () {
        ran = true;
      })(),
    );
    world.scheduler.run();
    expect(ran).toBe(true);
  });

  test("is thrown by run when nobody asked to be told", () => {
    const world = oneProcess();
    world.go("leader", leaderLoop);
    expect(() => world.scheduler.run()).toThrow("disk full");
    expect(runningTask()).toBeUndefined();
  });
});

describe("everything parked and nothing to come", () => {
  test("is reported as Go does, with every task and what it waits for", () => {
    const scheduler = new Scheduler({ random: new Random(1) });
    const rpcCh = new Channel<number>("rpcCh");
    const stopCh = new Channel<number>("stopCh");
    const servers = ["server-1", "server-2"].map((name) => new Process(name));
    const bodies: Record<string, () => Task> = {
      *run() {
        yield* select({ rpcCh, stopCh });
      },
      *runFSM() {
        yield* stopCh.receive();
      },
    };
    for (const server of servers) {
      for (const [name, body] of Object.entries(bodies)) {
        scheduler.go(server, name, body());
      }
    }
    scheduler.run();
    expect(allAsleep(servers).message).toBe(
      [
        "all tasks are asleep - deadlock!",
        "  server-1 run: receive rpcCh,receive stopCh",
        "  server-1 runFSM: receive stopCh",
        "  server-2 run: receive rpcCh,receive stopCh",
        "  server-2 runFSM: receive stopCh",
      ].join("\n"),
    );
  });
});

describe("a forgotten yield*", () => {
  test("is reported by name at the next wait", () => {
    const applyCh = new Channel<number>("applyCh");
    const rpcCh = new Channel<number>("rpcCh");
    const world = oneProcess();
    world.go("main", function* () {
      applyCh.send(1);
      yield* rpcCh.receive();
    });
    expect(() => world.scheduler.run()).toThrow(
      "task main: send applyCh was called without yield*",
    );
  });

  test("is reported by name at the task's end", () => {
    const applyCh = new Channel<number>("applyCh");
    const world = oneProcess();
    world.go("main", function* () {
      applyCh.send(1);
    });
    expect(() => world.scheduler.run()).toThrow(
      "task main: send applyCh was called without yield*",
    );
  });
});

describe("waiting outside of a task", () => {
  const channel = new Channel<number>("applyCh");

  test.each([
    ["receive applyCh", () => channel.receive()],
    ["send applyCh", () => channel.send(1)],
    ["select", () => select({ channel })],
  ])("is refused by name: %s", (operation, wait) => {
    expect(wait).toThrow(
      `${operation}: only a task can wait, and none is running`,
    );
  });
});
