// Text found in text. Places of the source are named by the words that stand
// there, so this is what decides whether an address holds.
//
// White space, the kind of quotes and a trailing comma do not count, because a
// formatter may change them. Everything else counts, letter by letter.

import type { LineRange, NumberedLine, Span } from "./types.ts";

/** Every place of `needle` within `span`, as far as a formatter may go. */
export function findAll(text: string, needle: string, span: Span): Span[] {
  const { letters, at } = squeeze(text, span);
  const wanted = squeeze(needle, { start: 0, end: needle.length }).letters;
  const found: Span[] = [];
  if (wanted === "") return found;
  let from = letters.indexOf(wanted);
  while (from >= 0) {
    const last = at[from + wanted.length - 1] as number;
    found.push({ start: at[from] as number, end: last + 1 });
    from = letters.indexOf(wanted, from + 1);
  }
  return found;
}

/** So many answers are remembered; then one begins again. */
const ENOUGH = 1000;

interface Squeezed {
  readonly letters: string;
  readonly at: readonly number[];
}

const squeezed = new Map<string, Squeezed>();

/** The letters that count, and where each of them came from. */
function squeeze(text: string, { start, end }: Span): Squeezed {
  const stretch = text.slice(start, end);
  const key = `${start} ${stretch}`;
  const before = squeezed.get(key);
  if (before) return before;
  const made = squeezeAnew(stretch, start);
  if (squeezed.size === ENOUGH) squeezed.clear();
  squeezed.set(key, made);
  return made;
}

function squeezeAnew(text: string, offset: number): Squeezed {
  const at: number[] = [];
  let letters = "";
  for (let i = 0; i < text.length; i++) {
    const letter = text[i] as string;
    if (letter.trim() === "") continue;
    if (")]}".includes(letter) && letters.endsWith(",")) {
      letters = letters.slice(0, -1);
      at.pop();
    }
    letters += letter === "'" ? '"' : letter;
    at.push(offset + i);
  }
  return { letters, at };
}

/** The number of the line that holds the offset. */
export function lineAt(text: string, offset: number): number {
  const starts = lineStarts(text);
  let [line, after] = [0, starts.length];
  while (after - line > 1) {
    const middle = (line + after) >> 1;
    if ((starts[middle] as number) <= offset) line = middle;
    else after = middle;
  }
  return line + 1;
}

const known = new Map<string, readonly number[]>();

/** Where each line begins. The same few texts are asked about all the time. */
function lineStarts(text: string): readonly number[] {
  const before = known.get(text);
  if (before) return before;
  const starts = [0];
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) {
    starts.push(i + 1);
  }
  if (known.size === ENOUGH) known.clear();
  known.set(text, starts);
  return starts;
}

export function linesOf(text: string, span: Span): LineRange {
  return {
    start: lineAt(text, span.start),
    end: lineAt(text, Math.max(span.start, span.end - 1)),
  };
}

/** From the first character of the first line to the last of the last. */
export function spanOfLines(text: string, { start, end }: LineRange): Span {
  const starts = lineStarts(text);
  const from = (line: number) => starts[line] ?? text.length + 1;
  return { start: from(start - 1), end: from(end) - 1 };
}

export function numbered(
  lines: readonly string[],
  { start, end }: LineRange,
): NumberedLine[] {
  return lines
    .slice(start - 1, end)
    .map((text, i) => ({ number: start + i, text }));
}

/** The columns of white space that every line with text begins with. */
export function sharedIndent(lines: readonly string[]): number {
  const indents = lines
    .filter((line) => line.trim() !== "")
    .map((line) => line.length - line.trimStart().length);
  return indents.length === 0 ? 0 : Math.min(...indents);
}

export function dedent(text: string): string {
  const lines = text.split("\n");
  const indent = sharedIndent(lines);
  return lines.map((line) => line.slice(indent)).join("\n");
}

/** "line 7", "lines 7, 9 and 30". */
export function sayLines(numbers: readonly number[]): string {
  const said = [...new Set(numbers)].map(String);
  if (said.length === 1) return `line ${said[0]}`;
  return `lines ${said.slice(0, -1).join(", ")} and ${said.at(-1)}`;
}

/** Old and new text, line by line: "- old", "+ new", "  same". */
export function diff(was: string, now: string): string {
  const before = was.split("\n");
  const after = now.split("\n");
  const shared = commonLines(before, after);
  const out: string[] = [];
  let b = 0;
  let a = 0;
  for (const [i, j] of [...shared, [before.length, after.length] as const]) {
    while (b < i) out.push(`- ${before[b++]}`);
    while (a < j) out.push(`+ ${after[a++]}`);
    if (i < before.length) out.push(`  ${before[i]}`);
    b = i + 1;
    a = j + 1;
  }
  return out.join("\n");
}

/** The longest common subsequence, as pairs of line indexes. */
function commonLines(
  before: readonly string[],
  after: readonly string[],
): (readonly [number, number])[] {
  const length = before.map(() => new Array<number>(after.length + 1).fill(0));
  length.push(new Array<number>(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      length[i]![j] =
        before[i] === after[j]
          ? length[i + 1]![j + 1]! + 1
          : Math.max(length[i + 1]![j]!, length[i]![j + 1]!);
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (before[i] === after[j]) pairs.push([i++, j++]);
    else if (length[i + 1]![j]! >= length[i]![j + 1]!) i++;
    else j++;
  }
  return pairs;
}
