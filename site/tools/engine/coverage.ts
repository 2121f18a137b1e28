// How much of raft/ the lessons explain: for each file, the lines of code that
// a note or claim is bound to, those that an excerpt only shows, and those
// that no lesson has touched yet.
//
// A line of code is one with a token on it: blank lines, comments and imports
// do not count, on neither side. A block that a note opens but does not cover
// is not explained by it.

import ts from "typescript";
import type { Backlinks, LineRange, SourceFile, SourceIndex } from "./types.ts";

export interface FileCoverage {
  readonly code: number;
  readonly explained: number;
  /** In an excerpt, and bound to no note. */
  readonly shown: number;
  /** The stretches that no lesson shows or explains. */
  readonly untouched: readonly LineRange[];
}

export interface Coverage {
  readonly files: Readonly<Record<string, FileCoverage>>;
  readonly code: number;
  readonly explained: number;
  readonly shown: number;
}

export function coverage(index: SourceIndex, links: Backlinks): Coverage {
  const files = [...index.files.values()].map(
    (file) => [file.path, fileCoverage(file, links)] as const,
  );
  const sum = (of: (one: FileCoverage) => number) =>
    files.reduce((total, [, one]) => total + of(one), 0);
  return {
    files: Object.fromEntries(files),
    code: sum(({ code }) => code),
    explained: sum(({ explained }) => explained),
    shown: sum(({ shown }) => shown),
  };
}

/** Out of a hundred, cut off after one decimal: 12.3. */
export function percentExplained(
  one: Pick<Coverage, "code" | "explained">,
): number {
  return one.code === 0
    ? 0
    : Math.floor((one.explained * 1000) / one.code) / 10;
}

function fileCoverage(file: SourceFile, links: Backlinks): FileCoverage {
  const code = codeLines(file);
  const said = links.get(file.path) ?? [];
  const explained = linesIn(said.filter(({ kind }) => kind !== "excerpt"));
  const shown = linesIn(said);
  const left = code.filter((line) => !shown.has(line) && !explained.has(line));
  return {
    code: code.length,
    explained: code.filter((line) => explained.has(line)).length,
    shown: code.filter((line) => shown.has(line) && !explained.has(line))
      .length,
    untouched: stretches(left, code),
  };
}

const known = new WeakMap<SourceFile, readonly number[]>();

/** The lines with a token of the language on them, in order. */
function codeLines(file: SourceFile): readonly number[] {
  const lines = known.get(file) ?? readCodeLines(file);
  known.set(file, lines);
  return lines;
}

function readCodeLines({ node }: SourceFile): number[] {
  const lines = new Set<number>();
  const visit = (part: ts.Node): void => {
    if (ts.isJSDoc(part) || ts.isImportDeclaration(part)) return;
    const parts = part.getChildren(node);
    if (parts.length > 0) {
      for (const one of parts) visit(one);
    } else if (part.getEnd() > part.getStart(node)) {
      const line = (at: number) => node.getLineAndCharacterOfPosition(at).line;
      for (let n = line(part.getStart(node)); n <= line(part.getEnd()); n++) {
        lines.add(n + 1);
      }
    }
  };
  visit(node);
  return [...lines].sort((a, b) => a - b);
}

function linesIn(
  ranges: readonly { readonly range: LineRange }[],
): ReadonlySet<number> {
  const lines = new Set<number>();
  for (const { range } of ranges) {
    for (let line = range.start; line <= range.end; line++) lines.add(line);
  }
  return lines;
}

/** Lines with no other line of code between them, as ranges. */
function stretches(left: readonly number[], code: readonly number[]) {
  const place = new Map(code.map((line, i) => [line, i]));
  const found: { start: number; end: number }[] = [];
  for (const line of left) {
    const last = found.at(-1);
    const follows = last && place.get(line) === (place.get(last.end) ?? 0) + 1;
    if (follows) last.end = line;
    else found.push({ start: line, end: line });
  }
  return found;
}
