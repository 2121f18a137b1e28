// Bindings: the lines a note or claim speaks of, and the digest of the syntax
// it was written for.

import { fileOf } from "./address.ts";
import {
  clausesWithin,
  digest,
  digestOfWords,
  type Token,
  tokensOf,
} from "./digest.ts";
import { resolveExcerpt } from "./excerpt.ts";
import { Problem } from "./fault.ts";
import { firstMatch, onlyMatch } from "./match.ts";
import { dedent, linesOf, spanOfLines } from "./text.ts";
import type {
  Binding,
  LessonClaim,
  LessonNote,
  LineRange,
  OnRequest,
  ResolvedExcerpt,
  SourceFile,
  SourceIndex,
  SourceSymbol,
  Span,
} from "./types.ts";

/** The code of a note or claim; `undefined` for a claim bound to none. */
export function bind(
  index: SourceIndex,
  passage: LessonNote | LessonClaim,
): Binding | Problem | undefined {
  if (passage.within === undefined) return undefined;
  const excerpt = resolveExcerpt(index, passage.within);
  if (excerpt instanceof Problem) return excerpt;
  return resolveOn(index, excerpt, passage.request);
}

/** What a note or claim within this excerpt speaks of. */
export function resolveOn(
  index: SourceIndex,
  excerpt: ResolvedExcerpt,
  { on, to }: OnRequest,
): Binding | Problem {
  const { symbol, span } = excerpt;
  const file = fileOf(index, symbol);
  if (on === undefined) return bindingOf(file, symbol, span, wholeOf(excerpt));
  const lines = spanOfLines(file.text, excerpt.range);
  const first = onlyMatch(file, symbol, lines, "on", on);
  if (first instanceof Problem) return first;
  if (to === undefined) return bindingOf(file, symbol, first);
  const last = firstMatch(file, symbol, lines, first.start, to);
  if (last instanceof Problem) return last;
  const both = { start: first.start, end: Math.max(first.end, last.end) };
  return bindingOf(file, symbol, both);
}

/** Every token of the symbol, when the excerpt shows the whole of it. */
function wholeOf(excerpt: ResolvedExcerpt): readonly Token[] | undefined {
  const { from, to } = excerpt.request;
  if (from !== undefined || to !== undefined) return undefined;
  const tokens = tokensOf(excerpt.symbol.nodes);
  return tokens.length > 0 ? tokens : undefined;
}

function bindingOf(
  file: SourceFile,
  symbol: SourceSymbol,
  span: Span,
  whole?: readonly Token[],
): Binding {
  const range = linesOf(file.text, span);
  const tokens = whole ?? clausesWithin(tokensOf(symbol.nodes), span);
  const [first] = tokens;
  const last = tokens.at(-1);
  if (first === undefined || last === undefined) {
    const words = linesText(file, range);
    const code = dedent(words);
    return {
      symbol,
      file: file.path,
      range,
      code,
      digest: digestOfWords(words),
    };
  }
  const bound = linesOf(file.text, { start: first.start, end: last.end });
  return {
    symbol,
    file: file.path,
    range,
    code: dedent(linesText(file, bound)),
    digest: digest(tokens),
  };
}

function linesText(file: SourceFile, { start, end }: LineRange): string {
  return file.lines.slice(start - 1, end).join("\n");
}
