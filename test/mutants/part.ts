/**
 * Which mutants run when only a part of them shall: one in so many, and always
 * those by which the rule table says that a rule is kept.
 */

import type { Rule } from "../../site/data/rules.ts";

/** "lesson 4, random election timers end a split vote" */
export function breakKey(lesson: number, claim: string): string {
  return `lesson ${lesson}, ${claim}`;
}

/** "17" of the listed mutant "17 …", and "c1" of a control. */
export function listedKey(name: string): string {
  return name.split(" ")[0] ?? "";
}

/** The keys of all that a row of the table rests on. */
export function proofKeys(rules: readonly Rule[]): Set<string> {
  const keys = rules.flatMap(({ proof }) => {
    if ("file" in proof) return [];
    if ("mutant" in proof) return [`${proof.mutant}`];
    return [breakKey(proof.lesson, proof.claim)];
  });
  return new Set(keys);
}

/** Of every `oneIn` jobs the one whose turn it is, and those of the table. */
export function partOf<T extends { readonly key: string }>(
  jobs: readonly T[],
  oneIn: number,
  turn: number,
  always: ReadonlySet<string>,
): T[] {
  return jobs.filter(({ key }, i) => i % oneIn === turn || always.has(key));
}
