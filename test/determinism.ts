// The same seed, the same run: plays seeds twice in fresh processes and once
// in a browser, and compares the hashes of their traces.
//
//     npm run determinism -- --seeds 500
//
// Without a browser it says so; in CI that is a failure.

import { execFile } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";
import { build, type Rolldown } from "vite";
import { browserPath, launch } from "../site/tools/browser.ts";
import { hashesOf } from "./raft/sim/hashes.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "500" },
    /** Only print the hashes: what a fresh process is started with. */
    print: { type: "boolean", default: false },
  },
});
const seeds = Number(values.seeds);

async function main(): Promise<number> {
  if (values.print) {
    console.log(hashesOf(1, seeds).join("\n"));
    return 0;
  }
  const start = performance.now();
  const [first, second, page] = await Promise.all([
    inProcess(),
    inProcess(),
    inBrowser(),
  ]);
  let failed = compare("a second process", first, second);
  if (page instanceof Error) {
    console.log(`not run in a browser: ${page.message}`);
    if (process.env.CI) failed++;
  } else failed += compare("a browser", first, page);
  const seconds = Math.round((performance.now() - start) / 1000);
  const word = failed === 0 ? "equal" : "NOT EQUAL";
  console.log(`${seeds} seeds: ${word} (${seconds} s)`);
  return failed === 0 ? 0 : 1;
}

/** How many seeds differ. */
function compare(where: string, ours: string[], theirs: string[]): number {
  const different = ours.filter((line, i) => line !== theirs[i]);
  for (const line of different.slice(0, 5)) {
    console.log(`${line}, but in ${where} ${theirs[ours.indexOf(line)]}`);
  }
  return different.length;
}

function inProcess(): Promise<string[]> {
  const script = path.join(import.meta.dirname, "determinism.ts");
  const args = [script, "--print", `--seeds=${seeds}`];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout.trim().split("\n"));
    });
  });
}

async function inBrowser(): Promise<string[] | Error> {
  const found = await browserPath();
  if (found instanceof Error) return found;
  const browser = await launch(found);
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: await bundle() });
    return await page.evaluate(
      (last) =>
        (globalThis as unknown as { sim: Simulator }).sim.hashesOf(1, last),
      seeds,
    );
  } finally {
    await browser.close();
  }
}

interface Simulator {
  readonly hashesOf: typeof hashesOf;
}

/** hashes.ts with all that it imports, as one script for a page. */
async function bundle(): Promise<string> {
  const entry = path.join(import.meta.dirname, "raft/sim/hashes.ts");
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      lib: { entry, formats: ["iife"], name: "sim" },
    },
  });
  const [{ output }] = built as Rolldown.RolldownOutput[] as [
    Rolldown.RolldownOutput,
  ];
  return output[0].code;
}

process.exitCode = await main();
