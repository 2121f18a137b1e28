/**
 * The judge of the exercises: fills a script's blanks with a reader's answers
 * and runs it, once every blank is filled. The answers hold when the run does;
 * nothing else decides. Every line is judged at once, but only of the first that
 * does not hold it is said what was the case. The same code judges in the page
 * and in the tests.
 */

import { runScenario, ScenarioError } from "../../../raft/sim/scenario.ts";
import { World } from "../../../raft/sim/world.ts";
import { was } from "./was.ts";

export type Answers = Readonly<Record<string, string>>;

export interface Verdict {
  /** Every blank has an answer that can be read; else nothing has run. */
  readonly answered: boolean;
  readonly holds: boolean;
  /** The lines of the script that did not hold or could not run, from 1. */
  readonly wrong: readonly number[];
  /** The lines with a blank that did. */
  readonly right: readonly number[];
  /** Of the first wrong line: what was the case, or what is no answer. */
  readonly problem?: string;
  /** What happened up to the first wrong line, an event a line. */
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
  const given = (name: string) => answers[name]?.trim() ?? "";
  const unfit = blanksOf(script).filter((name) => !ANSWER.test(given(name)));
  const [first] = unfit;
  if (first !== undefined) {
    const wrong = [...new Set(unfit.map((name) => lineOf(script, name)))];
    const problem = whyUnfit(given(first));
    const verdict = { answered: false, holds: false, wrong, problem };
    return { ...verdict, right: [], trace: [] };
  }
  const filled = script.replace(BLANK, (_, name: string) => given(name));
  return { answered: true, ...judgeRun(script, filled) };
}

function whyUnfit(answer: string): string {
  return answer === ""
    ? "an answer is missing"
    : `"${answer}" is no answer: a word or a number, please`;
}

function judgeRun(script: string, filled: string): Omit<Verdict, "answered"> {
  const ran = run(filled);
  if (ran instanceof World) {
    const right = blankLines(script);
    return { holds: true, wrong: [], right, trace: ran.trace.lines };
  }
  const { world, unmet } = ran;
  const problem = world && unmet ? was(world, unmet) : ran.problem;
  const trace = world?.trace.lines ?? [];
  return { holds: false, ...judgeLines(script, filled, ran), problem, trace };
}

function run(script: string): World | ScenarioError {
  try {
    return runScenario(script);
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
}

/**
 * An expectation changes nothing in a run: without the one that failed the rest
 * is judged. Where something else fails, the run has ended.
 */
function judgeLines(script: string, filled: string, first: ScenarioError) {
  const lines = filled.split("\n");
  const wrong: number[] = [];
  let ran: World | ScenarioError = first;
  while (ran instanceof ScenarioError) {
    wrong.push(ran.line);
    if (!/^\s*expect\b/.test(lines[ran.line - 1] ?? "")) break;
    lines[ran.line - 1] = "";
    ran = run(lines.join("\n"));
  }
  const end = ran instanceof World ? Number.POSITIVE_INFINITY : ran.line;
  const right = blankLines(script).filter(
    (line) => line < end && !wrong.includes(line),
  );
  return { wrong, right };
}

function blankLines(script: string): number[] {
  return script
    .split("\n")
    .flatMap((text, at) => (blanksOf(text).length > 0 ? [at + 1] : []));
}

function lineOf(script: string, name: string): number {
  const lines = script.split("\n");
  return lines.findIndex((line) => line.includes(`[[${name}]]`)) + 1;
}
