/**
 * One candidacy: whom it asks, what it counts, how it ends. The server is s1
 * of three, with a log that ends with entry 2 of term 1, in term 3.
 */
import { describe, expect, test } from "vitest";
import type { RequestVoteRequest, Response } from "../../raft/commands.ts";
import type { Configuration } from "../../raft/configuration.ts";
import { ErrNotLeader } from "../../raft/errors.ts";
import { sleep } from "../../raft/runtime/runtime.ts";
import { decodeText } from "../../raft/util.ts";
import { follower, type OneServer, type Setup } from "./one_server.ts";
import { agreeing, type Peers, rpcHeader } from "./scripted_transport.ts";
import { nonvoter, staging, voters } from "./servers.ts";

/** A server whose candidacy in term 4 has met with these answers. */
function candidate(peers: Peers, setup: Setup = {}): OneServer {
  const server = follower({ log: [1, 1], term: 3, ...setup });
  server.transport.peers = peers;
  server.until(() => server.term >= 4);
  return server;
}

/** Peers that answer a request for a vote with that. */
function saying(granted: Record<string, boolean>, term?: number): Peers {
  return (to, request) => {
    const answer = granted[to];
    if (request.kind !== "RequestVoteRequest" || answer === undefined) {
      return new Error("nobody answers");
    }
    return {
      kind: "RequestVoteResponse",
      rpcHeader,
      term: term ?? request.term,
      granted: answer,
    };
  };
}

/** The requests for votes of one term, by the server that was asked. */
function asked(
  server: OneServer,
  term: number,
): [string, RequestVoteRequest][] {
  return server.transport.sent.flatMap(({ to, request }) =>
    request.kind === "RequestVoteRequest" && request.term === term
      ? [[to, request]]
      : [],
  );
}

const nobodyAnswers = saying({});

describe("a candidate asks", () => {
  test("every other voter, and nobody else", () => {
    const configuration: Configuration = {
      servers: [...voters(4).servers, nonvoter("n1"), staging("n2")],
    };
    const server = candidate(nobodyAnswers, { configuration });
    expect(asked(server, 4).map(([to]) => to)).toEqual(["s2", "s3", "s4"]);
  });

  test("in its new term, with its address and its last entry", () => {
    const server = candidate(nobodyAnswers);
    const [, request] = asked(server, 4)[0] ?? [];
    expect(request).toEqual({
      kind: "RequestVoteRequest",
      rpcHeader,
      term: 4,
      candidate: expect.anything(),
      lastLogIndex: 2,
      lastLogTerm: 1,
      leadershipTransfer: false,
    });
    expect(decodeText(request?.candidate as Uint8Array)).toBe("s1addr");
  });

  test("after its new term is on the disk", () => {
    const server = follower({ log: [1, 1], term: 3 });
    const write = server.store.hold("SetUint64 CurrentTerm 4");
    server.until(() => write.reached);
    expect(server.transport.sent).toEqual([]);
    expect(server.term).toBe(3);
    write.release();
    server.settle();
    expect(asked(server, 4)).toHaveLength(2);
  });
});

describe("a candidate's own vote", () => {
  test("is on the disk before it counts", () => {
    const server = follower({ log: [1], configuration: voters(1) });
    const write = server.store.holdAfter("SetUint64 LastVoteTerm");
    server.until(() => write.reached);
    expect(server.state).toBe("Candidate");
    expect(server.durable).toEqual({
      term: 2,
      voteTerm: 2,
      candidate: "s1addr",
    });
    write.release();
    server.settle();
    expect(server.state).toBe("Leader");
  });

  for (const write of ["Set LastVoteCand", "SetUint64 LastVoteTerm"]) {
    test(`cannot be written by ${write}: it waits, and tries the next term`, () => {
      const server = follower({ log: [1], configuration: voters(1) });
      server.store.fail(write);
      server.becomeCandidate();
      server.settle();
      expect(server.state).toBe("Candidate");
      expect(server.lines).toContain("ERROR Failed to persist vote");
      server.until(() => server.state === "Leader");
      expect(server.term).toBe(3);
    });
  }

  test("is not cast by a server that has none (quirk nonvoter-campaigns)", () => {
    const configuration: Configuration = {
      servers: [nonvoter("s1"), ...voters(4).servers.slice(1)],
    };
    const setup: Setup = { configuration, quirks: ["nonvoter-campaigns"] };
    const server = candidate(saying({ s2: true }), setup);
    expect(server.state).toBe("Candidate");
    expect(server.durable.candidate).toBe("");
  });
});

