/**
 * The simulated disk: when a write counts, and what a crash leaves of it. Its
 * contracts as log store and stable store are proved in ../contract.test.ts.
 */

import { describe, expect, test } from "vitest";
import { type Log, LogType } from "../../../raft/log.ts";
import { Random } from "../../../raft/runtime/random.ts";
import {
  Disk,
  type DiskOptions,
  type DiskWrite,
} from "../../../raft/sim/disk.ts";
import { virtualTime } from "../virtual.ts";

const exactly2ms: DiskOptions = { writeMs: [2, 2], errorRate: 0 };

function diskInTime(options: DiskOptions = exactly2ms, seed = 1) {
  const time = virtualTime();
  const writes: DiskWrite[] = [];
  const random = new Random(seed);
  const { clock } = time.driver;
  const disk = new Disk(options, clock, random, (w) => writes.push(w));
  return { ...time, disk, writes };
}

function entry(index: number, term = 1, text = `${index}`): Log {
  const data = new TextEncoder().encode(text);
  return { index, term, type: LogType.Command, data };
}

function entries(...indexes: number[]): Log[] {
  return indexes.map((index) => entry(index));
}

describe("a write", () => {
  test("counts when its time has passed, and not before", () => {
    const { disk, start, pass, writes } = diskInTime();
    start(disk.SetUint64("CurrentTerm", 7));
    expect(disk.busy).toBe(true);
    pass(1.9);
    expect(disk.number("CurrentTerm")).toBe(0);
    expect(writes).toEqual([]);
    pass(0.2);
    expect(disk.number("CurrentTerm")).toBe(7);
    expect(writes).toEqual([{ kind: "set", key: "CurrentTerm", value: 7 }]);
    expect(disk.busy).toBe(false);
  });

  test("takes between the shortest and the longest time", () => {
    const { disk, run, driver } = diskInTime({ writeMs: [3, 8], errorRate: 0 });
    const times = Array.from({ length: 50 }, () => {
      const before = driver.clock.now();
      run(disk.Set("k", Uint8Array.of(1)));
      return driver.clock.now() - before;
    });
    expect(Math.min(...times)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...times)).toBeLessThanOrEqual(8);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(2);
  });

  test("that fails changes nothing, and says so", () => {
    const { disk, run, writes } = diskInTime();
    disk.failNext(1);
    expect(run(disk.StoreLogs(entries(1)))).toBeInstanceOf(Error);
    expect(disk.lastIndex).toBe(0);
    expect(writes).toEqual([]);
    expect(run(disk.StoreLogs(entries(1)))).toBeUndefined();
    expect(disk.lastIndex).toBe(1);
  });

  test("fails as often as the options say", () => {
    const { disk, run } = diskInTime({ writeMs: [0, 0], errorRate: 0.25 });
    const failed = Array.from({ length: 1000 }, () =>
      run(disk.SetUint64("k", 1)),
    ).filter((error) => error instanceof Error).length;
    expect(failed).toBeGreaterThan(200);
    expect(failed).toBeLessThan(300);
  });
});

describe("writes of one kind", () => {
  test("fail, and others do not", () => {
    const { disk, run } = diskInTime();
    run(disk.StoreLogs(entries(1, 2, 3)));
    disk.failNext(1, "delete");
    expect(run(disk.SetUint64("CurrentTerm", 1))).toBeUndefined();
    expect(run(disk.StoreLogs(entries(4)))).toBeUndefined();
    expect(run(disk.DeleteRange(3, 4))).toBeInstanceOf(Error);
    expect(run(disk.DeleteRange(3, 4))).toBeUndefined();
  });

  test("fail when they store what follows a cut", () => {
    const { disk, run } = diskInTime();
    disk.failNext(1, "store after delete");
    expect(run(disk.StoreLogs(entries(1, 2)))).toBeUndefined();
    expect(run(disk.DeleteRange(2, 2))).toBeUndefined();
    expect(run(disk.StoreLogs(entries(2)))).toBeInstanceOf(Error);
    expect(run(disk.StoreLogs(entries(2)))).toBeUndefined();
  });
});

