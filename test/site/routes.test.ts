// The routes beside the lessons: whoever follows one has read, or has been told
// what to read of, all that a lesson assumes.

import { describe, expect, test } from "vitest";
import { type Route, routes } from "../../site/data/routes.ts";
import { readWorld } from "../../site/tools/engine/world.ts";

const lessons = readWorld(".").lessons.filter(({ locale }) => locale === "en");

function assumedBy(number: number): number[] {
  const lesson = lessons.find(({ front }) => front.number === number);
  if (!lesson) throw new Error(`lesson ${number} is not written`);
  return lesson.front.assumes.map((name) => {
    const assumed = lessons.find(({ slug }) => slug === name);
    return assumed?.front.number ?? Number(name);
  });
}

/** "4 before 3": what is read before something that it assumes. */
function tooEarly({ stages }: Pick<Route, "stages">): string[] {
  const order = stages.flatMap(({ lessons, answers = [] }) => [
    ...lessons,
    ...answers,
  ]);
  return order.flatMap((number, i) => {
    const before = order.slice(0, i);
    return assumedBy(number)
      .filter((assumed) => !before.includes(assumed))
      .map((assumed) => `${number} before ${assumed}`);
  });
}

const stage = (lessons: number[], answers: number[] = []) => {
  return { title: { en: "", zh: "" }, lessons, answers };
};

describe("a route", () => {
  test.each(routes)("$id has no lesson before those it assumes", (route) => {
    expect(tooEarly(route)).toEqual([]);
  });

  test("that begins with lesson 4 is found", () => {
    expect(tooEarly({ stages: [stage([0, 4])] })).toEqual([
      "4 before 1",
      "4 before 3",
    ]);
  });

  test("may have the answer alone of what is assumed, but not afterwards", () => {
    const answers = stage([0], [1, 2, 3]);
    expect(tooEarly({ stages: [answers, stage([4])] })).toEqual([]);
    expect(tooEarly({ stages: [stage([4]), answers] })).toHaveLength(2);
  });

  test("reads of a lesson the answer alone, or all of it", () => {
    for (const { id, stages } of routes) {
      const read = stages.flatMap(({ lessons, answers = [] }) => [
        ...lessons,
        ...answers,
      ]);
      expect(new Set(read).size, id).toBe(read.length);
    }
  });
});
