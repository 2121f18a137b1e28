/**
 * Unscripted runs: a block of seeds with every fault and no quirk, and each
 * quirk of v1.1.1 found by a seed and by a scenario. What fails says how to
 * play it again.
 */

import { beforeAll, describe, expect, test } from "vitest";
import tornVote from "../../../lessons/scenarios/02-torn-vote.txt?raw";
import nonvoterLeads from "../../../lessons/scenarios/03-nonvoter-leads.txt?raw";
import twoLeaders from "../../../lessons/scenarios/04-two-leaders-in-one-term.txt?raw";
import cacheBeforeStore from "../../../lessons/scenarios/07-cache-before-store.txt?raw";
import commitBound from "../../../lessons/scenarios/08-commit-bound.txt?raw";
import askedOfANonvoter from "../../../lessons/scenarios/10-asked-of-a-nonvoter.txt?raw";
import refusedHeartbeats from "../../../lessons/scenarios/10-refused-heartbeats.txt?raw";
import { type Quirk, quirks } from "../../../raft/quirks.ts";
import { Random } from "../../../raft/runtime/random.ts";
import { Clients } from "../../../raft/sim/clients.ts";
import { Faults } from "../../../raft/sim/faults.ts";
import { runScenario } from "../../../raft/sim/scenario.ts";
import {
  replayCommand,
  runSwarm,
  type SwarmOptions,
} from "../../../raft/sim/swarm.ts";
import { World } from "../../../raft/sim/world.ts";

/** What a block of seeds is judged by. */
interface Played {
  readonly replay: string;
  readonly committed: number;
  readonly healed: boolean;
  readonly violated: string | undefined;
  readonly struck: readonly string[];
}

function play(options: SwarmOptions): Played {
  const { committed, healed, violation, ...outcome } = runSwarm(options);
  const replay = replayCommand(options);
  const struck = [...outcome.struck.keys()];
  return { replay, committed, healed, violated: violation?.invariant, struck };
}

const LAST = 200;
const MINUTES = 5 * 60_000;

describe.each([3, 5])("seeds 1 to 200 of %i servers", (servers) => {
  const block: Played[] = [];
  beforeAll(() => {
    for (let seed = 1; seed <= LAST; seed++)
      block.push(play({ seed, servers }));
  }, MINUTES);

  test("break no invariant", () => {
    const broken = block.filter(({ violated }) => violated !== undefined);
    expect(broken).toEqual([]);
  });

  test("all heal", () => {
    expect(block.filter(({ healed }) => !healed)).toEqual([]);
  });

  test("have met every kind of fault", () => {
    const world = new World({ seed: 1 });
    const random = new Random(1);
    const clients = new Clients(world, random);
    const kinds = new Faults(world, random, clients).all();
    const struck = new Set(block.flatMap((played) => played.struck));
    expect(struck).toEqual(new Set(kinds.map(({ name }) => name)));
  });

  test("commit 50 entries and more in 95 of 100", () => {
    const busy = block.filter(({ committed }) => committed >= 50);
    expect(busy.length).toBeGreaterThanOrEqual(0.95 * LAST);
  });
});

interface Story {
  readonly quirk: Quirk;
  readonly invariant: string;
  readonly servers: number;
  /** A seed that is known; should it be lost, the search goes on from it. */
  readonly from: number;
  readonly scenario?: string;
}

/** The same two leaders, each with a command of its own for entry 3. */
const twoCommands = twoLeaders.replace(
  /^run 300.*$/m,
  `drop Heartbeat s1 > *
drop AppendEntriesRequest s1 > *
run 300
apply s1 "x=1"
apply s3 "y=1"
run 100
deliver
run 5000`,
);

const stories: readonly Story[] = [
  {
    quirk: "heartbeat-fast-path",
    invariant: "I1",
    servers: 3,
    from: 293,
    scenario: twoLeaders,
  },
  { quirk: "heartbeat-fast-path", invariant: "I6", servers: 3, from: 59 },
  {
    quirk: "heartbeat-fast-path",
    invariant: "I5",
    servers: 3,
    from: 293,
    scenario: twoCommands,
  },
  {
    quirk: "torn-vote",
    invariant: "I4",
    servers: 5,
    from: 92,
    scenario: tornVote,
  },
  {
    quirk: "nonvoter-campaigns",
    invariant: "I1",
    servers: 3,
    from: 91,
    scenario: nonvoterLeads,
  },
  {
    quirk: "commit-bound",
    invariant: "I5",
    servers: 5,
    from: 48,
    scenario: commitBound,
  },
  {
    quirk: "cache-before-store",
    invariant: "I15",
    servers: 3,
    from: 54,
    scenario: cacheBeforeStore,
  },
  {
    quirk: "verify-counts-anyone",
    invariant: "I14",
    servers: 3,
    from: 1,
    scenario: askedOfANonvoter,
  },
  {
    quirk: "heartbeat-renews-lease",
    invariant: "I14",
    servers: 3,
    from: 1,
    scenario: refusedHeartbeats,
  },
];

test("every quirk has a story", () => {
  const told = new Set(stories.map(({ quirk }) => quirk));
  expect(
    Object.keys(quirks).filter((name) => !told.has(name as Quirk)),
  ).toEqual([]);
});

describe.each(stories)("$quirk breaks $invariant", (story) => {
  const { quirk, invariant, servers, from } = story;
  const watch = [invariant];

  test("in a seed, and no other rule makes the seed fail", {
    timeout: MINUTES,
  }, () => {
    for (let seed = from; seed < from + 1000; seed++) {
      const options = { seed, servers, watch };
      if (play({ ...options, quirks: [quirk] }).violated === undefined)
        continue;
      expect(play({ seed, servers }).violated).toBeUndefined();
      return;
    }
    expect.unreachable("none of 1,000 seeds breaks it");
  });
});

const told = stories.filter(({ scenario }) => scenario !== undefined);

describe.each(told)("the scenario of $quirk", (story) => {
  const { quirk, invariant } = story;
  const scenario = story.scenario?.replace(/^(quirks|expect) .*$/gm, "") ?? "";

  test("breaks the invariant with the quirk, and not without", () => {
    const watch = [invariant];
    const theirs = runScenario(scenario, { watch, quirks: [quirk] });
    expect(theirs.violations.map((v) => v.invariant)).toContain(invariant);
    expect(runScenario(scenario, { watch }).violations).toEqual([]);
  });
});

describe("a replay command", () => {
  test("names what differs from the usual", () => {
    const usual = { seed: 17 };
    expect(replayCommand(usual)).toBe("npm run replay -- 17 --servers 3");
    expect(
      replayCommand({
        seed: 4,
        servers: 5,
        faultsMs: 9000,
        quirks: ["torn-vote", "nonvoter-campaigns"],
      }),
    ).toBe(
      "npm run replay -- 4 --servers 5 --faults-ms 9000 " +
        "--quirks torn-vote,nonvoter-campaigns",
    );
  });
});
