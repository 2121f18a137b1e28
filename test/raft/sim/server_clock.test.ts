/** A server's own clock, beside that of the world. */

import { expect, test } from "vitest";
import { VirtualClock } from "../../../raft/runtime/clock.ts";
import { Random } from "../../../raft/runtime/random.ts";
import { ServerClock } from "../../../raft/sim/server_clock.ts";

test("a clock that runs fast rings early", () => {
  const world = new VirtualClock();
  const clock = new ServerClock(world, new Random(1), 1.25);
  let rangAt = 0;
  clock.at(1000, () => {
    rangAt = world.now();
  });
  world.step();
  expect(rangAt).toBe(800);
  expect(clock.now()).toBe(1000);
});

test("an alarm is late as often and as much as it is told", () => {
  const world = new VirtualClock();
  const clock = new ServerClock(world, new Random(1));
  clock.late = { rate: 0.25, mostMs: 50 };
  const rangAt: number[] = [];
  for (let i = 0; i < 1000; i++) clock.at(10, () => rangAt.push(world.now()));
  while (world.step());
  const late = rangAt.filter((ms) => ms > 10);
  expect(late.length).toBeGreaterThan(200);
  expect(late.length).toBeLessThan(300);
  expect(Math.max(...late)).toBeLessThan(60);
  expect(clock.lateUntilMs).toBe(Math.max(...late));
});