describe("a write that will fail", () => {
  test("is under way, and tells when it has failed", () => {
    const { disk, start, pass } = diskInTime();
    let failures = 0;
    disk.onFailure = () => failures++;
    disk.failNext(1);
    start(disk.StoreLogs(entries(1)));
    expect([disk.busy, failures]).toEqual([true, 0]);
    pass(3);
    expect([disk.busy, failures]).toEqual([false, 1]);
  });

  test("is forgotten in a crash", () => {
    const { disk, start, pass } = diskInTime();
    disk.onFailure = () => expect.unreachable("its server is gone");
    disk.failNext(1);
    start(disk.StoreLogs(entries(1)));
    disk.crash();
    pass(3);
    expect(disk.lastIndex).toBe(0);
  });
});

test("the third write from now is interrupted while it is under way", () => {
  const { disk, run, driver } = diskInTime();
  const times: number[] = [];
  disk.interruptWrite(3, () => times.push(driver.clock.now()));
  for (const index of [1, 2, 3, 4]) run(disk.StoreLogs(entries(index)));
  expect(times).toHaveLength(1);
  expect(times[0]).toBeGreaterThanOrEqual(4);
  expect(times[0]).toBeLessThanOrEqual(6);
});

describe("a crash in the middle of a write", () => {
  test("leaves none, some or all of the entries, from the first on", () => {
    const found = new Set<number>();
    for (let seed = 1; seed <= 100; seed++) {
      const { disk, start, pass } = diskInTime(exactly2ms, seed);
      start(disk.StoreLogs(entries(1, 2, 3)));
      disk.crash();
      pass(10);
      const last = disk.lastIndex;
      for (let i = 1; i <= last; i++) expect(disk.entry(i)).toBeDefined();
      found.add(last);
    }
    expect([...found].sort()).toEqual([0, 1, 2, 3]);
  });

  test("leaves a value as it was or as it was to be", () => {
    const found = new Set<number>();
    for (let seed = 1; seed <= 50; seed++) {
      const { disk, start, pass } = diskInTime(exactly2ms, seed);
      disk.preset({ term: 4 }, []);
      start(disk.SetUint64("term", 5));
      disk.crash();
      pass(10);
      found.add(disk.number("term"));
    }
    expect([...found].sort()).toEqual([4, 5]);
  });

  test("does nothing to a disk that is idle", () => {
    const { disk } = diskInTime();
    disk.preset({ term: 4 }, entries(1, 2));
    disk.crash();
    expect([disk.lastIndex, disk.number("term")]).toEqual([2, 4]);
  });
});

describe("the hash of a log's past", () => {
  function hashed(...logs: Log[]): Disk {
    const { disk } = diskInTime();
    disk.preset({}, logs);
    return disk;
  }

  test("is equal when every entry before is equal", () => {
    const [a, b] = [hashed(...entries(1, 2, 3)), hashed(...entries(1, 2, 3))];
    expect(a.chainAt(3)).toBe(b.chainAt(3));
    expect(a.chainAt(0)).toBe(0);
    expect(a.chainAt(4)).toBeUndefined();
  });

  test.each([
    ["term", entry(1, 2)],
    ["text", entry(1, 1, "other")],
  ])("differs when an entry before has another %s", (_, first) => {
    const a = hashed(...entries(1, 2));
    const b = hashed(first, entry(2));
    expect(a.chainAt(2)).not.toBe(b.chainAt(2));
  });

  test("is gone with the entries that are deleted", () => {
    const { disk, run } = diskInTime();
    disk.preset({}, entries(1, 2, 3));
    run(disk.DeleteRange(2, 3));
    expect([disk.firstIndex, disk.lastIndex]).toEqual([1, 1]);
    expect(disk.chainAt(2)).toBeUndefined();
    expect(disk.chainAt(1)).toBeDefined();
    run(disk.DeleteRange(1, 1));
    expect([disk.firstIndex, disk.lastIndex]).toEqual([0, 0]);
  });
});
