// What the excerpt engine promises: excerpts are the file's own bytes with its
// own numbers; edits that change no syntax change no excerpt and break no
// attestation; an edit of one token does.

import { execFileSync } from "node:child_process";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { resolveName, resolveSymbol } from "../../site/tools/engine/address.ts";
import { passageStates } from "../../site/tools/engine/attest.ts";
import { backlinks } from "../../site/tools/engine/backlinks.ts";
import { bind, resolveOn } from "../../site/tools/engine/binding.ts";
import { channels, findChannel } from "../../site/tools/engine/channels.ts";
import { check } from "../../site/tools/engine/check.ts";
import { tokensOf } from "../../site/tools/engine/digest.ts";
import { readDoc } from "../../site/tools/engine/doc.ts";
import { resolveExcerpt } from "../../site/tools/engine/excerpt.ts";
import { orThrow, Problem } from "../../site/tools/engine/fault.ts";
import { buildIndex } from "../../site/tools/engine/index.ts";
import { readLesson } from "../../site/tools/engine/lesson.ts";
import { readSuite } from "../../site/tools/engine/suite.ts";
import { dedent, diff } from "../../site/tools/engine/text.ts";
import type {
  ExcerptRequest,
  ResolvedExcerpt,
  SourceIndex,
} from "../../site/tools/engine/types.ts";
import { readWorld } from "../../site/tools/engine/world.ts";
import { apply, type Edit, fixture, lineWith, read } from "./engine-fixture.ts";

let root = "";
let index: SourceIndex;

beforeAll(() => {
  root = fixture();
  index = buildIndex(root);
});

function excerpt(request: ExcerptRequest, of = index): ResolvedExcerpt {
  return orThrow(resolveExcerpt(of, request));
}

// ------------------------------------------------------------ the index

describe("the index", () => {
  test("holds what a doc comment says, and where it comes from", () => {
    const symbol = orThrow(resolveSymbol(index, "raft.ts#electSelf"));
    expect(symbol).toMatchObject({
      kind: "function",
      exported: true,
      task: false,
      sentence: "Asks every peer for its vote.",
      doc: "Asks every peer for its vote. The answers come on the channel.",
      tags: {
        go: [{ name: "(*Raft).electSelf", file: "raft.go" }],
        paper: ["§5.2"],
        task: "run",
        differs: ["the vote is stored before it is sent; upstream's #123."],
      },
    });
    const file = "raft/raft.ts";
    expect(symbol.code.start).toBe(lineWith(root, file, "function electSelf"));
    expect(symbol.whole.start).toBe(
      lineWith(root, file, "Asks every peer") - 1,
    );
  });

  test("knows headers, members and tasks", () => {
    expect(orThrow(resolveSymbol(index, "raft.ts#")).sentence).toBe(
      "Elections, and nothing else: this file is read by tests.",
    );
    const channel = "runtime/channel.ts#Channel";
    const members = orThrow(resolveSymbol(index, channel)).members;
    expect(members).toContain(`${channel}.receive`);
    expect(members).toContain(`${channel}.constructor`);
    expect(orThrow(resolveSymbol(index, `${channel}.receive`)).task).toBe(true);
    expect(orThrow(resolveSymbol(index, "raft.ts#leaderLoop")).task).toBe(true);
    const field = resolveSymbol(index, "raft_struct.ts#LeaderState.commitCh");
    expect(orThrow(field).tags.secondSignal).toMatch(/^nothing new/);
  });

  test("a header is not the doc comment of what follows it", () => {
    const index = buildIndex(
      fixture({
        file: "raft/quirks.ts",
        from: "/** Believes what the leader says. */\n",
        to: "",
      }),
    );
    const symbol = orThrow(resolveSymbol(index, "quirks.ts#commitBound"));
    expect(symbol.doc).toBe("");
    expect(orThrow(resolveSymbol(index, "quirks.ts#")).doc).toBe(
      "What v1.1.1 did.",
    );
  });

  test("a header may stand right above the imports", () => {
    const tight = fixture({
      file: "raft/differs.ts",
      from: "/** What we mend. */\n\n",
      to: "/** What we mend. */\n",
    });
    const header = resolveSymbol(buildIndex(tight), "differs.ts#");
    expect(orThrow(header).doc).toBe("What we mend.");
  });

  test("a machine-read line ends at an empty line or at the next one", () => {
    const { doc, tags } = readDoc(
      [
        "/**",
        " * First. Second.",
        " * Go: a, (*B).c, x.go; y.go · Paper: §5.1, Figure 2",
        " * Differs: one thing,",
        " *   on two lines.",
        " * Differs: another.",
        " *",
        " * And prose again.",
        " */",
      ].join("\n"),
    );
    expect(doc).toBe("First. Second.\n\nAnd prose again.");
    expect(tags).toEqual({
      go: [
        { name: "a", file: "x.go" },
        { name: "(*B).c", file: "x.go" },
        { file: "y.go" },
      ],
      paper: ["§5.1", "Figure 2"],
      differs: ["one thing, on two lines.", "another."],
      paperDiffers: [],
    });
  });

  test("an inline name is one symbol or none", () => {
    expect(orThrow(resolveName(index, "electSelf()")).id).toBe(
      "raft.ts#electSelf",
    );
    expect(orThrow(resolveName(index, "Channel.receive")).kind).toBe("method");
    expect(resolveName(index, "commitBound")).toMatchObject({
      kind: "ambiguous-name",
    });
    expect(resolveName(index, "nothing")).toBeInstanceOf(Problem);
  });
});

