import { describe, expect, test } from "vitest";
import { Channel } from "../../../raft/runtime/channel.ts";
import type { Task } from "../../../raft/runtime/task.ts";
import { WaitGroup } from "../../../raft/runtime/wait_group.ts";
import { oneProcess } from "./one-process.ts";

function* receive(gate: Channel<void>): Task {
  yield* gate.receive();
}

describe("a wait group", () => {
  test("waits until the last of its tasks has ended", () => {
    const world = oneProcess();
    const group = new WaitGroup();
    const gates = [new Channel<void>("one"), new Channel<void>("two")];
    let over = false;
    for (const gate of gates) {
      world.go(gate.name, () => group.counted(receive(gate)));
    }
    world.run(function* () {
      yield* group.wait();
      over = true;
    });
    gates[0]?.close();
    world.scheduler.run();
    expect(over).toBe(false);
    gates[1]?.close();
    world.scheduler.run();
    expect(over).toBe(true);
  });

  test("does not wait while it has no task", () => {
    let over = false;
    oneProcess().run(function* () {
      yield* new WaitGroup().wait();
      over = true;
    });
    expect(over).toBe(true);
  });

  test("counts a task that has not had its first turn", () => {
    const world = oneProcess();
    const group = new WaitGroup();
    const journal: string[] = [];
    world.go("waiter", function* () {
      yield* group.wait();
      journal.push("group is over");
    });
    world.go("worker", () =>
      group.counted(
        (function* () {
          journal.push("worker runs");
        })(),
      ),
    );
    world.scheduler.run();
    expect(journal).toEqual(["worker runs", "group is over"]);
  });

  test("counts out a task that throws", () => {
    const world = oneProcess();
    const group = new WaitGroup();
    let over = false;
    world.run(
      function* () {
        try {
          yield* group.counted(
            (function* () {
              throw new Error("disk full");
            })(),
          );
        } catch {}
      },
      function* () {
        yield* group.wait();
        over = true;
      },
    );
    expect(over).toBe(true);
  });

  test("lets every task that waits go on", () => {
    const world = oneProcess();
    const group = new WaitGroup();
    const gate = new Channel<void>("gate");
    let over = 0;
    world.go("worker", () => group.counted(receive(gate)));
    const wait = function* () {
      yield* group.wait();
      over++;
    };
    world.run(wait, wait);
    gate.close();
    world.scheduler.run();
    expect(over).toBe(2);
  });
});
