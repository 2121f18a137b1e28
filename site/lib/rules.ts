/** The rules of the paper, each with its code and what goes red without it. */

import { readFileSync } from "node:fs";
import book from "virtual:book";
import { mutants } from "../../test/mutants/mutants.ts";
import spec from "../../test/raft-tla.json" with { type: "json" };
import { type Proof, type Rule, rules } from "../data/rules.ts";
import type { BookClaim, BookLesson, BookSymbol } from "../tools/book/types.ts";

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

export function provedRules(): ProvedRule[] {
  return rules.map((rule) => ({
    rule,
    code: rule.code.map((address) => {
      const symbol = book.symbols[address];
      if (symbol) return symbol;
      throw wrong(rule, `there is no ${address} in raft/`);
    }),
    actions: rule.tla.map((name) => action(rule, name)),
    proof: proved(rule, rule.proof),
  }));
}

function action(rule: Rule, name: string): Action {
  const { repository, commit, file } = spec;
  const line = (spec.actions as Readonly<Record<string, number>>)[name];
  if (line === undefined) {
    throw wrong(rule, `${repository} has no action ${name}`);
  }
  const tree = `https://github.com/${repository}/blob/${commit}`;
  return { name, url: `${tree}/${file}#L${line}` };
}

function proved(rule: Rule, proof: Proof): Proved {
  if ("mutant" in proof) return byMutant(rule, proof.mutant);
  if ("claim" in proof) return byClaim(rule, proof.lesson, proof.claim);
  const { file, test } = proof;
  if (readFileSync(file, "utf8").includes(`"${test}`)) {
    return { kind: "test", file, test };
  }
  throw wrong(rule, `there is no test "${test}" in ${file}`);
}

function byClaim(rule: Rule, number: number, test: string): Proved {
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

function byMutant(rule: Rule, number: number): Proved {
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
