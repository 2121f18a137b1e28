/**
 * What the search finds without a full-text index: symbols of raft/, lines of
 * v1.1.1 and its select cases, the texts of log lines; and what readers asked
 * and tests prove about a line. The page loads it at the first search, so it
 * is made of short rows.
 *
 * Absent: prose. Pagefind has that.
 */

import { questions, type ReaderQuestion } from "../../data/questions.ts";
import type {
  Book,
  BookClaim,
  LessonPlace,
  Ours,
  SourceLines,
} from "./types.ts";

/** name, kind, file, line, sentence, last line */
export type SymbolRow = readonly [
  name: string,
  kind: string,
  file: string,
  line: number,
  sentence: string,
  end: number,
];

/** A lesson's row, and the anchor of a passage in it. */
export type PassageRow = readonly [lesson: number, anchor?: string];

/** name, file, lines, and the passages that explain them, the best first */
export type TargetRow = readonly [
  name: string,
  file: string,
  line: number,
  end: number,
  ...explained: readonly PassageRow[],
];

/** Go file, start, end, its text, and ours, the best first. */
export type GoRow = readonly [
  file: string,
  start: number,
  end: number,
  text: string,
  ours: readonly TargetRow[],
];

/** A text, the line it stands on, and what is around it. */
export type LogRow = readonly [text: string, line: number, ours: TargetRow];

/** Where a lesson speaks of lines of Go. */
export type CitedRow = readonly [
  file: string,
  start: number,
  end: number,
  passage: PassageRow,
];

export type LinesRow = readonly [file: string, start: number, end: number];

/** What a reader asked, the lines it is about, and other words for it. */
export type AskedRow = readonly [
  anchor: string,
  english: string,
  chinese: string,
  about: readonly LinesRow[],
  others: string,
];

/** A test, its suite and its lines there, "L107-L126", and what it proves. */
export type ProofRow = readonly [
  test: string,
  suite: string,
  place: string,
  about: readonly LinesRow[],
];

export interface SearchRows {
  readonly symbols: readonly SymbolRow[];
  /** Files of v1.1.1, and how many lines each has. */
  readonly files: readonly (readonly [file: string, lines: number])[];
  readonly go: readonly GoRow[];
  readonly cases: readonly GoRow[];
  readonly parts: readonly GoRow[];
  readonly cited: readonly CitedRow[];
  readonly logs: readonly LogRow[];
  readonly asked: readonly AskedRow[];
  readonly proofs: readonly ProofRow[];
  /** Route, title and number. */
  readonly lessons: readonly (readonly [
    route: string,
    title: string,
    number: number,
  ])[];
  /** name, what it carries, anchor */
  readonly channels: readonly (readonly [string, string, string])[];
}

type Searched = "symbols" | "go" | "channels" | "logs" | "lessons";

export function searchRows(book: Pick<Book, Searched>): SearchRows {
  const lessons = new Shelf();
  const targets = (all: readonly Ours[]) =>
    all.map((ours) => target(lessons, ours));
  const rowsOfGo = book.go.map(({ file, symbols, parts, cited }) => ({
    go: symbols.map(({ name, start, end, ours }) =>
      goRow(file, start, end, name, targets(ours)),
    ),
    cases: symbols.flatMap(({ name, cases }) =>
      cases.map(({ text, start, end, ours }) =>
        goRow(file, start, end, `${text} · ${name}`, targets(ours)),
      ),
    ),
    parts: parts.map(({ in: name, start, end, ours }) =>
      goRow(file, start, end, name, targets([ours])),
    ),
    cited: cited.map(
      ({ start, end, lesson }): CitedRow => [
        file,
        start,
        end,
        lessons.passage(lesson),
      ],
    ),
  }));
  return {
    symbols: symbolRows(book),
    files: book.go.map(({ file, lines }) => [file, lines]),
    go: rowsOfGo.flatMap(({ go }) => go),
    cases: rowsOfGo.flatMap(({ cases }) => cases),
    parts: rowsOfGo.flatMap(({ parts }) => parts),
    cited: rowsOfGo.flatMap(({ cited }) => cited),
    logs: book.logs.map(({ text, line, ours }) => [
      text,
      line,
      target(lessons, ours),
    ]),
    asked: questions.flatMap((question) => askedRow(book, question)),
    proofs: claimsOf(book).flatMap(proofRow),
    lessons: lessons.all,
    channels: book.channels.map(({ name, carries, anchor }) => [
      name,
      carries,
      anchor,
    ]),
  };
}

