// Excerpts: lines of one symbol, byte for byte as the file has them, with
// their true numbers. The grey lines around a part come from inside the same
// symbol, so that an excerpt never shows code that its address does not name.

import { fileOf, resolveSymbol } from "./address.ts";
import { Problem } from "./fault.ts";
import { firstMatch, onlyMatch } from "./match.ts";
import { linesOf, numbered, sharedIndent, spanOfLines } from "./text.ts";
import type {
  ExcerptRequest,
  NumberedLine,
  ResolvedExcerpt,
  SourceFile,
  SourceIndex,
  SourceSymbol,
  Span,
  UpstreamLink,
} from "./types.ts";
import { upstreamLines, upstreamOf } from "./upstream.ts";

/** Grey lines above and below an excerpt. */
const CONTEXT = 2;

export function resolveExcerpt(
  index: SourceIndex,
  request: ExcerptRequest,
): ResolvedExcerpt | Problem {
  const symbol = resolveSymbol(index, request.of);
  if (symbol instanceof Problem) return symbol;
  const file = fileOf(index, symbol);
  const limits = request.doc ? wholeSpan(file, symbol) : symbol.span;
  const span = cut(file, symbol, limits, request);
  if (span instanceof Problem) return span;
  const upstream = upstreamPart(index, symbol, request.go);
  if (upstream instanceof Problem) return upstream;
  return excerptOf(file, symbol, request, limits, span, upstream);
}

function excerptOf(
  file: SourceFile,
  symbol: SourceSymbol,
  request: ExcerptRequest,
  limits: Span,
  span: Span,
  upstream: readonly UpstreamLink[],
): ResolvedExcerpt {
  const range = linesOf(file.text, span);
  const around = linesOf(file.text, limits);
  const before = fromText(
    numbered(file.lines, {
      start: Math.max(around.start, range.start - CONTEXT),
      end: range.start - 1,
    }),
  );
  const after = toText(
    numbered(file.lines, {
      start: range.end + 1,
      end: Math.min(around.end, range.end + CONTEXT),
    }),
  );
  const lines = numbered(file.lines, range);
  const shown = [...before, ...lines, ...after].map((line) => line.text);
  return {
    request,
    symbol,
    file: symbol.file,
    span,
    range,
    lines,
    before,
    after,
    indent: sharedIndent(shown),
    code: lines.map((line) => line.text).join("\n"),
    caption: captionOf(
      symbol,
      range.start > around.start || range.end < around.end,
    ),
    upstream,
  };
}

/** From the first match of `from` to the end of the first `to` after it. */
function cut(
  file: SourceFile,
  symbol: SourceSymbol,
  limits: Span,
  { from, to }: ExcerptRequest,
): Span | Problem {
  const first =
    from === undefined
      ? { start: limits.start, end: limits.start }
      : onlyMatch(file, symbol, limits, "from", from);
  if (first instanceof Problem) return first;
  if (to === undefined) return { start: first.start, end: limits.end };
  const last = firstMatch(file, symbol, limits, first.start, to);
  if (last instanceof Problem) return last;
  return { start: first.start, end: Math.max(first.end, last.end) };
}

// A grey line that is blank shows nothing at the outer edge. Next to the
// excerpt it stays, so that the numbers never jump.

function fromText(lines: readonly NumberedLine[]): readonly NumberedLine[] {
  const first = lines.findIndex(hasText);
  return first < 0 ? [] : lines.slice(first);
}

function toText(lines: readonly NumberedLine[]): readonly NumberedLine[] {
  return lines.slice(0, lines.findLastIndex(hasText) + 1);
}

function hasText({ text }: NumberedLine): boolean {
  return text.trim() !== "";
}

function captionOf(symbol: SourceSymbol, part: boolean): string {
  if (symbol.kind === "header") return `the header of ${symbol.file}`;
  return `${part ? "in " : ""}\`${symbol.name}\`, ${symbol.file}`;
}

function upstreamPart(
  index: SourceIndex,
  symbol: SourceSymbol,
  lines: string | undefined,
): UpstreamLink[] | Problem {
  const whole = upstreamOf(index, symbol);
  if (lines === undefined) return whole;
  if (whole.length === 0) {
    return new Problem(
      "upstream-lines",
      `${symbol.id} has no Go: tag that the table knows, so go="${lines}" ` +
        "names nothing",
    );
  }
  const parts = whole.map((one) => upstreamLines(index.upstream, one, lines));
  const fit = parts.find((part) => !(part instanceof Problem));
  const [answer] = fit ? [fit] : parts;
  return answer instanceof Problem ? answer : [answer as UpstreamLink];
}

function wholeSpan(file: SourceFile, symbol: SourceSymbol): Span {
  const start = spanOfLines(file.text, symbol.whole).start;
  const text = file.text.slice(start);
  const blank = text.length - text.trimStart().length;
  return { start: start + blank, end: symbol.span.end };
}