// ------------------------------------------------------------- excerpts

describe("an excerpt", () => {
  test("is lines of the file, byte for byte, with their own numbers", () => {
    const shown = excerpt({
      of: "raft.ts#electSelf",
      from: "const respCh",
      to: "r.term =",
    });
    const start = lineWith(root, "raft/raft.ts", "const respCh =");
    expect(shown.range).toEqual({ start, end: start + 2 });
    const file = read(root, "raft/raft.ts").split("\n");
    expect(shown.code).toBe(file.slice(start - 1, start + 2).join("\n"));
    for (const { number, text } of shown.lines) {
      expect(text).toBe(file[number - 1]);
    }
    expect(shown.caption).toBe("in `electSelf`, raft.ts");
  });

  test("has grey lines from inside its symbol only", () => {
    const first = excerpt({ of: "raft.ts#electSelf", to: "const respCh" });
    expect(first.before).toEqual([]);
    expect(first.after.map(({ text }) => text.trim())).toEqual([
      "// A new round is a new term.",
      "r.term = getCurrentTerm(r) + 1;",
    ]);
    const last = excerpt({ of: "raft.ts#electSelf", from: "return respCh" });
    expect(last.after).toEqual([]);
    expect(last.before.map(({ text }) => text.trim())).toEqual(["}", "}"]);
  });

  test("leaves out no line next to it, blank or not", () => {
    const loop = around({ from: "  for (", to: "}\n  }" });
    expect(loop.before).toEqual(["r.term = getCurrentTerm(r) + 1;", ""]);
    expect(loop.after).toEqual(["", "return respCh;"]);
  });

  test("has no blank line at its edges", () => {
    const below = around({ from: "if (peer", to: "return respCh" });
    expect(below.before).toEqual(["for (const peer of r.peers) {"]);
    const above = around({ from: "const respCh", to: "// A new round" });
    expect(above.after).toEqual(["r.term = getCurrentTerm(r) + 1;"]);
  });

  /** The grey lines in electSelf, whose loop has a blank line on each side. */
  function around(part: { readonly from: string; readonly to: string }) {
    const file = "raft/raft.ts";
    const spaced = fixture(
      { file, from: "  for (const peer", to: "\n  for (const peer" },
      { file, from: "  return respCh;", to: "\n  return respCh;" },
    );
    const of = "raft.ts#electSelf";
    const { before, after } = excerpt({ of, ...part }, buildIndex(spaced));
    const texts = (lines: typeof before) =>
      lines.map(({ text }) => text.trim());
    return { before: texts(before), after: texts(after) };
  }

  test("of a whole symbol has no context, and its doc only on demand", () => {
    const whole = excerpt({ of: "raft.ts#askPeer" });
    expect([whole.before, whole.after]).toEqual([[], []]);
    expect(whole.caption).toBe("`askPeer`, raft.ts");
    const bare = excerpt({ of: "raft.ts#electSelf" });
    expect(bare.lines[0]?.text).toMatch(/^export function electSelf/);
    const documented = excerpt({ of: "raft.ts#electSelf", doc: true });
    expect(documented.lines[0]?.text).toBe("/**");
  });

  test("links the Go lines of that very part", () => {
    const whole = excerpt({ of: "raft.ts#electSelf" });
    expect(whole.upstream[0]?.url).toBe(
      "https://github.com/hashicorp/raft/blob/v1.1.1/raft.go#L1600-L1658",
    );
    const part = excerpt({ of: "raft.ts#electSelf", go: "1600-1620" });
    expect(part.upstream.map(({ label }) => label)).toEqual([
      "raft.go:1600-1620",
    ]);
    const wrong = resolveExcerpt(index, { of: "raft.ts#electSelf", go: "10" });
    expect(wrong).toMatchObject({ kind: "upstream-lines" });
  });

  test("`to` is the first match at or after `from`", () => {
    const shown = excerpt({
      of: "raft.ts#electSelf",
      from: "for (const peer",
      to: "}",
    });
    expect(shown.lines.at(-1)?.text).toBe("    } else {");
    const gone = { of: "raft.ts#electSelf", from: "return", to: "const" };
    expect(resolveExcerpt(index, gone)).toMatchObject({ kind: "no-match" });
  });

  test("lines that read the same are offered with the line above", () => {
    const twice = buildIndex(
      fixture({
        file: "raft/raft.ts",
        from: "  return respCh;",
        to: "  r.peers;\n  granted();\n  r.term;\n  granted();",
      }),
    );
    const whole = excerpt({ of: "raft.ts#electSelf" }, twice);
    expect(resolveOn(twice, whole, { on: "granted()" })).toMatchObject({
      candidates: ["r.peers; granted();", "r.term; granted();"],
    });
    const found = resolveOn(twice, whole, { on: "r.term; granted();" });
    expect(orThrow(found).code).toBe("r.term;\ngranted();");
  });

  test("every symbol of the real raft/ is its file's own bytes", () => {
    const real = buildIndex(process.cwd());
    expect(real.symbols.size).toBeGreaterThan(20);
    for (const { id, kind, file } of real.symbols.values()) {
      const shown = resolveExcerpt(real, { of: id, doc: true });
      if (shown instanceof Problem) {
        expect(`${id}: ${shown.message}`).toMatch(/not open with a comment/);
        continue;
      }
      const { start, end } = shown.range;
      const lines = read(process.cwd(), `raft/${file}`).split("\n");
      expect(shown.code).toBe(lines.slice(start - 1, end).join("\n"));
      if (kind !== "header") expect(shown.code).toContain(lastName(id));
    }
  });
});

