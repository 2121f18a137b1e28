/**
 * A leader's term from the first act to the last: who is told, what it writes
 * first, what it counts, why it ends.
 */
import { describe, expect, test } from "vitest";
import type { Configuration } from "../../raft/configuration.ts";
import { ErrLeadershipLost } from "../../raft/errors.ts";
import { LogType } from "../../raft/log.ts";
import { type Observation, Observer } from "../../raft/observer.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import { encodeText } from "../../raft/util.ts";
import {
  atOnce,
  configurationEntry,
  entry,
  follower,
  type OneServer,
} from "./one_server.ts";
import { agreeing, type Peers, votersOnly } from "./scripted_transport.ts";
import { nonvoter, voters } from "./servers.ts";

function observed(server: OneServer): () => Observation[] {
  const channel = new Channel<Observation>("observations", 100);
  server.raft.RegisterObserver(new Observer(channel, false));
  return () => channel.values();
}

describe("the application is told", () => {
  test("true when the server begins to lead", () => {
    const server = follower({ log: [1] }).becomeLeader();
    expect(server.raft.LeaderCh().values()).toEqual([true]);
  });

  test("false when it no longer does", () => {
    const server = follower({ log: [1] }).becomeLeader();
    expect(server.raft.LeaderCh().tryReceive()).toEqual({ value: true });
    server.append({ term: 9 });
    expect(server.raft.LeaderCh().tryReceive()).toEqual({ value: false });
  });

  test("the newest of the two when it has not looked for a while", () => {
    const notifyCh = new Channel<boolean>("notifyCh", 1);
    const server = follower({ log: [1], config: { notifyCh } });
    for (let round = 0; round < 3; round++) {
      server.becomeLeader();
      expect(notifyCh.values()).toEqual([true]);
      expect(server.raft.LeaderCh().values()).toEqual([true]);
      server.append({ term: server.term + 1 });
      expect(notifyCh.values()).toEqual([false]);
      expect(server.raft.LeaderCh().values()).toEqual([false]);
    }
  });

  test("by both channels, and neither stops the server when nobody looks", () => {
    const notifyCh = new Channel<boolean>("notifyCh", 1);
    const server = follower({
      log: [1],
      configuration: voters(1),
      config: { notifyCh },
    }).becomeLeader();
    const future = server.raft.Apply(encodeText("x"), 0);
    expect(server.run(future.wait())).toBeUndefined();
  });

  test("TestRaft_NotifyCh: true on becoming leader, false on shutdown", () => {
    const notifyCh = new Channel<boolean>("notifyCh", 1);
    const server = follower({
      log: [1],
      configuration: voters(1),
      config: { notifyCh },
    }).becomeLeader();
    expect(notifyCh.tryReceive()).toEqual({ value: true });
    server.run(server.raft.Shutdown().wait());
    expect(notifyCh.tryReceive()).toEqual({ value: false });
  });

  test("nothing when it only campaigned", () => {
    const server = follower({ log: [1] }).becomeCandidate();
    server.append({ term: 9 });
    expect(server.raft.LeaderCh().values()).toEqual([]);
  });
});

describe("the observers of a server", () => {
  test("see its roles, its leaders and its peers in order", () => {
    const server = follower({ log: [1] });
    const seen = observed(server);
    server.becomeLeader();
    server.append({ term: 9 });
    const words = seen().map((one) => {
      if (one.kind === "RaftState") return one.state;
      if (one.kind === "Leader") return `leader "${one.leader}"`;
      if (one.kind === "Peer") return `peer ${one.peer.id}`;
      return one.kind;
    });
    expect(words).toEqual([
      "Candidate",
      "Leader",
      'leader "s1addr"',
      "peer s2",
      "peer s3",
      'leader ""',
      "Follower",
      'leader "s2addr"',
    ]);
  });

  test("see nothing when nothing changes", () => {
    const server = follower({ log: [1] });
    server.append({});
    const seen = observed(server);
    server.append({});
    expect(seen()).toEqual([]);
  });

  test("see no role when a follower becomes one in a newer term", () => {
    const server = follower({ log: [1] });
    server.append({});
    const seen = observed(server);
    server.append({ term: 2 });
    expect(seen()).toEqual([
      { kind: "Leader", leader: "" },
      { kind: "Leader", leader: "s2addr" },
    ]);
  });

  test("see nothing once they are deregistered", () => {
    const server = follower({ log: [1] });
    const channel = new Channel<Observation>("observations", 100);
    const observer = new Observer(channel, false);
    server.raft.RegisterObserver(observer);
    server.raft.DeregisterObserver(observer);
    server.append({});
    expect(channel.length).toBe(0);
  });
});

