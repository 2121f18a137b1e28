/**
 * Are the tests worth anything? Breaks raft/ on purpose, one mistake at a
 * time, and sees who notices.
 *
 *     npm run mutants                    everything
 *     npm run mutants -- --lesson 4      the claims of one lesson
 *     npm run mutants -- --only 14       the listed mutants with this number
 *     npm run mutants -- --one-in 6      a part that changes with the commit,
 *                                        and all that the rule table names
 *
 * A claim's break has to turn that claim red, and no other of its suite. A
 * listed mutant has to be caught by the property that it names, and a control
 * by none.
 */

import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { hash32 } from "../../raft/runtime/random.ts";
import { rules } from "../../site/data/rules.ts";
import { buildIndex } from "../../site/tools/engine/index.ts";
import type { SourceIndex } from "../../site/tools/engine/types.ts";
import { lessonSuites, mutantIn, ROOT } from "../claims.ts";
import type { Hunted } from "./hunt.ts";
import { controls, mutants, type NamedMutant } from "./mutants.ts";
import { breakKey, listedKey, partOf, proofKeys } from "./part.ts";
import type { Mutant } from "./plugin.ts";

/** One mutant, and how to find out who notices. */
interface Job {
  readonly name: string;
  /** What the rule table knows it by. */
  readonly key: string;
  run(): Promise<Verdict>;
}

interface Verdict {
  readonly good: boolean;
  readonly said: string;
}

const { values } = parseArgs({
  options: {
    lesson: { type: "string" },
    only: { type: "string" },
    "one-in": { type: "string" },
    seeds: { type: "string", default: "1000" },
    "control-seeds": { type: "string", default: "300" },
    seconds: { type: "string", default: "240" },
  },
});

async function main(): Promise<number> {
  const jobs = part([...breakJobs(), ...listedJobs()]);
  if (jobs.length === 0) {
    console.error(`there is no mutant ${values.only ?? values.lesson}`);
    return 1;
  }
  const start = performance.now();
  let done = 0;
  let failed = 0;
  const queue = [...jobs];
  const work = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const { good, said } = await job.run();
      if (!good) failed++;
      const count = `${++done}`.padStart(`${jobs.length}`.length);
      const word = good ? "ok    " : "FAILED";
      console.log(`${count}/${jobs.length} ${word} ${job.name}: ${said}`);
    }
  };
  await Promise.all(Array.from({ length: atATime() }, work));
  const seconds = Math.round((performance.now() - start) / 1000);
  const passed = jobs.length - failed;
  console.log(`\n${passed} passed, ${failed} failed (mutants, ${seconds} s)`);
  return failed === 0 ? 0 : 1;
}

function atATime(): number {
  return Math.min(2, availableParallelism());
}

/** All jobs, or one in so many and others with the next commit. */
function part(jobs: readonly Job[]): readonly Job[] {
  const oneIn = Number(values["one-in"] ?? 1);
  const turn = hash32(commit()) % oneIn;
  return partOf(jobs, oneIn, turn, proofKeys(rules));
}

