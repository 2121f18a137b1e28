/**
 * Lesson 3: who campaigns when it hears no leader, and when.
 *
 * The worked run is lessons/scenarios/03-nonvoter-leads.txt: the voters s1 and
 * s2, the non-voter s3, 10 ms a message, 2 ms a write. In the other worlds one
 * server is up, and the claim plays the leader s1 by hand, to the millisecond.
 */

import { expect } from "vitest";
import {
  alone,
  append,
  ask,
  rpcHeader,
  runtimeOf,
  s3HasAVote,
  s3HasNoVote,
  voter,
} from "../../lessons/pictures/03/alone.ts";
import { lastContact } from "../../lessons/pictures/03-last-contact.ts";
import nonvoterLeads from "../../lessons/scenarios/03-nonvoter-leads.txt?raw";
import type { Command } from "../../raft/commands.ts";
import {
  type Configuration,
  encodeConfiguration,
} from "../../raft/configuration.ts";
import { type Log, LogType } from "../../raft/log.ts";
import type { RPC, RPCResponse } from "../../raft/ports.ts";
import type { Quirk } from "../../raft/quirks.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import { runScenario } from "../../raft/sim/scenario.ts";
import { runSwarm } from "../../raft/sim/swarm.ts";
import type { World } from "../../raft/sim/world.ts";
import { encodeText } from "../../raft/util.ts";
import { claim } from "../claim.ts";

const T = 1000;
const ours: readonly Quirk[] = [];
const theirs: readonly Quirk[] = ["nonvoter-campaigns"];

function entry(index: number, configuration: Configuration): Log {
  const data = encodeConfiguration(configuration);
  return { index, term: 1, type: LogType.Configuration, data };
}

function voteFor(candidate: string, term: number): Command {
  return {
    kind: "RequestVoteRequest",
    rpcHeader,
    term,
    candidate: encodeText(candidate),
    lastLogIndex: 1,
    lastLogTerm: 1,
    leadershipTransfer: false,
  };
}

/** How long after `contactMs` the server forgets its leader. */
function forgetsAfter(w: World, id: string, contactMs: number): number {
  expect(runtimeOf(w.server(id)).leader).toBe("s1");
  const forgets = () => runtimeOf(w.server(id)).leader === "";
  expect(w.runUntil(forgets, 10 * T)).toBe(true);
  return w.now - contactMs;
}

/** How many lines of the trace hold this text. */
function times(w: World, text: string): number {
  return w.trace.lines.filter((line) => line.includes(text)).length;
}

claim(
  "a server without a configuration waits in term 0 until it is given one",
  {
    at: "raft.ts#reasonNotToCampaign",
    break: {
      in: "raft.ts#reasonNotToCampaign",
      from: 'return "no known peers";',
      to: "return undefined;",
    },
  },
  () => {
    for (const quirks of [ours, theirs]) {
      const w = alone("s1", { quirks, bootstrapped: false });
      w.fixTimers("s1", "heartbeatTimer", Array(20).fill(1200));
      w.run(10 * T);
      expect(w.server("s1").state).toBe("Follower");
      expect(w.server("s1").term).toBe(0);
      expect(times(w, "no known peers, aborting election")).toBe(1);
      w.server("s1").raft?.BootstrapCluster(s3HasNoVote);
      w.run(1300);
      expect(w.server("s1").state).toBe("Candidate");
    }
  },
);

claim(
  "a voter whose configuration is settled campaigns",
  {
    at: "raft.ts#reasonNotToCampaign",
    break: {
      in: "raft.ts#reasonNotToCampaign",
      from: "!hasVote(latest, r.localID)",
      to: "true",
    },
  },
  () => {
    for (const quirks of [ours, theirs]) {
      const w = alone("s2", { quirks });
      w.fixTimers("s2", "heartbeatTimer", [1200, 1200]);
      w.run(100);
      ask(w, "s2", append);
      const { configurations } = runtimeOf(w.server("s2"));
      expect(configurations.committedIndex).toBe(1);
      w.run(1200);
      expect(w.server("s2").state).toBe("Candidate");
    }
  },
);

claim(
  "a non-voter and a stranger to a settled configuration wait, and warn once",
  {
    at: "raft.ts#reasonNotToCampaign",
    break: {
      in: "raft.ts#reasonNotToCampaign",
      from: 'return "not part of stable configuration";',
      to: "return undefined;",
    },
  },
  () => {
    for (const quirks of [ours, theirs]) {
      for (const id of ["s3", "s4"]) {
        const w = alone(id, { quirks });
        w.run(100);
        ask(w, id, append);
        w.run(20 * T);
        expect(w.server(id).state).toBe("Follower");
        expect(w.server(id).term).toBe(1);
        expect(times(w, "not part of stable configuration")).toBe(1);
      }
    }
  },
);

