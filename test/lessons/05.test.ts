/**
 * Lesson 5: how a vote is decided.
 *
 * The worked run is lessons/scenarios/05-deaf-server.txt: three servers, 10 ms
 * a message, 2 ms a write; s1 leads term 2 and s3 hears nothing. In the other
 * worlds a request is made by hand and put before s2, whose log ends at 2/2.
 */

import { expect } from "vitest";
import deafServer from "../../lessons/scenarios/05-deaf-server.txt?raw";
import firstToTimeOut from "../../lessons/scenarios/05-first-to-time-out.txt?raw";
import type { Command, RequestVoteRequest } from "../../raft/commands.ts";
import { type Server, ServerSuffrage } from "../../raft/configuration.ts";
import { LogType } from "../../raft/log.ts";
import type { RPCResponse } from "../../raft/ports.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { runScenario } from "../../raft/sim/scenario.ts";
import { runSwarm } from "../../raft/sim/swarm.ts";
import {
  namedServers,
  type SimServer,
  World,
  type WorldOptions,
} from "../../raft/sim/world.ts";
import { encodeText } from "../../raft/util.ts";
import { claim } from "../claim.ts";

const rpcHeader = { protocolVersion: 3 } as const;
const [healthy = "", deaf = ""] = deafServer.split(/^(?=cut s1)/m);
const [unheard = ""] = deaf.split(/^heal/m);

function runtimeOf(server: SimServer) {
  const { r } = server;
  if (!r) throw new Error(`${server.id} is down`);
  return r;
}

/** s1 leads term 2; s2 and s3 know it. Every log ends at 2/2. */
function led(): World {
  return runScenario(healthy, { watch: [] });
}

/** s2 alone, in term 2, its log ends at 2/2, and it knows no leader. */
function leaderless(options: Partial<WorldOptions> = {}, term = 2): World {
  const w = new World({
    seed: 1,
    keepTrace: true,
    watch: [],
    ...options,
    network: { delayMs: [10, 10] },
    disk: { writeMs: [2, 2] },
  });
  const data = encodeText("");
  const noop = { index: 2, term: 2, type: LogType.Noop, data };
  w.server("s2").disk.preset({ CurrentTerm: term }, [noop]);
  w.fixTimers("s2", "heartbeatTimer", [1900]);
  w.crash("s1");
  w.crash("s3");
  w.run(100);
  return w;
}

/** Puts a request before a server's main task. */
function send(w: World, id: string, command: Command): Channel<RPCResponse> {
  const server = w.server(id);
  const { rpcCh } = runtimeOf(server);
  const respChan = new Channel<RPCResponse>("respChan", 1);
  function* probe(): Task<void> {
    yield* rpcCh.send({ command, respChan });
  }
  w.driver.scheduler.go(server.process, "probe", probe());
  w.driver.scheduler.run();
  return respChan;
}

interface Asked extends Partial<Omit<RequestVoteRequest, "candidate">> {
  readonly candidate?: string;
}

/** s3 asks for a vote in term 7, five terms on, with a log that is equal. */
function request({ candidate = "s3", ...fields }: Asked): RequestVoteRequest {
  return {
    kind: "RequestVoteRequest",
    rpcHeader,
    term: 7,
    candidate: encodeText(candidate),
    lastLogIndex: 2,
    lastLogTerm: 2,
    leadershipTransfer: false,
    ...fields,
  };
}

/** Asks s2 and waits for the answer, 10 ms at most. */
function ask(w: World, fields: Asked) {
  const respChan = send(w, "s2", request(fields));
  w.run(10);
  return respChan.tryReceive()?.value.response;
}

/** How many lines of the trace hold this text. */
function times(w: World, text: string): number {
  return w.trace.lines.filter((line) => line.includes(text)).length;
}

claim(
  "a server that can send and hears nothing does not depose the leader",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: 'leader !== "" &&',
      to: 'leader !== "" && getState(r) !== "Leader" &&',
    },
  },
  () => {
    const w = runScenario(healthy + unheard, { watch: [] });
    expect(times(w, "s1  -> s3  vote refused term 2")).toBe(5);
    expect(times(w, "s2  -> s3  vote refused term 2")).toBe(5);
    expect(w.leader()?.id).toBe("s1");
    expect(w.server("s3").state).toBe("Candidate");
  },
);

