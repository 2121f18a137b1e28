/**
 * The simulated network: how long messages take, which are lost, repeated or
 * cut off. Its contract as a transport is proved in ../contract.test.ts.
 */

import { describe, expect, test } from "vitest";
import type {
  AppendEntriesRequest,
  RequestVoteRequest,
} from "../../../raft/commands.ts";
import { ErrPipelineShutdown } from "../../../raft/errors.ts";
import { type RPC, respond } from "../../../raft/ports.ts";
import { Random } from "../../../raft/runtime/random.ts";
import {
  isHeartbeat,
  kindOf,
  Network,
  type NetworkOptions,
  type NetworkWatcher,
} from "../../../raft/sim/network.ts";
import { virtualTime } from "../virtual.ts";

const calm: NetworkOptions = {
  delayMs: [10, 10],
  tailRate: 0,
  lossRate: 0,
  duplicateRate: 0,
  timeoutMs: 500,
  pipelineDepth: 0,
};

const rpcHeader = { protocolVersion: 3 } as const;

const vote: RequestVoteRequest = {
  kind: "RequestVoteRequest",
  rpcHeader,
  term: 2,
  candidate: Uint8Array.of(1),
  lastLogIndex: 1,
  lastLogTerm: 1,
  leadershipTransfer: false,
};

const heartbeat: AppendEntriesRequest = {
  kind: "AppendEntriesRequest",
  rpcHeader,
  term: 2,
  leader: Uint8Array.of(1),
  prevLogEntry: 0,
  prevLogTerm: 0,
  entries: [],
  leaderCommitIndex: 0,
};

/** Servers a, b and c; what happens to each message, with its time. */
function networkOf(options: Partial<NetworkOptions> = {}, seed = 1) {
  const time = virtualTime();
  const { clock } = time.driver;
  const events: string[] = [];
  const note = (what: string) => {
    events.push(`${clock.now()} ${what}`);
  };
  const watcher: NetworkWatcher = {
    sent: (from, to) => note(`${from}->${to}`),
    arrived: (from, to) => note(`${to}<-${from}`),
    lost: (from, to) => note(`${from}-x${to}`),
    answered: (by) => note(`${by} answers`),
    heard: () => {},
  };
  const all = { ...calm, ...options };
  const network = new Network(all, clock, new Random(seed), watcher);
  const [a, b, c] = ["a", "b", "c"].map((id) =>
    network.plugIn(time.runtime, id),
  ) as [Transport, Transport, Transport];
  return { ...time, network, events, a, b, c };
}

type Transport = ReturnType<Network["plugIn"]>;

/** Sends that many votes from a to b; nobody answers. */
function carried(options: Partial<NetworkOptions>, count: number) {
  const { network, events, pass } = networkOf(options);
  for (let i = 0; i < count; i++) network.carry("a", "b", vote, () => {});
  pass(10_000);
  const arrivals = events.filter((event) => event.includes("b<-a"));
  return arrivals.map((event) => Number.parseFloat(event));
}

describe("a message", () => {
  test("takes as long as the options say", () => {
    expect(carried({}, 1)).toEqual([10]);
    const times = carried({ delayMs: [5, 60] }, 200);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...times)).toBeLessThanOrEqual(60);
    expect(Math.max(...times)).toBeGreaterThan(40);
  });

  test("may overtake another", () => {
    const { network, pass } = networkOf({ delayMs: [1, 50] });
    const order: number[] = [];
    for (let i = 0; i < 20; i++) {
      network.carry("a", "b", vote, () => order.push(i));
    }
    pass(100);
    expect(order).toHaveLength(20);
    expect(order).not.toEqual([...order].sort((x, y) => x - y));
  });

  test("takes twenty times as long in the tail", () => {
    expect(carried({ tailRate: 1 }, 3)).toEqual([200, 200, 200]);
  });

  test("is lost as often as the options say", () => {
    const arrived = carried({ lossRate: 0.2 }, 1000).length;
    expect(arrived).toBeGreaterThan(750);
    expect(arrived).toBeLessThan(850);
  });

  test("arrives twice as often as the options say", () => {
    const arrived = carried({ duplicateRate: 0.5 }, 1000).length;
    expect(arrived).toBeGreaterThan(1430);
    expect(arrived).toBeLessThan(1570);
  });

  test("to a server that is not there is lost on arrival", () => {
    const { network, events, pass } = networkOf();
    network.unplug("b");
    network.carry("a", "b", vote, () => {});
    pass(20);
    expect(events).toEqual(["0 a->b", "10 a-xb"]);
  });

  test("to a server that has restarted reaches the new one", () => {
    const { network, runtime, pass } = networkOf();
    let reached: unknown;
    network.carry("a", "b", vote, (transport) => {
      reached = transport;
    });
    const restarted = network.plugIn(runtime, "b");
    pass(20);
    expect(reached).toBe(restarted);
  });
});

