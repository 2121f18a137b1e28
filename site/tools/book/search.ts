/**
 * What the search finds without a full-text index: symbols of raft/, lines of
 * v1.1.1 and its select cases. The page loads it at the first search, so it is
 * made of short rows.
 *
 * Absent: prose. Pagefind has that.
 */

import type { Book, LessonPlace, Ours } from "./types.ts";

/** name, kind, file, line, sentence */
export type SymbolRow = readonly [string, string, string, number, string];

/** name, file, line, and of the lesson: its row and the passage's anchor */
export type TargetRow = readonly [
  name: string,
  file: string,
  line: number,
  lesson?: number,
  anchor?: string,
];

/** Go file, start, end, its text, and ours, the best first. */
export type GoRow = readonly [
  file: string,
  start: number,
  end: number,
  text: string,
  ours: readonly TargetRow[],
];

export interface SearchRows {
  readonly symbols: readonly SymbolRow[];
  readonly go: readonly GoRow[];
  readonly cases: readonly GoRow[];
  readonly parts: readonly GoRow[];
  /** Where a lesson speaks of lines of Go: file, start, end, lesson. */
  readonly cited: readonly (readonly [string, number, number, number])[];
  /** Route and how the lesson is called. */
  readonly lessons: readonly (readonly [route: string, title: string])[];
  /** name, what it carries, anchor */
  readonly channels: readonly (readonly [string, string, string])[];
}

export function searchRows(
  book: Pick<Book, "symbols" | "go" | "channels">,
): SearchRows {
  const symbols = Object.values(book.symbols)
    .filter((symbol) => symbol.kind !== "header")
    .map(
      ({ name, kind, file, code, sentence }): SymbolRow => [
        name,
        kind,
        file,
        code.start,
        sentence,
      ],
    );
  const go: GoRow[] = [];
  const cases: GoRow[] = [];
  const parts: GoRow[] = [];
  const cited: [string, number, number, number][] = [];
  const lessons = new Shelf();
  const targets = (all: readonly Ours[]) =>
    all.map((ours) => target(lessons, ours));
  for (const { file, symbols, ...theirs } of book.go) {
    for (const { name, start, end, ours, cases: own } of symbols) {
      go.push([file, start, end, name, targets(ours)]);
      for (const one of own) {
        const text = `${one.text} · ${name}`;
        cases.push([file, one.start, one.end, text, targets(one.ours)]);
      }
    }
    for (const { in: name, start, end, ours } of theirs.parts) {
      parts.push([file, start, end, name, targets([ours])]);
    }
    for (const { start, end, lesson } of theirs.cited) {
      cited.push([file, start, end, lessons.row(lesson)]);
    }
  }
  return {
    symbols,
    go,
    cases,
    parts,
    cited,
    lessons: lessons.all,
    channels: book.channels.map(({ name, carries, anchor }) => [
      name,
      carries,
      anchor,
    ]),
  };
}

/** Each lesson stands in the file once. */
class Shelf {
  readonly all: (readonly [string, string])[] = [];

  row({ route, title, number }: LessonPlace): number {
    const [page = route] = route.split("#");
    const known = this.all.findIndex(([one]) => one === page);
    if (known >= 0) return known;
    const name = number > 0 ? `Lesson ${number}: ${title}` : title;
    return this.all.push([page, name]) - 1;
  }
}

function target(lessons: Shelf, { id, file, line, lesson }: Ours): TargetRow {
  const name = id.split("#")[1] || file;
  if (!lesson) return [name, file, line];
  const [, anchor] = lesson.route.split("#");
  const row = lessons.row(lesson);
  return anchor ? [name, file, line, row, anchor] : [name, file, line, row];
}
