/**
 * A leader's work for one follower: what it sends, what it makes of the
 * answers, how long it waits. The leader is s1 of two, in term 2, with a noop
 * as its last entry; s2 answers what the test says.
 */
import { describe, expect, test } from "vitest";
import type { Configuration } from "../../raft/configuration.ts";
import { ErrLeadershipLost, ErrNotLeader } from "../../raft/errors.ts";
import { DeferError } from "../../raft/future.ts";
import { sleep } from "../../raft/runtime/runtime.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { setLastLog } from "../../raft/state.ts";
import { encodeText } from "../../raft/util.ts";
import { KeptSnapshots } from "./kept_snapshots.ts";
import {
  heartbeats,
  indexes,
  isHeartbeat,
  leader,
  nextIndex,
  reconfigure,
  replicating,
  replicationOf,
  sent,
  tasks,
} from "./one_leader.ts";
import { atOnce, entry, follower } from "./one_server.ts";
import { agreeing, type Peers, votersOnly } from "./scripted_transport.ts";
import { nonvoter, voter, voters } from "./servers.ts";

describe("replicate sends", () => {
  test("the leader's term, its address, the entry before and the new ones", () => {
    const server = leader(agreeing);
    expect(sent(server)[0]).toMatchObject({
      term: 2,
      leader: encodeText("s1addr"),
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: [{ index: 2, term: 2 }],
      leaderCommitIndex: 0,
    });
  });

  test("a new entry as soon as the leader has stored it", () => {
    const server = leader(agreeing);
    server.raft.Apply(encodeText("x"), 0);
    server.settle();
    expect(indexes(sent(server)).at(-1)).toEqual([3]);
    expect(server.commitIndex).toBe(3);
  });

  test("nothing that the leader has not stored", () => {
    const server = leader(agreeing);
    const write = server.store.hold("StoreLogs");
    server.raft.Apply(encodeText("x"), 0);
    server.pass(500);
    expect(write.reached).toBe(true);
    expect(indexes(sent(server)).flat()).not.toContain(3);
  });

  test("the commit index when nothing new comes, within two commit timeouts", () => {
    const server = leader(agreeing);
    expect(server.commitIndex).toBe(2);
    expect(sent(server).at(-1)?.leaderCommitIndex).toBe(0);
    server.pass(100);
    expect(sent(server).at(-1)).toMatchObject({
      entries: [],
      prevLogEntry: 2,
      leaderCommitIndex: 2,
    });
  });

  test("at most maxAppendEntries at a time, until the follower has all", () => {
    const empty = replicating(({ prevLogEntry }) =>
      prevLogEntry > 0 && !caughtUp
        ? { success: false, lastLog: 0, noRetryBackoff: true }
        : "agree",
    );
    let caughtUp = false;
    const server = leader(
      (to, request) => {
        const answer = empty(to, request);
        const isFirst =
          request.kind === "AppendEntriesRequest" &&
          request.entries[0]?.index === 1;
        if (isFirst) caughtUp = true;
        return answer;
      },
      { log: [1, 1, 1, 1, 1], config: { maxAppendEntries: 2 } },
    );
    expect(indexes(sent(server)).slice(1, 4)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(nextIndex(server)).toBe(7);
  });

  test("to a non-voter what it sends to a voter", () => {
    const configuration: Configuration = {
      servers: [...voters(1).servers, nonvoter("n1")],
    };
    const server = leader(agreeing, { configuration });
    server.raft.Apply(encodeText("x"), 0);
    server.settle();
    expect(indexes(sent(server, "n1")).flat()).toContain(3);
  });
});

describe("a follower that refuses", () => {
  const refusing = (lastLog: number, noRetryBackoff: boolean) =>
    replicating(() => ({ success: false, lastLog, noRetryBackoff }));

  test("and has a shorter log is asked behind its end", () => {
    const server = leader(refusing(1, false), { log: [1, 1, 1, 1] });
    expect(sent(server)[0]?.prevLogEntry).toBe(4);
    expect(nextIndex(server)).toBe(2);
  });

  test("and has a log as long is asked one entry further back", () => {
    const server = leader(refusing(9, false), { log: [1, 1, 1, 1] });
    expect(nextIndex(server)).toBe(4);
  });

  test("is never asked before entry 1", () => {
    const server = leader(refusing(0, false));
    expect(nextIndex(server)).toBe(1);
  });

  test("because of the previous entry is asked again without a pause", () => {
    let refusals = 3;
    const server = leader(
      replicating(() =>
        refusals-- > 0
          ? { success: false, lastLog: 9, noRetryBackoff: true }
          : "agree",
      ),
      { log: [1, 1, 1, 1] },
    );
    expect(sent(server).map(({ prevLogEntry }) => prevLogEntry)).toEqual([
      4, 3, 2, 1,
    ]);
    expect(server.commitIndex).toBe(5);
  });

  test("for another reason is asked again after a pause", () => {
    const server = leader(refusing(9, false), { log: [1, 1, 1, 1] });
    expect(sent(server)).toHaveLength(1);
    server.pass(9);
    expect(sent(server)).toHaveLength(1);
    server.pass(1);
    expect(sent(server)).toHaveLength(2);
  });

  test("counts as heard from", () => {
    const server = leader((to, request) => {
      if (request.kind !== "AppendEntriesRequest") return agreeing(to, request);
      if (isHeartbeat(request)) return new Error("nobody answers");
      return Object.assign(agreeing(to, request), { success: false }) as never;
    });
    const start = server.now;
    server.until(() => sent(server).length === 3);
    const contact = server.r.leaderState?.replState.get("s2")?.lastContactMs;
    expect(server.now).toBeGreaterThan(start);
    expect(contact).toBe(server.now);
  });
});

describe("a follower that cannot be reached", () => {
  const unreachable = replicating(() => new Error("nobody answers"));

  test("is tried again after 10, 10, 20, 40 ms and so on, and a commit timeout", () => {
    const server = leader(unreachable, { config: { commitTimeoutMs: 1 } });
    const times: number[] = [];
    let seen = 0;
    server.until(() => {
      if (sent(server).length > seen) times.push(server.now);
      seen = sent(server).length;
      return seen === 7;
    });
    const pauses = times.slice(1).map((time, i) => time - (times[i] as number));
    const expected = [10, 10, 20, 40, 80, 160];
    pauses.forEach((pause, i) => {
      expect(pause).toBeGreaterThanOrEqual((expected[i] as number) + 1);
      expect(pause).toBeLessThan((expected[i] as number) + 2);
    });
  });

  test("gets everything once it can, and the pauses begin anew", () => {
    const server = leader(unreachable);
    server.raft.Apply(encodeText("x"), 0);
    server.pass(1000);
    server.transport.peers = agreeing;
    server.pass(2000);
    expect(server.commitIndex).toBe(3);
    expect(server.r.leaderState?.replState.get("s2")?.failures).toBe(0);
    expect(nextIndex(server)).toBe(4);
  });

  test("does not hold up a shutdown, however long the pause", () => {
    const server = leader(unreachable, {
      configuration: { servers: [voter("s1"), nonvoter("s2")] },
    });
    server.pass(30_000);
    const start = server.now;
    server.run(server.raft.Shutdown().wait());
    expect(server.now - start).toBeLessThan(1000);
  });

  test("does not count as heard from", () => {
    const server = leader(() => new Error("nobody"), {
      configuration: { servers: [voter("s1"), nonvoter("s2")] },
    });
    const start = server.now;
    server.pass(3000);
    expect(server.r.leaderState?.replState.get("s2")?.lastContactMs).toBe(
      start,
    );
  });
});

describe("a follower that is asked for at once", () => {
  test("is sent a request, and whoever asked hears that it went well", () => {
    const server = leader(agreeing);
    const future = new DeferError();
    const before = sent(server).length;
    replicationOf(server).triggerDeferErrorCh.trySend(future);
    server.settle();
    expect(sent(server)).toHaveLength(before + 1);
    expect([future.responded, future.failed]).toEqual([true, false]);
  });

  test("and knows a newer term: whoever asked hears that it failed", () => {
    const server = leader(agreeing);
    server.transport.peers = replicating(() => ({ success: false, term: 9 }));
    const future = new DeferError();
    replicationOf(server).triggerDeferErrorCh.trySend(future);
    server.settle();
    expect(server.run(future.wait())?.message).toBe("replication failed");
  });
});

describe("an answer to a request", () => {
  test("ends the leadership when it shows a newer term, whatever heartbeats say", () => {
    const server = leader(agreeing);
    server.transport.peers = replicating(() => ({ success: false, term: 9 }));
    server.raft.Apply(encodeText("x"), 0);
    server.settle();
    expect(server.state).toBe("Follower");
    expect(server.term).toBe(2);
  });

  test("decides a question whether this server leads, as one to a heartbeat does", () => {
    const server = leader((to, request) =>
      request.kind === "AppendEntriesRequest" && isHeartbeat(request)
        ? new Error("nobody answers")
        : agreeing(to, request),
    );
    const question = server.raft.VerifyLeader();
    server.settle();
    expect(question.responded).toBe(false);
    server.raft.Apply(encodeText("x"), 0);
    server.settle();
    expect([question.responded, question.failed]).toEqual([true, false]);
  });
});

describe("an entry that the leader cannot read", () => {
  test("is not sent: it tries again later", () => {
    const server = follower({ log: [1], configuration: voters(2) });
    server.store.fail("GetLog 2");
    server.becomeLeader(agreeing);
    expect(server.lines).toContain("ERROR Failed to get log");
    expect(sent(server)).toEqual([]);
    server.pass(100);
    expect(indexes(sent(server))[0]).toEqual([2]);
  });

  test("is read from the snapshot when it is the last one that this covers", () => {
    const snapshots = new KeptSnapshots({ index: 3, term: 1, content: "" });
    const server = follower({
      entries: [],
      term: 1,
      snapshots,
      configuration: voters(2),
    });
    server.becomeLeader(agreeing);
    expect(server.lines).not.toContain("ERROR Failed to get log");
    expect(sent(server)[0]).toMatchObject({ prevLogEntry: 3, prevLogTerm: 1 });
    expect(indexes(sent(server))).toContainEqual([4]);
  });

  test("as the previous one is not guessed at", () => {
    const server = follower({ log: [1], configuration: voters(2) });
    server.becomeLeader(agreeing);
    server.store.fail("GetLog 2");
    server.raft.Apply(encodeText("x"), 0);
    server.settle();
    expect(indexes(sent(server)).flat()).toEqual([2]);
    server.pass(100);
    expect(server.commitIndex).toBe(3);
  });
});

describe("a heartbeat", () => {
  test("comes every tenth to fifth of a heartbeat timeout", () => {
    const server = leader(agreeing);
    const times: number[] = [];
    let seen = heartbeats(server).length;
    server.until(() => {
      const now = heartbeats(server).length;
      if (now > seen) times.push(server.now);
      seen = now;
      return times.length === 30;
    });
    const pauses = times.slice(1).map((time, i) => time - (times[i] as number));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...pauses)).toBeLessThan(200);
  });

  test("says who leads in which term, and nothing else", () => {
    const server = leader(agreeing);
    server.pass(300);
    expect(heartbeats(server)[0]).toEqual({
      kind: "AppendEntriesRequest",
      rpcHeader: { protocolVersion: 3 },
      term: 2,
      leader: encodeText("s1addr"),
      prevLogEntry: 0,
      prevLogTerm: 0,
      entries: [],
      leaderCommitIndex: 0,
    });
  });

  test("goes on while the follower is slow to store", () => {
    const server = follower({ log: [1], configuration: voters(2) });
    server.becomeLeader((to, request) => {
      if (request.kind !== "AppendEntriesRequest" || isHeartbeat(request)) {
        return agreeing(to, request);
      }
      function* slowly(): Task<never> {
        yield* sleep(server.r.runtime, 50_000);
        return agreeing(to, request) as never;
      }
      return slowly();
    });
    server.pass(10_000);
    expect(sent(server)).toHaveLength(1);
    expect(heartbeats(server).length).toBeGreaterThan(45);
  });

  test("is late by half a heartbeat timeout at most when the follower was away", () => {
    const server = leader(() => new Error("nobody"), {
      configuration: { servers: [voter("s1"), nonvoter("s2")] },
    });
    server.pass(60_000);
    const before = heartbeats(server).length;
    server.pass(700);
    expect(heartbeats(server).length).toBeGreaterThan(before);
  });

  test("comes less often while nobody answers, and never stops", () => {
    const server = leader(() => new Error("nobody"), {
      configuration: { servers: [voter("s1"), nonvoter("s2")] },
    });
    server.pass(10_000);
    const before = heartbeats(server).length;
    server.pass(10_000);
    const came = heartbeats(server).length - before;
    expect(came).toBeGreaterThanOrEqual(14);
    expect(came).toBeLessThanOrEqual(17);
  });

  test("counts as contact when it is answered, whatever the answer", () => {
    const server = leader((to, request) => {
      if (request.kind !== "AppendEntriesRequest") return agreeing(to, request);
      if (!isHeartbeat(request)) return new Error("nobody");
      return Object.assign(agreeing(to, request), { success: false }) as never;
    });
    server.pass(3000);
    const contact = server.r.leaderState?.replState.get("s2")?.lastContactMs;
    expect(server.now - (contact as number)).toBeLessThan(200);
  });
});