function symbolRows({ symbols }: Pick<Book, "symbols">): SymbolRow[] {
  return Object.values(symbols)
    .filter((symbol) => symbol.kind !== "header")
    .map(({ name, kind, file, code, sentence }) => [
      name,
      kind,
      file,
      code.start,
      sentence,
      code.end,
    ]);
}

function goRow(
  file: string,
  start: number,
  end: number,
  text: string,
  ours: readonly TargetRow[],
): GoRow {
  return [file, start, end, text, ours];
}

/** Each lesson stands in the file once. */
class Shelf {
  readonly all: (readonly [string, string, number])[] = [];

  passage({ route, title, number }: LessonPlace): PassageRow {
    const [page = route, anchor] = route.split("#");
    const known = this.all.findIndex(([one]) => one === page);
    const row = known >= 0 ? known : this.all.push([page, title, number]) - 1;
    return anchor === undefined ? [row] : [row, anchor];
  }
}

function target(
  lessons: Shelf,
  { id, file, line, end, lesson, also }: Ours,
): TargetRow {
  const name = id.split("#")[1] || file;
  const explained = [...(lesson ? [lesson] : []), ...also];
  const passages = explained.map((one) => lessons.passage(one));
  return [name, file, line, end, ...passages];
}

// -------------------------------------------- what is asked, what is proved

/** A claim speaks of the lines it is bound to. Where its break is says less. */
function proofRow({ test, proof, file, range }: BookClaim): ProofRow[] {
  const [, suite, place] = /\/proof\/(.+)\/#(.+)$/.exec(proof ?? "") ?? [];
  if (!suite || !place || !file || !range) return [];
  return [[test, suite, place, [linesRow({ file, range })]]];
}

/**
 * A question lies where its answer is proved, at the place it names, and at
 * what its answer names of all that its lesson explains.
 */
function askedRow(
  book: Pick<Book, "symbols" | "lessons">,
  asked: ReaderQuestion,
): AskedRow[] {
  const { id, question, inOtherWords, lesson, claim, place } = asked;
  const proof = claimsOf(book, lesson).find(({ test }) => test === claim);
  const named = [place, ...namedBy(book, asked)]
    .flatMap((id) => book.symbols[id ?? ""] ?? [])
    .filter(({ kind }) => kind !== "header")
    .map(({ file, code }) => linesRow({ file, range: code }));
  const about = [
    ...(proof ? proofRow(proof).flatMap(([, , , lines]) => lines) : []),
    ...named,
  ];
  if (about.length === 0) return [];
  const others = Object.values(inOtherWords ?? {}).join(" ");
  return [[id.toLowerCase(), question.en, question.zh, about, others]];
}

/** Of what the lesson explains, the addresses whose names the answer says. */
function namedBy(
  { lessons }: Pick<Book, "lessons">,
  { lesson, answer }: ReaderQuestion,
): string[] {
  return lessons
    .filter(({ front, locale }) => locale === "en" && front.number === lesson)
    .flatMap(({ front }) => front.explains ?? [])
    .filter((id) => answer.en.includes(`\`${id.split("#")[1]}\``));
}

function linesRow({ file, range }: SourceLines): LinesRow {
  return [file, range.start, range.end];
}

/** Of one lesson, or of all; a claim that two lessons cite counts once. */
function claimsOf(
  { lessons }: Pick<Book, "lessons">,
  number?: number | null,
): BookClaim[] {
  const all = lessons
    .filter(({ locale }) => locale === "en")
    .filter(({ front }) => number === undefined || front.number === number)
    .flatMap(({ claims }) => claims);
  const first = new Map(all.toReversed().map((one) => [one.test, one]));
  return all.filter((one) => first.get(one.test) === one);
}
