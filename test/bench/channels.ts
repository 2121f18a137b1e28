/**
 * Four ways in which Raft's tasks use channels, as loads to be timed. The
 * same four stand in `go-channels/main.go`: change them together.
 *
 * A pattern starts its tasks and returns; the clock runs while the scheduler
 * does, until every task is parked.
 */
import { Channel } from "../../raft/runtime/channel.ts";
import { Random } from "../../raft/runtime/random.ts";
import { select } from "../../raft/runtime/select.ts";
import { Process, Scheduler, type Task } from "../../raft/runtime/task.ts";

type Go = (name: string, body: Task) => void;

export interface Pattern {
  readonly name: string;
  /** What is counted. */
  readonly unit: string;
  readonly count: number;
  start(go: Go, count: number): void;
}

/** Two tasks hand a value to and fro. */
const pingPong: Pattern = {
  name: "ping-pong",
  unit: "round trips",
  count: 1_000_000,
  start(go, count) {
    const ping = new Channel<number>("ping");
    const pong = new Channel<number>("pong");
    function* serve(): Task {
      for (let i = 0; i < count; i++) {
        yield* ping.send(i);
        yield* pong.receive();
      }
    }
    function* giveBack(): Task {
      for (let i = 0; i < count; i++) {
        yield* pong.send(yield* ping.receive());
      }
    }
    go("serve", serve());
    go("give back", giveBack());
  },
};

/** One task selects among eight channels, and each has a parked sender. */
const selectReady: Pattern = {
  name: "select-ready",
  unit: "selects",
  count: 1_000_000,
  start(go, count) {
    const { channels, selectEight } = eight();
    function* sendForEver(channel: Channel<number>): Task {
      for (;;) yield* channel.send(1);
    }
    function* receive(): Task {
      for (let i = 0; i < count; i++) yield* selectEight();
    }
    for (const channel of channels) go(channel.name, sendForEver(channel));
    go("receive", receive());
  },
};

/** One task parks on eight channels, and is woken by one of them. */
const selectBlocked: Pattern = {
  name: "select-blocked",
  unit: "selects",
  count: 1_000_000,
  start(go, count) {
    const { channels, selectEight } = eight();
    const back = new Channel<number>("back");
    function* receive(): Task {
      for (let i = 0; i < count; i++) {
        yield* selectEight();
        yield* back.send(i);
      }
    }
    function* send(): Task {
      for (let i = 0; i < count; i++) {
        yield* (channels[i % 8] as Channel<number>).send(i);
        yield* back.receive();
      }
    }
    go("receive", receive());
    go("send", send());
  },
};

/** A buffered channel whose receiver takes all that is there at once. */
const drain: Pattern = {
  name: "drain",
  unit: "values",
  count: 10_000_000,
  start(go, count) {
    const channel = new Channel<number>("buffered", 64);
    function* produce(): Task {
      for (let i = 0; i < count; i++) {
        if (!channel.trySend(i)) yield* channel.send(i);
      }
    }
    function* consume(): Task {
      for (let received = 0; received < count; ) {
        yield* channel.receive();
        received++;
        for (let i = 0; i < 64 && channel.tryReceive(); i++) received++;
      }
    }
    go("produce", produce());
    go("consume", consume());
  },
};

export const patterns = [pingPong, selectReady, selectBlocked, drain];

function eight() {
  const channel = (name: string) => new Channel<number>(name);
  const [a, b, c, d] = [channel("a"), channel("b"), channel("c"), channel("d")];
  const [e, f, g, h] = [channel("e"), channel("f"), channel("g"), channel("h")];
  return {
    channels: [a, b, c, d, e, f, g, h],
    selectEight: () => select({ a, b, c, d, e, f, g, h }),
  };
}

/** Runs a pattern and says how often it did its work in a second of CPU. */
export function perCpuSecond(pattern: Pattern, count = pattern.count): number {
  const random = new Random(1);
  const scheduler = new Scheduler({ random, firstInFirstOut: true });
  const server = new Process("server");
  pattern.start((name, body) => scheduler.go(server, name, body), count);
  const start = process.cpuUsage();
  scheduler.run();
  const { user, system } = process.cpuUsage(start);
  return count / ((user + system) / 1e6);
}
