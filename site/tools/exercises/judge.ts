/**
 * The judge of the exercises: fills a script's blanks with a reader's answers
 * and runs it. The answers hold when the run does; nothing else decides. The
 * same code judges in the page and in the tests.
 */

import { runScenario, ScenarioError } from "../../../raft/sim/scenario.ts";
import { was } from "./was.ts";

export type Answers = Readonly<Record<string, string>>;

export interface Verdict {
  readonly holds: boolean;
  /** The line of the script that did not hold, from 1. */
  readonly line?: number;
  /** What was the case instead, or why an answer cannot be used. */
  readonly problem?: string;
  /** What happened, an event a line. */
  readonly trace: readonly string[];
}

const BLANK = /\[\[(\w+)\]\]/g;
/** Words, numbers, `5/3`: nothing that would begin another statement. */
const ANSWER = /^[\w./=-]+( [\w./=-]+)*$/;

/** The names of a script's blanks, in order. */
export function blanksOf(script: string): string[] {
  return [...script.matchAll(BLANK)].map(([, name]) => name as string);
}

export function judge(script: string, answers: Answers): Verdict {
  for (const name of blanksOf(script)) {
    const answer = answers[name]?.trim() ?? "";
    if (ANSWER.test(answer)) continue;
    const line = lineOf(script, name);
    const problem =
      answer === ""
        ? "an answer is missing"
        : `"${answer}" is no answer: a word or a number, please`;
    return { holds: false, line, problem, trace: [] };
  }
  const filled = script.replace(BLANK, (_, name: string) =>
    (answers[name] ?? "").trim(),
  );
  try {
    return { holds: true, trace: runScenario(filled).trace.lines };
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const { line, world, unmet } = error;
    const problem = world && unmet ? was(world, unmet) : error.problem;
    return { holds: false, line, problem, trace: world?.trace.lines ?? [] };
  }
}

function lineOf(script: string, name: string): number {
  const lines = script.split("\n");
  return lines.findIndex((line) => line.includes(`[[${name}]]`)) + 1;
}
