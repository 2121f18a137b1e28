// The survey of names: what it keeps is what the language service says, place
// by place; it is made once for each state of the files; and what the browser
// loads of it says the same.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { channels } from "../../site/tools/engine/channels.ts";
import { buildIndex } from "../../site/tools/engine/index.ts";
import { raftProgram, raftService } from "../../site/tools/engine/program.ts";
import type {
  ChannelCard,
  SourceIndex,
} from "../../site/tools/engine/types.ts";
import { keptSurvey } from "../../site/tools/names/cache.ts";
import { namesFiles } from "../../site/tools/names/files.ts";
import { identifiersOf, survey } from "../../site/tools/names/survey.ts";
import type {
  ReferencesFile,
  Survey,
  TypesFile,
} from "../../site/tools/names/types.ts";
import { apply, fixture } from "./engine-fixture.ts";

function textsOf(root: string): Map<string, string> {
  const raft = path.join(root, "raft/");
  const trees = raftProgram(root)
    .getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(raft));
  return new Map(
    trees
      .map(({ fileName, text }): [string, string] => [
        fileName.slice(raft.length),
        text,
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A place in the survey: the only one of `text` on the line that has `on`. */
function at(
  root: string,
  made: Survey,
  file: string,
  on: string,
  text: string,
) {
  const lines = readFileSync(path.join(root, "raft", file), "utf8").split("\n");
  const line = lines.findIndex((one) => one.includes(on));
  const column = (lines[line] ?? "").indexOf(text, lines[line]?.indexOf(on));
  const { places, names, uses, usesOf } = made[file] as Survey[string];
  for (let i = 0; i * 4 < places.length; i++) {
    if (places[i * 4] !== line + 1 || places[i * 4 + 1] !== column) continue;
    return {
      line: line + 1,
      ...(names[places[i * 4 + 3] as number] as (typeof names)[number]),
      uses: uses[usesOf[i] as number] ?? [],
    };
  }
  throw new Error(`no name at ${file}:${line + 1}:${column}`);
}

describe("a survey", () => {
  test("covers every identifier of every file", () => {
    const root = fixture();
    const texts = textsOf(root);
    const made = survey(raftService(root), root, [...texts.keys()]);
    for (const [file, text] of texts) {
      const tree = ts.createSourceFile(
        file,
        text,
        ts.ScriptTarget.Latest,
        true,
      );
      const places = (made[file]?.places ?? []).length / 4;
      expect(places, file).toBe(identifiersOf(tree).length);
      expect(places, file).toBeGreaterThan(0);
    }
  });
});

describe("a kept survey", () => {
  test("is not made again while no file changed", () => {
    const root = fixture();
    const first = keptSurvey(root, textsOf(root), () => raftService(root));
    const again = keptSurvey(root, textsOf(root), () => {
      throw new Error("the language service was asked");
    });
    expect(again).toEqual(first);
  });

  test("is made again after an edit of any file", () => {
    const root = fixture();
    keptSurvey(root, textsOf(root), () => raftService(root));
    const [file = ""] = textsOf(root).keys();
    const text = readFileSync(path.join(root, "raft", file), "utf8");
    const first = text.split("\n")[0] ?? "";
    apply(root, { file: `raft/${file}`, from: text, to: `\n${text}` });
    let asked = 0;
    keptSurvey(root, textsOf(root), () => {
      asked++;
      return raftService(root);
    });
    expect(first).not.toBe("");
    expect(asked).toBe(1);
  });
});

describe("one program", () => {
  test("serves the survey and then the channels", () => {
    const root = fixture();
    const index = buildIndex(root);
    const service = raftService(root);
    survey(service, root, [...textsOf(root).keys()]);
    expect(channels(index)).toHaveLength(4);
    expect(service.getProgram()).toBe(index.program);
  });

  test("is not asked anything while no file changed", () => {
    const root = fixture();
    const first = channels(buildIndex(root));
    const index = withoutChecker(buildIndex(root));
    expect(plain(channels(index))).toEqual(plain(first));
    apply(root, {
      file: "raft/quirks.ts",
      from: "return index;",
      to: "return  index;",
    });
    const edited = withoutChecker(buildIndex(root));
    expect(() => channels(edited)).toThrow(/the checker was asked/);
  });

  test("does its work again when what was kept is torn", () => {
    const root = fixture();
    const first = channels(buildIndex(root));
    const file = path.join(root, "site/.cache/channels.json");
    writeFileSync(file, readFileSync(file, "utf8").slice(0, 100));
    expect(plain(channels(buildIndex(root)))).toEqual(plain(first));
  });

  /** A symbol holds its syntax tree; its address says which it is. */
  function plain(cards: readonly ChannelCard[]): unknown {
    return cards.map((card) => ({ ...card, symbol: card.symbol.id }));
  }

  function withoutChecker(index: SourceIndex): SourceIndex {
    const getTypeChecker = () => {
      throw new Error("the checker was asked");
    };
    return { ...index, program: { ...index.program, getTypeChecker } };
  }
});

describe("the names of raft/", () => {
  const root = process.cwd();
  let made: Survey;
  beforeAll(() => {
    raftProgram(root);
    made = survey(raftService(root), root, ["commitment.ts", "raft.ts"]);
  });

  test("electSelf, where it is called", () => {
    const call = at(root, made, "raft.ts", "yield* electSelf(r)", "electSelf");
    const [definition] = call.definitions;
    expect(call.type).toMatch(/^function electSelf\(r: /);
    expect(call.sentence).toMatch(/^\S.*\.$/);
    expect(definition?.[0]).toBe("raft.ts");
    expect(call.uses).toContainEqual(["raft.ts", call.line]);
    expect(call.uses).toContainEqual(definition);
  });

  test("what the browser loads says the same", () => {
    const companion = { symbols: {}, marks: {}, lessons: [] };
    const files = new Map(
      namesFiles(made, companion).map(({ path, text }) => [path, text]),
    );
    for (const [file, { places, names, uses, usesOf }] of Object.entries(
      made,
    )) {
      const types = JSON.parse(
        files.get(`names/${file}/types.json`) ?? "",
      ) as TypesFile;
      const references = JSON.parse(
        files.get(`names/${file}/references.json`) ?? "",
      ) as ReferencesFile;
      const seen = new Map<number, number>();
      for (let i = 0; i * 4 < places.length; i++) {
        const [line = 0, column, length, name = 0] = places.slice(i * 4);
        const nth = seen.get(line) ?? 0;
        seen.set(line, nth + 1);
        const triple = types.lines[line]?.slice(nth * 3, nth * 3 + 3) ?? [];
        expect(triple.slice(0, 2)).toEqual([column, length]);
        const row = types.names[triple[2] ?? -1];
        expect(row?.slice(0, 2)).toEqual([
          names[name]?.type,
          names[name]?.sentence,
        ]);
        const rows = references.uses[references.lines[line]?.[nth] ?? -1];
        expect(rows?.length).toBe(uses[usesOf[i] ?? -1]?.length);
      }
    }
  });
});
