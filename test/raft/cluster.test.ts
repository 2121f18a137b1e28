/**
 * Servers together: the cluster tests of upstream's raft_test.go whose code is
 * here, under their names, each with several seeds. Time is virtual.
 */
import { describe, expect, test } from "vitest";
import type { RequestVoteRequest } from "../../raft/commands.ts";
import { ProtocolVersionMax } from "../../raft/config.ts";
import {
  ErrCantBootstrap,
  ErrEnqueueTimeout,
  ErrLeadershipLost,
  ErrNotLeader,
} from "../../raft/errors.ts";
import type { ApplyFuture } from "../../raft/future.ts";
import type { Log } from "../../raft/log.ts";
import { setCurrentTerm } from "../../raft/raft.ts";
import { sleep } from "../../raft/runtime/runtime.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { encodeText } from "../../raft/util.ts";
import {
  Cluster,
  MockFSM,
  makeCluster,
  makeClusterNoBootstrap,
} from "./cluster.ts";
import { rpcHeader } from "./scripted_transport.ts";

type Leads = Parameters<Cluster["indexOf"]>[0];

/** Three runs that differ in every draw. */
function everySeed(prove: (seed: number) => void): void {
  for (const seed of [1, 2, 3]) prove(seed);
}

function apply(raft: Leads, command: string, timeoutMs = 0): ApplyFuture {
  return raft.Apply(encodeText(command), timeoutMs);
}