claim(
  "once it hears again, its newer term makes the leader step down",
  {
    at: "replication.ts#handleStaleTerm",
    break: {
      in: "replication.ts#handleStaleTerm",
      from: "asyncNotifyCh(s.stepDown);",
      to: "",
    },
  },
  () => {
    const mute = "cut s3 > s1\ncut s3 > s2\n";
    const w = runScenario(healthy + mute + deaf, { watch: [] });
    const refused = w.trace.lines.findIndex((line) =>
      line.includes("s1  <- s3  refused term 7"),
    );
    expect(refused).toBeGreaterThan(0);
    expect(times(w, "s3  is Leader")).toBe(0);
  },
);

claim(
  "a voter refuses until its own timer rings, however long it hears nothing",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: 'leader !== "" &&',
      to: 'leader !== "" && (getState(r) === "Leader" || sinceLastContact(r) < r.conf.heartbeatTimeoutMs) &&',
    },
  },
  () => {
    const w = runScenario(firstToTimeOut, { watch: [], logLines: true });
    expect(times(w, "s2  -> s3  vote refused term 2")).toBe(2);
    const [won] = w.trace.lines.filter((l) => l.includes("s3  is Leader"));
    expect(won).toContain("term 5");
  },
);

claim(
  "with the transfer flag a voter leaves the leader it knows",
  {
    at: "raft.ts#timeoutNow",
    break: {
      in: "raft.ts#timeoutNow",
      from: "r.candidateFromLeadershipTransfer = true;",
      to: "",
    },
  },
  () => {
    const w = led();
    const refused = { granted: false, term: 2 };
    expect(ask(w, { term: 7 })).toMatchObject(refused);
    expect(w.server("s2").term).toBe(2);
    const granted = { granted: true, term: 7 };
    expect(ask(w, { term: 7, leadershipTransfer: true })).toMatchObject(
      granted,
    );

    const asked = led();
    send(asked, "s3", { kind: "TimeoutNowRequest", rpcHeader });
    expect(asked.runUntil(() => asked.leader()?.id === "s3", 100)).toBe(true);
  },
);

claim(
  "the leader that a voter knows can have its vote in a newer term",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: " && leader !== candidate",
      to: "",
    },
  },
  () => {
    const answer = ask(led(), { candidate: "s1" });
    expect(answer).toMatchObject({ granted: true, term: 7 });
  },
);

claim(
  "a stranger gets no vote, and its term counts for nothing",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: 'return "not in our configuration";',
      to: "",
    },
  },
  () => {
    const w = leaderless();
    const answer = ask(w, { candidate: "s9" });
    expect(answer).toMatchObject({ granted: false, term: 2 });
    expect(w.server("s2").term).toBe(2);
  },
);

claim(
  "a non-voter gets no vote, and its newer term counts",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: "!r.behaviour.mayLead(r, candidate)",
      to: "false",
    },
  },
  () => {
    const w = leaderless({ servers: withoutVote("s3") });
    expect(ask(w, {})).toMatchObject({ granted: false, term: 7 });
    expect(w.server("s2").term).toBe(7);
  },
);

claim(
  "a candidate of an older term is refused and told the newer one",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: 'return "our term is newer";',
      to: '{\n    resp.term = req.term;\n    return "our term is newer";\n  }',
    },
  },
  () => {
    const w = leaderless({}, 9);
    expect(ask(w, { term: 7 })).toMatchObject({ granted: false, term: 9 });
    expect(w.server("s2").disk.number("LastVoteTerm")).toBe(0);
  },
);

claim(
  "a newer term is adopted even if the vote is refused for the log",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: "req.term > getCurrentTerm(r)",
      to: "req.term > getCurrentTerm(r) && getLastEntry(r).term <= req.lastLogTerm",
    },
  },
  () => {
    const w = leaderless();
    const answer = ask(w, { lastLogIndex: 1, lastLogTerm: 1 });
    expect(answer).toMatchObject({ granted: false, term: 7 });
    expect(w.server("s2").disk.number("CurrentTerm")).toBe(7);
  },
);

