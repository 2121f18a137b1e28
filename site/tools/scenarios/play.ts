/**
 * The scenarios of the lessons, each with its text and with what happened when
 * it was run just now: the picture is the execution.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Hurry, runApart } from "../apart.ts";
import type { BookScenario } from "../book/types.ts";

const FOLDER = "lessons/scenarios";
const RUNNER = path.join(import.meta.dirname, "run.ts");

type Told = { readonly trace?: string[]; readonly error?: string };

/** Those that a lesson names; another one may wait for its lesson. */
export async function playScenarios(
  root: string,
  hurry?: Hurry,
): Promise<Record<string, BookScenario>> {
  const folder = path.join(root, FOLDER);
  if (!existsSync(folder)) return {};
  const lessons = lessonTexts(path.join(root, "lessons"));
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".txt"))
    .map((file) => file.replace(/\.txt$/, ""))
    .filter((name) => lessons.some((text) => text.includes(name)));
  const scripts = Object.fromEntries(
    names.map((name) => [
      name,
      readFileSync(path.join(folder, `${name}.txt`), "utf8"),
    ]),
  );
  const told = await runApart<Told>(
    {
      runner: RUNNER,
      input: scripts,
      names,
      reads: [path.join(root, "raft")],
      failed: "the scenarios cannot be run",
    },
    hurry,
  );
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        file: `${FOLDER}/${name}.txt`,
        text: (scripts[name] ?? "").trimEnd(),
        ...told[name],
      },
    ]),
  );
}

function lessonTexts(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.mdx?$/.test(file))
    .map((file) => readFileSync(path.join(folder, file), "utf8"));
}
