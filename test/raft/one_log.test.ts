/**
 * What makes one log out of many, on whole clusters in the simulator: group
 * commit, the pipeline, barriers, the lease, and the question whether a leader
 * still leads.
 */
import { describe, expect, test } from "vitest";
import {
  ErrLeadershipLost,
  ErrNotLeader,
  ErrRaftShutdown,
} from "../../raft/errors.ts";
import type { Future } from "../../raft/future.ts";
import {
  type SimServer,
  World,
  type WorldOptions,
} from "../../raft/sim/world.ts";

function elected(options: Partial<WorldOptions> = {}) {
  const world = new World({
    seed: 1,
    keepTrace: true,
    ...options,
    network: { delayMs: [10, 10], ...options.network },
    disk: { writeMs: [2, 2] },
  });
  const ready = () => (world.leader()?.raft?.CommitIndex() ?? 0) > 1;
  expect(world.runUntil(ready, 10_000)).toBe(true);
  world.run(200);
  return { world, leader: world.leader() as SimServer };
}

/** The error of a future that has been answered; "open" if it has not. */
function answer(world: World, future: Future): unknown {
  let found: unknown = "open";
  const { process } = world.leader() ?? (world.servers[0] as SimServer);
  world.driver.scheduler.go(
    process,
    "probe",
    (function* () {
      found = yield* future.wait();
    })(),
  );
  world.driver.scheduler.run();
  return found;
}

const stores = (world: World, id: string) =>
  world.trace.lines.filter((line) => line.includes(`${id}  stores`));

describe("group commit", () => {
  test("callers who wait at the same moment share one write", () => {
    const { world, leader } = elected();
    for (let i = 0; i < 10; i++) world.apply(leader.id, `c${i}`);
    world.run(100);
    const times = stores(world, leader.id)
      .filter((line) => line.includes('"c'))
      .map((line) => line.trim().split(" ")[0]);
    expect(times).toHaveLength(10);
    expect(new Set(times).size).toBeLessThan(4);
  });

  test("no batch holds more than maxAppendEntries and one", () => {
    const { world, leader } = elected({ config: { maxAppendEntries: 4 } });
    for (let i = 0; i < 40; i++) world.apply(leader.id, `c${i}`);
    world.run(400);
    const times = stores(world, leader.id)
      .filter((line) => line.includes('"c'))
      .map((line) => line.trim().split(" ")[0] as string);
    const sizes = new Map<string, number>();
    for (const time of times) sizes.set(time, (sizes.get(time) ?? 0) + 1);
    expect(times).toHaveLength(40);
    expect(Math.max(...sizes.values())).toBe(5);
  });
});

describe("the pipeline", () => {
  const piped = { network: { pipelineDepth: 16 }, logLines: true };

  test("sends a second request before the first is answered", () => {
    const { world, leader } = elected({
      ...piped,
      config: { maxAppendEntries: 1 },
    });
    const from = world.trace.lines.length;
    for (let i = 0; i < 5; i++) {
      world.apply(leader.id, `c${i}`);
      world.run(4);
    }
    world.run(200);
    const other = world.servers.find((s) => s !== leader) as SimServer;
    const lines = world.trace.lines.slice(from);
    const sent = lines.flatMap((line, i) =>
      line.includes(`${leader.id}  -> ${other.id}  AppendEntries`) &&
      line.includes("+1")
        ? [i]
        : [],
    );
    const firstAnswer = lines.findIndex((line) =>
      line.includes(`${leader.id}  <- ${other.id}  stored`),
    );
    expect(sent.filter((i) => i < firstAnswer).length).toBeGreaterThan(1);
    expect(other.applied?.commands).toEqual(["c0", "c1", "c2", "c3", "c4"]);
  });

  test("is left at a refusal, and the log is repaired request by request", () => {
    const { world, leader } = elected(piped);
    const cut = world.servers.find((s) => s !== leader) as SimServer;
    const others = world.servers.filter((s) => s !== cut).map((s) => s.id);
    world.partition([cut.id], others);
    for (let i = 0; i < 20; i++) {
      world.apply(leader.id, `c${i}`);
      world.run(20);
    }
    world.heal();
    world.run(12_000);
    expect(world.violations).toEqual([]);
    expect(cut.applied?.commands).toEqual(leader.applied?.commands ?? ["-"]);
    const said = world.trace.lines.filter((line) => line.includes("pipelin"));
    expect(said.some((line) => line.includes("pipelining replication"))).toBe(
      true,
    );
    expect(said.some((line) => line.includes("aborting pipeline"))).toBe(true);
  });

  test("gives followers at the same place the very same request", () => {
    const { world, leader } = elected(piped);
    const requests: unknown[] = [];
    const { network } = world;
    const carry = network.carry.bind(network);
    network.carry = (from, to, message, ...rest) => {
      if (
        message.kind === "AppendEntriesRequest" &&
        message.entries.length > 0
      ) {
        requests.push(message);
      }
      carry(from, to, message, ...rest);
    };
    world.apply(leader.id, "x=1");
    world.run(100);
    expect(requests).toHaveLength(2);
    expect(requests[0]).toBe(requests[1]);
  });
});

