// One failing fixture for each kind of fault. Each is one change of a good
// repository; the fault must name the file and the line that have to change,
// and offer what does exist.

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { check } from "../../site/tools/engine/check.ts";
import { sayFault } from "../../site/tools/engine/fault.ts";
import type { FaultKind } from "../../site/tools/engine/types.ts";
import { apply, type Edit, fixture, lineWith } from "./engine-fixture.ts";

const LESSON = "lessons/04-elect-self.mdx";
const OTHER = "lessons/05-request-vote.mdx";
const NAMES = "lessons/names.json";
const SUITE = "test/lessons/04.test.ts";

interface Row {
  readonly edits: readonly Edit[];
  /** The file and text of the line that the fault must name. */
  readonly at: readonly [file: string, text: string];
  readonly says: RegExp;
  readonly offers?: string;
}

function lesson(from: string, to: string): Edit {
  return { file: LESSON, from, to };
}

const EXCERPT = '<Excerpt of="raft.ts#electSelf" from="const respCh"';

/** Keyed by kind, so that the compiler asks for a row for every new one. */
const rows: Readonly<Record<FaultKind, Row>> = {
  "unreadable-lesson": {
    edits: [lesson(`${EXCERPT} to=`, `${EXCERPT} tow=`)],
    at: [LESSON, "tow="],
    says: /<Excerpt> has no attribute tow/,
    offers: "to",
  },
  "unreadable-suite": {
    edits: [{ file: SUITE, from: '"a vote counts once"', to: "String(1)" }],
    at: [SUITE, "String(1)"],
    says: /name of a claim is a text in quotes/,
  },
  "front-matter": {
    edits: [lesson("number: 4", "number: four")],
    at: [LESSON, "number: four"],
    says: /number should be a number/,
  },
  "bad-address": {
    edits: [lesson(EXCERPT, '<Excerpt of="electSelf" from="const respCh"')],
    at: [LESSON, '<Excerpt of="electSelf"'],
    says: /"electSelf" is not an address: write file#symbol/,
    offers: "raft.ts#electSelf",
  },
  "unknown-file": {
    edits: [lesson('of="differs.ts#', 'of="difers.ts#')],
    at: [LESSON, "difers.ts"],
    says: /raft\/ has no file difers\.ts/,
    offers: "differs.ts",
  },
  "unknown-symbol": {
    edits: [lesson("  - raft.ts#runCandidate", "  - raft.ts#runCandidates")],
    at: [LESSON, "#runCandidates"],
    says: /raft\/raft\.ts has no runCandidates/,
    offers: "raft.ts#runCandidate",
  },
  "ambiguous-symbol": {
    edits: [
      {
        file: "raft/differs.ts",
        from: "return Math.min(index, last);\n}",
        to: "return Math.min(index, last);\n}\n\ntype countVote = number;",
      },
    ],
    at: [OTHER, "explains:"],
    says: /declared on lines 6 and 15, apart from each other/,
  },
  "no-match": {
    edits: [lesson('from="const respCh"', 'from="const replyCh"')],
    at: [LESSON, "const replyCh"],
    says: /from="const replyCh" stands on no line of electSelf/,
    offers: 'const respCh = new Channel<boolean>("respCh", r.peers.length);',
  },
  "several-matches": {
    edits: [lesson('from="const respCh"', 'from="respCh"')],
    at: [LESSON, 'from="respCh"'],
    says: /stands on lines 25, 30, 32 and 35 of raft\/raft\.ts/,
    offers: "askPeer(r, peer, respCh);",
  },
  "empty-excerpt": {
    edits: [lesson('<Note on="const respCh">', '<Note on="">')],
    at: [LESSON, 'on=""'],
    says: /on is empty/,
  },
  "unknown-name": {
    edits: [lesson("sym:getCurrentTerm", "sym:getCurentTerm")],
    at: [LESSON, "sym:getCurentTerm"],
    says: /raft\/ has no symbol named getCurentTerm/,
    offers: "getCurrentTerm",
  },
  "ambiguous-name": {
    edits: [lesson("sym:getCurrentTerm", "sym:commitBound")],
    at: [LESSON, "sym:commitBound"],
    says: /commitBound names 2 symbols/,
    offers: "quirks.ts#commitBound",
  },
  "lost-name": {
    edits: [
      {
        file: "raft/raft.ts",
        from: "electSelf",
        to: "electItself",
        every: true,
      },
    ],
    at: [LESSON, "A round begins in `electSelf`"],
    says: /`electSelf` was a link.*--accept-names electSelf$/,
    offers: "electItself",
  },
  "unlisted-name": {
    edits: [lesson("Nothing else raises", "`askPeer` never raises")],
    at: [LESSON, "`askPeer`"],
    says: /`askPeer` is a link here.*npm run attest -- --accept-names$/,
  },
  "unused-name": {
    edits: [lesson("in `electSelf`", "in silence")],
    at: [NAMES, '"electSelf"'],
    says: /lesson 04-elect-self does not name `electSelf`.*--accept-names$/,
  },
  "unknown-channel": {
    edits: [lesson('name="stepDown"', 'name="stepdown"')],
    at: [LESSON, 'name="stepdown"'],
    says: /raft\/ has no channel named stepdown/,
    offers: "stepDown",
  },
  "unknown-picture": {
    edits: [lesson('name="04-round"', 'name="04-rounds"')],
    at: [LESSON, 'name="04-rounds"'],
    says: /there is no lessons\/pictures\/04-rounds\.ts/,
    offers: "04-round",
  },
  "unknown-exercise": {
    edits: [lesson('name="04-who-leads"', 'name="04-who-leeds"')],
    at: [LESSON, 'name="04-who-leeds"'],
    says: /there is no lessons\/exercises\/04-who-leeds\.yaml/,
    offers: "04-who-leads",
  },
  "no-exercise": {
    edits: [
      { file: OTHER, from: '<Exercise name="04-who-leads" />', to: "None." },
    ],
    at: [OTHER, "number: 5"],
    says: /lesson 5 shows no exercise/,
  },
  "unknown-suite": {
    edits: [lesson('suite: "04"', 'suite: "06"')],
    at: [LESSON, 'suite: "06"'],
    says: /there is no test\/lessons\/06\.test\.ts/,
    offers: "04",
  },
  "unknown-test": {
    edits: [lesson("raises the term by one", "raises the term by two")],
    at: [LESSON, "raises the term by two"],
    says: /04\.test\.ts has no claim "every round raises the term by two"/,
    offers: "every round raises the term by one",
  },
  "skipped-test": {
    edits: [
      {
        file: SUITE,
        from: 'claim(\n  "a vote counts once"',
        to: 'claim.skip(\n  "a vote counts once"',
      },
    ],
    at: [LESSON, '<Claim test="a vote counts once">'],
    says: /does not run as a plain claim.*04\.test\.ts:20/,
  },
  "foreign-test": {
    edits: [
      lesson('test="a vote counts once"', 'test="a non-voter grants nothing"'),
    ],
    at: [LESSON, "a non-voter grants nothing"],
    says: /is proved in test\/lessons\/05\.test\.ts/,
  },
  "break-match": {
    edits: [
      {
        file: SUITE,
        from: 'from: "getCurrentTerm(r) + 1"',
        to: 'from: "getCurrentTerm(q) + 1"',
      },
    ],
    at: [SUITE, 'from: "getCurrentTerm(q) + 1"'],
    says: /stands 0 times in raft\.ts#electSelf/,
    offers: "r.term = getCurrentTerm(r) + 1;",
  },
  "changed-code": {
    edits: [
      {
        file: "raft/differs.ts",
        from: "Math.min(index, last)",
        to: "Math.min(index, last) + 0",
      },
    ],
    at: [LESSON, "What is stored bounds it"],
    says: /has changed since A Reader read this passage \(2\d{3}-/,
  },
  "never-attested": {
    edits: [lesson('on="const respCh"', 'on="new Channel<boolean>"')],
    at: [LESSON, "new Channel<boolean>"],
    says: /nobody has attested this passage.*--accept 04-elect-self\/note-/,
  },
  "pasted-code": {
    edits: [lesson("```ts illustrative", "```ts")],
    at: [LESSON, "```ts"],
    says: /TypeScript is pasted here/,
  },
  "illustrative-type": {
    edits: [lesson("ch.trySend(1);", 'ch.trySend("one");')],
    at: [LESSON, 'ch.trySend("one")'],
    says: /'string' is not assignable to parameter of type 'number'/,
  },
  "bare-line-number": {
    edits: [lesson("Nothing else raises", "On lines 12-30 nothing raises")],
    at: [LESSON, "lines 12-30"],
    says: /"lines 12-30" goes wrong with the next edit/,
  },
  "planned-lesson": {
    edits: [lesson("Nothing else raises", "As lesson 15 says, nothing raises")],
    at: [LESSON, "As lesson 15 says"],
    says: /lesson 15 is not written: say "lesson 15, planned"/,
  },
  "upstream-lines": {
    edits: [lesson('lines="530-540"', 'lines="760-790"')],
    at: [LESSON, 'lines="760-790"'],
    says: /stands in raft\.go:528-767 at v1\.1\.1; 760-790 is not within it/,
  },
};

test("the good fixture has no fault", () => {
  expect(check(fixture()).map(sayFault)).toEqual([]);
});

describe("one fault of each kind", () => {
  test.each(Object.entries(rows))("%s", (kind, row) => {
    const root = fixture(...row.edits);
    const [file, text] = row.at;
    const faults = check(root);
    const found = faults.filter((one) => one.kind === kind);
    const line = lineWith(root, file, text);
    expect(found.map(({ file, line }) => ({ file, line }))).toContainEqual({
      file,
      line,
    });
    const here = found.find((one) => one.file === file && one.line === line);
    expect(here?.message).toMatch(row.says);
    if (row.offers !== undefined) {
      expect(here?.candidates).toContain(row.offers);
    }
    expect(faults.map(sayFault).join("\n")).toContain(`${file}:${line}`);
  });
});

describe("bare line numbers", () => {
  const said = [
    ["see line 120", "line 120"],
    ["see raft.go:617", ".go:617"],
    ["at :120-140 it", ":120-140"],
    ["at L120 it", "L120"],
    ["第 12 行", "第 12 行"],
    ["as `raft.ts:12` says", ".ts:12"],
  ] as const;
  test.each(said)("%s", (text, number) => {
    const root = fixture(lesson("Nothing else", `${text}.\nNothing else`));
    const [found, ...others] = check(root);
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      kind: "bare-line-number",
      file: LESSON,
      line: lineWith(root, LESSON, text),
    });
    expect(found?.message).toContain(`"${number}"`);
  });

  const data = "export const all = [\n  // line 7\n  'see line 12',\n];\n";
  const elsewhere: readonly [string, Edit][] = [
    ["a title", lesson("title: A candidate asks", "title: See line 12")],
    ["a description", lesson("title: A", "description: See line 12\ntitle: A")],
    ["a question", lesson("question: What", "question: After line 12, what")],
    ["a diagram's title", lesson('title="A round"', 'title="At line 12"')],
    ["a diagram's words", lesson("s1 asks s2,", "at line 12 s1 asks s2,")],
    ["a note", lesson("One place for", "At line 12, one place for")],
    [
      "an exercise",
      {
        file: "lessons/exercises/04-who-leads.yaml",
        from: "because: Nobody",
        to: "because: at line 12 nobody",
      },
    ],
  ];
  test.each(elsewhere)("in %s", (_, edit) => {
    const root = fixture(edit);
    const found = check(root).filter(({ kind }) => kind === "bare-line-number");
    expect(found).toMatchObject([
      { file: edit.file, line: lineWith(root, edit.file, "ine 12") },
    ]);
  });

  test.each(["questions", "routes", "rules"])("in site/data/%s.ts", (name) => {
    const root = fixture();
    mkdirSync(path.join(root, "site/data"), { recursive: true });
    const file = `site/data/${name}.ts`;
    writeFileSync(path.join(root, file), data);
    expect(check(root)).toMatchObject([
      { kind: "bare-line-number", file, line: 3 },
    ]);
  });

  test.each([
    "three lines of text",
    "at 10:30",
    "a pipeline of 3",
    "v1.1.1",
  ])("not in: %s", (text) => {
    expect(check(fixture(lesson("Nothing else", `${text}. Else`)))).toEqual([]);
  });
});