function lastName(id: string): string {
  return id.split(/[#.]/).at(-1) as string;
}

// ------------------------------------- what an edit does and does not do

/** All code of all excerpts and bindings, and the numbers of their lines. */
function shownBy(root: string) {
  const { index, lessons } = readWorld(root);
  const excerpts = lessons.flatMap((lesson) =>
    lesson.excerpts.map(({ request }) => excerpt(request, index)),
  );
  const bound = lessons.flatMap(({ notes, claims }) =>
    [...notes, ...claims].map((one) => bind(index, one)),
  );
  const bindings = bound.filter((one) => one && !(one instanceof Problem));
  return {
    code: excerpts.map(({ code }) => code),
    starts: excerpts.map(({ range }) => range.start),
    digests: bindings.map((one) => (one instanceof Problem ? "" : one?.digest)),
  };
}

const RAFT = "raft/raft.ts";

describe("an edit of the source", () => {
  test("fifty blank lines above move the numbers and nothing else", () => {
    const before = shownBy(root);
    const moved = fixture({
      file: RAFT,
      from: "/** The term that this server is in. */",
      to: `${"\n".repeat(50)}/** The term that this server is in. */`,
    });
    const after = shownBy(moved);
    expect(after.code).toEqual(before.code);
    expect(after.digests).toEqual(before.digests);
    const inRaft = before.starts.filter(
      (start, i) => after.starts[i] !== start,
    );
    expect(inRaft).toHaveLength(3);
    const shifts = new Set(
      after.starts.map((now, i) => now - before.starts[i]!),
    );
    expect([...shifts].sort()).toEqual([0, 50]);
    expect(check(moved)).toEqual([]);
  });

  test("after a check leaves the program whole", () => {
    const edited = fixture();
    expect(check(edited)).toEqual([]);
    apply(edited, {
      file: "raft/quirks.ts",
      from: "return index;",
      to: "return index;\n}\n\nexport function more(): void {",
    });
    const { program } = buildIndex(edited);
    const said = program.getSemanticDiagnostics();
    expect(said.map(({ messageText }) => messageText)).toEqual([]);
    expect(channels(buildIndex(edited))).toHaveLength(4);
  });

  test("another order of a class's methods does the same", () => {
    const file = "raft/runtime/channel.ts";
    const shown = fixture();
    for (const of of ["receive", "trySend", "close"]) {
      const lesson = "lessons/05-request-vote.mdx";
      const last = '<Exercise name="04-who-leads" />';
      const excerpt = `<Excerpt of="runtime/channel.ts#Channel.${of}" />`;
      apply(shown, { file: lesson, from: last, to: `${excerpt}\n\n${last}` });
    }
    const before = shownBy(shown);
    const text = read(shown, file);
    const first = text.indexOf("  /** Receives");
    const second = text.indexOf("  /** Sends");
    const third = text.indexOf("  close()");
    const receive = text.slice(first, second);
    apply(shown, { file, from: receive, to: "" });
    apply(shown, {
      file,
      from: "  close(): void {}\n",
      to: `  close(): void {}\n\n${receive.trimEnd()}\n`,
    });
    const after = shownBy(shown);
    expect(after.code).toEqual(before.code);
    expect(after.digests).toEqual(before.digests);
    const height = receive.split("\n").length - 1;
    const lines = text.slice(second, third).split("\n").length + 1;
    const moved = after.starts.map((now, i) => now - before.starts[i]!);
    expect(moved.filter((by) => by !== 0)).toEqual([lines, -height, -height]);
    const { index, lessons } = readWorld(shown);
    for (const { request } of lessons.flatMap(({ excerpts }) => excerpts)) {
      const { symbol, range, code } = excerpt(request, index);
      const now = read(shown, `raft/${symbol.file}`).split("\n");
      expect(code).toBe(now.slice(range.start - 1, range.end).join("\n"));
    }
    expect(check(shown).map(({ kind }) => kind)).toEqual([]);
  });

  test("moving a function within its file does the same", () => {
    const text = read(root, RAFT);
    const start = text.indexOf("/**\n * Asks every peer");
    const end = text.indexOf("function askPeer");
    const whole = text.slice(start, end);
    const moved = fixture();
    apply(moved, { file: RAFT, from: whole, to: "" });
    const tail = "  r.shutdownCh.close();\n}\n";
    apply(moved, {
      file: RAFT,
      from: tail,
      to: `${tail}\n${whole.trimEnd()}\n`,
    });
    const before = shownBy(root);
    const after = shownBy(moved);
    expect(after.code).toEqual(before.code);
    expect(after.starts).not.toEqual(before.starts);
    expect(check(moved)).toEqual([]);
    const [first] = excerpt(
      { of: "raft.ts#electSelf" },
      buildIndex(moved),
    ).lines;
    expect(first?.number).toBe(
      lineWith(moved, RAFT, "export function electSelf"),
    );
  });

  const harmless: readonly [string, ...Edit[]][] = [
    [
      "a comment within",
      {
        file: RAFT,
        from: "// A new round is a new term.",
        to: "// Said in other words,\n  // on two lines.",
      },
    ],
    [
      "a statement broken into lines, with a trailing comma",
      {
        file: RAFT,
        from: 'new Channel<boolean>("respCh", r.peers.length)',
        to: "new Channel<boolean>(\n    'respCh',\n    r.peers.length,\n  )",
      },
    ],
    [
      "an expression broken into lines",
      {
        file: RAFT,
        from: "r.term = getCurrentTerm(r) + 1;",
        to: "r.term =\n    getCurrentTerm(\n      r,\n    ) + 1;",
      },
    ],
    [
      "a block on one line",
      {
        file: RAFT,
        from: '(peer === "") {\n      respCh.trySend(true);\n    }',
        to: '(peer === "") { respCh.trySend(true) }',
      },
    ],
    [
      "another indent",
      { file: RAFT, from: "\n  ", to: "\n        ", every: true },
    ],
    [
      "a function's parameters on lines of their own",
      {
        file: "raft/differs.ts",
        from: "countVote(r: RaftStruct, granted: boolean): number",
        to: "countVote(\n  r: RaftStruct,\n  granted: boolean,\n): number",
      },
    ],
  ];
  test.each(harmless)("%s breaks no attestation", (_, ...edits) => {
    const changed = fixture(...edits);
    const [{ file }] = edits as [Edit];
    expect(read(changed, file)).not.toBe(read(root, file));
    expect(shownBy(changed).digests).toEqual(shownBy(root).digests);
    // A break is applied to the letter, and may have to follow.
    const faults = check(changed).filter(({ kind }) => kind !== "break-match");
    expect(faults).toEqual([]);
  });

  const harmful: readonly [string, Edit, number][] = [
    ["a name", edit("new Channel<boolean>(", "new Channell<boolean>("), 1],
    ["a number", edit("getCurrentTerm(r) + 1", "getCurrentTerm(r) + 1 + 0"), 3],
    ["an operator", edit('if (peer === "")', 'if (peer !== "")'), 1],
    ["a string", edit('>("respCh"', '>("respch"'), 1],
    ["a word", edit("const respCh = n", "let respCh = n"), 1],
    [
      "a statement out of its block",
      edit(
        '"") {\n      respCh.trySend(true);',
        '"") {}{ respCh.trySend(true);',
      ),
      1,
    ],
    [
      "a semicolon that matters",
      edit('if (peer === "") {', 'if (peer === "");{'),
      1,
    ],
  ];
  test.each(harmful)("%s: every passage on it is named", (_, edit, count) => {
    const faults = check(fixture(edit)).filter(
      ({ kind }) => kind === "changed-code" || kind === "no-match",
    );
    expect(faults).toHaveLength(count);
  });

  test("a change elsewhere in the function breaks no note", () => {
    const root = fixture(edit("return respCh;", "return respCh as never;"));
    expect(check(root)).toEqual([]);
  });

  test("the fault holds the old and the new text", () => {
    const root = fixture({
      file: "raft/quirks.ts",
      from: "return index;",
      to: "return index + 1;",
    });
    const [found] = check(root);
    expect(found).toMatchObject({
      kind: "no-match",
      candidates: expect.arrayContaining(["return index + 1;"]),
    });
    const other = fixture(
      edit("respCh.trySend(true)", "respCh.trySend(false)"),
    );
    const [lost] = check(other);
    expect(lost?.kind).toBe("no-match");
    const token = fixture(edit("(r) + 1;", "(r) + 1 - 0;"));
    const changed = check(token);
    expect(changed.map(({ kind }) => kind)).toEqual(
      Array(3).fill("changed-code"),
    );
    expect(diff(changed[0]?.was ?? "", changed[0]?.now ?? "")).toBe(
      "- r.term = getCurrentTerm(r) + 1;\n+ r.term = getCurrentTerm(r) + 1 - 0;",
    );
  });
});

function edit(from: string, to: string): Edit {
  return { file: RAFT, from, to };
}

describe("a clause", () => {
  test("covers every token of its lines, in all of raft/", () => {
    const real = buildIndex(process.cwd());
    const torn: string[] = [];
    for (const { id, nodes, parent } of real.symbols.values()) {
      if (parent !== undefined) continue;
      const tree = nodes[0]?.getSourceFile();
      if (!tree) continue;
      const clauses = new Map<number, Set<number>>();
      for (const { start, clause, brace } of tokensOf(nodes)) {
        if (brace) continue;
        const { line } = tree.getLineAndCharacterOfPosition(start);
        clauses.set(line, (clauses.get(line) ?? new Set()).add(clause));
      }
      for (const [line, on] of clauses) {
        const text = tree.text.split("\n")[line] ?? "";
        if (on.size > 1) torn.push(`${id}: ${text.trim()}`);
      }
    }
    // A body that shares its line with its head: nothing else may.
    expect(torn.filter((line) => !/[{}]/.test(line))).toEqual([]);
  });

  test("the head of a function does not hold its body", () => {
    const whole = excerpt({ of: "raft.ts#askPeer" });
    const head = orThrow(resolveOn(index, whole, { on: "peer: string" }));
    expect(head.code).toBe(
      dedent(whole.code.split("\n").slice(0, 5).join("\n")),
    );
  });
});

// -------------------------------------------------------------- lessons

describe("a lesson", () => {
  const lesson = () =>
    readLesson(
      "lessons/04-elect-self.mdx",
      read(root, "lessons/04-elect-self.mdx"),
    );

  test("is read with the place of everything in it", () => {
    const { excerpts, notes, claims, names, channels, upstream } = lesson();
    const at = (text: string) =>
      lineWith(root, "lessons/04-elect-self.mdx", text);
    expect(excerpts.map(({ place }) => place.line)).toEqual([
      at("go="),
      at("beside="),
    ]);
    expect(notes.map(({ text }) => text)).toEqual([
      "The term rises here, before anyone is asked.",
      "One place for each answer.",
      "What is stored bounds it.",
      "v1.1.1 believes the leader.",
    ]);
    expect(notes[3]?.within).toEqual({ of: "quirks.ts#commitBound" });
    expect(claims[0]).toMatchObject({
      test: "every round raises the term by one",
      text: "Each round is one term higher than the last.",
      place: { line: at("every round raises") },
    });
    expect(
      names.filter(({ marked }) => marked).map(({ text }) => text),
    ).toEqual(["getCurrentTerm", "raft.ts#runCandidate"]);
    expect(channels).toMatchObject([{ name: "stepDown" }]);
    expect(upstream).toHaveLength(2);
  });

  test("holds its diagrams and the reader's question", () => {
    const { diagrams, front, locale, slug } = lesson();
    expect(diagrams[0]).toMatchObject({
      title: "A round",
      textEquivalent: "s1 asks s2, s2 grants.",
    });
    expect(diagrams[0]?.source).toMatch(/^sequenceDiagram\n\s*s1->>s2/);
    expect(front).toMatchObject({ number: 4, suite: "04", minutes: 12 });
    expect([locale, slug]).toEqual(["en", "04-elect-self"]);
  });

  test("ids survive new words and a new place, not a new binding", () => {
    const text = read(root, "lessons/04-elect-self.mdx");
    const ids = (text: string) =>
      readLesson("lessons/04-elect-self.mdx", text).notes.map(({ id }) => id);
    const reworded = text
      .replace("One place for each", "Room for every")
      .replace("A round begins", "First.\n\nA round begins");
    expect(ids(reworded)).toEqual(ids(text));
    const rebound = text.replace('on="const respCh"', 'on="r.peers"');
    expect(ids(rebound)[1]).not.toBe(ids(text)[1]);
    expect(new Set(ids(text)).size).toBe(4);
  });

  test("what cannot be parsed is a fault with its line", () => {
    const broken = readLesson("lessons/x.mdx", "# a\n\n<Note>\n\nb\n");
    expect(broken.faults).toMatchObject([
      { kind: "unreadable-lesson", file: "lessons/x.mdx", line: 3 },
    ]);
  });

  test("a value that must be computed is refused", () => {
    const text = "---\n---\n\n<Excerpt of={name} />\n";
    const { faults } = readLesson("lessons/x.mdx", text);
    expect(faults).toContainEqual(
      expect.objectContaining({ kind: "unreadable-lesson", line: 4 }),
    );
  });
});

describe("backlinks", () => {
  test("lead from each bound line to its passage, and nowhere else", () => {
    const { lessons } = readWorld(root);
    const links = backlinks(lessons, index).get("raft.ts") ?? [];
    const line = lineWith(root, RAFT, "r.term = getCurrentTerm");
    const on = (kind: string) =>
      links
        .filter((link) => link.kind === kind)
        .filter(({ range }) => range.start <= line && line <= range.end)
        .map(({ lesson }) => lesson);
    expect(on("note")).toEqual(["04-elect-self", "zh-cn/04-elect-self"]);
    expect(on("claim")).toEqual(["04-elect-self"]);
    expect(on("excerpt").sort()).toEqual([
      "04-elect-self",
      "05-request-vote",
      "zh-cn/04-elect-self",
    ]);
    const blank = lineWith(root, RAFT, "function askPeer");
    expect(
      links.filter(({ range }) => range.start <= blank && blank <= range.end),
    ).toEqual([]);
  });

  test("each leads to a passage that its lesson has", () => {
    const { lessons } = readWorld(root);
    const anchors = new Set(
      lessons.flatMap(({ excerpts, notes, claims }) =>
        [...excerpts, ...notes, ...claims].map(({ id }) => id),
      ),
    );
    const all = [...backlinks(lessons, index).values()].flat();
    expect(new Set(all.map(({ id }) => id)).size).toBe(anchors.size - 1);
    for (const { id } of all) expect(anchors).toContain(id);
  });
});

// --------------------------------------------------------------- suites

describe("a suite", () => {
  test("is read from its syntax tree", () => {
    const file = "test/lessons/04.test.ts";
    const suite = readSuite(file, read(root, file));
    expect(suite).toMatchObject({ name: "04", faults: [] });
    expect(
      suite.claims.map(({ name, at, skipped }) => [name, at, skipped]),
    ).toEqual([
      ["every round raises the term by one", "raft.ts#electSelf", false],
      ["a vote counts once", "differs.ts#countVote", false],
    ]);
    expect(suite.claims[1]?.break).toMatchObject({
      in: "differs.ts#countVote",
      from: "granted ?",
      to: "true ?",
      place: { line: lineWith(root, file, 'from: "granted ?"') },
    });
  });

  test.each([
    "claim.skip",
    "claim.only",
    "claim.todo",
  ])("%s is seen", (call) => {
    const text = `${call}("x", { at: "a.ts#b" }, () => {});`;
    expect(readSuite("test/lessons/01.test.ts", text).claims).toMatchObject([
      { name: "x", skipped: true },
    ]);
  });
});

// ---------------------------------------------------------- attestation

describe("npm run attest", () => {
  const attest = (root: string, ...args: string[]) =>
    execFileSync(
      process.execPath,
      [path.resolve("site/tools/attest.ts"), "--root", root, ...args],
      { encoding: "utf8", stdio: "pipe", env: { ...process.env, ...WHO } },
    );
  const WHO = {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "user.name",
    GIT_CONFIG_VALUE_0: "Ada Reader",
  };

  test("lists what changed, accepts it by id, and says who and when", () => {
    const root = fixture(
      edit("getCurrentTerm(r) + 1", "getCurrentTerm(r) + 1 - 0"),
    );
    const said = attest(root);
    expect(said).toContain("- r.term = getCurrentTerm(r) + 1;");
    expect(said).toContain("+ r.term = getCurrentTerm(r) + 1 - 0;");
    expect(said).toContain("3 changed, 0 new, 8 in all");
    const id = /04-elect-self\/note-\w+/.exec(said)?.[0] ?? "";
    attest(root, "--accept", id);
    expect(check(root)).toHaveLength(2);
    const { index, lessons, attestations } = readWorld(root);
    const state = passageStates(index, lessons, attestations).find(
      (one) => one.id === id,
    );
    expect(state).toMatchObject({
      state: "attested",
      was: { by: "Ada Reader", code: "r.term = getCurrentTerm(r) + 1 - 0;" },
    });
    expect(state?.was?.on).toMatch(/^\d{4}-\d\d-\d\d$/);
    attest(root, "--accept-all");
    expect(check(root)).toEqual([]);
  });

  test("tells whose code a change has touched, and not whose file", () => {
    const root = fixture();
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", root, ...args], {
        stdio: "pipe",
        env: { ...process.env, ...AS },
      });
    git("init", "-q");
    git("add", "-A");
    git("commit", "-qm", "before");
    expect(attest(root, "--since", "HEAD")).toContain(
      "code changed under 0 passages in 0 lesson files",
    );
    apply(root, edit("getCurrentTerm(r) + 1", "getCurrentTerm(r) + 1 - 0"));
    apply(root, { file: "raft/raft.ts", from: "\n", to: "\n\n", every: true });
    const said = attest(root, "--since", "HEAD");
    expect(said).toContain(
      "under 3 passages in 2 lesson files; 3 have not been",
    );
    expect(said).toContain("+ r.term = getCurrentTerm(r) + 1 - 0;");
    expect(said.match(/TO BE READ/g)).toHaveLength(3);
    attest(root, "--accept-all");
    expect(attest(root, "--since", "HEAD")).toContain("; 0 have not been");
  });
  const AS = Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((who) => [
      [`GIT_${who}_NAME`, "Ada Reader"],
      [`GIT_${who}_EMAIL`, "ada@example.org"],
    ]),
  );

  test("a commit that nobody knows is said", () => {
    expect(() => attest(fixture(), "--since", "HEAD")).toThrow(
      /git does not know lessons\/attested\.json of HEAD/,
    );
  });

  test("an unknown id is refused", () => {
    expect(() => attest(root, "--accept", "04-elect-self/note-0")).toThrow(
      /no passage 04-elect-self\/note-0/,
    );
  });

  test("the check exits with 1 and names the place", () => {
    const root = fixture(edit("electSelf(r: R", "elect(r: R"));
    const run = () =>
      execFileSync(process.execPath, ["site/tools/check.ts", root], {
        encoding: "utf8",
        stdio: "pipe",
      });
    expect(run).toThrow(/lessons\/04-elect-self\.mdx:9 {2}unknown-symbol/);
  });
});

