// What is said when something does not hold. Inside the engine a failing
// question returns a Problem, narrowed by `instanceof Error`; with the place
// that asked it becomes a Fault, and check() lists all faults of one run.

import { diff } from "./text.ts";
import type { Fault, FaultKind, Place } from "./types.ts";

/** What is wrong, before anyone says where it was asked. */
export class Problem extends Error {
  readonly kind: FaultKind;
  readonly candidates: readonly string[];

  constructor(
    kind: FaultKind,
    message: string,
    candidates: readonly string[] = [],
  ) {
    super(message);
    this.kind = kind;
    this.candidates = candidates;
  }
}

export function faultAt(place: Place, problem: Problem): Fault {
  return {
    kind: problem.kind,
    file: place.file,
    line: place.line,
    message: problem.message,
    candidates: problem.candidates,
  };
}

export function fault(
  kind: FaultKind,
  place: Place,
  message: string,
  candidates: readonly string[] = [],
): Fault {
  return { kind, file: place.file, line: place.line, message, candidates };
}

/** For a page that cannot be drawn: stops the build with place and reason. */
export function orThrow<T>(answer: T | Problem, place?: Place): T {
  if (!(answer instanceof Problem)) return answer;
  const where = place ? `${place.file}:${place.line}: ` : "";
  throw new Error(`${where}${answer.message}${offer(answer.candidates)}`);
}

/** A fault as a few lines to read, the place first, ready to be clicked. */
export function sayFault(found: Fault): string {
  const { file, line, kind, message, candidates } = found;
  const said = `${file}:${line}  ${kind}\n    ${message}${offer(candidates)}`;
  if (found.was === undefined || found.now === undefined) return said;
  return `${said}\n${indent(diff(found.was, found.now))}`;
}

function offer(candidates: readonly string[]): string {
  if (candidates.length === 0) return "";
  return `\n    did you mean: ${candidates.join("\n              or: ")}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, "      ");
}

export function byPlace(a: Fault, b: Fault): number {
  return a.file.localeCompare(b.file) || a.line - b.line;
}
