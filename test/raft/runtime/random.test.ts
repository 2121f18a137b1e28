import { describe, expect, test } from "vitest";
import { hash32, Random } from "../../../raft/runtime/random.ts";

const draws = (random: Random, count = 5) =>
  Array.from({ length: count }, () => random.uint32());

describe("the seeded random", () => {
  test("draws the same numbers from the same seed, in every engine", () => {
    expect(draws(new Random(42), 3)).toEqual([
      2701689635, 1124787883, 2006429743,
    ]);
  });

  test("draws other numbers from another seed", () => {
    expect(draws(new Random(1))).not.toEqual(draws(new Random(2)));
  });

  test("draws whole numbers below a bound, each about as often", () => {
    const random = new Random(3);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 10_000; i++) counts[random.int(5)]!++;
    for (const count of counts)
      expect(Math.abs(count - 2000)).toBeLessThan(150);
  });

  test("says yes with the probability that it was asked for", () => {
    const random = new Random(4);
    let yes = 0;
    for (let i = 0; i < 10_000; i++) if (random.chance(0.3)) yes++;
    expect(yes / 10_000).toBeCloseTo(0.3, 1);
    expect(random.chance(0)).toBe(false);
    expect(random.chance(1)).toBe(true);
  });

  test("shuffles a copy and loses nothing", () => {
    const list = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = new Random(5).shuffle(list);
    expect(shuffled).not.toEqual(list);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(list);
  });

  test("refuses to pick from an empty list", () => {
    expect(() => new Random(1).pick([])).toThrow("pick from an empty list");
  });
});

describe("a named stream", () => {
  test("does not depend on what was drawn beside it", () => {
    const quiet = new Random(1);
    const busy = new Random(1);
    draws(busy, 100);
    const expected = draws(quiet.stream("network"));
    expect(draws(busy.stream("network"))).toEqual(expected);
  });

  test("differs from every stream of another name or seed", () => {
    const firsts = [
      new Random(1).stream("network"),
      new Random(1).stream("scheduler"),
      new Random(2).stream("network"),
      new Random(1).stream("network").stream("network"),
    ].map((random) => random.uint32());
    expect(new Set(firsts).size).toBe(4);
  });
});

test("hash32 is FNV-1a, by its published values", () => {
  expect(hash32("")).toBe(0x811c9dc5);
  expect(hash32("a")).toBe(0xe40c292c);
  expect(hash32("foobar")).toBe(0xbf9cf968);
});