describe("a cut", () => {
  function reaches(network: Network, pass: (ms: number) => void) {
    const ways: string[] = [];
    for (const from of ["a", "b", "c"]) {
      for (const to of ["a", "b", "c"]) {
        if (from === to) continue;
        network.carry(from, to, vote, () => ways.push(from + to));
      }
    }
    pass(20);
    return ways.sort();
  }

  test("goes one way", () => {
    const { network, pass } = networkOf();
    network.cut("a", "b");
    expect(network.isCut).toBe(true);
    expect(reaches(network, pass)).toEqual(["ac", "ba", "bc", "ca", "cb"]);
  });

  test("between groups goes both ways", () => {
    const { network, pass } = networkOf();
    network.partition([["a"], ["b", "c"]]);
    expect(reaches(network, pass)).toEqual(["bc", "cb"]);
  });

  test("can leave a bridge: a server that both sides reach", () => {
    const { network, pass } = networkOf();
    network.partition([["a"], ["b"]]);
    expect(reaches(network, pass)).toEqual(["ac", "bc", "ca", "cb"]);
  });

  test("takes what is under way as well, and heals", () => {
    const { network, events, pass } = networkOf();
    network.carry("a", "b", vote, () => {});
    pass(5);
    network.cut("a", "b");
    pass(10);
    expect(events.at(-1)).toBe("10 a-xb");
    network.heal();
    expect(network.isCut).toBe(false);
    expect(reaches(network, pass)).toHaveLength(6);
  });
});

describe("a clog", () => {
  test("keeps what comes and goes, and lets it arrive in order", () => {
    const { network, events, pass } = networkOf();
    network.clog("b");
    network.carry("a", "b", vote, () => {});
    network.carry("b", "c", vote, () => {});
    network.carry("a", "c", vote, () => {});
    pass(50);
    const arrived = () => events.filter((event) => event.includes("<-"));
    expect(arrived()).toEqual(["10 c<-a"]);
    network.unclog("b");
    pass(1);
    expect(arrived()).toEqual(["10 c<-a", "50 b<-a", "50 c<-b"]);
  });

  test("of two servers ends when both are free", () => {
    const { network, events, pass } = networkOf();
    for (const id of ["a", "b"]) network.clog(id);
    network.carry("a", "b", vote, () => {});
    pass(20);
    network.unclog("a");
    pass(20);
    expect(events).toEqual(["0 a->b"]);
    network.heal();
    pass(20);
    expect(events.at(-1)).toBe("40 b<-a");
  });
});

describe("with streams", () => {
  test("a lost message breaks its connection, which its caller notices", () => {
    const { a, run, driver } = networkOf({ streams: true, lossRate: 1 });
    const answer = run(a.RequestVote("b", "b", vote));
    expect(answer).toEqual(new Error("the connection is broken"));
    expect(driver.clock.now()).toBe(0);
  });

  test("no request arrives twice", () => {
    const { a, events, start, pass } = networkOf({
      streams: true,
      duplicateRate: 1,
    });
    start(a.RequestVote("b", "b", vote));
    pass(50);
    expect(events).toEqual(["0 a->b", "10 b<-a"]);
  });
});

