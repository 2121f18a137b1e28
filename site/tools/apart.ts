/**
 * Runs a module in a process of its own, so that a change of raft/ is seen by
 * the next run: JSON goes in, and by name comes out what became of each.
 *
 * A run is decided by what it is given and by the code it consists of. While
 * neither has changed, the answer of the last run still stands; it is
 * remembered within one process only, so that every build runs everything.
 */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";

export type Told<T> = Record<string, T & { readonly error?: string }>;

export interface Errand {
  readonly runner: string;
  readonly input: unknown;
  readonly names: readonly string[];
  /** The folders whose code it runs. */
  readonly reads: readonly string[];
  /** "the pictures cannot be drawn" */
  readonly failed: string;
}

const PATIENCE_MS = 120_000;

interface Answer {
  readonly key: string;
  readonly told: Promise<Told<unknown>>;
}

/** By runner, the last that it said. */
const answers = new Map<string, Answer>();

/** When the process fails, every name gets the same error. */
export function runApart<T>(errand: Errand): Promise<Told<T>> {
  const { runner, names } = errand;
  if (names.length === 0) return Promise.resolve({});
  const key = keyOf(errand);
  const last = answers.get(runner);
  if (last?.key === key) return last.told as Promise<Told<T>>;
  const told = run<T>(errand);
  answers.set(runner, { key, told });
  return told;
}

async function run<T>(errand: Errand): Promise<Told<T>> {
  const { runner, input, names, failed } = errand;
  const child = spawn(process.execPath, [runner], { timeout: PATIENCE_MS });
  child.stdin.end(JSON.stringify(input));
  const [output, trouble, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once("close", resolve)),
  ]);
  if (status === 0) return JSON.parse(output) as Told<T>;
  const error = `${failed}:\n${trouble}`;
  return Object.fromEntries(names.map((name) => [name, { error }])) as Told<T>;
}

function keyOf({ runner, input, reads }: Errand): string {
  const hash = createHash("sha256").update(JSON.stringify(input));
  for (const folder of [path.dirname(runner), ...reads]) {
    for (const file of filesIn(folder)) {
      hash.update(`\0${file}\0`).update(readFileSync(file));
    }
  }
  return hash.digest("hex");
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