describe("a barrier", () => {
  test("is answered after everything before it was applied", () => {
    const { world, leader } = elected();
    for (let i = 0; i < 100; i++) world.apply(leader.id, `c${i}`);
    const barrier = leader.raft?.Barrier(0) as Future;
    const done = () => barrier.responded;
    expect(world.runUntil(done, 5000)).toBe(true);
    expect(answer(world, barrier)).toBeUndefined();
    expect(leader.applied?.commands).toHaveLength(100);
  });
});

describe("VerifyLeader", () => {
  test("a leader that is heard says yes", () => {
    const { world, leader } = elected();
    const asked = leader.raft?.VerifyLeader() as Future;
    world.run(100);
    expect(answer(world, asked)).toBeUndefined();
  });

  test("one server needs nobody", () => {
    const { world, leader } = elected({ servers: 1 });
    const asked = leader.raft?.VerifyLeader() as Future;
    world.run(5);
    expect(answer(world, asked)).toBeUndefined();
  });

  test("one of two others is enough", () => {
    const { world, leader } = elected();
    const [cut] = world.servers.filter((s) => s !== leader);
    world.crash((cut as SimServer).id);
    const asked = leader.raft?.VerifyLeader() as Future;
    world.run(200);
    expect(answer(world, asked)).toBeUndefined();
  });

  test("nobody who is out of reach is a leader", () => {
    const { world, leader } = elected();
    const others = world.servers.filter((s) => s !== leader).map((s) => s.id);
    world.partition([leader.id], others);
    const asked = leader.raft?.VerifyLeader() as Future;
    world.run(3000);
    expect([ErrNotLeader, ErrLeadershipLost]).toContain(answer(world, asked));
  });

  test("a follower says no", () => {
    const { world, leader } = elected();
    const other = world.servers.find((s) => s !== leader) as SimServer;
    const asked = other.raft?.VerifyLeader() as Future;
    world.run(10);
    expect(answer(world, asked)).toBe(ErrNotLeader);
  });
});

describe("VerifyLeader after a shutdown", () => {
  test("is answered, whatever room the channel has", () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { world, leader } = elected({ seed });
      leader.raft?.Shutdown();
      world.run(1000);
      const asked = leader.raft?.VerifyLeader() as Future;
      world.run(10);
      expect(answer(world, asked)).toBe(ErrRaftShutdown);
    }
  });
});

describe("the lease", () => {
  test("a leader that is cut off steps down", () => {
    const { world, leader } = elected();
    const others = world.servers.filter((s) => s !== leader).map((s) => s.id);
    world.partition([leader.id], others);
    world.run(1030);
    expect(leader.state).toBe("Follower");
  });

  test("a leader with a majority stays, whoever else is away", () => {
    const { world, leader } = elected({ servers: 5 });
    const away = world.servers.filter((s) => s !== leader).slice(0, 2);
    for (const { id } of away) world.crash(id);
    world.run(10_000);
    expect(leader.state).toBe("Leader");
  });

  test("a deposed leader's lease is not renewed by refusals", () => {
    const { world, leader } = elected();
    const others = world.servers.filter((s) => s !== leader).map((s) => s.id);
    for (const id of others) world.cut(leader.id, id);
    world.run(1030);
    expect(leader.state).toBe("Follower");
    expect(world.violations).toEqual([]);
  });
});