describe("a candidate counts", () => {
  test("itself and one other of three: it leads", () => {
    const server = candidate(saying({ s2: true, s3: false }));
    expect(server.state).toBe("Leader");
    expect(server.raft.Leader()).toBe("s1addr");
    expect(server.term).toBe(4);
  });

  test("refusals as nothing", () => {
    const server = candidate(saying({ s2: false, s3: false }));
    expect(server.state).toBe("Candidate");
  });

  test("servers that cannot be reached as nothing, and says so", () => {
    const server = candidate(nobodyAnswers);
    expect(server.state).toBe("Candidate");
    expect(server.lines).toContain("ERROR Failed to make RequestVote RPC");
  });

  test("three of four: two are no majority", () => {
    const configuration = voters(4);
    const two = candidate(saying({ s2: true }), { configuration });
    expect(two.state).toBe("Candidate");
    const three = candidate(saying({ s2: true, s4: true }), { configuration });
    expect(three.state).toBe("Leader");
  });

  test("itself alone where it is the only voter", () => {
    const configuration: Configuration = {
      servers: [...voters(1).servers, nonvoter("n1")],
    };
    expect(candidate(nobodyAnswers, { configuration }).state).toBe("Leader");
  });

  test("no vote of an earlier candidacy, however late it comes", () => {
    const server = follower({ log: [1, 1], term: 3 });
    server.transport.peers = function* (to, request) {
      yield* sleep(server.r.runtime, 2500);
      return agreeing(to, request) as Response;
    };
    server.until(() => server.term === 4);
    const start = server.now;
    server.until(() => server.now > start + 2500);
    expect(asked(server, 4)).toHaveLength(2);
    expect(server.term).toBeGreaterThan(4);
    expect(server.state).toBe("Candidate");
  });
});

describe("a candidacy ends", () => {
  test("when an answer knows a newer term: in that term, as a follower", () => {
    const server = candidate(saying({ s2: false, s3: false }, 9));
    expect([server.state, server.term]).toEqual(["Follower", 9]);
    expect(server.durable.term).toBe(9);
  });

  test("when an answer knows a newer term, even if it grants the vote", () => {
    const server = candidate(saying({ s2: true, s3: true }, 9));
    expect([server.state, server.term]).toEqual(["Follower", 9]);
  });

  test("when time is up: the next one is in the next term", () => {
    const server = candidate(nobodyAnswers);
    const start = server.now;
    server.until(() => server.term === 5);
    expect(server.now - start).toBeGreaterThanOrEqual(1000);
    expect(server.now - start).toBeLessThan(2000);
    server.settle();
    expect(asked(server, 5)).toHaveLength(2);
  });

  test("when another leads in the same term", () => {
    const server = candidate(nobodyAnswers);
    server.append({ term: 4 });
    expect([server.state, server.term]).toEqual(["Follower", 4]);
    expect(server.raft.Leader()).toBe("s2addr");
  });

  test("and not when somebody wants a command applied", () => {
    const server = candidate(nobodyAnswers);
    const future = server.raft.Apply(new Uint8Array(), 0);
    expect(server.run(future.wait())).toBe(ErrNotLeader);
    expect(server.state).toBe("Candidate");
  });
});
