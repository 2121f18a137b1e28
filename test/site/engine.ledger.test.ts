// The ledger of inline names: a name that is a link cannot become plain code
// unnoticed, whatever takes its symbol or its channel away.

import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { check } from "../../site/tools/engine/check.ts";
import { sayFault } from "../../site/tools/engine/fault.ts";
import { readNames } from "../../site/tools/engine/names.ts";
import { apply, type Edit, fixture, lineWith, read } from "./engine-fixture.ts";

const FOURTH = "lessons/04-elect-self.mdx";
const FIFTH = "lessons/05-request-vote.mdx";
const CHINESE = "lessons/zh-cn/04-elect-self.mdx";

/** `askPeer` in prose, a note and a claim of three lessons, and a channel. */
const NAMED: readonly Edit[] = [
  {
    file: FOURTH,
    from: "Nothing else raises the term, as",
    to: "By `askPeer` it goes on,\nand `askPeer()` ends at `commitCh`, as",
  },
  {
    file: FIFTH,
    from: "The vote for itself is free.",
    to: "It is free, and no `askPeer` goes out.",
  },
  {
    file: FIFTH,
    from: "Only a voter counts.",
    to: "Only a voter counts,\n  says `askPeer` too.",
  },
  { file: CHINESE, from: "任期在这里加一，见", to: "`askPeer` 见" },
];

function attest(root: string, ...args: string[]): string {
  const command = [path.resolve("site/tools/attest.ts"), "--root", root];
  return execFileSync(process.execPath, [...command, ...args], {
    encoding: "utf8",
  });
}

/** A fixture whose ledger knows the names above. */
function listed(): string {
  const root = fixture(...NAMED);
  attest(root, "--accept-names");
  expect(check(root).map(sayFault)).toEqual([]);
  return root;
}

function rename(root: string, file: string, from: string, to: string): void {
  apply(root, { file, from, to, every: true });
}

describe("a renamed symbol", () => {
  test("is a fault wherever a lesson links it, with the new name", () => {
    const root = listed();
    rename(root, "raft/raft.ts", "askPeer", "askOnePeer");
    const lost = check(root).filter(({ kind }) => kind === "lost-name");
    const places = [
      [FOURTH, "By `askPeer`"],
      [FOURTH, "`askPeer()`"],
      [FIFTH, "no `askPeer`"],
      [FIFTH, "says `askPeer`"],
      [CHINESE, "`askPeer` 见"],
    ] as const;
    expect(lost.map(({ file, line }) => `${file}:${line}`)).toEqual(
      places.map(([file, text]) => `${file}:${lineWith(root, file, text)}`),
    );
    for (const one of lost) {
      expect(sayFault(one)).toContain("did you mean: askOnePeer");
    }
  });

  test("stays one when the ledger is written anew", () => {
    const root = listed();
    rename(root, "raft/raft.ts", "askPeer", "askOnePeer");
    attest(root, "--accept-names");
    const kinds = check(root).map(({ kind }) => kind);
    expect(kinds).toEqual(Array(5).fill("lost-name"));
  });

  test("is plain code once somebody has said so", () => {
    const root = listed();
    rename(root, "raft/raft.ts", "askPeer", "askOnePeer");
    const said = attest(root, "--accept-names", "askPeer", "askPeer()");
    expect(said).toContain("- 05-request-vote: askPeer\n");
    expect(check(root).map(sayFault)).toEqual([]);
  });

  test("and a name that the lesson has given up are told apart", () => {
    const root = listed();
    rename(root, "raft/raft.ts", "askPeer", "askOnePeer");
    for (const file of [FOURTH, FIFTH, CHINESE]) {
      rename(root, file, "askPeer", "askOnePeer");
    }
    const kinds = new Set(check(root).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(["unlisted-name", "unused-name"]);
    attest(root, "--accept-names");
    expect(check(root).map(sayFault)).toEqual([]);
  });
});

describe("a link is lost too", () => {
  test("with a channel that has another name", () => {
    const root = listed();
    for (const file of ["raft/raft.ts", "raft/raft_struct.ts"]) {
      rename(root, file, "commitCh", "commitsCh");
    }
    const lost = check(root).filter(({ kind }) => kind === "lost-name");
    expect(lost).toMatchObject([
      { file: FOURTH, candidates: expect.arrayContaining(["commitsCh"]) },
    ]);
  });

  test("with a second symbol of the name", () => {
    const root = listed();
    const text = "/** What v1.1.1 did. */\n";
    apply(root, {
      file: "raft/quirks.ts",
      from: text,
      to: `${text}\n/** Twin. */\nexport function electSelf(): void {}\n`,
    });
    const lost = check(root).filter(({ kind }) => kind === "lost-name");
    expect(lost).toMatchObject([
      {
        file: FOURTH,
        candidates: ["quirks.ts#electSelf", "raft.ts#electSelf"],
      },
    ]);
    expect(lost[0]?.message).toContain("2 symbols have that name");
  });
});

describe("the ledger", () => {
  test("is sorted, and holds only names that are links", () => {
    const root = listed();
    expect(readNames(root)).toEqual({
      "04-elect-self": ["askPeer", "askPeer()", "commitCh", "electSelf"],
      "05-request-vote": ["askPeer"],
      "zh-cn/04-elect-self": ["askPeer"],
    });
    expect(Object.keys(JSON.parse(read(root, "lessons/names.json")))).toEqual(
      Object.keys(readNames(root)).sort(),
    );
  });

  test("of a lesson that is gone is a fault, with its line", () => {
    const root = listed();
    apply(root, {
      file: "lessons/names.json",
      from: '"05-request-vote": [',
      to: '"05-gone": [\n    "askPeer"\n  ],\n  "05-request-vote": [',
    });
    const line = lineWith(root, "lessons/names.json", '"05-gone"') + 1;
    expect(check(root)).toMatchObject([
      { kind: "unused-name", file: "lessons/names.json", line },
    ]);
  });
});
