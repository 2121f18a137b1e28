/**
 * What the search finds without a full-text index: symbols of raft/, lines of
 * v1.1.1 and its select cases. The page loads it at the first search, so it is
 * made of short rows.
 *
 * Absent: prose. Pagefind has that.
 */

import type { Book, Ours } from "./types.ts";

/** name, kind, file, line, sentence */
export type SymbolRow = readonly [string, string, string, number, string];

/** Go file, start, end, its text, and our file and line if we have them. */
export type GoRow = readonly [
  string,
  number,
  number,
  string,
  string?,
  number?,
  string?,
];

export interface SearchRows {
  readonly symbols: readonly SymbolRow[];
  readonly go: readonly GoRow[];
  readonly cases: readonly GoRow[];
  /** name, what it carries, anchor */
  readonly channels: readonly (readonly [string, string, string])[];
}

export function searchRows(book: Book): SearchRows {
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
  for (const file of book.go) {
    for (const symbol of file.symbols) {
      const { name, start, end, ours } = symbol;
      go.push([file.file, start, end, name, ...target(ours[0])]);
      for (const one of symbol.cases) {
        const at = one.ours ?? ours[0];
        const text = `${one.text} · ${name}`;
        cases.push([file.file, one.start, one.end, text, ...target(at)]);
      }
    }
  }
  return {
    symbols,
    go,
    cases,
    channels: book.channels.map(({ name, carries, anchor }) => [
      name,
      carries,
      anchor,
    ]),
  };
}

function target(ours: Ours | undefined): [] | [string, number, string?] {
  if (!ours) return [];
  const { file, line, lesson } = ours;
  return lesson ? [file, line, lesson.route] : [file, line];
}
