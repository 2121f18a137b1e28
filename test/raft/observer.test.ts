/** Who watches a server, and what is lost when nobody looks. */
import { describe, expect, test } from "vitest";
import { type Observation, Observer } from "../../raft/observer.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { virtualTime } from "./virtual.ts";

const leaders = (...addresses: string[]): Observation[] =>
  addresses.map((leader) => ({ kind: "Leader", leader }));

const candidate: Observation = { kind: "RaftState", state: "Candidate" };

function observing(capacity: number) {
  const channel = new Channel<Observation>("observations", capacity);
  const { runtime, settle, start } = virtualTime();
  const seen: Observation[] = [];
  function* watch(): Task<void> {
    for (;;) seen.push(yield* channel.receive());
  }
  return { channel, runtime, settle, seen, watch: () => start(watch()) };
}

describe("an observer that does not block", () => {
  test("gets what its channel has room for, in order", () => {
    const { channel, runtime } = observing(3);
    const observer = new Observer(channel, false);
    for (const one of leaders("a", "b")) observer.take(runtime, one);
    expect(channel.values()).toEqual(leaders("a", "b"));
    expect(observer.GetNumObserved()).toBe(2);
    expect(observer.GetNumDropped()).toBe(0);
  });

  test("loses the rest, and counts it", () => {
    const { channel, runtime } = observing(1);
    const observer = new Observer(channel, false);
    for (const one of leaders("a", "b", "c")) observer.take(runtime, one);
    expect(channel.values()).toEqual(leaders("a"));
    expect(observer.GetNumObserved()).toBe(1);
    expect(observer.GetNumDropped()).toBe(2);
  });

  test("gets by a channel without room only what somebody waits for", () => {
    const { channel, runtime, watch, settle, seen } = observing(0);
    const observer = new Observer(channel, false);
    observer.take(runtime, candidate);
    watch();
    observer.take(runtime, candidate);
    settle();
    expect(seen).toEqual([candidate]);
    expect(observer.GetNumDropped()).toBe(1);
  });
});

describe("an observer that blocks", () => {
  test("gets everything in order, however late it looks", () => {
    const { channel, runtime, watch, settle, seen } = observing(1);
    const observer = new Observer(channel, true);
    for (const one of leaders("a", "b", "c", "d")) observer.take(runtime, one);
    settle();
    expect(observer.GetNumObserved()).toBe(1);
    watch();
    expect(seen).toEqual(leaders("a", "b", "c", "d"));
    expect(observer.GetNumObserved()).toBe(4);
    expect(observer.GetNumDropped()).toBe(0);
  });

  test("does not stop whoever makes the observation", () => {
    const { channel, runtime, settle } = observing(0);
    const observer = new Observer(channel, true);
    for (const one of leaders("a", "b")) observer.take(runtime, one);
    settle();
    expect(channel.senders.head).toBeDefined();
    expect(observer.GetNumObserved()).toBe(0);
  });

  test("goes on after it has been emptied", () => {
    const { channel, runtime, watch, settle, seen } = observing(0);
    const observer = new Observer(channel, true);
    watch();
    for (const one of leaders("a", "b")) {
      observer.take(runtime, one);
      settle();
    }
    expect(seen).toEqual(leaders("a", "b"));
  });
});

describe("a filter", () => {
  test("keeps back what it does not want, and counts it as nothing", () => {
    for (const blocking of [false, true]) {
      const { channel, runtime, settle } = observing(5);
      const onlyLeaders = ({ kind }: Observation) => kind === "Leader";
      const observer = new Observer(channel, blocking, onlyLeaders);
      observer.take(runtime, candidate);
      for (const one of leaders("a")) observer.take(runtime, one);
      settle();
      expect(channel.values()).toEqual(leaders("a"));
      expect(observer.GetNumObserved()).toBe(1);
      expect(observer.GetNumDropped()).toBe(0);
    }
  });
});