describe("a new leader", () => {
  test("writes a noop of its term behind its log, before anything else", () => {
    const server = follower({ log: [1, 1], term: 3 }).becomeLeader();
    expect(server.log).toEqual([1, 1, 4]);
    expect(atOnce(server.store.disk.GetLog(3))).toEqual({
      index: 3,
      term: 4,
      type: LogType.Noop,
      data: new Uint8Array(),
    });
  });

  test("sends first what comes behind its log, whatever the others have", () => {
    const server = follower({ log: [1, 1], term: 3 }).becomeLeader();
    const first = server.transport.sent.find(
      ({ request }) => request.kind === "AppendEntriesRequest",
    );
    expect(first?.request).toMatchObject({
      term: 4,
      prevLogEntry: 2,
      prevLogTerm: 1,
    });
  });

  test("sends to every other server, non-voters too", () => {
    const configuration: Configuration = {
      servers: [...voters(3).servers, nonvoter("n1")],
    };
    const server = follower({ log: [1], configuration }).becomeLeader();
    const told = server.transport.sent
      .filter(({ request }) => request.kind === "AppendEntriesRequest")
      .map(({ to }) => to);
    expect(new Set(told)).toEqual(new Set(["s2", "s3", "n1"]));
  });

  test("that cannot write the noop leads no more", () => {
    const server = follower({ log: [1], term: 3 });
    server.store.fail("StoreLogs");
    server.transport.peers = votersOnly;
    server.until(() => server.term === 4);
    expect(server.state).toBe("Follower");
    expect(server.log).toEqual([1]);
  });
});

describe("a leader counts as committed", () => {
  /** Peers of which only `followers` store what they are sent. */
  const storing = (...followers: string[]): Peers => {
    return (to, request) =>
      followers.includes(to) ? agreeing(to, request) : votersOnly(to, request);
  };

  test("what a majority of the voters has, itself included", () => {
    const server = follower({ log: [1] }).becomeLeader(storing("s2"));
    server.pass(100);
    expect(server.commitIndex).toBe(2);
  });

  test("nothing that only it has", () => {
    const server = follower({ log: [1] }).becomeLeader();
    server.pass(1000);
    expect(server.commitIndex).toBe(0);
  });

  test("nothing by the copies of non-voters", () => {
    const configuration: Configuration = {
      servers: [...voters(3).servers, nonvoter("n1"), nonvoter("n2")],
    };
    const server = follower({ log: [1], configuration });
    server.becomeLeader(storing("n1", "n2"));
    server.pass(1000);
    expect(server.commitIndex).toBe(0);
  });

  test("older entries only together with one of its own term", () => {
    // The others take all but the last entry: the old ones reach a majority.
    const allButTheLast: Peers = (to, request) => {
      if (request.kind !== "AppendEntriesRequest") {
        return agreeing(to, request);
      }
      if (request.entries.some(({ term }) => term === 4)) {
        return new Error("nobody answers");
      }
      return agreeing(to, request);
    };
    const server = follower({
      log: [1, 2, 2],
      term: 3,
      config: { maxAppendEntries: 1 },
    });
    const refuseOnce = new Set(["s2", "s3"]);
    server.becomeLeader((to, request) => {
      if (request.kind === "AppendEntriesRequest" && refuseOnce.delete(to)) {
        return {
          kind: "AppendEntriesResponse",
          rpcHeader: { protocolVersion: 3 },
          term: request.term,
          lastLog: 0,
          success: false,
          noRetryBackoff: true,
        };
      }
      return allButTheLast(to, request);
    });
    server.pass(100);
    const stored = server.transport.sent.filter(
      ({ request }) =>
        request.kind === "AppendEntriesRequest" &&
        request.entries[0]?.index === 3,
    );
    expect(stored.length).toBeGreaterThanOrEqual(2);
    expect(server.commitIndex).toBe(0);
    server.transport.peers = agreeing;
    server.pass(20_000);
    expect(server.commitIndex).toBe(4);
    expect(server.applied).toEqual(["2/2", "3/2"]);
  });

  test("its configuration, which is settled by that", () => {
    const server = follower({ log: [1] }).becomeLeader(agreeing);
    server.pass(100);
    expect(server.r.configurations.committedIndex).toBe(1);
  });
});

