// The claims of all lessons, each with the line of raft/ that it speaks of.
// Suites are read and not run, and breaks are turned into mutants here.

import path from "node:path";
import { resolveSymbol } from "../site/tools/engine/address.ts";
import { orThrow } from "../site/tools/engine/fault.ts";
import { buildIndex } from "../site/tools/engine/index.ts";
import { readSuites } from "../site/tools/engine/suite.ts";
import { findAll } from "../site/tools/engine/text.ts";
import type {
  SourceIndex,
  SourceSymbol,
  SuiteClaim,
} from "../site/tools/engine/types.ts";
import type { Mutant } from "./mutants/plugin.ts";

export const ROOT = path.join(import.meta.dirname, "..");

export interface PlacedClaim {
  readonly name: string;
  /** "raft.ts:412 in electSelf" */
  readonly place: string;
  /** What must turn it red. */
  readonly mutant: Mutant | undefined;
}

export interface LessonSuite {
  /** "04" */
  readonly number: string;
  /** "test/lessons/04.test.ts" */
  readonly file: string;
  readonly claims: readonly PlacedClaim[];
}

/** Every suite, or the one of a lesson. Stops at what cannot be read. */
export function lessonSuites(number?: string): LessonSuite[] {
  const suites = readSuites(ROOT);
  const wanted = suites.filter(
    ({ name }) => number === undefined || Number(name) === Number(number),
  );
  if (wanted.length === 0) {
    const known = suites.map(({ name }) => Number(name)).join(", ");
    throw new Error(
      `there is no suite of lesson ${number}; there are ${known}`,
    );
  }
  const index = buildIndex(ROOT);
  return wanted.map(({ name, file, claims, faults }) => {
    const [first] = faults;
    if (first) throw new Error(`${first.file}:${first.line} ${first.message}`);
    const placed = claims.map((claim) => place(index, claim));
    return { number: name, file, claims: placed };
  });
}

function place(index: SourceIndex, claim: SuiteClaim): PlacedClaim {
  const { name, at, break: wrong } = claim;
  const symbol = orThrow(resolveSymbol(index, at), claim.place);
  const text = textOf(index, symbol);
  const offset =
    wrong?.in === at
      ? (findAll(text, wrong.from, { start: 0, end: text.length })[0]?.start ??
        0)
      : 0;
  const before = text.slice(0, Math.max(0, offset)).split("\n").length - 1;
  const where = symbol.name === "" ? "its header" : symbol.name;
  return {
    name,
    place: `${symbol.file}:${symbol.code.start + before} in ${where}`,
    mutant: wrong && mutantOfBreak(index, claim.place, wrong),
  };
}

/**
 * One replacement in a file, that changes one symbol: `from` stands once in
 * the symbol, and may stand elsewhere in the file.
 */
export function mutantIn(
  index: SourceIndex,
  address: string,
  from: string,
  to: string,
): Mutant | Error {
  const symbol = resolveSymbol(index, address);
  if (symbol instanceof Error) return symbol;
  const text = textOf(index, symbol);
  const found = findAll(text, from, { start: 0, end: text.length });
  const [only] = found;
  if (!only || found.length !== 1) {
    return new Error(
      `${JSON.stringify(from)} stands ${found.length} times in ` +
        `${address}; it must stand there once`,
    );
  }
  const mutated = text.slice(0, only.start) + to + text.slice(only.end);
  return { file: symbol.file, from: text, to: mutated };
}

function mutantOfBreak(
  index: SourceIndex,
  { file, line }: SuiteClaim["place"],
  wrong: NonNullable<SuiteClaim["break"]>,
): Mutant {
  const mutant = mutantIn(index, wrong.in, wrong.from, wrong.to);
  if (mutant instanceof Error) {
    throw new Error(`${file}:${line} ${mutant.message}`);
  }
  return mutant;
}

function textOf(index: SourceIndex, { file, span }: SourceSymbol): string {
  return index.files.get(file)?.text.slice(span.start, span.end) ?? "";
}