describe("the set of followers", () => {
  test("has a replicate and a heartbeat task each", () => {
    expect(tasks(leader(agreeing))).toEqual([
      "heartbeat s2",
      "replicate s2",
      "run",
      "runFSM",
      "runSnapshots",
    ]);
  });

  test("grows by a server that is new, from the leader's end on", () => {
    const server = leader(agreeing);
    reconfigure(server, voters(3));
    expect(tasks(server)).toContain("replicate s3");
    expect(sent(server, "s3")[0]).toMatchObject({ prevLogEntry: 2 });
  });

  test("loses a server that is gone: nothing is sent to it any more", () => {
    const server = leader(replicating(() => new Error("nobody answers")));
    server.pass(5000);
    reconfigure(server, voters(1));
    server.pass(20_000);
    expect(tasks(server)).toEqual(["run", "runFSM", "runSnapshots"]);
    const before = server.transport.sent.length;
    server.pass(5000);
    expect(server.transport.sent.length).toBe(before);
  });

  test("loses a server that is gone, once it was sent all that there is", () => {
    const server = leader(agreeing);
    atOnce(server.store.disk.StoreLog(entry(3, 2)));
    setLastLog(server.r, { index: 3, term: 2 });
    reconfigure(server, voters(1));
    expect(indexes(sent(server)).at(-1)).toEqual([3]);
    expect(tasks(server)).toEqual(["run", "runFSM", "runSnapshots"]);
  });

  test("loses a server in the middle of its repair", () => {
    const server = leader(agreeing, { log: [1, 1, 1, 1, 1, 1] });
    const refusal = { success: false, lastLog: 99, noRetryBackoff: true };
    server.transport.peers = (to, request) => {
      function* slowly(): Task<never> {
        yield* sleep(server.r.runtime, 10);
        return Object.assign(agreeing(to, request), refusal) as never;
      }
      return slowly();
    };
    server.raft.Apply(encodeText("x"), 0);
    server.pass(15);
    const before = sent(server).length;
    reconfigure(server, voters(1));
    server.pass(1000);
    expect(sent(server)).toHaveLength(before);
    expect(tasks(server)).toEqual(["run", "runFSM", "runSnapshots"]);
  });

  test("sends to a server that has moved at its new address", () => {
    const addresses: string[] = [];
    const server = leader(agreeing);
    const { transport } = server;
    const appendEntries = transport.AppendEntries.bind(transport);
    transport.AppendEntries = (id, address, request) => {
      addresses.push(address);
      return appendEntries(id, address, request);
    };
    const moved = { ...voter("s2"), address: "elsewhere" };
    reconfigure(server, { servers: [voter("s1"), moved] });
    server.pass(1000);
    expect(new Set(addresses)).toEqual(new Set(["elsewhere"]));
    expect(
      tasks(server).filter((name) => name === "replicate s2"),
    ).toHaveLength(1);
  });
});

