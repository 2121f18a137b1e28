import { describe, expect, test } from "vitest";
import { Random } from "../../../raft/runtime/random.ts";
import {
  drawHistory,
  linearize,
  type Operation,
} from "../../../raft/sim/linearizability.ts";

const op = (
  client: string,
  kind: "write" | "read",
  value: string,
  calledMs: number,
  returnedMs: number | undefined,
): Operation => ({ client, key: "x", kind, value, calledMs, returnedMs });

const possible = (history: Operation[]) => "order" in linearize(history);

/** Every order that respects the times, tried one after the other. */
function byBruteForce(history: readonly Operation[]): boolean {
  const known = history.filter((o) => o.returnedMs !== undefined);
  const done = new Set<Operation>();
  const search = (value: string): boolean => {
    if (known.every((o) => done.has(o))) return true;
    return history.some((o) => {
      if (done.has(o) || (o.kind === "read" && o.returnedMs === undefined)) {
        return false;
      }
      const tooEarly = history.some(
        (p) => p !== o && !done.has(p) && (p.returnedMs ?? 1e9) < o.calledMs,
      );
      if (tooEarly || (o.kind === "read" && o.value !== value)) return false;
      done.add(o);
      const found = search(o.value);
      done.delete(o);
      return found;
    });
  };
  return search("");
}

/** What clients of one register may see: each acts at a moment of its call. */
function longHistory(count: number, clients: number): Operation[] {
  const random = new Random(1);
  const history: Operation[] = [];
  let value = "";
  for (let i = 0; i < count; i++) {
    const unknown = random.chance(0.05);
    const writes = unknown || random.chance(0.5);
    const happens = !unknown || random.chance(0.5);
    if (writes && happens) value = `v${i}`;
    const called = 10 * i - random.int(10 * clients);
    const returned = 10 * i + 1 + random.int(10 * clients);
    history.push(
      op(
        `c${i % clients}`,
        writes ? "write" : "read",
        writes ? `v${i}` : value,
        called,
        unknown ? undefined : returned,
      ),
    );
  }
  return history;
}

describe("a history", () => {
  test("of a write and a later read of it is linearizable", () => {
    const history = [op("a", "write", "1", 0, 2), op("b", "read", "1", 3, 4)];
    expect(linearize(history)).toEqual({ order: history });
  });

  test("with a stale read is not", () => {
    expect(
      possible([
        op("a", "write", "1", 0, 2),
        op("a", "write", "2", 3, 5),
        op("b", "read", "1", 6, 7),
      ]),
    ).toBe(false);
  });

  test("may order two operations that overlap either way", () => {
    const write = op("a", "write", "1", 0, 9);
    expect(possible([write, op("b", "read", "", 1, 2)])).toBe(true);
    expect(possible([write, op("b", "read", "1", 1, 2)])).toBe(true);
  });

  test("may not turn back between two reads", () => {
    const history = [
      op("a", "write", "1", 0, 9),
      op("b", "read", "1", 1, 2),
      op("b", "read", "", 3, 4),
    ];
    expect(possible(history)).toBe(false);
  });

  test("may hold a write of unknown outcome, late or never", () => {
    const unknown = op("a", "write", "1", 0, undefined);
    expect(possible([unknown, op("b", "read", "", 50, 51)])).toBe(true);
    expect(possible([unknown, op("b", "read", "1", 50, 51)])).toBe(true);
    expect(
      possible([op("b", "read", "1", 1, 2), { ...unknown, calledMs: 3 }]),
    ).toBe(false);
  });

  test("is judged as by brute force, 4,000 times over", () => {
    let refused = 0;
    for (let seed = 1; seed <= 4000; seed++) {
      const random = new Random(seed);
      const history = Array.from({ length: 1 + random.int(7) }, (_, i) => {
        const called = random.int(20);
        return op(
          `c${i}`,
          random.chance(0.5) ? "write" : "read",
          random.pick(["1", "2", "3"]),
          called,
          random.chance(0.15) ? undefined : called + 1 + random.int(10),
        );
      });
      const expected = byBruteForce(history);
      expect(possible(history), drawHistory(history)).toBe(expected);
      if (!expected) refused++;
    }
    expect(refused).toBeGreaterThan(500);
  });

  test("of 10,000 operations of ten clients is judged in a moment", () => {
    const history = longHistory(10_000, 10);
    expect(possible(history)).toBe(true);
    const early = history.find((o) => o.kind === "read" && o.value !== "");
    const late = history.findLast((o) => o.returnedMs !== undefined);
    const stale = { ...early, calledMs: 1e6, returnedMs: 1e6 + 1 } as Operation;
    expect(early?.value).not.toBe(late?.value);
    expect(possible([...history, stale])).toBe(false);
  }, 5000);

  test("is shown up to the return that nothing explains", () => {
    const history = [
      op("a", "write", "1", 0, 2),
      op("b", "write", "2", 3, 5),
      op("c", "write", "3", 3, undefined),
      op("d", "read", "1", 6, 9),
      op("e", "write", "4", 7, 20),
      op("f", "read", "4", 8, 30),
      op("g", "write", "5", 40, 41),
    ];
    const judged = linearize(history);
    const shown = "impossible" in judged ? judged.impossible : [];
    expect(drawHistory(shown, 40).split("\n")).toEqual([
      "a   |--w x=1-|",
      "b                |--w x=2-|",
      "c                |--w x=3-------------------...",
      "d                             |--r x=1-----|",
      "e                                 |--w x=4--...",
    ]);
  });

  test("can be drawn", () => {
    const picture = drawHistory(
      [op("a", "write", "1", 0, 10), op("b", "read", "1", 10, undefined)],
      20,
    );
    expect(picture.split("\n")).toEqual([
      "a   |--w x=1-----------|",
      "b                      |--r x=1...",
    ]);
  });
});