test("a pipeline that is broken gives its request back as an error", () => {
  const { a, network, run } = networkOf({ pipelineDepth: 4 });
  const pipeline = run(a.AppendEntriesPipeline("b", "b"));
  if (pipeline instanceof Error) throw pipeline;
  run(pipeline.AppendEntries(heartbeat));
  network.breakPipelines(() => true);
  expect(run(pipeline.AppendEntries(heartbeat))).toBe(ErrPipelineShutdown);
});

describe("a rule", () => {
  test("drops what it names and nothing else", () => {
    const { network, pass } = networkOf();
    const arrived: string[] = [];
    const kind = "RequestVoteRequest";
    network.rules.push({ kind, from: "a", to: "b", action: "drop" });
    network.carry("a", "b", vote, () => arrived.push("vote ab"));
    network.carry("a", "c", vote, () => arrived.push("vote ac"));
    network.carry("a", "b", heartbeat, () => arrived.push("heartbeat ab"));
    pass(20);
    expect(arrived.sort()).toEqual(["heartbeat ab", "vote ac"]);
  });

  test("without a kind, a sender or a receiver matches any", () => {
    const { network, pass } = networkOf();
    const any = undefined;
    let arrived = 0;
    network.rules.push({ kind: any, from: any, to: "b", action: "drop" });
    network.carry("a", "b", vote, () => arrived++);
    network.carry("c", "b", heartbeat, () => arrived++);
    pass(20);
    expect(arrived).toBe(0);
  });

  test("delays exactly, and the first that matches counts", () => {
    const { network, events, pass } = networkOf();
    const from = "a";
    const kind = "RequestVoteRequest";
    const action = { delayMs: 123 };
    network.rules.push({ kind, from, to: undefined, action });
    network.rules.push({ kind, from, to: "b", action: "drop" });
    network.carry("a", "b", vote, () => {});
    pass(200);
    expect(events).toEqual(["0 a->b", "123 b<-a"]);
  });
});

describe("a heartbeat", () => {
  test("is an empty request that says nothing of the log", () => {
    expect(isHeartbeat(heartbeat)).toBe(true);
    expect(kindOf(heartbeat)).toBe("Heartbeat");
    const others: Partial<AppendEntriesRequest>[] = [
      { term: 0 },
      { prevLogEntry: 1 },
      { prevLogTerm: 1 },
      { leaderCommitIndex: 1 },
    ];
    for (const other of others) {
      const request = { ...heartbeat, ...other };
      expect(isHeartbeat(request)).toBe(false);
      expect(kindOf(request)).toBe("AppendEntriesRequest");
    }
    expect(isHeartbeat(vote)).toBe(false);
  });

  test("goes to the handler and passes by the queue", () => {
    const { a, b, start, pass } = networkOf();
    const handled: number[] = [];
    b.SetHeartbeatHandler(function* (rpc: RPC) {
      handled.push((rpc.command as AppendEntriesRequest).term);
    });
    start(a.AppendEntries("b", "b", heartbeat));
    start(a.AppendEntries("b", "b", { ...heartbeat, prevLogEntry: 5 }));
    pass(20);
    expect(handled).toEqual([2]);
    expect(b.Consumer().tryReceive()).toBeDefined();
  });
});

describe("a call", () => {
  test("brings the answer back, and shows it to the watcher", () => {
    const { a, b, start, run, events } = networkOf();
    const response = {
      kind: "RequestVoteResponse",
      rpcHeader,
      term: 2,
      granted: true,
    } as const;
    start(
      (function* () {
        respond(yield* b.Consumer().receive(), response);
      })(),
    );
    expect(run(a.RequestVote("b", "b", vote))).toEqual(response);
    expect(events).toEqual([
      "0 a->b",
      "10 b<-a",
      "10 b answers",
      "10 b->a",
      "20 a<-b",
    ]);
  });

  test("gives up after its timeout", () => {
    const { a, network, run, driver } = networkOf();
    network.cut("a", "b");
    const answer = run(a.RequestVote("b", "b", vote));
    expect(answer).toEqual(new Error("no answer from b"));
    expect(driver.clock.now()).toBe(500);
  });
});