// ------------------------------------------------------------- channels

describe("channels", () => {
  const card = (id: string) => channels(index).find((one) => one.id === id);
  const where = (uses: readonly { in: string }[] | undefined) =>
    uses?.map((use) => use.in);

  test("a field: maker, capacity, senders, receivers, second signal", () => {
    const commit = card("raft_struct.ts#LeaderState.commitCh");
    expect(commit).toMatchObject({
      name: "commitCh",
      carries: "void",
      secondSignal: "nothing new; the first one is still to be read.",
      makers: [
        {
          in: "raft_struct.ts#setupLeaderState",
          code: 'new Channel("commitCh", 1)',
          capacity: "1",
          line: lineWith(root, "raft/raft_struct.ts", "commitCh: new"),
        },
      ],
    });
    expect(where(commit?.senders)).toEqual(["raft.ts#runCandidate"]);
    expect(where(commit?.receivers)).toEqual(["raft.ts#leaderLoop"]);
  });

  test("a local name, through results and parameters", () => {
    const votes = card("raft.ts#electSelf/respCh");
    expect(votes).toMatchObject({ carries: "boolean" });
    expect(votes?.aliases).toEqual(["raft.ts#runCandidate/voteCh"]);
    expect(votes?.makers[0]?.capacity).toBe("r.peers.length");
    expect(where(votes?.senders)?.sort()).toEqual(["raft.ts#electSelf"]);
    expect(where(votes?.receivers)).toEqual(["raft.ts#runCandidate"]);
  });

  test("a case that may be switched off, and one made outside", () => {
    const stepDown = card("raft_struct.ts#LeaderState.stepDown");
    expect(where(stepDown?.receivers)).toEqual(["raft.ts#runCandidate"]);
    const shutdown = card("raft_struct.ts#RaftStruct.shutdownCh");
    expect(shutdown?.makers).toEqual([]);
    expect(where(shutdown?.closers)).toEqual(["raft.ts#leaderLoop"]);
    expect(where(shutdown?.receivers)).toEqual(["raft.ts#runCandidate"]);
  });

  test("are found by name, by alias and by address", () => {
    const id = "raft.ts#electSelf/respCh";
    for (const name of ["respCh", "voteCh", id]) {
      expect(orThrow(findChannel(index, name)).id).toBe(id);
    }
    expect(findChannel(index, "respChan")).toMatchObject({
      kind: "unknown-channel",
      candidates: expect.arrayContaining(["respCh"]),
    });
  });

  test("the runtime's own are left out", () => {
    expect(channels(index).map(({ id }) => id)).toEqual([
      "raft_struct.ts#LeaderState.commitCh",
      "raft_struct.ts#LeaderState.stepDown",
      "raft_struct.ts#RaftStruct.shutdownCh",
      "raft.ts#electSelf/respCh",
    ]);
  });
});
