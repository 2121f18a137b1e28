/**
 * Whether each row of the rule table can be believed: its code, its actions
 * and its proof have to exist. The first that does not is an error that names
 * its row. What it is asked of comes as arguments, so that a test can ask it
 * of little.
 */

import type { NamedMutant } from "../../test/mutants/mutants.ts";
import type { Proof, Rule } from "../data/rules.ts";
import type {
  Book,
  BookClaim,
  BookLesson,
  BookSymbol,
} from "../tools/book/types.ts";
import { testTitles } from "../tools/engine/test-titles.ts";

export interface ProvedRule {
  readonly rule: Rule;
  readonly code: readonly BookSymbol[];
  readonly actions: readonly Action[];
  readonly proof: Proved;
}

/** An action of the TLA+ specification, and where it stands. */
export interface Action {
  readonly name: string;
  readonly url: string;
}

export type Proved =
  | { kind: "claim"; lesson: BookLesson; claim: BookClaim }
  | { kind: "mutant"; name: string; from: string; to: string; caughtBy: string }
  | { kind: "test"; file: string; test: string };

/** test/raft-tla.json */
export interface Specification {
  readonly repository: string;
  readonly commit: string;
  readonly file: string;
  /** By name, its line. */
  readonly actions: Readonly<Record<string, number>>;
}

/** What the rows speak of. */
export interface Grounds {
  readonly book: Pick<Book, "symbols" | "lessons">;
  readonly mutants: readonly NamedMutant[];
  readonly spec: Specification;
  /** The text of a test file; absent when there is no such file. */
  testFile(file: string): string | undefined;
}

export function proveRules(
  rules: readonly Rule[],
  grounds: Grounds,
): ProvedRule[] {
  return rules.map((rule) => {
    const twins = rules.filter(({ id }) => id === rule.id).length;
    if (twins > 1) throw wrong(rule, `${twins} rows have this id`);
    return {
      rule,
      code: codeOf(rule, grounds),
      actions: rule.tla.map((name) => action(rule, grounds, name)),
      proof: proved(rule, grounds, rule.proof),
    };
  });
}

function codeOf(rule: Rule, { book }: Grounds): BookSymbol[] {
  if (rule.code.length === 0) throw wrong(rule, "no code is named");
  return rule.code.map((address) => {
    const symbol = book.symbols[address];
    if (symbol) return symbol;
    throw wrong(rule, `there is no ${address} in raft/`);
  });
}

function action(rule: Rule, { spec }: Grounds, name: string): Action {
  const { repository, commit, file, actions } = spec;
  const line = actions[name];
  if (line === undefined) {
    throw wrong(rule, `${repository} has no action ${name}`);
  }
  const tree = `https://github.com/${repository}/blob/${commit}`;
  return { name, url: `${tree}/${file}#L${line}` };
}

function proved(rule: Rule, grounds: Grounds, proof: Proof): Proved {
  if ("mutant" in proof) return byMutant(rule, grounds, proof.mutant);
  if ("claim" in proof) {
    return byClaim(rule, grounds, proof.lesson, proof.claim);
  }
  return byTest(rule, grounds, proof.file, proof.test);
}

/** The title of one test, or of a describe with tests in it. */
function byTest(
  rule: Rule,
  grounds: Grounds,
  file: string,
  test: string,
): Proved {
  const text = grounds.testFile(file);
  if (text === undefined) throw wrong(rule, `there is no ${file}`);
  const named = testTitles(file, text).filter(({ title }) => title === test);
  if (named.length === 0) {
    throw wrong(rule, `there is no test "${test}" in ${file}`);
  }
  const runs = named.every(
    (one) => one.runs && (one.kind === "test" || one.tests > 0),
  );
  if (!runs) throw wrong(rule, `the test "${test}" in ${file} does not run`);
  return { kind: "test", file, test };
}

function byClaim(
  rule: Rule,
  { book }: Grounds,
  number: number,
  test: string,
): Proved {
  const lesson = book.lessons.find(
    ({ front, locale }) => locale === "en" && front.number === number,
  );
  const claim = lesson?.claims.find((one) => one.test === test);
  if (!lesson || !claim) {
    throw wrong(rule, `lesson ${number} does not cite the claim "${test}"`);
  }
  if (!claim.break) throw wrong(rule, `the claim "${test}" has no break`);
  return { kind: "claim", lesson, claim };
}

function byMutant(rule: Rule, { mutants }: Grounds, number: number): Proved {
  const mutant = mutants.find(({ name }) => name.startsWith(`${number} `));
  if (!mutant) throw wrong(rule, `there is no mutant ${number}`);
  const { name, from = "", to = "", quirk, caughtBy } = mutant;
  return {
    kind: "mutant",
    name,
    from: quirk ? `quirk ${quirk}` : from,
    to,
    caughtBy: caughtBy.join(" or "),
  };
}

function wrong({ id }: Rule, what: string): Error {
  return new Error(`site/data/rules.ts: ${id}: ${what}`);
}