describe("a cluster", () => {
  test("TestRaft_LiveBootstrap: blank servers, one of them bootstrapped, elect a leader", () => {
    everySeed((seed) => {
      const c = makeClusterNoBootstrap(3, seed);
      const [first] = c.rafts as [Leads];
      const boot = first.BootstrapCluster(c.configuration);
      expect(c.error(boot)).toBeUndefined();

      c.followers();
      const leader = c.leader();
      c.ensureLeader(leader.r.localAddr);
      expect(c.error(apply(leader, "test"))).toBeUndefined();
      c.waitForReplication(1);

      const again = first.BootstrapCluster(c.configuration);
      expect(c.error(again)).toBe(ErrCantBootstrap);
      c.close();
    });
  });

  test("TestRaft_SingleNode: one server elects itself and applies", () => {
    everySeed((seed) => {
      const c = makeCluster(1, seed);
      const [raft] = c.rafts as [Leads];
      function* watch(): Task<boolean> {
        return yield* raft.LeaderCh().receive();
      }
      expect(c.run(watch())).toBe(true);
      expect(c.now).toBeLessThan(3 * c.conf.heartbeatTimeoutMs);
      expect(raft.State()).toBe("Leader");

      const future = apply(raft, "test", c.conf.heartbeatTimeoutMs);
      expect(c.error(future)).toBeUndefined();
      expect(future.Response()).toBe(1);
      expect(future.Index()).toBeGreaterThan(0);
      expect(c.fsmOf(raft).logs).toEqual(["test"]);
      c.close();
    });
  });

  test("TestRaft_TripleNode: three servers agree on a leader and on a command", () => {
    everySeed((seed) => {
      const c = makeCluster(3, seed);
      c.followers();
      const leader = c.leader();
      c.ensureLeader(leader.r.localAddr);
      const future = apply(leader, "test", c.conf.commitTimeoutMs);
      expect(c.error(future)).toBeUndefined();
      c.waitForReplication(1);
      c.close();
    });
  });

  test("TestRaft_LeaderFail: the leader is cut off, and another one leads", () => {
    everySeed((seed) => {
      const c = makeCluster(3, seed);
      c.followers();
      const leader = c.leader();
      expect(c.error(apply(leader, "test"))).toBeUndefined();
      c.waitForReplication(1);

      const leaderTerm = leader.CurrentTerm();
      c.disconnect(leader.r.localAddr);
      // The old one leads on until it hears of the new one.
      const others = c.rafts.filter((raft) => raft !== leader);
      const leads = (raft: Leads) => raft.State() === "Leader";
      c.until("a new leader", () => others.some(leads));
      const newLead = others.find(leads) as Leads;
      expect(newLead.CurrentTerm()).toBeGreaterThan(leaderTerm);

      const future1 = apply(leader, "fail", c.conf.commitTimeoutMs);
      const future2 = apply(newLead, "apply", c.conf.commitTimeoutMs);
      expect(c.error(future2)).toBeUndefined();

      c.fullyConnect();
      expect([ErrLeadershipLost, ErrNotLeader]).toContain(c.error(future1));
      c.ensureSame();
      for (const fsm of c.fsms) expect(fsm.logs).toEqual(["test", "apply"]);
      c.close();
    });
  });

  test("TestRaft_BehindFollower: a follower that missed a hundred commands catches up", () => {
    everySeed((seed) => {
      const c = makeCluster(3, seed);
      const leader = c.leader();
      const [behind] = c.followers() as [Leads];
      c.disconnect(behind.r.localAddr);
      const futures = Array.from({ length: 100 }, (_, i) =>
        apply(leader, `test${i}`),
      );
      expect(c.error(futures.at(-1) as ApplyFuture)).toBeUndefined();
      expect(behind.LastContact()).toBeDefined();
      expect(c.fsmOf(behind).logs).toEqual([]);

      c.fullyConnect();
      c.ensureSame();
      expect(c.fsmOf(behind).logs).toHaveLength(100);
      c.ensureLeader(c.leader().r.localAddr);
      c.close();
    });
  });

  test("TestRaft_ApplyConcurrent: a hundred callers at once are all served", () => {
    everySeed((seed) => {
      const conf = { heartbeatTimeoutMs: 100, electionTimeoutMs: 100 };
      const c = makeCluster(3, seed, conf);
      const leader = c.leader();
      const errors: unknown[] = [];
      function* caller(i: number): Task<void> {
        errors.push(yield* apply(leader, `test${i}`).wait());
      }
      for (let i = 0; i < 100; i++) {
        c.driver.scheduler.go(leader.r.runtime.process, "caller", caller(i));
      }
      c.until("a hundred answers", () => errors.length === 100);
      expect(errors.filter((error) => error !== undefined)).toEqual([]);
      c.ensureSame();
      const applied = c.fsmOf(leader).logs;
      expect(new Set(applied).size).toBe(100);
      c.close();
    });
  });

  test("TestRaft_ApplyConcurrent_Timeout: who waits too long for the leader is told", () => {
    // The state machine takes a millisecond a command: its queue fills up, and
    // the main task waits for it.
    class SlowFSM extends MockFSM {
      *slowly(log: Log): Task<unknown> {
        const [leader] = c.rafts as [Leads];
        yield* sleep(leader.r.runtime, 1);
        return super.Apply(log);
      }
      override Apply(log: Log): unknown {
        return this.slowly(log);
      }
    }
    const c = new Cluster({
      peers: 1,
      seed: 1,
      conf: { commitTimeoutMs: 1 },
      makeFSM: () => new SlowFSM(),
    });
    const leader = c.leader();
    const futures = Array.from({ length: 1000 }, (_, i) =>
      apply(leader, `test${i}`, 0.001),
    );
    const errors = futures.map((future) => c.error(future));
    const late = errors.filter((error) => error === ErrEnqueueTimeout);
    expect(late.length).toBeGreaterThan(0);
    const done = errors.filter((error) => error === undefined);
    expect(late.length + done.length).toBe(1000);
    expect(c.fsmOf(leader).logs).toHaveLength(done.length);
    c.close();
  });

  test("TestRaft_LeaderLeaseExpire: a leader whose only follower is gone steps down within two leases", () => {
    everySeed((seed) => {
      const c = makeCluster(2, seed);
      const leader = c.leader();
      const [follower] = c.followers() as [Leads];
      expect(leader.LeaderCh().tryReceive()).toEqual({ value: true });
      c.disconnect(follower.r.localAddr);

      c.pass(2 * c.conf.leaderLeaseTimeoutMs);
      expect(leader.LeaderCh().tryReceive()).toEqual({ value: false });
      expect(leader.LastContact()).toBeDefined();
      expect(c.pollState("Leader").inState).toEqual([]);
      const last = follower.LastContact();
      c.pass(2 * c.conf.heartbeatTimeoutMs + c.conf.commitTimeoutMs);
      expect(c.pollState("Leader").inState).toEqual([]);
      expect(follower.LastContact()).toBe(last);
      expect(c.rafts.map((raft) => raft.Leader())).toEqual(["", ""]);
      c.close();
    });
  });

  test("TestRaft_Barrier: an answered barrier means that a hundred commands are applied", () => {
    everySeed((seed) => {
      const c = makeCluster(3, seed);
      const leader = c.leader();
      for (let i = 0; i < 100; i++) apply(leader, `test${i}`);
      expect(c.error(leader.Barrier(0))).toBeUndefined();
      expect(c.fsmOf(leader).logs).toHaveLength(100);
      c.ensureSame();
      c.close();
    });
  });

  test("TestRaft_VerifyLeader: the leader of three is verified", () => {
    everySeed((seed) => {
      const c = makeCluster(3, seed);
      expect(c.error(c.leader().VerifyLeader())).toBeUndefined();
      c.close();
    });
  });

  test("TestRaft_VerifyLeader_Single: the leader of one is verified", () => {
    everySeed((seed) => {
      const c = makeCluster(1, seed);
      expect(c.error(c.leader().VerifyLeader())).toBeUndefined();
      c.close();
    });
  });

  test("TestRaft_VerifyLeader_Fail: a follower in a newer term says no, and the leader leads no more", () => {
    everySeed((seed) => {
      const c = makeCluster(2, seed);
      const leader = c.leader();
      const [follower] = c.followers() as [Leads];
      c.run(setCurrentTerm(follower.r, follower.CurrentTerm() + 1));
      const answer = c.error(leader.VerifyLeader());
      expect([ErrNotLeader, ErrLeadershipLost]).toContain(answer);
      expect(leader.Leader()).toBe("");
      c.close();
    });
  });

  test("TestRaft_VerifyLeader_PartialConnect: one follower of two is enough", () => {
    everySeed((seed) => {
      const c = makeCluster(3, seed);
      const leader = c.leader();
      const [follower] = c.followers() as [Leads];
      c.disconnect(follower.r.localAddr);
      expect(c.error(leader.VerifyLeader())).toBeUndefined();
      c.close();
    });
  });

  test("TestRaft_Voting: who knows a leader votes for that one, or when it hands over", () => {
    everySeed((seed) => {
      const c = makeCluster(3, seed);
      const [one, two] = c.followers() as [Leads, Leads];
      const leader = c.leader();
      const transport = c.transOf(leader);
      const request: RequestVoteRequest = {
        kind: "RequestVoteRequest",
        rpcHeader,
        term: leader.CurrentTerm() + 10,
        candidate: encodeText(leader.r.localAddr),
        lastLogIndex: leader.LastIndex(),
        lastLogTerm: leader.CurrentTerm(),
        leadershipTransfer: false,
      };
      const ask = (voter: Leads, change: Partial<RequestVoteRequest>) => {
        const { localID, localAddr } = voter.r;
        const asked = { ...request, ...change };
        return c.run(transport.RequestVote(localID, localAddr, asked));
      };
      const candidate = encodeText(one.r.localAddr);
      expect(ask(one, {})).toMatchObject({ granted: true });
      expect(ask(two, { candidate })).toMatchObject({ granted: false });
      expect(ask(two, { candidate, leadershipTransfer: true })).toMatchObject({
        granted: true,
      });
      c.close();
    });
  });

  test("TestRaft_ProtocolVersion_RejectRPC: a sender too new or too old is refused", () => {
    everySeed((seed) => {
      const c = makeCluster(3, seed);
      const [follower] = c.followers() as [Leads];
      const leader = c.leader();
      const { localID, localAddr, conf } = follower.r;
      const refused = (protocolVersion: number) => {
        const request: RequestVoteRequest = {
          kind: "RequestVoteRequest",
          rpcHeader: { protocolVersion },
          term: leader.CurrentTerm() + 10,
          candidate: encodeText(leader.r.localAddr),
          lastLogIndex: leader.LastIndex(),
          lastLogTerm: leader.CurrentTerm(),
          leadershipTransfer: false,
        };
        const transport = c.transOf(leader);
        return String(
          c.run(transport.RequestVote(localID, localAddr, request)),
        );
      };
      expect(refused(ProtocolVersionMax + 1)).toContain("protocol version");
      expect(refused(conf.protocolVersion - 2)).toContain("protocol version");
      expect(follower.CurrentTerm()).toBe(leader.CurrentTerm());
      c.close();
    });
  });

  test("split in two: the larger part goes on, and the smaller commits nothing", () => {
    everySeed((seed) => {
      const c = makeCluster(5, seed);
      const old = c.leader();
      const [neighbour, ...others] = c.followers() as [Leads, ...Leads[]];
      c.partition([old.r.localAddr, neighbour.r.localAddr]);
      const lost = apply(old, "lost");
      const leads = (raft: Leads) => raft.State() === "Leader";
      c.until("a leader of the larger part", () => others.some(leads));
      const kept = apply(others.find(leads) as Leads, "kept");
      expect(c.error(kept)).toBeUndefined();
      expect(lost.responded && !lost.failed).toBe(false);
      expect(c.fsmOf(neighbour).logs).toEqual([]);

      c.fullyConnect();
      expect(c.error(lost)).toBe(ErrLeadershipLost);
      c.waitForReplication(1);
      for (const fsm of c.fsms) expect(fsm.logs).toEqual(["kept"]);
      c.close();
    });
  });

  test("without a majority elects nobody, and does when one comes back", () => {
    everySeed((seed) => {
      const c = makeCluster(3, seed);
      const leader = c.leader();
      for (const raft of c.rafts) c.disconnect(raft.r.localAddr);
      const others = c.rafts.filter((raft) => raft !== leader);
      c.pass(2000);
      expect(others.map((raft) => raft.State())).not.toContain("Leader");
      c.fullyConnect();
      c.leader();
      c.close();
    });
  });
});

describe("the same seed", () => {
  test("elects the same leader in the same term at the same time", () => {
    const run = (seed: number) => {
      const c = makeCluster(5, seed);
      const leader = c.leader();
      return [String(leader), leader.CurrentTerm(), c.now].join();
    };
    expect(run(7)).toBe(run(7));
    expect(new Set([1, 2, 3, 4, 5].map(run)).size).toBeGreaterThan(1);
  });
});
