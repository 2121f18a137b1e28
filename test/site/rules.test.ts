// The rule table: each of its rows holds, none is missing, and a row that
// names what does not exist stops the build with its id.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Rule, rules } from "../../site/data/rules.ts";
import { type Grounds, proveRules } from "../../site/lib/prove-rules.ts";
import { bookSymbol } from "../../site/tools/book/build.ts";
import { bookLesson } from "../../site/tools/book/lessons.ts";
import { testTitles } from "../../site/tools/engine/test-titles.ts";
import { readWorld } from "../../site/tools/engine/world.ts";
import { mutants } from "../mutants/mutants.ts";
import spec from "../raft-tla.json" with { type: "json" };
import { fixture } from "./engine-fixture.ts";

function groundsOf(root: string, more: Partial<Grounds> = {}): Grounds {
  const world = readWorld(root);
  const symbols = [...world.index.symbols.values()].map((symbol) =>
    bookSymbol(world.index, symbol),
  );
  return {
    book: {
      symbols: Object.fromEntries(symbols.map((one) => [one.id, one])),
      lessons: world.lessons.map((one) =>
        bookLesson(world, [], new Map(), one),
      ),
    },
    mutants,
    spec,
    testFile: (file) =>
      existsSync(file) ? readFileSync(file, "utf8") : undefined,
    ...more,
  };
}

/** Figure 2, box by box, and the five properties of Figure 3. */
const IDS = [
  ...["current-term", "voted-for", "log", "volatile", "next-index"],
  ...["append-older-term", "append-previous", "append-conflict"],
  ...["append-new", "append-commit"],
  ...["vote-older-term", "vote-once", "vote-up-to-date"],
  ...["apply", "newer-term"],
  ...["respond", "timeout"],
  ...["campaign", "win", "another-leader", "another-round"],
  ...["heartbeats", "command", "replicate", "commit-rule"],
  ...["election-safety", "append-only", "log-matching"],
  ...["leader-completeness", "state-machine-safety"],
];

describe("the rule table", () => {
  test("has a row for each rule of the two figures", () => {
    expect(rules.map(({ id }) => id)).toEqual(IDS);
    expect(IDS).toHaveLength(30);
  });

  test("holds, row by row", () => {
    const proved = proveRules(rules, groundsOf(process.cwd()));
    expect(proved.map(({ rule }) => rule.id)).toEqual(IDS);
    for (const { rule, code, actions } of proved) {
      expect(code.map(({ id }) => id)).toEqual(rule.code);
      expect(actions.map(({ name }) => name)).toEqual(rule.tla);
    }
  });

  test("has an action of the specification for all but properties", () => {
    const without = rules.filter(({ tla }) => tla.length === 0);
    expect(without.map(({ id }) => id)).toEqual(["apply", ...IDS.slice(25)]);
  });
});

const FILE = "test/raft/x.test.ts";

const TESTS = `
  // "a test in a comment" is not a test.
  test("a test that runs", () => { say("a text", 1); });
  test.each([1])("a table that runs", () => {});
  test.skip("a skipped test", () => {});
  test.todo("a planned test");
  test.only("a lonely test", () => {});
  test.skipIf(process.env.CI)("a test for some", () => {});
  describe("a describe", () => { test("within", () => {}); });
  describe("an empty describe", () => {});
  describe("all skipped", () => { it.skip("not within", () => {}); });
  describe.skip("a skipped describe", () => { test("lost", () => {}); });
`;

const UNBROKEN = {
  file: "test/lessons/05.test.ts",
  from: '\n    break: { in: "differs.ts#countVote", from: ": 0", to: ": 1" },',
  to: "",
};

const grounds = groundsOf(fixture(UNBROKEN), {
  testFile: (file) => (file === FILE ? TESTS : undefined),
});

/** A row that holds in the fixture, but for what is given. */
function row(given: Partial<Rule>): Rule {
  return {
    id: "one-round",
    box: "Candidates",
    rule: "One round, one term.",
    code: ["raft.ts#electSelf"],
    tla: ["Timeout"],
    proof: { lesson: 4, claim: "every round raises the term by one" },
    ...given,
  };
}

function byTest(test: string, file = FILE): Partial<Rule> {
  return { proof: { file, test } };
}

describe("a row is proved", () => {
  test.each([
    ["a claim with a break", {}, "claim"],
    ["a mutant", { proof: { mutant: 17 } }, "mutant"],
    ["a test", byTest("a test that runs"), "test"],
    ["a table of tests", byTest("a table that runs"), "test"],
    ["a describe with a test", byTest("a describe"), "test"],
    ["a test in a describe", byTest("within"), "test"],
  ] as const)("by %s", (_, given, kind) => {
    expect(proveRules([row(given)], grounds)[0]?.proof.kind).toBe(kind);
  });
});

describe("a row is refused, and named, for", () => {
  const bad: readonly [string, Partial<Rule>, string][] = [
    ["no code", { code: [] }, "no code is named"],
    [
      "an unknown symbol",
      { code: ["raft.ts#electSelf", "raft.ts#electOther"] },
      "there is no raft.ts#electOther in raft/",
    ],
    [
      "an unknown action",
      { tla: ["Timeout", "Timein"] },
      "ongardie/raft.tla has no action Timein",
    ],
    [
      "an unknown claim",
      { proof: { lesson: 4, claim: "a vote counts twice" } },
      'lesson 4 does not cite the claim "a vote counts twice"',
    ],
    [
      "a claim of another lesson",
      { proof: { lesson: 5, claim: "a vote counts once" } },
      'lesson 5 does not cite the claim "a vote counts once"',
    ],
    [
      "a claim without a break",
      { proof: { lesson: 5, claim: "a non-voter grants nothing" } },
      'the claim "a non-voter grants nothing" has no break',
    ],
    [
      "an unknown mutant",
      { proof: { mutant: 1717 } },
      "there is no mutant 1717",
    ],
    [
      "an unknown file",
      byTest("within", "test/y.test.ts"),
      "no test/y.test.ts",
    ],
    ["an unknown test", byTest("a test"), 'there is no test "a test"'],
    ["a comment", byTest("a test in a comment"), "there is no test"],
    ["any other text", byTest("a text"), "there is no test"],
    ["test.skip", byTest("a skipped test"), "does not run"],
    ["test.todo", byTest("a planned test"), "does not run"],
    ["test.only", byTest("a lonely test"), "does not run"],
    ["test.skipIf", byTest("a test for some"), "does not run"],
    ["describe.skip", byTest("a skipped describe"), "does not run"],
    ["a test in describe.skip", byTest("lost"), "does not run"],
    ["an empty describe", byTest("an empty describe"), "does not run"],
    ["a describe of skipped tests", byTest("all skipped"), "does not run"],
  ];
  test.each(bad)("%s", (_, given, says) => {
    const prove = () => proveRules([row(given)], grounds);
    expect(prove).toThrow(`site/data/rules.ts: one-round: `);
    expect(prove).toThrow(says);
  });

  test("an id that another row has", () => {
    const twice = [row({}), row({})];
    expect(() => proveRules(twice, grounds)).toThrow(
      "site/data/rules.ts: one-round: 2 rows have this id",
    );
  });
});

test("every test file of the table is read as vitest would read it", () => {
  const titles = testTitles(FILE, TESTS);
  expect(titles.filter(({ runs }) => runs).map(({ title }) => title)).toEqual([
    "a test that runs",
    "a table that runs",
    "a describe",
    "within",
    "an empty describe",
    "all skipped",
  ]);
});
