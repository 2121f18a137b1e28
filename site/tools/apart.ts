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
import { constants, setPriority } from "node:os";
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
  /** What was said before, and from then on what is said. */
  known: Told<unknown> | undefined;
  isThere: boolean;
}

/** By runner, the last that it said. */
const answers = new Map<string, Answer>();

/**
 * Somebody who would rather see what was the case before than wait: is told of
 * every run that is still under way.
 */
export type Hurry = (late: Promise<unknown>) => void;

/** When the process fails, every name gets the same error. */
export async function runApart<T>(
  errand: Errand,
  hurry?: Hurry,
): Promise<Told<T>> {
  if (errand.names.length === 0) return {};
  const answer = answerTo(errand, hurry !== undefined);
  if (hurry && answer.known && !answer.isThere) hurry(answer.told);
  const told = hurry ? (answer.known ?? (await answer.told)) : answer.told;
  return (await told) as Told<T>;
}

function answerTo(errand: Errand, hurried: boolean): Answer {
  const { runner } = errand;
  const key = keyOf(errand);
  const last = answers.get(runner);
  if (last?.key === key) return last;
  const told = run(errand, hurried && last?.known !== undefined);
  const answer: Answer = { key, told, known: last?.known, isThere: false };
  void told.then((known) => {
    answer.known = known;
    answer.isThere = true;
  });
  answers.set(runner, answer);
  return answer;
}

/** One that can wait leaves the processor to whoever shows the page. */
async function run(
  { runner, input, names, failed }: Errand,
  canWait: boolean,
): Promise<Told<unknown>> {
  const child = spawn(process.execPath, [runner], { timeout: PATIENCE_MS });
  if (canWait && child.pid !== undefined) {
    setPriority(child.pid, constants.priority.PRIORITY_LOW);
  }
  child.stdin.end(JSON.stringify(input));
  const [output, trouble, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once("close", resolve)),
  ]);
  if (status === 0) return JSON.parse(output) as Told<unknown>;
  const error = `${failed}:\n${trouble}`;
  return Object.fromEntries(names.map((name) => [name, { error }]));
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
