import { describe, expect, test } from "vitest";
import { Channel } from "../../../raft/runtime/channel.ts";
import { oneProcess } from "./one-process.ts";

describe("an unbuffered channel", () => {
  test("hands the value of a parked sender to the receiver", () => {
    const channel = new Channel<string>("c");
    let received = "";
    oneProcess().run(
      function* () {
        yield* channel.send("hello");
      },
      function* () {
        received = yield* channel.receive();
      },
    );
    expect(received).toBe("hello");
  });

  test("hands the value to a receiver that parked first", () => {
    const channel = new Channel<string>("c");
    let received = "";
    oneProcess().run(
      function* () {
        received = yield* channel.receive();
      },
      function* () {
        yield* channel.send("hello");
      },
    );
    expect(received).toBe("hello");
  });

  test("keeps its sender parked until somebody receives", () => {
    const channel = new Channel<string>("c");
    const world = oneProcess();
    let sent = false;
    world.run(function* () {
      yield* channel.send("hello");
      sent = true;
    });
    expect(sent).toBe(false);
    world.run(function* () {
      yield* channel.receive();
    });
    expect(sent).toBe(true);
  });

  test("serves its receivers in the order in which they came", () => {
    const channel = new Channel<number>("c");
    const received: string[] = [];
    oneProcess().run(
      function* () {
        received.push(`first got ${yield* channel.receive()}`);
      },
      function* () {
        received.push(`second got ${yield* channel.receive()}`);
      },
      function* () {
        yield* channel.send(1);
        yield* channel.send(2);
      },
    );
    expect(received).toEqual(["first got 1", "second got 2"]);
  });

  test("serves its senders in the order in which they came", () => {
    const channel = new Channel<number>("c");
    const received: number[] = [];
    oneProcess().run(
      function* () {
        yield* channel.send(1);
      },
      function* () {
        yield* channel.send(2);
      },
      function* () {
        received.push(yield* channel.receive(), yield* channel.receive());
      },
    );
    expect(received).toEqual([1, 2]);
  });
});

describe("a buffered channel", () => {
  test("takes as many values as its capacity without a receiver", () => {
    const channel = new Channel<number>("c", 2);
    let sent = 0;
    oneProcess().run(function* () {
      for (;;) {
        yield* channel.send(sent);
        sent++;
      }
    });
    expect(sent).toBe(2);
    expect(channel.length).toBe(2);
    expect(channel.values()).toEqual([0, 1]);
  });

  test("gives its values in the order in which they were sent", () => {
    const channel = new Channel<number>("c", 2);
    const received: number[] = [];
    oneProcess().run(
      function* () {
        for (let i = 1; i <= 5; i++) yield* channel.send(i);
      },
      function* () {
        while (received.length < 5) received.push(yield* channel.receive());
      },
    );
    expect(received).toEqual([1, 2, 3, 4, 5]);
  });

  test("lets the parked sender in as soon as one value is taken", () => {
    const channel = new Channel<number>("c", 1);
    oneProcess().run(function* () {
      yield* channel.send(1);
      yield* channel.send(2);
    });
    expect(channel.tryReceive()).toEqual({ value: 1 });
    expect(channel.values()).toEqual([2]);
    expect(channel.senders.head).toBeUndefined();
  });

  test("shows what it holds, oldest first, also round the ring's end", () => {
    const channel = new Channel<number>("c", 3);
    for (const value of [1, 2, 3]) channel.trySend(value);
    channel.tryReceive();
    channel.trySend(4);
    expect(channel.values()).toEqual([2, 3, 4]);
  });
});

