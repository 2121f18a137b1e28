/** Clients: what they remember of what they asked. */

import { describe, expect, test } from "vitest";
import { Clients } from "../../../raft/sim/clients.ts";
import { linearize } from "../../../raft/sim/linearizability.ts";
import { World, type WorldOptions } from "../../../raft/sim/world.ts";

/** A world with a leader, and clients that ask now and then. */
function asked(options: Partial<WorldOptions> = {}, applyTimeoutMs = 0) {
  const world = new World({ seed: 1, ...options });
  world.runUntil(() => world.leader() !== undefined);
  world.run(100);
  const random = world.stream("clients");
  const clients = new Clients(world, random, applyTimeoutMs);
  const ask = (times: number) => {
    for (let i = 0; i < times; i++) {
      clients.act();
      world.run(20);
    }
  };
  return { world, clients, ask };
}

describe("clients", () => {
  test("write and read in a way that can be explained", () => {
    const { clients, ask, world } = asked();
    ask(100);
    world.run(1000);
    const { history } = clients;
    expect(history.length).toBeGreaterThan(80);
    expect(history.every((o) => o.returnedMs !== undefined)).toBe(true);
    expect(history.some((o) => o.kind === "read" && o.value !== "")).toBe(true);
    expect("order" in linearize(history)).toBe(true);
    expect(clients.waiting).toEqual([]);
  });

  test("wait for their answers, and know it", () => {
    const { clients, ask, world } = asked();
    world.partition(["s1"], ["s2"], ["s3"]);
    ask(3);
    expect(clients.waiting.length).toBeGreaterThan(0);
    world.run(5000);
    expect(clients.waiting).toEqual([]);
  });

  test("do not wait for a server that has crashed", () => {
    const { clients, ask, world } = asked();
    world.partition(["s1"], ["s2"], ["s3"]);
    ask(3);
    for (const { id } of world.servers) world.crash(id);
    expect(clients.waiting).toEqual([]);
    const unknown = clients.history.filter((o) => o.returnedMs === undefined);
    expect(unknown.length).toBeGreaterThan(0);
  });

  test("forget what was never taken", () => {
    const { clients, world } = asked({ disk: { writeMs: [900, 900] } }, 5);
    clients.burst(30);
    world.run(20);
    clients.burst(30);
    world.run(3000);
    expect(clients.waiting).toEqual([]);
    expect(clients.history.length).toBeLessThan(40);
  });

  test("are silent while it is quiet", () => {
    const { clients, ask } = asked();
    clients.quiet = true;
    ask(10);
    expect(clients.history).toEqual([]);
  });
});