claim(
  "a voter campaigns though its configuration is not settled",
  {
    at: "differs.ts#campaignsUnsettled",
    break: {
      in: "differs.ts#campaignsUnsettled",
      from: "return hasVote(r.configurations.latest, r.localID);",
      to: "const { committed, committedIndex, latest } = r.configurations;\n  const both = committedIndex === 0 || hasVote(committed, r.localID);\n  return both && hasVote(latest, r.localID);",
    },
  },
  () => {
    for (const quirks of [ours, theirs]) {
      const w = alone("s3", { quirks });
      w.server("s3").disk.preset({}, [entry(2, s3HasAVote)]);
      w.fixTimers("s3", "heartbeatTimer", [1200]);
      w.run(100);
      const { configurations } = runtimeOf(w.server("s3"));
      expect(configurations.latestIndex).toBe(2);
      expect(configurations.committedIndex).toBe(1);
      w.run(1200);
      expect(w.server("s3").state).toBe("Candidate");
    }
  },
);

claim(
  "ours lets no non-voter campaign, settled or not",
  {
    at: "differs.ts#campaignsUnsettled",
    break: {
      in: "differs.ts#campaignsUnsettled",
      from: "hasVote(r.configurations.latest, r.localID)",
      to: "r.configurations.latest.servers.some((s) => s.id === r.localID)",
    },
  },
  () => {
    const w = runScenario(withoutQuirk(nonvoterLeads), { logLines: true });
    expect(times(w, "not a voter in the latest configuration")).toBe(1);
    expect(times(w, "s3  is Candidate")).toBe(0);
  },
);

claim(
  "with v1.1.1's rule a non-voter leads",
  {
    at: "quirks.ts#campaignsUnsettled",
    break: {
      in: "quirks.ts#campaignsUnsettled",
      from: "campaignsUnsettled(): boolean {\n  return true;",
      to: "campaignsUnsettled(r: RaftStruct): boolean {\n  return r.configurations.latest.servers.every(\n    (s) => s.id !== r.localID || s.suffrage === 0,\n  );",
    },
  },
  () => {
    const w = runScenario(nonvoterLeads);
    expect(w.leader()?.id).toBe("s3");
    expect(w.violations.map((v) => v.what)).toEqual([
      "leads term 2 and is not a voter",
    ]);
    const seed = firstSeed((s) => swarmBreaksI1(s, theirs));
    expect(seed, "one of 200 seeds finds it").toBeDefined();
    for (let same = 1; same <= (seed ?? 0); same++) {
      expect(swarmBreaksI1(same, ours), `seed ${same}, ours`).toBe(false);
    }
  },
);

claim(
  "ours gives no vote to a candidate that is not a voter, and takes its term",
  {
    at: "differs.ts#mayLead",
    break: {
      in: "differs.ts#mayLead",
      from: "return voters(r.configurations.latest).some(\n    (server) => server.address === candidate,\n  );",
      to: "return candidate !== r.localAddr;",
    },
  },
  () => {
    const w = alone("s1");
    w.run(100);
    const { respChan } = ask(w, "s1", voteFor("s3", 2));
    w.run(100);
    const answer = respChan.tryReceive();
    expect(answer?.value?.response).toMatchObject({ granted: false, term: 2 });
    expect(w.server("s1").term).toBe(2);
  },
);

claim(
  "a server that an unfinished change leaves out waits, and v1.1.1's leads",
  {
    at: "differs.ts#campaignsUnsettled",
    break: {
      in: "differs.ts#campaignsUnsettled",
      from: "return hasVote(r.configurations.latest, r.localID);",
      to: "const { committed, latest } = r.configurations;\n  return hasVote(latest, r.localID) || hasVote(committed, r.localID);",
    },
  },
  () => {
    const here = leavesOut("s2", ours);
    here.run(60 * T);
    expect(times(here, "s2  is Candidate")).toBe(0);
    expect(times(here, "is Leader")).toBe(0);
    here.start("s1");
    expect(here.runUntil(() => here.leader()?.id === "s1")).toBe(true);
    const there = leavesOut("s2", theirs);
    expect(there.runUntil(() => there.leader()?.id === "s2")).toBe(true);
    expect(there.runUntil(() => there.server("s2").state === "Shutdown")).toBe(
      true,
    );
    expect(there.runUntil(() => there.leader() !== undefined)).toBe(true);
  },
);

claim(
  "what is not settled goes with its entry when the log is cut",
  {
    at: "raft.ts#appendEntriesTruncate",
    break: {
      in: "raft.ts#appendEntriesTruncate",
      from: "configurations.latest = configurations.committed;",
      to: "",
    },
  },
  () => {
    const w = alone("s3");
    w.server("s3").disk.preset({}, [entry(2, s3HasAVote)]);
    w.run(100);
    const { configurations } = runtimeOf(w.server("s3"));
    expect(configurations.latest).toEqual(s3HasAVote);
    const noop = {
      index: 2,
      term: 2,
      type: LogType.Noop,
      data: encodeText(""),
    };
    ask(w, "s3", {
      ...append,
      term: 2,
      entries: [noop],
      leaderCommitIndex: 0,
    });
    w.run(100);
    expect(configurations.latest).toEqual(s3HasNoVote);
    expect(configurations.latestIndex).toBe(1);
  },
);