describe("a lesson that is pointed to", () => {
  test.each([
    ["lesson 5", undefined],
    ["lessons 4 and 5", undefined],
    ["lesson 15, planned", undefined],
    ["lessons 13 and 15, planned", undefined],
    ["lesson\n15, planned", undefined],
    ["lesson 5, planned", "lesson 5 is written"],
    ["lesson 15", "lesson 15 is not written"],
    ["Lessons 5 to 15", "lesson 15 is not written"],
    ["lesson 15, which is planned", "lesson 15 is not written"],
  ])("%j", (text, says) => {
    const root = fixture(lesson("Nothing else", `See ${text}. Nothing else`));
    const said = check(root).map(({ message }) => message);
    expect(said).toHaveLength(says === undefined ? 0 : 1);
    expect(said[0] ?? "").toContain(says ?? "");
  });

  test("in a note and in a claim too", () => {
    const root = fixture(
      lesson("One place for", "As in lesson 15 one place for"),
      lesson("A vote counts once.<", "A vote counts once (lesson 16).<"),
    );
    const kinds = check(root).map(({ kind }) => kind);
    expect(kinds).toEqual(["planned-lesson", "planned-lesson"]);
  });
});

describe("one run says everything", () => {
  const apart: readonly FaultKind[] = [
    "front-matter",
    "unknown-symbol",
    "no-match",
    "unknown-name",
    "unknown-channel",
    "foreign-test",
    "changed-code",
    "illustrative-type",
    "bare-line-number",
    "upstream-lines",
  ];
  test(`${apart.length} changes, ${apart.length} faults or more`, () => {
    const root = fixture();
    const edits = apart.flatMap((kind) => rows[kind].edits);
    for (const edit of edits) apply(root, edit);
    const kinds = new Set(check(root).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([...apart].sort());
  });

  test("a renamed symbol is named at every place of every lesson", () => {
    const root = fixture({
      file: "raft/raft.ts",
      from: "electSelf(r",
      to: "campaign(r",
      every: true,
    });
    const named = check(root)
      .filter(
        ({ kind }) => kind === "unknown-symbol" || kind === "unknown-name",
      )
      .map(({ file, line }) => `${file}:${line}`);
    const places = [
      [LESSON, "  - raft.ts#electSelf"],
      [LESSON, '<Excerpt of="raft.ts#electSelf"'],
      [LESSON, '<Claim test="every round raises'],
      [OTHER, '<Excerpt of="raft.ts#electSelf"'],
      ["lessons/zh-cn/04-elect-self.mdx", "sym:electSelf"],
      ["lessons/zh-cn/04-elect-self.mdx", '<Excerpt of="raft.ts#electSelf"'],
    ] as const;
    for (const [file, text] of places) {
      expect(named).toContain(`${file}:${lineWith(root, file, text)}`);
    }
    const suite = named.filter((place) => place.startsWith("test/lessons/04"));
    expect(suite).toHaveLength(2);
  });
});

describe("claims and suites", () => {
  test("a claim inside a skipped describe counts as skipped", () => {
    const root = fixture({
      file: "test/lessons/05.test.ts",
      from: 'claim(\n  "a non-voter',
      to: 'describe.skip("", () => claim(\n  "a non-voter',
    });
    apply(root, {
      file: "test/lessons/05.test.ts",
      from: "() => {},\n)",
      to: "() => {},\n))",
    });
    expect(check(root)).toMatchObject([{ kind: "skipped-test", file: OTHER }]);
  });

  test("a break whose text stands twice is refused", () => {
    const root = fixture({
      file: SUITE,
      from: 'from: "getCurrentTerm(r) + 1"',
      to: 'from: "respCh"',
    });
    const [found] = check(root);
    expect(found?.kind).toBe("break-match");
    expect(found?.message).toContain("stands 5 times");
  });

  test("two claims of one name are refused", () => {
    const root = fixture({
      file: SUITE,
      from: '"a vote counts once"',
      to: '"every round raises the term by one"',
    });
    expect(check(root)).toContainEqual(
      expect.objectContaining({ kind: "unreadable-suite", file: SUITE }),
    );
  });
});
