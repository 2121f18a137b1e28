/** Scenarios: what each statement does, and what each error says. */

import { describe, expect, test } from "vitest";
import { ServerSuffrage } from "../../../raft/configuration.ts";
import { runScenario, ScenarioError } from "../../../raft/sim/scenario.ts";
import type { World } from "../../../raft/sim/world.ts";

/** The trace, from the first line with this text on. */
function traceFrom(world: World, text: string): string[] {
  const { lines } = world.trace;
  const first = lines.findIndex((line) => line.includes(text));
  return first < 0 ? [] : lines.slice(first);
}

function includes(world: World, text: string): boolean {
  return traceFrom(world, text).length > 0;
}

describe("the first lines", () => {
  test("say how many servers there are", () => {
    const world = runScenario("servers 5");
    expect(world.servers.map(({ id }) => id)).toEqual([
      "s1",
      "s2",
      "s3",
      "s4",
      "s5",
    ]);
  });

  test("or which, and who has no vote", () => {
    const world = runScenario("servers a b c:nonvoter\nuntil leader");
    const [a] = world.servers;
    const members = a?.r?.configurations.latest.servers ?? [];
    expect(members.map(({ suffrage }) => suffrage)).toEqual([
      ServerSuffrage.Voter,
      ServerSuffrage.Voter,
      ServerSuffrage.Nonvoter,
    ]);
  });

  test("name quirks of v1.1.1", () => {
    const world = runScenario("quirks torn-vote nonvoter-campaigns");
    expect(world.options.quirks).toEqual(["torn-vote", "nonvoter-campaigns"]);
  });

  test("fix the seed, unless the caller has", () => {
    expect(runScenario("seed 7").options.seed).toBe(7);
    expect(runScenario("seed 7", { seed: 9 }).options.seed).toBe(9);
  });

  test("can leave the servers without a configuration", () => {
    const world = runScenario("unbootstrapped\nrun 10000\nexpect no leader");
    expect(world.server("s1").disk.lastIndex).toBe(0);
  });

  test("may be absent: three servers that are bootstrapped", () => {
    const world = runScenario("until leader\nrun 100\nexpect committed 2");
    expect(world.servers).toHaveLength(3);
  });
});

describe("remarks and empty lines", () => {
  test("are left out", () => {
    const world = runScenario("# a remark\n\nrun 100   # another");
    expect(world.now).toBe(100);
  });
});

describe("time", () => {
  test("run lets it pass", () => {
    expect(runScenario("run 250").now).toBe(250);
  });

  test("until stops when the condition holds", () => {
    const world = runScenario("until leader\nexpect leader");
    expect(world.now).toBeLessThan(20_000);
  });

  test("until gives up after the time it is given", () => {
    expect(() => runScenario("until s1 term 9 within 50")).toThrow(
      /line 1, "until s1 term 9 within 50": not within 50 ms; s1 Follower/,
    );
  });

  test("timer fixes the next timers of a name", () => {
    const world = runScenario(
      "timer s2 heartbeatTimer 1100\nuntil s2 Candidate",
    );
    expect(world.now).toBeGreaterThanOrEqual(1100);
    expect(world.now).toBeLessThan(1110);
  });
});

describe("servers", () => {
  const elected = "timer s1 heartbeatTimer 1100\nuntil leader s1\n";

  test("crash and come back", () => {
    const world = runScenario(`${elected}crash s2\nexpect s2 Down`);
    expect(includes(world, "s2  crashes")).toBe(true);
    runScenario(`${elected}crash s2\nrestart s2\nrun 50\nexpect s2 Follower`);
  });

  test("crash after the next write", () => {
    const world = runScenario(
      "timer s1 heartbeatTimer 1100\n" +
        "crash s1 after LastVoteCand\nuntil s1 Candidate\n" +
        "until s1 Down within 100",
    );
    const [crashed] = traceFrom(world, "s1  crashes");
    const before = world.trace.lines.indexOf(crashed ?? "") - 1;
    expect(world.trace.lines[before]).toContain("writes LastVoteCand s1");
  });

  test("pause and resume", () => {
    runScenario(
      `${elected}run 200\npause s1\nuntil leader s2 within 9000\n` +
        "expect s1 Leader\nresume s1\nuntil s1 Follower within 1000",
      { seed: 2, watch: [] },
    );
  });

  test("are asked to apply, the leader or the one that is named", () => {
    const world = runScenario(
      `${elected}apply "a b"\napply s2 nothing\nuntil s3 applied "a b"`,
    );
    expect(world.server("s3").applied?.commands).toEqual(["a b"]);
    expect(includes(world, 's2  is asked to apply "nothing"')).toBe(true);
  });
});

