/**
 * Builds the book: one index of raft/, its lessons read against it, every
 * file coloured. One call a build; in `astro dev` one call a change.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Hurry } from "../apart.ts";
import { drawDiagrams } from "../diagrams/draw.ts";
import { backlinks } from "../engine/backlinks.ts";
import { channels } from "../engine/channels.ts";
import { checkWorld } from "../engine/check.ts";
import { coverage } from "../engine/coverage.ts";
import type {
  ChannelCard,
  SourceFile,
  SourceIndex,
  SourceSymbol,
  Suite,
} from "../engine/types.ts";
import { upstreamOf } from "../engine/upstream.ts";
import { readWorld } from "../engine/world.ts";
import { readExercises } from "../exercises/read.ts";
import { surveyNames } from "../names/site.ts";
import { drawPictures } from "../pictures/draw.ts";
import { playScenarios } from "../scenarios/play.ts";
import { atlasOf, goFiles } from "./go.ts";
import { withGoRanges } from "./go-range.ts";
import { highlightLines } from "./highlight.ts";
import { bookLesson, lessonMarks } from "./lessons.ts";
import { logTexts } from "./logs.ts";
import type {
  Book,
  BookChannel,
  BookFile,
  BookSuite,
  BookSymbol,
  UpstreamTestRow,
} from "./types.ts";

export async function buildBook(root: string, hurry?: Hurry): Promise<Book> {
  const world = readWorld(root);
  const { index } = world;
  // In processes of their own, while this one goes on.
  const scenarios = playScenarios(root, hurry);
  const pictures = drawPictures(root, world.lessons, hurry);
  // In a build; `astro dev` asks for the names of one file at a time.
  if (!hurry) surveyNames(root, [...index.files.values()]);
  const faults = checkWorld(world);
  const files: Record<string, BookFile> = {};
  for (const file of index.files.values()) {
    files[file.path] = await bookFile(file);
  }
  const symbols = [...index.symbols.values()].map((symbol) =>
    bookSymbol(index, symbol),
  );
  const marks = lessonMarks(world);
  const atlas = atlasOf(index, marks, world.lessons);
  const go = goFiles(atlas);
  const diagrams = world.lessons.flatMap((lesson) => lesson.diagrams);
  const drawings = drawDiagrams(
    root,
    diagrams.map(({ source }) => source),
  );
  return {
    files,
    symbols: Object.fromEntries(symbols.map((one) => [one.id, one])),
    names: Object.fromEntries(
      [...index.names].map(([name, all]) => [name, all.map(({ id }) => id)]),
    ),
    lessons: world.lessons
      .map((one) => bookLesson(world, faults, drawings, one))
      .map((one) => withGoRanges(index, go, one)),
    marks,
    exercises: Object.fromEntries(
      readExercises(root).map((one) => [one.name, one]),
    ),
    coverage: coverage(index, backlinks(world.lessons, index)),
    channels: channels(index).map(bookChannel()),
    go,
    logs: logTexts(atlas),
    upstreamTests: upstreamTests(root, index),
    suites: await Promise.all(
      world.suites.map((suite) => bookSuite(root, suite)),
    ),
    scenarios: await scenarios,
    pictures: await pictures,
    faults,
    ...repository(root),
  };
}

/** Where the files of this very commit can be seen, if anywhere. */
function repository(root: string): { repository?: string } {
  const url = process.env.REPOSITORY_URL?.replace(/\/$/, "");
  if (!url) return {};
  const asked = spawnSync("git", ["rev-parse", "HEAD"], {
    cwd: root,
    encoding: "utf8",
  });
  const commit = asked.stdout?.trim();
  if (/^[0-9a-f]{40}$/.test(commit ?? "")) {
    return { repository: `${url}/blob/${commit}` };
  }
  throw new Error(
    "REPOSITORY_URL is set, but git does not say which commit is built",
  );
}

async function bookFile(file: SourceFile): Promise<BookFile> {
  const header = file.symbols.find(({ kind }) => kind === "header");
  return {
    path: file.path,
    lines: file.lines,
    html: await highlightLines(file.text),
    symbols: file.symbols.map(({ id }) => id),
    sentence: header?.sentence ?? "",
  };
}

async function bookSuite(root: string, suite: Suite): Promise<BookSuite> {
  const { name, file, claims } = suite;
  const text = readFileSync(path.join(root, file), "utf8").trimEnd();
  return {
    name,
    file,
    lines: text.split("\n"),
    html: await highlightLines(text),
    claims: claims.map((claim) => ({
      name: claim.name,
      range: claim.range,
    })),
  };
}

export function bookSymbol(
  index: SourceIndex,
  symbol: SourceSymbol,
): BookSymbol {
  const { id, file, name, kind, exported, task, sentence, doc, tags } = symbol;
  const { code, whole, parent, members } = symbol;
  return {
    id,
    file,
    name,
    kind,
    exported,
    task,
    sentence,
    doc,
    tags,
    code,
    whole,
    ...(parent === undefined ? {} : { parent }),
    members,
    upstream: tags.go.length > 0 ? upstreamOf(index, symbol) : [],
  };
}

/** A channel's anchor is its name; a second of that name says its owner. */
function bookChannel(): (card: ChannelCard) => BookChannel {
  const taken = new Set<string>();
  return (card) => {
    const { id, name, aliases, carries, symbol } = card;
    const { makers, senders, receivers, closers, secondSignal } = card;
    const anchor = taken.has(name) ? id.replace(/\W+/g, "-") : name;
    taken.add(name);
    return {
      id,
      anchor,
      name,
      aliases: aliases.map((alias) => alias.split(/[#./]/).at(-1) ?? alias),
      carries,
      doc: symbol.sentence,
      file: symbol.file,
      line: symbol.code.start,
      makers,
      senders,
      receivers,
      closers,
      ...(secondSignal === undefined ? {} : { secondSignal }),
    };
  };
}

/** Upstream's tests; ours is the one that bears the same name. */
function upstreamTests(root: string, index: SourceIndex): UpstreamTestRow[] {
  const places = new Map<string, { file: string; line: number }>();
  for (const name of testFiles(path.join(root, "test"))) {
    const file = path.relative(root, name);
    const lines = readFileSync(name, "utf8").split("\n");
    for (const [i, line] of lines.entries()) {
      for (const [, said = ""] of line.matchAll(/"(Test\w+)"/g)) {
        if (!places.has(said)) places.set(said, { file, line: i + 1 });
      }
    }
  }
  return index.upstream.tests.map((test) => {
    const ours = places.get(test.name);
    const row = test as UpstreamTestRow;
    return ours ? { ...row, ours } : row;
  });
}

function testFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => path.join(folder, file));
}
