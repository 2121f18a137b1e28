/** A leader has asked this server to take over. */
import { describe, expect, test } from "vitest";
import type { RequestVoteRequest } from "../../raft/commands.ts";
import type { Configuration } from "../../raft/configuration.ts";
import { answered, follower, type OneServer } from "./one_server.ts";
import { nobody, rpcHeader } from "./scripted_transport.ts";
import { nonvoter, voters } from "./servers.ts";

const timeoutNow = { kind: "TimeoutNowRequest", rpcHeader } as const;

/** Whether the requests for votes of a term came from a transfer. */
function transferIn(server: OneServer, term: number): boolean[] {
  return server.transport.sent
    .map(({ request }) => request as RequestVoteRequest)
    .filter((request) => request.term === term)
    .map(({ leadershipTransfer }) => leadershipTransfer);
}

describe("TimeoutNow", () => {
  test("makes a follower campaign at once, and the voters may leave their leader", () => {
    const server = follower({ log: [1, 1], term: 3 });
    server.append({ term: 3 });
    const { response } = answered(server.send(timeoutNow));
    expect(response).toEqual({ kind: "TimeoutNowResponse", rpcHeader });
    expect([server.state, server.term]).toEqual(["Candidate", 4]);
    expect(server.raft.Leader()).toBe("");
    expect(transferIn(server, 4)).toEqual([true, true]);
  });

  test("is worth one candidacy: the next one asks as any other does", () => {
    const server = follower({ log: [1, 1], term: 3 });
    server.send(timeoutNow);
    server.until(() => server.term === 5);
    server.settle();
    expect(transferIn(server, 5)).toEqual([false, false]);
  });

  test("is answered before the candidacy begins", () => {
    const server = follower({ log: [1, 1], term: 3 });
    const write = server.store.hold("SetUint64 CurrentTerm 4");
    const answer = server.send(timeoutNow);
    expect(write.reached).toBe(true);
    expect(answered(answer).error).toBeUndefined();
  });

  test("makes a leader campaign against itself", () => {
    const server = follower({ log: [1], term: 3 }).becomeLeader();
    server.transport.peers = nobody;
    server.send(timeoutNow);
    expect([server.state, server.term]).toEqual(["Candidate", 5]);
  });

  test("is refused by a server that knows no configuration", () => {
    const server = follower({ log: [], term: 3 });
    const { error } = answered(server.send(timeoutNow));
    expect(error?.message).toBe("cannot take over: not a voter");
    expect(server.state).toBe("Follower");
  });

  test("is refused by a server without a vote", () => {
    const configuration: Configuration = {
      servers: [nonvoter("s1"), ...voters(3).servers.slice(1)],
    };
    const server = follower({ log: [1], configuration });
    const { error } = answered(server.send(timeoutNow));
    expect(error?.message).toContain("cannot take over");
    expect(server.state).toBe("Follower");
    server.pass(5000);
    expect(server.term).toBe(1);
  });
});