describe("the network", () => {
  const elected =
    "network 10\ndisk 2\ntimer s1 heartbeatTimer 1100\nuntil leader s1\n";

  test("takes as long as it is told", () => {
    const world = runScenario(`${elected}run 50`);
    const [sent, arrived] = [
      "s1  -> s2  RequestVote",
      "s2  <- s1  RequestVote",
    ].map((text) => Number.parseFloat(traceFrom(world, text)[0] ?? ""));
    expect((arrived ?? 0) - (sent ?? 0)).toBeCloseTo(10);
  });

  test("is partitioned, cut one way and healed", () => {
    runScenario(
      `${elected}partition s1 | s2 s3\nrun 100\napply s1 x\nrun 100\n` +
        "expect s1 Leader\nuntil s1 Follower within 1000\n" +
        "until leader within 12000\nheal\nrun 3000\nexpect s1 Follower",
      { watch: [] },
    );
    const world = runScenario(
      `${elected}run 200\ncut s1 > s2\napply x\nrun 300\n` +
        "expect s1 commit 3\nexpect s2 commit 2",
    );
    expect(includes(world, "cut s1 > s2")).toBe(true);
  });

  test("drops what a rule names, until it delivers again", () => {
    const world = runScenario(
      "timer s1 heartbeatTimer 1100\ndrop RequestVoteRequest s1 > *\n" +
        "until s1 Candidate\nrun 100\nexpect s1 Candidate\n" +
        "deliver\nuntil leader",
    );
    expect(includes(world, "s1  -x s2  RequestVote term 2")).toBe(true);
    expect(includes(world, "s1  -x s3  RequestVote term 2")).toBe(true);
  });

  test("delays what a rule names", () => {
    const world = runScenario(
      "timer s1 heartbeatTimer 1100\ndelay RequestVoteResponse s2 > s1 70\n" +
        "until leader s1\nrun 100",
    );
    const [sent = 0, arrived = 0] = ["s2  -> s1  vote", "s1  <- s2  vote"].map(
      (text) => Number.parseFloat(traceFrom(world, text)[0] ?? ""),
    );
    expect(arrived - sent).toBeCloseTo(70);
  });
});

describe("the disk", () => {
  test("of all servers or of one takes as long as it is told", () => {
    const world = runScenario("disk 2\ndisk s3 40");
    expect(world.servers.map(({ disk }) => disk.options.writeMs)).toEqual([
      [2, 2],
      [2, 2],
      [40, 40],
    ]);
  });
});

describe("an expectation", () => {
  test.each([
    "leader",
    "no leader",
    "leader s1",
    "s1 Follower",
    "s1 Candidate",
    "s1 Leader",
    "s1 Shutdown",
    "s1 Down",
    "s1 term 1",
    "s1 term 9",
    "s1 commit 0",
    "s1 commit 5",
    "s1 applied x",
    "committed 1",
    "violation I1",
    "no violation",
  ])("%s holds, or its line says what is the case", (condition) => {
    const holds = ["no leader", "s1 Follower", "s1 commit 0", "no violation"];
    const script = `run 10\nexpect ${condition}`;
    if (holds.includes(condition) || condition === "s1 term 1") {
      expect(() => runScenario(script)).not.toThrow();
    } else {
      expect(() => runScenario(script)).toThrow(
        /line 2, .*: s1 Follower term 1 commit 0; s2 Follower/,
      );
    }
  });
});

