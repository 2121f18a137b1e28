/**
 * Which lines of v1.1.1 an excerpt shows. Its symbol's tag names a function of
 * Go; where the map of Go's places knows which lines of that function became
 * the lines shown, these are named instead.
 *
 * Absent: a guess. Where the first or the last line shown is in no known place,
 * or our order is another, it stays with the whole function.
 */

import { Problem } from "../engine/fault.ts";
import type { LineRange, SourceIndex, UpstreamLink } from "../engine/types.ts";
import { upstreamLines } from "../engine/upstream.ts";
import type { BookLesson, BookSlice, GoFile, Ours } from "./types.ts";

/** Lines of Go, and the lines of ours that they became. */
interface Known {
  readonly theirs: LineRange;
  readonly ours: LineRange;
}

export function withGoRanges(
  index: SourceIndex,
  go: readonly GoFile[],
  lesson: BookLesson,
): BookLesson {
  const ranged = (slice: BookSlice) => withGoRange(index, go, slice);
  const excerpts = lesson.excerpts.map(({ main, beside, ...rest }) => ({
    ...rest,
    ...(main ? { main: ranged(main) } : {}),
    ...(beside ? { beside: ranged(beside) } : {}),
  }));
  return { ...lesson, excerpts };
}

export function withGoRange(
  index: SourceIndex,
  go: readonly GoFile[],
  slice: BookSlice,
): BookSlice {
  const lines = index.files.get(slice.file)?.lines ?? [];
  const upstream = slice.upstream.map((whole) => {
    const { start, end } = goRange(go, lines, slice, whole);
    if (start === whole.start && end === whole.end) return whole;
    const found = upstreamLines(index.upstream, whole, `${start}-${end}`);
    return found instanceof Problem ? whole : found;
  });
  return { ...slice, upstream };
}

/** Of the function `whole` the lines that became these lines of the symbol. */
export function goRange(
  go: readonly GoFile[],
  lines: readonly string[],
  { symbol, range }: Pick<BookSlice, "symbol" | "range">,
  whole: UpstreamLink,
): LineRange {
  const { parts, cases } = knownIn(go, whole, symbol);
  const found =
    tightest(parts, lines, range) ??
    tightest([...parts, ...cases], lines, range);
  return found && size(found) < size(whole) ? found : whole;
}

/** A part is the symbol; a case may do no more than call it. */
function knownIn(
  go: readonly GoFile[],
  { name, file }: UpstreamLink,
  symbol: string,
): { readonly parts: readonly Known[]; readonly cases: readonly Known[] } {
  const found = go.find((one) => one.file === file);
  const cases = found?.symbols.find((one) => one.name === name)?.cases ?? [];
  const known = ({ start, end }: LineRange, ours: readonly Ours[]): Known[] =>
    ours
      .filter(({ id }) => id === symbol)
      .map((one) => ({
        theirs: { start, end },
        ours: { start: one.line, end: one.end },
      }));
  return {
    parts: (found?.parts ?? [])
      .filter((part) => part.in === name)
      .flatMap((part) => known(part, [part.ours])),
    cases: cases.flatMap((one) => known(one, one.ours)),
  };
}

/**
 * The smallest place around the lines; or from the first to the last place that
 * they touch, if they begin and end in one and Go has all in the same order.
 */
function tightest(
  known: readonly Known[],
  lines: readonly string[],
  shown: LineRange,
): LineRange | undefined {
  const around = known.filter(({ ours }) => contains(ours, shown));
  const within = known.filter((one) => !around.includes(one));
  const said = numbers(shown).filter((at) => says(lines[at - 1] ?? ""));
  const met = within.filter(({ ours }) => said.some((at) => has(ours, at)));
  const ends = [said[0], said.at(-1)];
  const whole =
    inOrder(met) &&
    ends.every(
      (at) => at !== undefined && met.some(({ ours }) => has(ours, at)),
    );
  const joined = {
    start: Math.min(...met.map(({ theirs }) => theirs.start)),
    end: Math.max(...met.map(({ theirs }) => theirs.end)),
  };
  return [...around.map(({ theirs }) => theirs), ...(whole ? [joined] : [])]
    .toSorted((a, b) => size(a) - size(b))
    .at(0);
}

/** What comes later here begins no earlier there. */
function inOrder(known: readonly Known[]): boolean {
  const starts = known
    .toSorted(
      (a, b) => a.ours.start - b.ours.start || size(b.ours) - size(a.ours),
    )
    .map(({ theirs }) => theirs.start);
  return starts.every((start, at) => start >= (starts[at - 1] ?? 0));
}

/** Go may have no line for a comment, a bracket or a bare return. */
function says(line: string): boolean {
  const bare = line.replace(/[\s[\](){};,]|finally/g, "");
  return !/^(|\/\/.*|\/?\*.*|return(true|false)?)$/.test(bare);
}

function numbers({ start, end }: LineRange): number[] {
  return Array.from({ length: end - start + 1 }, (_, i) => start + i);
}

function has({ start, end }: LineRange, line: number): boolean {
  return start <= line && line <= end;
}

function contains(outer: LineRange, inner: LineRange): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function size({ start, end }: LineRange): number {
  return end - start;
}
