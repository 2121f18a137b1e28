// The exercises of the lessons: what is given does not hold, the reference
// does, and answers that sound right are refused by the run.

import { describe, expect, test } from "vitest";
import {
  blanksOf,
  judge,
  type Verdict,
} from "../../site/tools/exercises/judge.ts";
import { readExercises } from "../../site/tools/exercises/read.ts";

/** Refused by what happened, and not because it cannot be read. */
function refused(script: string, { holds, line = 0, trace }: Verdict): boolean {
  const statement = script.split("\n")[line - 1] ?? "";
  return !holds && trace.length > 0 && /^(expect|until)\b/.test(statement);
}

for (const exercise of readExercises(".")) {
  const { name, script, given, reference, wrong } = exercise;
  describe(`exercise ${name}`, () => {
    test("what is given does not hold", () => {
      expect(refused(script, judge(script, given))).toBe(true);
    });

    test("the reference holds", () => {
      const { holds, line, problem } = judge(script, reference);
      expect(holds, `line ${line}: ${problem}`).toBe(true);
    });

    test("a miss says nothing of what the other lines ask", () => {
      for (const { answers } of [{ answers: given }, ...wrong]) {
        const { line = 0, problem = "" } = judge(script, answers);
        const statement = script.split("\n")[line - 1] ?? "";
        const [asked = "leader"] = /\bs\d\b/.exec(statement) ?? [];
        const told = problem.match(/\bs\d\b/g) ?? [];
        expect(told.length, problem).toBeLessThan(
          2 + Number(/vote/.test(problem)),
        );
        if (asked !== "leader") expect(told[0], problem).toBe(asked);
      }
    });

    test.each(wrong)("refused: $why", ({ answers }) => {
      expect(answers).not.toEqual(reference);
      expect(refused(script, judge(script, answers))).toBe(true);
    });
  });
}

describe("the judge", () => {
  const script = "servers 1\nuntil leader\nexpect s1 term [[term]]";

  test("knows the blanks of a script", () => {
    expect(blanksOf(`${script}\nexpect [[end]]`)).toEqual(["term", "end"]);
  });

  test("says which line did not hold, and what was the case", () => {
    const { holds, line, problem } = judge(script, { term: "7" });
    expect([holds, line]).toEqual([false, 3]);
    expect(problem).toBe("s1 is in term 2");
  });

  test.each([
    ["", "an answer is missing"],
    ["2\nheal", "is no answer"],
    ["2 # or so", "is no answer"],
  ])("refuses %j before anything runs", (term, why) => {
    const { holds, line, problem, trace } = judge(script, { term });
    expect([holds, line]).toEqual([false, 3]);
    expect(problem).toContain(why);
    expect(trace).toEqual([]);
  });
});