describe("a leadership that is over", () => {
  test("is not mixed with the next one in a request", () => {
    // s1 has led in term 2 and stored entries 3 and 4. Its task for s3 has read
    // the entry before them when another leader of term 3 replaces them.
    const server = follower({ log: [1, 1], configuration: voters(3) });
    server.becomeLeader(replicating(() => new Error("nobody answers")));
    server.raft.Apply(encodeText("x"), 0);
    server.settle();
    expect(server.log).toEqual([1, 1, 2, 2]);
    const read = server.store.holdAfter("GetLog 2");
    server.until(() => read.reached);
    server.transport.sent = [];
    server.append({
      term: 3,
      prevLogEntry: 1,
      prevLogTerm: 1,
      entries: [entry(2, 3), entry(3, 3), entry(4, 3)],
    });
    expect(server.log).toEqual([1, 3, 3, 3]);
    read.release();
    server.settle();
    const requests = [...sent(server, "s2"), ...sent(server, "s3")];
    expect(requests.filter(({ term }) => term === 2)).toEqual([]);
  });

  test("leaves no request behind for the next one to send", () => {
    // The task for s2 has read entry 3 of term 2 when a leader of term 3 puts
    // its own there; s1 then leads in term 4, and the task reads on.
    const server = follower({ log: [1, 1], configuration: voters(5) });
    server.becomeLeader((to, request) =>
      to === "s2" ? agreeing(to, request) : votersOnly(to, request),
    );
    const read = server.store.holdAfter("GetLog 3");
    server.raft.Apply(encodeText("x"), 0);
    server.settle();
    expect(read.reached).toBe(true);
    const previous = { prevLogEntry: 2, prevLogTerm: 1 };
    server.append({ term: 3, ...previous, entries: [entry(3, 3)] });
    server.becomeLeader(votersOnly);
    expect(server.log).toEqual([1, 1, 3, 4]);
    read.release();
    server.settle();
    server.transport.sent = [];
    server.pass(400);
    const requests = sent(server, "s2");
    expect(indexes(requests)).toContainEqual([4]);
    for (const { term, prevLogTerm } of requests) {
      expect([term, prevLogTerm]).toEqual([4, 3]);
    }
  });
});

