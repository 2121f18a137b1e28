/** The world: what it shows of its servers. */

import { expect, test } from "vitest";
import { World, type WorldPass } from "../../../raft/sim/world.ts";

test("tells of every value that crosses a channel, and when", () => {
  const passes: WorldPass[] = [];
  const world = new World({ seed: 1, onPass: (pass) => passes.push(pass) });
  world.runUntil(() => world.leader() !== undefined);
  const leader = world.leader()?.id ?? "";
  world.run(100);
  passes.length = 0;
  const askedAt = world.now;
  const future = world.apply(leader, "a=1");
  world.runUntil(() => future.responded);
  const mine = passes.filter(({ server }) => server === leader);
  const channels = mine.map(({ kind, channel }) => `${kind} ${channel}`);
  expect(channels).toContain("send commitCh");
  expect(channels).toContain("close future");
  expect(mine.every(({ atMs }) => atMs >= askedAt)).toBe(true);
});

test("a watched world takes the same steps as one that nobody watches", () => {
  const hash = (watched: boolean) => {
    const world = new World({ seed: 3, ...(watched && { onPass() {} }) });
    world.run(5000);
    return world.trace.hash;
  };
  expect(hash(true)).toBe(hash(false));
});