claim(
  "no message winds the heartbeat timer up",
  {
    at: "raft.ts#runFollower",
    break: {
      in: "raft.ts#runFollower",
      from: 'case "rpc":',
      to: 'case "rpc":\n        heartbeatTimer = newTimer();',
    },
  },
  () => {
    const silence = (atMs: number) => {
      const { contactMs, forgottenMs } = lastContact(atMs);
      expect(contactMs).toBe(atMs);
      return forgottenMs - contactMs;
    };
    expect(silence(300)).toBe(1000);
    expect(silence(301)).toBe(2998);
  },
);

claim(
  "a follower forgets its leader between T and 3T after the last contact",
  {
    at: "util.ts#randomTimeout",
    break: {
      in: "util.ts#randomTimeout",
      from: "minMs * 1000",
      to: "minMs * 2000",
    },
  },
  () => {
    const measured: number[] = [];
    for (let seed = 1; seed <= 300; seed++) {
      const w = alone("s2", { seed, keepTrace: false, logLines: false });
      for (let contactMs = 100; contactMs <= 5 * T; contactMs += 100) {
        w.run(100);
        ask(w, "s2", append);
      }
      measured.push(forgetsAfter(w, "s2", 5 * T));
    }
    expect(Math.min(...measured)).toBeGreaterThanOrEqual(T);
    expect(Math.max(...measured)).toBeLessThan(3 * T);
  },
);

claim(
  "a heartbeat is contact even while the main task waits for its disk",
  {
    at: "differs.ts#processHeartbeat",
    break: {
      in: "differs.ts#processHeartbeat",
      from: "setLastContact(r);",
      to: "",
    },
  },
  () => {
    const w = alone("s2");
    w.run(100);
    ask(w, "s2", append);
    const server = w.server("s2");
    server.disk.options = { writeMs: [400, 400], errorRate: 0 };
    w.run(100);
    const noop = {
      index: 2,
      term: 1,
      type: LogType.Noop,
      data: encodeText(""),
    };
    const { respChan } = ask(w, "s2", { ...append, entries: [noop] });
    w.run(100);
    const r = runtimeOf(server);
    const heartbeat: RPC = {
      command: {
        ...append,
        prevLogEntry: 0,
        prevLogTerm: 0,
        leaderCommitIndex: 0,
      },
      respChan: new Channel<RPCResponse>("respChan", 1),
    };
    const serving = r.behaviour.processHeartbeat(r, heartbeat);
    w.driver.scheduler.go(server.process, "serve s1", serving);
    w.run(100);
    expect(
      respChan.tryReceive(),
      "the entry is not stored yet",
    ).toBeUndefined();
    expect(r.lastContactMs).toBe(300);
  },
);

claim(
  "a granted vote is contact",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: "setLastContact(r);",
      to: "",
    },
  },
  () => {
    const w = alone("s2");
    w.run(100);
    ask(w, "s2", voteFor("s1", 2));
    w.run(50);
    expect(runtimeOf(w.server("s2")).lastContactMs).toBe(106);
  },
);

claim(
  "a refused request is no contact",
  {
    at: "raft.ts#processRPC",
    break: {
      in: "raft.ts#processRPC",
      from: "const { command } = rpc;",
      to: "const { command } = rpc;\n  setLastContact(r);",
    },
  },
  () => {
    const w = alone("s2");
    w.run(100);
    const refused: Command[] = [
      voteFor("s1", 0),
      { ...append, term: 0 },
      { ...append, prevLogEntry: 7 },
    ];
    for (const command of refused) {
      const { respChan } = ask(w, "s2", command);
      w.run(50);
      expect(respChan.tryReceive()?.value?.response).toBeDefined();
    }
    const r = runtimeOf(w.server("s2"));
    expect(r.leader).toBe("s1");
    expect(r.lastContactMs).toBeUndefined();
  },
);

/** The script without the quirk, and without what is expected of it. */
function withoutQuirk(script: string): string {
  return script.replace(/^(quirks|expect) .*$/gm, "");
}

function firstSeed(found: (seed: number) => boolean): number | undefined {
  for (let seed = 1; seed <= 200; seed++) if (found(seed)) return seed;
  return undefined;
}

function swarmBreaksI1(seed: number, quirks: readonly Quirk[]): boolean {
  const { violation } = runSwarm({
    seed,
    quirks,
    faultsMs: 3000,
    watch: ["I1"],
  });
  return violation !== undefined;
}

/**
 * Four voters, and a change to three under way when the leader s1 falls: the
 * only other server that has the change is the one it leaves out.
 */
function leavesOut(id: string, quirks: readonly Quirk[]): World {
  const servers = [...s3HasAVote.servers, voter("s4")];
  const w = alone("", { servers, quirks, bootstrapped: false });
  w.bootstrap({ servers });
  const rest = servers.filter((server) => server.id !== id);
  for (const up of servers) {
    w.fixTimers(up.id, "heartbeatTimer", [up.id === id ? 1200 : 1900]);
  }
  for (const has of ["s1", id]) {
    w.server(has).disk.preset({}, [entry(2, { servers: rest })]);
  }
  for (const up of servers) if (up.id !== "s1") w.start(up.id);
  return w;
}
