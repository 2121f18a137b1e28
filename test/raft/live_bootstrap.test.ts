/** A configuration for a server that runs and has none. */
import { describe, expect, test } from "vitest";
import type { Configuration } from "../../raft/configuration.ts";
import {
  ErrCantBootstrap,
  ErrNotVoter,
  ErrRaftShutdown,
} from "../../raft/errors.ts";
import { follower, type OneServer } from "./one_server.ts";
import { makeConfiguration, nonvoter, voters } from "./servers.ts";

const blank = () => follower({ log: [] });

function bootstrap(
  server: OneServer,
  configuration: Configuration = voters(3),
): Error | undefined {
  return server.run(server.raft.BootstrapCluster(configuration).wait());
}

describe("bootstrapping a server that runs", () => {
  test("puts the configuration in force at once, in term 1", () => {
    const server = blank();
    expect(bootstrap(server)).toBeUndefined();
    expect(server.r.configurations).toMatchObject({
      latest: voters(3),
      latestIndex: 1,
      committedIndex: 0,
    });
    expect(server.term).toBe(1);
    expect(server.lastLog).toEqual({ index: 1, term: 1 });
    expect(server.log).toEqual([1]);
    expect(server.state).toBe("Follower");
  });

  test("lets it campaign when its heartbeat timer rings next", () => {
    const server = blank();
    server.pass(20_000);
    expect(server.state).toBe("Follower");
    bootstrap(server);
    server.pass(2000);
    expect(server.state).toBe("Candidate");
  });

  test("with a configuration that is wrong is refused, and can be tried again", () => {
    const server = blank();
    const twice = makeConfiguration(["s1", "s1"]);
    expect(bootstrap(server, twice)?.message).toContain("duplicate ID");
    expect(server.r.configurations.latestIndex).toBe(0);
    expect(bootstrap(server)).toBeUndefined();
  });

  test("without a vote in the configuration is refused, and writes nothing", () => {
    const server = blank();
    server.store.calls = [];
    const others = makeConfiguration(["s2", "s3"]);
    expect(bootstrap(server, others)).toBe(ErrNotVoter);
    const asNonvoter = {
      servers: [nonvoter("s1"), ...others.servers],
    };
    expect(bootstrap(server, asNonvoter)).toBe(ErrNotVoter);
    expect(server.store.calls).toEqual([]);
  });

  test("is possible once", () => {
    const server = blank();
    bootstrap(server);
    expect(bootstrap(server)).toBe(ErrCantBootstrap);
  });

  test("is refused by a server that has state", () => {
    expect(bootstrap(follower({ log: [1] }))).toBe(ErrCantBootstrap);
  });

  test("is refused by a candidate and by a leader", () => {
    const candidate = follower({ log: [1] }).becomeCandidate();
    expect(bootstrap(candidate)).toBe(ErrCantBootstrap);
    const leader = follower({ log: [1] }).becomeLeader();
    expect(bootstrap(leader)).toBe(ErrCantBootstrap);
    expect(leader.state).toBe("Leader");
  });

  test("is refused after a shutdown", () => {
    const server = blank();
    server.run(server.raft.Shutdown().wait());
    expect(bootstrap(server)).toBe(ErrRaftShutdown);
  });

  test("fails with the disk's error, and the server goes on", () => {
    const server = blank();
    server.store.fail("SetUint64 CurrentTerm");
    expect(bootstrap(server)?.message).toContain("broken disk");
    expect(server.failures).toEqual([]);
    expect(server.r.configurations.latestIndex).toBe(0);
  });

  test("stops the server when the entry cannot be read back", () => {
    const server = blank();
    server.store.fail("GetLog 1");
    server.raft.BootstrapCluster(voters(3));
    server.settle();
    expect(String(server.failures[0]?.error)).toContain("broken disk");
  });
});
