/**
 * Which mutants a run of a part of them holds: a quarter with each commit, all
 * of them in four, and each time those that the rule table rests on.
 */

import { describe, expect, test } from "vitest";
import { rules } from "../../site/data/rules.ts";
import { lessonSuites } from "../claims.ts";
import { controls, mutants } from "./mutants.ts";
import { breakKey, listedKey, partOf, proofKeys } from "./part.ts";

/** Every mutant there is, in the order of `npm run mutants`. */
const all: readonly { readonly key: string }[] = [
  ...lessonSuites().flatMap(({ number, claims }) =>
    claims.map(({ name }) => ({ key: breakKey(Number(number), name) })),
  ),
  ...[...mutants, ...controls].map(({ name }) => ({ key: listedKey(name) })),
];

describe("a part of the mutants", () => {
  const always = proofKeys(rules);
  const parts = [0, 1, 2, 3].map((turn) => partOf(all, 4, turn, always));

  test("holds whatever the rule table names", () => {
    const proofs = rules.filter(({ proof }) => !("file" in proof));
    expect(always.size).toBe(proofs.length);
    for (const part of parts) {
      const keys = part.map(({ key }) => key);
      expect(keys).toEqual(expect.arrayContaining([...always]));
    }
  });

  test("is with three others the whole, and no more than it must be", () => {
    expect(new Set(parts.flat())).toEqual(new Set(all));
    for (const part of parts) {
      const most = Math.ceil(all.length / 4) + always.size;
      expect(part.length).toBeLessThanOrEqual(most);
    }
  });

  test("is everything when one in one is asked for", () => {
    expect(partOf(all, 1, 0, new Set())).toEqual(all);
  });
});