describe("leadership ends", () => {
  test("when a follower knows a newer term: the term itself comes later", () => {
    const server = follower({ log: [1], term: 3 }).becomeLeader();
    server.transport.peers = (_to, request) => {
      const answer = agreeing("", request);
      return Object.assign(answer, { term: 9, success: false }) as never;
    };
    server.until(() => server.state === "Follower");
    expect(server.term).toBe(4);
    expect(server.lines).toContain(
      "ERROR peer has newer term, stopping replication",
    );
  });

  test("by a newer term in the answer to a heartbeat, too", () => {
    const server = follower({ log: [1], term: 3 });
    server.becomeLeader((to, request) => {
      const isHeartbeat =
        request.kind === "AppendEntriesRequest" && request.prevLogEntry === 0;
      const answer = agreeing(to, request);
      return isHeartbeat
        ? (Object.assign(answer, { term: 9 }) as never)
        : answer;
    });
    server.pass(300);
    expect(server.state).toBe("Follower");
  });

  test("and tells everybody who waits, and forgets who leads", () => {
    const server = follower({ log: [1], term: 3 }).becomeLeader();
    const future = server.raft.Apply(encodeText("x"), 0);
    server.settle();
    server.vote({ term: 9, leadershipTransfer: true });
    expect(server.run(future.wait())).toBe(ErrLeadershipLost);
    expect(server.raft.Leader()).toBe("");
    expect(server.r.leaderState).toBeUndefined();
  });

  test("and counts as contact with a leader: its silence begins then", () => {
    const server = follower({ log: [1], term: 3 }).becomeLeader(agreeing);
    server.pass(700);
    const now = server.now;
    server.vote({ term: 9, lastLogTerm: 0, leadershipTransfer: true });
    expect(server.raft.LastContact()).toBe(now);
  });

  test("and with it every task that sent for it", () => {
    const server = follower({ log: [1], term: 3 }).becomeLeader(agreeing);
    server.append({ term: 9 });
    server.pass(500);
    const names = [...server.process.tasks].map(({ name }) => name);
    expect(names).toEqual(["run", "runFSM", "runSnapshots"]);
  });

  test("when the cluster has removed the server: it shuts down", () => {
    const server = removed(true);
    expect(server.state).toBe("Shutdown");
    expect(server.lines).toContain("INFO removed ourself, shutting down");
  });

  test("when the cluster has removed the server: it follows, if told so", () => {
    const server = removed(false);
    expect(server.state).toBe("Follower");
    expect(server.lines).toContain(
      "INFO removed ourself, transitioning to follower",
    );
  });

  /** s1 leads and commits a configuration that it is not part of. */
  function removed(shutdownOnRemove: boolean): OneServer {
    const others: Configuration = { servers: voters(3).servers.slice(1) };
    const server = follower({
      entries: [
        configurationEntry(1, 1, voters(3)),
        configurationEntry(2, 1, others),
        entry(3, 1),
      ],
      quirks: ["nonvoter-campaigns"],
      config: { shutdownOnRemove },
    });
    server.transport.peers = agreeing;
    server.until(() => server.commitIndex === 4);
    server.settle();
    return server;
  }
});

describe("a term that cannot be written", () => {
  test("stops a follower that meets a newer one", () => {
    const server = follower({ log: [1], term: 3 });
    server.store.fail("SetUint64 CurrentTerm");
    expect(() => server.append({ term: 5 })).toThrow("has not been answered");
    expect(server.failures).toHaveLength(1);
    expect(String(server.failures[0]?.error)).toBe(
      "Error: failed to save current term: broken disk",
    );
    expect(server.failures[0]?.task.name).toBe("run");
    expect(server.term).toBe(3);
    expect(server.process.crashed).toBe(true);
  });

  test("stops a candidate before it has asked anybody", () => {
    const server = follower({ log: [1], term: 3 });
    server.store.fail("SetUint64 CurrentTerm");
    server.until(() => server.failures.length > 0);
    expect(server.transport.sent).toEqual([]);
    expect(server.process.tasks.size).toBe(0);
  });
});
