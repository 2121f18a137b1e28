/**
 * The scenarios of the lessons, each with its text and with what happened when
 * it was run just now: the picture is the execution.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { BookScenario } from "../book/types.ts";

const FOLDER = "lessons/scenarios";
const RUNNER = path.join(import.meta.dirname, "run.ts");

type Told = { readonly trace?: string[]; readonly error?: string };

/** Those that a lesson names; another one may wait for its lesson. */
export function playScenarios(root: string): Record<string, BookScenario> {
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
  const told = run(scripts);
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

function run(scripts: Record<string, string>): Record<string, Told> {
  if (Object.keys(scripts).length === 0) return {};
  const { stdout, stderr, status } = spawnSync(process.execPath, [RUNNER], {
    input: JSON.stringify(scripts),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    timeout: 120_000,
  });
  if (status === 0) return JSON.parse(stdout) as Record<string, Told>;
  const error = `the scenarios cannot be run:\n${stderr}`;
  return Object.fromEntries(
    Object.keys(scripts).map((name) => [name, { error }]),
  );
}