claim(
  "adopting a term forgets the leader, even if the vote is refused",
  {
    at: "raft_struct.ts#setState",
    break: {
      in: "raft_struct.ts#setState",
      from: 'setLeader(r, "");',
      to: "",
    },
  },
  () => {
    const w = led();
    w.apply("s1", "x=1");
    w.run(50);
    const r = runtimeOf(w.server("s2"));
    expect(r.leader).toBe("s1");
    const answer = ask(w, { leadershipTransfer: true });
    expect(answer).toMatchObject({ granted: false, term: 7 });
    expect(r.leader).toBe("");
  },
);

claim(
  "a vote once given goes to that candidate again and to no other",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: 'same ? undefined : "we have voted in this term"',
      to: "undefined",
    },
  },
  () => {
    const w = leaderless();
    expect(ask(w, {})).toMatchObject({ granted: true, term: 7 });
    expect(ask(w, {})).toMatchObject({ granted: true, term: 7 });
    expect(times(w, "s2  writes LastVote")).toBe(2);
    const other = { candidate: "s1", lastLogIndex: 3 };
    expect(ask(w, other)).toMatchObject({ granted: false, term: 7 });
    for (let seed = 1; seed <= 20; seed++) {
      const { violation } = runSwarm({ seed, faultsMs: 5000, watch: ["I6"] });
      expect(violation?.invariant, `seed ${seed}`).not.toBe("I6");
    }
  },
);

claim(
  "a log whose last term is newer wins, and only then the longer one",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: "last.term > req.lastLogTerm",
      to: "last.term > req.lastLogTerm && last.index > req.lastLogIndex",
    },
  },
  () => {
    const granted = (lastLogIndex: number, lastLogTerm: number) => {
      const answer = ask(leaderless(), { lastLogIndex, lastLogTerm });
      return answer?.kind === "RequestVoteResponse" && answer.granted;
    };
    expect(granted(9, 1), "longer, of an older term").toBe(false);
    expect(granted(1, 2), "shorter, of the same term").toBe(false);
    expect(granted(2, 2), "equal").toBe(true);
    expect(granted(1, 3), "shorter, of a newer term").toBe(true);
  },
);

claim(
  "a vote that is not on disk is not given",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: "if (error) return",
      to: "if (error && !r) return",
    },
  },
  () => {
    const slow = leaderless();
    const respChan = send(slow, "s2", request({}));
    slow.run(5);
    expect(respChan.length).toBe(0);
    slow.run(2);
    expect(respChan.length).toBe(1);
    expect(slow.server("s2").disk.number("LastVoteTerm")).toBe(7);

    const failing = leaderless();
    const answers = send(failing, "s2", request({}));
    failing.run(3); // the term is on disk, the vote is not
    failing.server("s2").disk.failNext(1);
    failing.run(10);
    const answer = answers.tryReceive()?.value.response;
    expect(answer).toMatchObject({ granted: false, term: 7 });
  },
);

claim(
  "a vote that is given is contact, a refusal is not",
  {
    at: "raft.ts#requestVoteRefusal",
    break: {
      in: "raft.ts#requestVoteRefusal",
      from: "setLastContact(r);",
      to: "",
    },
  },
  () => {
    const w = leaderless();
    const r = runtimeOf(w.server("s2"));
    expect(ask(w, { term: 1 })).toMatchObject({ granted: false });
    expect(r.lastContactMs).toBeUndefined();
    ask(w, {});
    expect(r.lastContactMs).toBe(116);
    ask(w, {}); // given again, from what is on disk
    expect(r.lastContactMs).toBe(116);
  },
);

/** s1, s2 and s3, and one of them is a non-voter. */
function withoutVote(id: string): Server[] {
  return namedServers(3).map((server) =>
    server.id === id
      ? { ...server, suffrage: ServerSuffrage.Nonvoter }
      : server,
  );
}
