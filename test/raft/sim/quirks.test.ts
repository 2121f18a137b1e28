/**
 * Each quirk has a short scenario in which its defect shows; the same script
 * without the quirk breaks nothing.
 */

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Quirk, quirks } from "../../../raft/quirks.ts";
import { runScenario, ScenarioError } from "../../../raft/sim/scenario.ts";
import type { World } from "../../../raft/sim/world.ts";

const FOLDER = "lessons/scenarios";

/** Which invariant each defect breaks, in which scenario. */
const stories: Record<Quirk, readonly [scenario: string, invariant: string]> = {
  "heartbeat-fast-path": ["04-two-leaders-in-one-term", "I1"],
  "torn-vote": ["02-torn-vote", "I4"],
  "nonvoter-campaigns": ["03-nonvoter-leads", "I1"],
  "commit-bound": ["08-commit-bound", "I5"],
  "cache-before-store": ["07-cache-before-store", "I15"],
  "verify-counts-anyone": ["10-asked-of-a-nonvoter", "I14"],
  "heartbeat-renews-lease": ["10-refused-heartbeats", "I14"],
};

const QUIRKS = /^quirks .*$/m;

/** The world in the end, or where an expectation failed. */
function play(script: string): World {
  try {
    return runScenario(script);
  } catch (error) {
    if (error instanceof ScenarioError && error.world) return error.world;
    throw error;
  }
}

test("every quirk there is has its story", () => {
  expect(Object.keys(stories).sort()).toEqual(Object.keys(quirks).sort());
  const files = readdirSync(FOLDER);
  for (const [scenario] of Object.values(stories)) {
    expect(files).toContain(`${scenario}.txt`);
  }
});

test.each(Object.entries(stories))("%s", (quirk, [scenario, invariant]) => {
  const script = readFileSync(`${FOLDER}/${scenario}.txt`, "utf8");
  const without = script.replace(QUIRKS, "");
  const { violations } = play(`quirks ${quirk}\n${without}`);
  expect(violations.map((one) => one.invariant)).toContain(invariant);
  expect(play(without).violations).toEqual([]);
});