describe("a question whether this server leads", () => {
  /** Five voters; s2 answers heartbeats, and nobody answers anything else. */
  const onlyS2: Peers = (to, request) =>
    to === "s2" &&
    request.kind === "AppendEntriesRequest" &&
    isHeartbeat(request)
      ? agreeing(to, request)
      : votersOnly(to, request);

  test("is put to the followers at once", () => {
    const server = leader(agreeing);
    const before = heartbeats(server).length;
    const question = server.raft.VerifyLeader();
    server.settle();
    expect(heartbeats(server)).toHaveLength(before + 1);
    expect([question.responded, question.failed]).toEqual([true, false]);
  });

  test("counts each follower once, however often it answers", () => {
    const server = leader(onlyS2, { configuration: voters(5) });
    const question = server.raft.VerifyLeader();
    server.pass(400);
    expect(heartbeats(server).length).toBeGreaterThan(2);
    expect(question.responded).toBe(false);
    server.pass(1000);
    expect(server.run(question.wait())).toBe(ErrLeadershipLost);
  });

  test("is answered with no when a follower refuses the heartbeat", () => {
    const server = leader((to, request) => {
      const answer = agreeing(to, request);
      if (request.kind !== "AppendEntriesRequest") return answer;
      if (!isHeartbeat(request)) return answer;
      return Object.assign(answer, { success: false }) as never;
    });
    const question = server.raft.VerifyLeader();
    server.settle();
    expect(server.run(question.wait())).toBe(ErrNotLeader);
    expect(server.state).toBe("Follower");
  });

  test("is forgotten once it is decided, by a follower that never answered too", () => {
    const server = leader(
      (to, request) =>
        to === "s3" ? votersOnly(to, request) : agreeing(to, request),
      { configuration: voters(3) },
    );
    const question = server.raft.VerifyLeader();
    server.settle();
    expect([question.responded, question.failed]).toEqual([true, false]);
    expect(replicationOf(server, "s3").notify.size).toBe(0);
    expect(server.r.leaderState?.notify.size).toBe(0);
  });

  test("may be one of two hundred: all are answered", () => {
    const server = leader(agreeing);
    const questions = Array.from({ length: 200 }, () =>
      server.raft.VerifyLeader(),
    );
    server.pass(100);
    const answers = questions.map((one) => one.responded && !one.failed);
    expect(answers).toEqual(Array(200).fill(true));
  });
});
