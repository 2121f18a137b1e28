// The exercises of the lessons: what is given does not hold, the reference
// does, and answers that sound right are refused by the run.

import { describe, expect, test } from "vitest";
import {
  blanksOf,
  judge,
  type Verdict,
} from "../../site/tools/exercises/judge.ts";
import { readExercises } from "../../site/tools/exercises/read.ts";
import { verdictWords } from "../../site/tools/exercises/words.ts";

function lineOf(script: string, blank: string): number {
  const lines = script.split("\n");
  return lines.findIndex((line) => line.includes(`[[${blank}]]`)) + 1;
}

/** Refused by what happened, and not because it cannot be read. */
function refused(script: string, { holds, wrong, trace }: Verdict): boolean {
  const [line = 0] = wrong;
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
      const { holds, wrong, problem } = judge(script, reference);
      expect(holds, `line ${wrong}: ${problem}`).toBe(true);
    });

    test("a miss says nothing of what the other lines ask", () => {
      for (const { answers } of [{ answers: given }, ...wrong]) {
        const verdict = judge(script, answers);
        const { problem = "" } = verdict;
        const [line = 0] = verdict.wrong;
        const statement = script.split("\n")[line - 1] ?? "";
        const [asked = "leader"] = /\bs\d\b/.exec(statement) ?? [];
        const told = problem.match(/\bs\d\b/g) ?? [];
        expect(told.length, problem).toBeLessThan(
          2 + Number(/vote/.test(problem)),
        );
        if (asked !== "leader") expect(told[0], problem).toBe(asked);
      }
    });

    test("every line is judged by its own answer alone", () => {
      for (const { answers } of [{ answers: given }, ...wrong]) {
        const missed = Object.keys(reference).filter(
          (blank) => answers[blank] !== reference[blank],
        );
        const verdict = judge(script, answers);
        expect(verdict.wrong).toEqual(missed.map((one) => lineOf(script, one)));
        const lines = blanksOf(script).map((one) => lineOf(script, one));
        const judged = [...verdict.wrong, ...verdict.right];
        expect(judged.toSorted((a, b) => a - b)).toEqual(lines);
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
    const { holds, wrong, problem } = judge(script, { term: "7" });
    expect([holds, wrong]).toEqual([false, [3]]);
    expect(problem).toBe("s1 is in term 2");
  });

  test("judges all lines up to where the run ends", () => {
    const long = `${script}\nexpect leader [[leader]]\nuntil s1 term [[end]]`;
    const after = `${long}\nexpect s1 commit exactly [[commit]]`;
    const answers = { term: "7", leader: "s1", end: "2", commit: "9" };
    const all = judge(after, answers);
    expect([all.wrong, all.right]).toEqual([
      [3, 6],
      [4, 5],
    ]);
    expect(verdictWords(all)).toBe(
      "It does not hold. Line 3: s1 is in term 2. " +
        "Line 6 does not hold either. Lines 4 and 5 hold.",
    );
    const ended = judge(after, { ...answers, end: "8" });
    expect([ended.wrong, ended.right]).toEqual([[3, 5], [4]]);
  });

  test.each([
    ["", "an answer is missing"],
    ["2\nheal", "is no answer"],
    ["2 # or so", "is no answer"],
  ])("refuses %j before anything runs", (term, why) => {
    const { holds, wrong, problem, trace } = judge(script, { term });
    expect([holds, wrong]).toEqual([false, [3]]);
    expect(problem).toContain(why);
    expect(trace).toEqual([]);
  });

  test("runs nothing before every blank is filled, and marks all that wait", () => {
    const long = `${script}\nexpect leader [[leader]]\nuntil s1 term [[end]]`;
    const none = judge(long, { leader: "s1" });
    expect([none.wrong, none.right, none.trace]).toEqual([[3, 5], [], []]);
    expect(verdictWords(none)).toBe(
      "Nothing has run yet. Line 3: an answer is missing. " +
        "Line 5 needs an answer too.",
    );
    const one = judge(long, { term: "2", leader: "s1", end: "?" });
    expect(one.wrong).toEqual([5]);
    expect(verdictWords(one)).toBe(
      'Nothing has run yet. Line 5: "?" is no answer: a word or a number, please.',
    );
  });
});
