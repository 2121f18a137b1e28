import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mutantOf, mutants, mutate } from "./plugin.ts";

const file = "runtime/random.ts";

describe("a mutant", () => {
  test("replaces the one text that it names", () => {
    const mutant = { file, from: "a < b", to: "a <= b" };
    expect(mutate("if (a < b) go();", mutant)).toBe("if (a <= b) go();");
  });

  test("may hold the patterns that String.replace would expand", () => {
    const mutant = { file, from: "x", to: "$&$1" };
    expect(mutate("(x)", mutant)).toBe("($&$1)");
  });

  test.each([
    ["not at all", "c", 0],
    ["twice", "a", 2],
  ])("that fits %s is refused", (_, from, times) => {
    const mutant = { file, from, to: "d" };
    expect(() => mutate("a b a", mutant)).toThrow(
      `its text occurs ${times} times and has to occur once`,
    );
  });

  test("is read from JSON", () => {
    const mutant = { file, from: "a", to: "" };
    expect(mutantOf(JSON.stringify(mutant))).toEqual(mutant);
    expect(mutantOf(undefined)).toBeUndefined();
    expect(() => mutantOf('{"file":"raft.ts"}')).toThrow("needs file, from");
  });
});

describe("the plugin", () => {
  type Transform = (source: string, id: string) => unknown;
  const root = new URL("../../raft/", import.meta.url).pathname;
  const plugin = mutants({ file, from: "a", to: "b" });
  const transform = plugin.transform as unknown as Transform;

  test("changes the file that the mutant names", () => {
    expect(transform("(a)", `${root}${file}`)).toMatchObject({ code: "(b)" });
  });

  test("leaves every other file as it is", () => {
    expect(transform("(a)", `${root}raft.ts`)).toBeNull();
  });
});

describe("a test run", () => {
  const root = join(import.meta.dirname, "../..");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const suite = "test/raft/runtime/random.test.ts";

  /** The exit code of a run with this mutant. */
  function run(mutant: { from: string; to: string }): number | null {
    const MUTANT = JSON.stringify({ file, ...mutant });
    const env = { ...process.env, MUTANT };
    const args = [vitest, "run", suite];
    return spawnSync(process.execPath, args, { cwd: root, env }).status;
  }

  test("is the mutant's, whatever an earlier run has cached", () => {
    const harmless = { from: "let i = 0; i < 12", to: "let i = 0; 12 > i" };
    const deadly = { from: "let i = 0; i < 12", to: "let i = 0; i < 11" };
    expect(run(harmless)).toBe(0);
    expect(run(deadly)).toBe(1);
  }, 30_000);
});