describe("trySend and tryReceive", () => {
  test("say no where a task would have parked", () => {
    const channel = new Channel<number>("c");
    expect(channel.trySend(1)).toBe(false);
    expect(channel.tryReceive()).toBeUndefined();
  });

  test("may be used outside of tasks", () => {
    const channel = new Channel<number>("c", 1);
    expect(channel.trySend(7)).toBe(true);
    expect(channel.tryReceive()).toEqual({ value: 7 });
  });

  test("wrap the value, so that undefined can be received", () => {
    const channel = new Channel<undefined>("c", 1);
    channel.trySend(undefined);
    expect(channel.tryReceive()).toEqual({ value: undefined });
  });

  test("trySend wakes a parked receiver", () => {
    const channel = new Channel<number>("c");
    const world = oneProcess();
    let received = 0;
    world.run(function* () {
      received = yield* channel.receive();
    });
    expect(channel.trySend(7)).toBe(true);
    world.scheduler.run();
    expect(received).toBe(7);
  });
});

describe("a closed channel", () => {
  test("gives its zero value for ever", () => {
    const stopCh = new Channel<number>("stopCh", 0, 0);
    const received: number[] = [];
    stopCh.close();
    oneProcess().run(function* () {
      received.push(yield* stopCh.receive(), yield* stopCh.receive());
    });
    expect(received).toEqual([0, 0]);
  });

  test("first gives what it still holds", () => {
    const channel = new Channel<number>("c", 2, 0);
    const received: number[] = [];
    channel.trySend(1);
    channel.trySend(2);
    channel.close();
    oneProcess().run(function* () {
      for (let i = 0; i < 3; i++) received.push(yield* channel.receive());
    });
    expect(received).toEqual([1, 2, 0]);
  });

  test("wakes everybody who was waiting to receive", () => {
    const stopCh = new Channel<string>("stopCh", 0, "zero");
    const received: string[] = [];
    const world = oneProcess();
    const wait = function* () {
      received.push(yield* stopCh.receive());
    };
    world.run(wait, wait, wait);
    stopCh.close();
    world.scheduler.run();
    expect(received).toEqual(["zero", "zero", "zero"]);
  });

  test("makes a later send throw in the sender", () => {
    const channel = new Channel<number>("rpcCh");
    let caught: unknown;
    channel.close();
    oneProcess().run(function* () {
      try {
        yield* channel.send(1);
      } catch (error) {
        caught = error;
      }
    });
    expect(caught).toEqual(new Error("send on closed channel rpcCh"));
  });

  test("throws in a sender that was already parked", () => {
    const channel = new Channel<number>("rpcCh");
    const world = oneProcess();
    let caught: unknown;
    world.run(function* () {
      try {
        yield* channel.send(1);
      } catch (error) {
        caught = error;
      }
    });
    channel.close();
    world.scheduler.run();
    expect(caught).toEqual(new Error("send on closed channel rpcCh"));
  });

  test("leaves a task that caught the error able to wait again", () => {
    const closed = new Channel<number>("closed");
    const other = new Channel<number>("other");
    const world = oneProcess();
    let received = 0;
    world.run(function* () {
      try {
        yield* closed.send(1);
      } catch {
        received = yield* other.receive();
      }
    });
    closed.close();
    world.scheduler.run();
    other.trySend(5);
    world.scheduler.run();
    expect(received).toBe(5);
  });

  test("cannot be closed again", () => {
    const channel = new Channel<void>("shutdownCh");
    channel.close();
    expect(() => channel.close()).toThrow("close of closed channel shutdownCh");
  });
});

describe("who watches the channels", () => {
  test("hears of every pass, and who was at the other end", () => {
    const heard: string[] = [];
    const world = oneProcess({
      onPass: ({ kind, channel, task, peer, value }) =>
        heard.push(`${task.name} ${kind} ${channel} ${value} ${peer?.name}`),
    });
    const buffered = new Channel<string>("b", 1);
    const handed = new Channel<string>("h");
    world.run(
      function* () {
        yield* buffered.send("kept");
        yield* handed.send("offered");
      },
      function* () {
        yield* buffered.receive();
        yield* handed.receive();
        yield* handed.receive();
        buffered.close();
      },
      function* () {
        yield* handed.send("put into a hand");
      },
    );
    expect(heard).toEqual([
      "task-1 send b kept undefined",
      "task-2 receive b kept undefined",
      "task-2 receive h offered task-1",
      "task-3 send h put into a hand task-2",
      "task-2 close b undefined undefined",
    ]);
  });
});