describe("a line that cannot be understood", () => {
  test.each([
    ["fly s1", 'unknown statement "fly"; there are run, until, expect'],
    ["quirks sorcery", 'unknown quirk "sorcery"; there are heartbeat-fast'],
    ["seed x", '"x" is not a number'],
    ["run soon", '"soon" is not a number'],
    ["run", '"" is not a number'],
    ["crash s9", 'there is no server "s9" in this world: s1, s2, s3'],
    ["crash", "a server is missing"],
    ["cut s1", "a server is missing"],
    ["apply x", "there is no leader to ask"],
    ["drop Gossip s1 > s2", 'unknown message "Gossip"; there are Heartbeat'],
    ["delay Heartbeat s1 > s2", '"" is not a number'],
    ["expect s1 asleep", '"s1 asleep" is no condition; after a server stand'],
    ["expect nobody", 'there is no server "nobody" in this world'],
    ["partition s1 | s4", 'there is no server "s4"'],
    ["timer s1 heartbeatTimer soon", '"soon" is not a number'],
  ])("%s: says where and what", (line, problem) => {
    const script = `# a remark\nservers 3\n\n${line}   # here`;
    const error = errorOf(() => runScenario(script));
    expect(error).toBeInstanceOf(ScenarioError);
    expect(error.message).toContain(`scenario line 4, "${line}": `);
    expect(error.message).toContain(problem);
    expect((error as ScenarioError).line).toBe(4);
  });
});

function errorOf(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not throw");
}

describe("what is exactly so", () => {
  const begin = [
    "network 10",
    "disk 2",
    "timer s1 heartbeatTimer 1200",
    "until leader s1",
    "run 300",
    'apply "a=1"',
    "run 300",
  ].join("\n");
  const holds = (line: string) => {
    try {
      runScenario(`${begin}\nexpect ${line}`);
      return true;
    } catch (error) {
      if (error instanceof ScenarioError) return false;
      throw error;
    }
  };

  test("a commit index of at least, and of exactly so much", () => {
    expect(["s2 commit 2", "s2 commit 3", "s2 commit 4"].map(holds)).toEqual([
      true,
      true,
      false,
    ]);
    expect(holds("s2 commit exactly 2")).toBe(false);
    expect(holds("s2 commit exactly 3")).toBe(true);
  });

  test("the last entry with its term, and the vote on the disk", () => {
    expect(holds("s3 last 3/2")).toBe(true);
    expect(holds("s3 last 3/1")).toBe(false);
    expect(holds("s3 vote s1")).toBe(true);
    expect(holds("s3 vote s2")).toBe(false);
  });

  test("an error carries the world in which the scenario stopped", () => {
    try {
      runScenario(`${begin}\nexpect s2 term 9`);
      expect.unreachable();
    } catch (error) {
      const { world, line, problem } = error as ScenarioError;
      expect(line).toBe(8);
      expect(problem).toContain("s2 Follower term 2 commit 3");
      expect(world?.trace.lines.at(-1)).toContain("s3  -> s1  stored");
    }
  });
});

describe("limits, failing writes, and questions", () => {
  const begin = ["network 10", "disk 2", "timer s1 heartbeatTimer 1200"];
  const script = (...lines: string[]) =>
    [...begin, "until leader s1", "run 300", ...lines].join("\n");

  test("a number of the configuration is set for every server", () => {
    const one = runScenario(`config maxAppendEntries 1\n${script()}`);
    expect(one.options.config).toEqual({ maxAppendEntries: 1 });
    expect(() => runScenario("config maxAppend 1")).toThrow(
      /unknown setting "maxAppend"; there are .*maxAppendEntries/,
    );
  });

  test("a cache and a pipeline", () => {
    const { options } = runScenario("cache 16\npipeline 7");
    expect([options.logCache, options.network?.pipelineDepth]).toEqual([16, 7]);
  });

  test("the next write of a disk fails, of any kind or of one", () => {
    const world = runScenario(script("fail s2 store", 'apply "x=1"', "run 40"));
    expect(includes(world, "s2  stores 3/2")).toBe(false);
    expect(includes(world, "s3  stores 3/2")).toBe(true);
    expect(() => runScenario(script("fail s2 stoer"))).toThrow(
      /unknown kind of write "stoer"/,
    );
  });

  test("a leader is asked whether it leads", () => {
    runScenario(script("verify s1", "run 40", "expect s1 verified"));
    const cut = script("partition s1 | s2 s3", "verify s1", "run 100");
    expect(() => runScenario(`${cut}\nexpect s1 verified`)).toThrow(
      ScenarioError,
    );
    expect(includes(runScenario(`${cut}\nrun 900`), "s1  is told:")).toBe(true);
  });

  test("whoever asks gives up after the timeout", () => {
    const lines = ["crash s2", "timeout 30", 'apply "x=1"', "run 60"];
    const world = runScenario(script(...lines));
    expect(world.network.options.timeoutMs).toBe(30);
  });
});
