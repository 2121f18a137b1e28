/**
 * The same seed, the same run: in two fresh processes, in this one, and under
 * `npm run replay`. The browser's turn is in test/determinism.ts.
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runSwarm } from "../../../raft/sim/swarm.ts";
import { hashesOf } from "./hashes.ts";

const ROOT = join(import.meta.dirname, "../../..");

function node(...args: string[]) {
  const options = { cwd: ROOT, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  return { status, stderr, lines: stdout.trimEnd().split("\n") };
}

describe("a seed", () => {
  test("leaves the same hash in two processes and here", () => {
    const print = ["test/determinism.ts", "--print", "--seeds=20"];
    const first = node(...print).lines;
    expect(first).toHaveLength(20);
    expect(node(...print).lines).toEqual(first);
    expect(hashesOf(1, 20)).toEqual(first);
  }, 60_000);

  test("leaves another hash than other seeds", () => {
    const hashes = Array.from({ length: 10 }, (_, i) => {
      return runSwarm({ seed: i + 1, faultsMs: 3000 }).hash;
    });
    expect(new Set(hashes).size).toBe(10);
  });

  test("does the same whether its trace is kept or not", () => {
    const kept = runSwarm({ seed: 3, keepTrace: true });
    const dropped = runSwarm({ seed: 3 });
    expect(kept.hash).toBe(dropped.hash);
    expect(kept.world.trace.lines).toHaveLength(kept.world.trace.count);
    expect(dropped.world.trace.lines).toHaveLength(0);
  });
});

describe("npm run replay", () => {
  test("shows the end of a trace and its hash", () => {
    const args = ["17", "--servers", "3", "--last", "5"];
    const { status, lines } = node("test/replay.ts", ...args);
    const { hash, events } = runSwarm({ seed: 17, servers: 3 });
    expect(status).toBe(0);
    expect(lines[0]).toMatch(/^\.\.\. \d+ lines before \(--all\)$/);
    expect(lines[5]).toMatch(/^ +\d+\.\d{3} s\d /);
    expect(lines.at(-2)).toContain(`seed 17: ${events} events in `);
    expect(lines.at(-2)).toContain(`hash ${hash}`);
    expect(lines.at(-1)).toContain("no invariant broken");
  });

  test("shows the violation of a quirk", () => {
    const seed = seedThatBreaks();
    const args = [`${seed}`, "--quirks", "nonvoter-campaigns", "--all"];
    const { status, lines } = node("test/replay.ts", ...args);
    expect(status).toBe(1);
    expect(lines.at(-1)).toMatch(/^VIOLATES I1: s3 leads term \d+ and is not/);
    expect(lines.some((line) => / VIOLATES I1: leads/.test(line))).toBe(true);
  });

  test.each([
    [[], "say which seed"],
    [["soon"], "say which seed"],
    [["1", "--servers", "none"], '--servers takes a number, and not "none"'],
    [["1", "--quirks", "sorcery"], 'there is no quirk "sorcery"; there are'],
  ])("%s says what is wrong", (args, problem) => {
    const { status, stderr } = node("test/replay.ts", ...args);
    expect(status).toBe(1);
    expect(stderr).toContain(problem);
  });
});

function seedThatBreaks(): number {
  for (let seed = 1; ; seed++) {
    const quirks = ["nonvoter-campaigns"] as const;
    if (runSwarm({ seed, quirks }).violation) return seed;
  }
}
