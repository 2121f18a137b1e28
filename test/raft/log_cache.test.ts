/**
 * The cache in front of a log store: what it keeps, and what it never shows.
 */
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

describe("a log cache", () => {
  test("TestLogCache: misses read through, writes go through, hits need no store, a deleted range is gone", () => {
    const { run } = virtualTime();
    const store = new InmemStore();
    const cache = new LogCache(16, store);
    run(store.StoreLogs(entries(1, 32)));
    expect(run(cache.FirstIndex())).toBe(1);
    expect(run(cache.LastIndex())).toBe(32);
    expect(run(cache.GetLog(1))).toEqual(entry(1));

    expect(run(cache.StoreLogs(entries(33, 34)))).toBeUndefined();
    expect(run(cache.LastIndex())).toBe(34);
    expect(run(store.GetLog(33))).toEqual(entry(33));
    expect(run(store.GetLog(34))).toEqual(entry(34));

    run(store.DeleteRange(33, 34));
    expect(run(cache.GetLog(33))).toEqual(entry(33));
    expect(run(cache.GetLog(34))).toEqual(entry(34));

    expect(run(cache.DeleteRange(33, 34))).toBeUndefined();
    expect(run(cache.GetLog(33))).toBe(ErrLogNotFound);
    expect(run(cache.GetLog(34))).toBe(ErrLogNotFound);
  });

  test("has room for the newest entries: the slot of an older one is taken", () => {
    const { run } = virtualTime();
    const store = new InmemStore();
    const cache = new LogCache(16, store);
    run(cache.StoreLogs(entries(1, 20)));
    run(store.DeleteRange(1, 20));
    expect(run(cache.GetLog(4))).toBe(ErrLogNotFound);
    expect(run(cache.GetLog(5))).toEqual(entry(5));
    expect(run(cache.GetLog(20))).toEqual(entry(20));
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
