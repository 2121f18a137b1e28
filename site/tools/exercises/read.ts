/**
 * The exercises of the lessons, lessons/exercises/NN-name.yaml: a run with
 * blanks that a reader fills in before it is run. What is not as it must be is
 * said with the file and what to do.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { type Answers, blanksOf } from "./judge.ts";

export interface Exercise {
  readonly name: string;
  /** "lessons/exercises/04-split-vote.yaml" */
  readonly file: string;
  readonly title: string;
  /** What to think about, in Markdown's inline code. */
  readonly task: string;
  /** A scenario with `[[blanks]]`. */
  readonly script: string;
  readonly blanks: Readonly<Record<string, Blank>>;
  /** What a first look suggests; it does not hold. The page starts empty. */
  readonly given: Answers;
  /** What holds. */
  readonly reference: Answers;
  /** Answers that sound right and are not, each with what is wrong in it. */
  readonly wrong: readonly {
    readonly answers: Answers;
    readonly why: string;
  }[];
  /** Why the reference holds, for whoever has run it. */
  readonly because: string;
}

export interface Blank {
  /** What is asked, for a screen reader and beside the field. */
  readonly label: string;
  /** What may be chosen; without it, something is typed. */
  readonly options?: readonly string[];
}

const FOLDER = "lessons/exercises";

export function exerciseNames(root: string): string[] {
  const folder = path.join(root, FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => /^\d\d-.*\.yaml$/.test(file))
    .map((file) => file.replace(/\.yaml$/, ""))
    .sort();
}

export function readExercises(root: string): Exercise[] {
  return exerciseNames(root).map((name) => readExercise(root, name));
}

function readExercise(root: string, name: string): Exercise {
  const file = `${FOLDER}/${name}.yaml`;
  const text = readFileSync(path.join(root, file), "utf8");
  const read = { name, file, ...parse(text) } as Exercise;
  const problem = problemOf(read);
  if (problem === undefined) {
    return { ...read, script: read.script.trimEnd() };
  }
  throw new Error(`${file}: ${problem}`);
}

function problemOf(exercise: Exercise): string | undefined {
  const { title, task, script, blanks, because } = exercise;
  for (const [field, value] of Object.entries({
    title,
    task,
    script,
    because,
  })) {
    if (typeof value !== "string" || value.trim() === "") {
      return `"${field}" is missing`;
    }
  }
  const names = blanksOf(script);
  const described = Object.keys(blanks ?? {});
  if (names.length === 0) return "the script has no [[blank]]";
  if (names.join() !== described.join()) {
    return `the script's blanks are ${names}, and described are ${described}`;
  }
  const { given, reference, wrong = [] } = exercise;
  if (wrong.length < 2) return "two wrong answers are needed, or more";
  for (const one of [
    given,
    reference,
    ...wrong.map(({ answers }) => answers),
  ]) {
    const answered = Object.keys(one ?? {});
    if (names.join() === answered.join()) continue;
    return `an answer fills ${answered.join(", ") || "nothing"}, not ${names}`;
  }
  return undefined;
}