function commit(): string {
  try {
    const git = ["rev-parse", "HEAD"];
    return execFileSync("git", git, { cwd: ROOT, encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}

// The breaks of the lessons' claims.

function breakJobs(): Job[] {
  if (values.only !== undefined) return [];
  return lessonSuites(values.lesson).flatMap(({ number, file, claims }) =>
    claims.map(({ name, mutant }) => ({
      name: breakKey(Number(number), name),
      key: breakKey(Number(number), name),
      run: async () =>
        mutant
          ? judgeBreak(name, await redClaims(file, mutant))
          : { good: false, said: "has no break" },
    })),
  );
}

function judgeBreak(name: string, red: readonly string[] | Error): Verdict {
  if (red instanceof Error) return { good: false, said: red.message };
  if (!red.includes(name)) {
    const others = red.length > 0 ? `, but ${red.join("; ")} did` : "";
    return { good: false, said: `SURVIVED: it did not turn red${others}` };
  }
  const others = red.filter((one) => one !== name);
  if (others.length === 0) return { good: true, said: "red, alone" };
  return { good: false, said: `turned others red too: ${others.join("; ")}` };
}

/** Which claims of a suite fail when raft/ has this mutant. */
async function redClaims(
  file: string,
  mutant: Mutant,
): Promise<string[] | Error> {
  const vitest = path.join(ROOT, "node_modules/vitest/vitest.mjs");
  const folder = mkdtempSync(path.join(tmpdir(), "mutant-"));
  const json = path.join(folder, "report.json");
  const reporter = ["--reporter=json", `--outputFile=${json}`];
  const args = [vitest, "run", file, ...reporter, "--silent"];
  const out = await child(args, mutant, 120);
  const said = existsSync(json) ? readFileSync(json, "utf8") : "";
  rmSync(folder, { recursive: true });
  if (out instanceof Error) return out;
  if (said === "") return new Error(`the suite left no report: ${out}`);
  const { testResults } = JSON.parse(said) as JsonReport;
  const [suite] = testResults;
  if (!suite || suite.assertionResults.length === 0) {
    return new Error(`the suite did not run: ${suite?.message ?? out}`);
  }
  return suite.assertionResults
    .filter(({ status }) => status === "failed")
    .map(({ title }) => title);
}

interface JsonReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

// The listed mutants, in the simulator.

function listedJobs(): Job[] {
  if (values.lesson !== undefined) return [];
  const index = buildIndex(ROOT);
  const wanted = ({ name }: NamedMutant) =>
    values.only === undefined || listedKey(name) === values.only;
  return [
    ...mutants.filter(wanted).map((one) => ({
      name: one.name,
      key: listedKey(one.name),
      run: async () =>
        judgeHunt(one, await hunt(index, one, Number(values.seeds))),
    })),
    ...controls.filter(wanted).map((one) => ({
      name: one.name,
      key: listedKey(one.name),
      run: async () => {
        const seeds = Number(values["control-seeds"]);
        return judgeControl(await hunt(index, one, seeds));
      },
    })),
  ];
}

function judgeHunt(one: NamedMutant, found: Hunted | Error): Verdict {
  if (found instanceof Error) return { good: false, said: found.message };
  const { by, what, place, seconds } = found;
  const where = `${place}, ${seconds.toFixed(1)} s`;
  if (by === undefined) return { good: false, said: `SURVIVED (${where})` };
  const said = `${by} (${where}): ${what}`;
  if (one.caughtBy.includes(by)) return { good: true, said };
  return { good: false, said: `not ${one.caughtBy.join(" or ")} but ${said}` };
}

function judgeControl(found: Hunted | Error): Verdict {
  if (found instanceof Error) return { good: false, said: found.message };
  const { by, what, place, seconds } = found;
  const where = `${place}, ${seconds.toFixed(1)} s`;
  if (by === undefined) return { good: true, said: `no alarm (${where})` };
  return { good: false, said: `FALSE ALARM ${by} (${where}): ${what}` };
}

async function hunt(
  index: SourceIndex,
  { in: address, from, to, quirk, caughtBy, situation }: NamedMutant,
  seeds: number,
): Promise<Hunted | Error> {
  const mutant =
    address === undefined
      ? undefined
      : mutantIn(index, address, from ?? "", to ?? "");
  if (mutant instanceof Error) return mutant;
  const seconds = Number(values.seconds);
  const script = path.join(import.meta.dirname, "hunt.ts");
  const args = [script, `--seeds=${seeds}`, `--seconds=${seconds}`];
  if (caughtBy.length > 0) args.push(`--watch=${caughtBy.join(",")}`);
  if (quirk) args.push(`--quirk=${quirk}`);
  if (situation) args.push(`--situation=${situation}`);
  const out = await child(args, mutant, seconds + 60);
  return out instanceof Error ? out : (JSON.parse(out) as Hunted);
}

/** What a Node process prints; a failing suite is no failure of its run. */
function child(
  args: readonly string[],
  mutant: Mutant | undefined,
  seconds: number,
): Promise<string | Error> {
  const MUTANT = mutant ? JSON.stringify(mutant) : "";
  const options = {
    cwd: ROOT,
    env: { ...process.env, MUTANT },
    timeout: seconds * 1000,
    maxBuffer: 1 << 26,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (stdout.trim() !== "") resolve(stdout);
      else if (error?.killed) resolve(new Error(`not done in ${seconds} s`));
      else resolve(new Error(stderr.trim() || "it printed nothing"));
    });
  });
}

process.exitCode = await main();
