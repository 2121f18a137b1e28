/**
 * What is known of every name in raft/: each place where one stands, its type
 * as the language service displays it there, the first sentence of its doc
 * comment, where it is defined, and where else it is used.
 *
 * A Survey is what the language service said, and is kept. The rest is what
 * the reader's browser loads: three small files for each file of raft/, each at
 * the first question that needs it.
 *
 * Lines count from 1, columns from 0, both in the file and not in an excerpt.
 */

import type { PassageKind } from "../engine/types.ts";

/** By file of raft/. */
export type Survey = Readonly<Record<string, FileSurvey>>;

export interface FileSurvey {
  /** What a name can be in this file; many places share one. */
  readonly names: readonly SurveyedName[];
  /** Four numbers a place: line, column, length, and which of the names. */
  readonly places: readonly number[];
  /** Where a name is used: many places share one answer. */
  readonly uses: readonly (readonly Use[])[];
  /** For each place, which of the uses. */
  readonly usesOf: readonly number[];
}

export interface SurveyedName {
  readonly type: string;
  readonly sentence: string;
  /** In the order of the language service; none for `undefined`. */
  readonly definitions: readonly Use[];
}

/**
 * A file and a line. The file is one of raft/, or, for a definition,
 * "node_modules/typescript/lib/lib.es5.d.ts".
 */
export type Use = readonly [file: string, line: number];

// ------------------------------------------------------- what is loaded

/** names/raft.ts/types.json */
export interface TypesFile {
  /** The files that definitions stand in. */
  readonly files: readonly string[];
  /** Passages that explain a name of this file. */
  readonly passages: readonly PassageRow[];
  readonly names: readonly NameRow[];
  /** By line, three numbers a place: column, length, which of the names. */
  readonly lines: Readonly<Record<string, readonly number[]>>;
}

/** The lesson's title and number, and the passage's address in the site. */
export type PassageRow = readonly [
  title: string,
  number: number,
  route: string,
];

/** Definitions are pairs, which of the files and a line. */
export type NameRow = readonly [
  type: string,
  sentence: string,
  definitions: readonly number[],
  passages?: readonly number[],
];

/** names/raft.ts/references.json */
export interface ReferencesFile {
  readonly files: readonly string[];
  /** Names of the functions and types that uses stand in. */
  readonly symbols: readonly string[];
  /** Three numbers a place: which of the files, line, which of the symbols. */
  readonly places: readonly number[];
  /** Each a list of places, twice when a name stands twice on the line. */
  readonly uses: readonly (readonly number[])[];
  /** By line, in the order of its places: which of the uses. */
  readonly lines: Readonly<Record<string, readonly number[]>>;
}

/** names/raft.ts/passages.json: what speaks of its lines, narrowest first. */
export interface PassagesFile {
  readonly passages: readonly (readonly [
    start: number,
    end: number,
    kind: PassageKind,
    ...PassageRow,
    words?: string,
    proof?: string,
  ])[];
}
