import { describe, expect, test } from "vitest";
import { ErrLogNotFound } from "../../raft/errors.ts";
import { InmemStore } from "../../raft/inmem_store.ts";
import { type Log, LogType } from "../../raft/log.ts";
import { LogCache } from "../../raft/log_cache.ts";
import { cacheStoreLogs as v111 } from "../../raft/quirks.ts";
import { encodeText } from "../../raft/util.ts";
import { FaultyStore } from "./faulty_store.ts";
import { virtualTime } from "./virtual.ts";

const entry = (index: number): Log => ({
  index,
  term: 1,
  type: LogType.Command,
  data: encodeText(`log${index}`),
});

const entries = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => entry(from + i));

describe("TestLogCache: a cache of 16 in front of a store", () => {
  test("TestLogCache: reads a hit without the store, and a miss through it", () => {
    const { run } = virtualTime();
    const store = new InmemStore();
    run(store.StoreLogs(entries(1, 16)));
    const cache = new LogCache(16, store);
    expect(run(cache.GetLog(1))).toEqual(entry(1));
    run(cache.StoreLogs(entries(17, 32)));
    run(store.DeleteRange(17, 32));
    expect(run(cache.GetLog(20))).toEqual(entry(20));
    expect(run(cache.GetLog(5))).toEqual(entry(5));
  });

  test("forgets everything when a range is deleted", () => {
    const { run } = virtualTime();
    const cache = new LogCache(16, new InmemStore());
    run(cache.StoreLogs(entries(1, 8)));
    run(cache.DeleteRange(4, 8));
    expect(run(cache.GetLog(5))).toBe(ErrLogNotFound);
    expect(run(cache.GetLog(3))).toEqual(entry(3));
    expect(run(cache.LastIndex())).toBe(3);
  });

  test("refuses to have no room", () => {
    expect(() => new LogCache(0, new InmemStore())).toThrow("positive");
  });

  test("an entry whose write failed cannot be read", () => {
    const { run } = virtualTime();
    const store = new FaultyStore();
    store.fail("StoreLogs", 1);
    const cache = new LogCache(16, store);
    expect(run(cache.StoreLogs([entry(1)]))).toBeInstanceOf(Error);
    expect(run(cache.GetLog(1))).toBe(ErrLogNotFound);
  });

  test("with cache-before-store it can: v1.1.1's defect", () => {
    const { run } = virtualTime();
    const store = new FaultyStore();
    store.fail("StoreLogs", 1);
    const cache = new LogCache(16, store);
    cache.storeLogs = v111;
    expect(run(cache.StoreLogs([entry(1)]))).toBeInstanceOf(Error);
    expect(run(cache.GetLog(1))).toEqual(entry(1));
  });
});
