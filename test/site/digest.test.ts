// The digest by which a reader's browser knows that a lesson has changed since
// it was read: one token of the code that a lesson shows or explains changes
// it, and nothing else does.

import { describe, expect, test } from "vitest";
import { bookLesson } from "../../site/tools/book/lessons.ts";
import { readWorld } from "../../site/tools/engine/world.ts";
import { apply, type Edit, fixture, read } from "./engine-fixture.ts";

const FOURTH = "04-elect-self";
const FIFTH = "05-request-vote";
const CHINESE = "zh-cn/04-elect-self";

function digestsOf(root: string): Map<string, string> {
  const world = readWorld(root);
  return new Map(
    world.lessons.map((lesson) => [
      lesson.slug,
      bookLesson(world, [], new Map(), lesson).digest,
    ]),
  );
}

const before = digestsOf(fixture());

/** The lessons whose digest is another one now. */
function changedBy(root: string): string[] {
  const after = digestsOf(root);
  expect([...after.keys()]).toEqual([...before.keys()]);
  return [...after.keys()].filter(
    (slug) => after.get(slug) !== before.get(slug),
  );
}

function edit(from: string, to: string, file = "raft/raft.ts"): Edit {
  return { file, from, to };
}

test("every lesson has a digest of its own", () => {
  expect([...before.keys()]).toEqual([FOURTH, FIFTH, CHINESE]);
  expect(new Set(before.values()).size).toBe(3);
  for (const digest of before.values()) expect(digest).toMatch(/^[0-9a-f]{8}$/);
});

describe("one token changed", () => {
  const rows: readonly [string, Edit, string[]][] = [
    [
      "in a function that three lessons show",
      edit("(r) + 1;", "(r) + 2 - 1;"),
      [FOURTH, FIFTH, CHINESE],
    ],
    [
      "in a function that one lesson proves a claim of",
      edit("r.peers.length : 0", "r.peers.length : 1", "raft/differs.ts"),
      [FIFTH],
    ],
    [
      "in a function that stands beside another",
      edit("_last: number", "_end: number", "raft/quirks.ts"),
      [FOURTH],
    ],
    [
      "in a function that a lesson explains and does not show",
      edit("granted > 0", "granted > 1"),
      [FOURTH],
    ],
    [
      "in a function that no lesson shows",
      edit("peer.length > getCurrentTerm", "peer.length < getCurrentTerm"),
      [],
    ],
    [
      "in a type that no lesson shows",
      edit("term: number;", "term: bigint;", "raft/raft_struct.ts"),
      [],
    ],
  ];
  test.each(rows)("%s", (_, made, slugs) => {
    expect(changedBy(fixture(made))).toEqual(slugs);
  });
});

test("a claim's code counts where the lesson does not name it", () => {
  const file = `lessons/${FIFTH}.mdx`;
  const unnamed = edit("explains: [differs.ts#countVote]\n", "", file);
  const token = edit("peers.length : 0", "peers.length : 1", "raft/differs.ts");
  const plain = digestsOf(fixture(unnamed));
  const changed = digestsOf(fixture(unnamed, token));
  expect(changed.get(FIFTH)).not.toBe(plain.get(FIFTH));
  expect(changed.get(FOURTH)).toBe(plain.get(FOURTH));
});

describe("nothing is changed by", () => {
  const rows: readonly [string, ...Edit[]][] = [
    ["a comment", edit("// A new round is a new term.", "// Said anew.")],
    ["no comment", edit("  // A new round is a new term.\n", "")],
    ["a doc comment", edit("Asks every peer for its vote.", "Asks all.")],
    [
      "a statement broken into lines, with a trailing comma",
      edit(
        'new Channel<boolean>("respCh", r.peers.length)',
        'new Channel<boolean>(\n    "respCh",\n    r.peers.length,\n  )',
      ),
    ],
    ["blank lines", edit("  return respCh;", "\n\n  return respCh;")],
    ["another indent", { ...edit("\n  ", "\n      "), every: true }],
  ];
  test.each(rows)("%s", (_, ...made) => {
    expect(changedBy(fixture(...made))).toEqual([]);
  });

  test("another order of the functions", () => {
    const root = fixture();
    const text = read(root, "raft/raft.ts");
    const start = text.indexOf("/**\n * Asks every peer");
    const moved = text.slice(start, text.indexOf("function askPeer"));
    apply(root, edit(moved, ""));
    const last = "  r.shutdownCh.close();\n}\n";
    apply(root, edit(last, `${last}\n${moved.trimEnd()}\n`));
    expect(changedBy(root)).toEqual([]);
  });

  test("other words of the lesson", () => {
    const root = fixture(
      edit("Nothing else raises", "Nobody raises", `lessons/${FOURTH}.mdx`),
    );
    expect(changedBy(root)).toEqual([]);
  });
});
