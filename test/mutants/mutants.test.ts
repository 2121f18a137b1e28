/**
 * The listed mutants fit the code as it is, and the hunt can find one and
 * leave a harmless change alone. `npm run mutants` hunts all of them.
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildIndex } from "../../site/tools/engine/index.ts";
import { mutantIn, ROOT } from "../claims.ts";
import type { Hunted } from "./hunt.ts";
import { controls, mutants, type NamedMutant } from "./mutants.ts";
import { situations } from "./situations.ts";

const index = buildIndex(ROOT);

function hunt({ in: address = "", from = "", to = "" }: NamedMutant): Hunted {
  const MUTANT = JSON.stringify(mutantIn(index, address, from, to));
  const script = join(import.meta.dirname, "hunt.ts");
  const { stdout } = spawnSync(process.execPath, [script, "--seeds=10"], {
    env: { ...process.env, MUTANT },
    encoding: "utf8",
  });
  return JSON.parse(stdout) as Hunted;
}

function named(start: string): NamedMutant {
  const found = [...mutants, ...controls].find((one) =>
    one.name.startsWith(`${start} `),
  );
  if (!found) throw new Error(`no mutant ${start}`);
  return found;
}

describe("every listed mutant", () => {
  const changes = [...mutants, ...controls].filter(({ quirk }) => !quirk);

  test.each(changes)("$name fits once", ({ in: address, from, to }) => {
    const mutant = mutantIn(index, address ?? "", from ?? "", to ?? "");
    expect(mutant).not.toBeInstanceOf(Error);
    expect(from).not.toBe(to);
  });

  test("has a name of its own and says who must notice", () => {
    const names = mutants.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { caughtBy } of mutants) expect(caughtBy).not.toEqual([]);
    for (const { caughtBy } of controls) expect(caughtBy).toEqual([]);
  });
});

describe("every situation", () => {
  test.each(Object.entries(situations))("%s is quiet as it is", (_, play) => {
    expect(play().by).toBeUndefined();
  });
});

describe("the hunt", () => {
  test("finds a mutant, and says where", () => {
    const { by, place } = hunt(named("13"));
    expect(by).toMatch(/^I\d+$/);
    expect(place).toMatch(/^seed \d+ of [35] servers$/);
  });

  test("leaves a harmless change alone", () => {
    const { by, place } = hunt(named("c1"));
    expect(by).toBeUndefined();
    expect(place).toBe("10 seeds");
  });
});
