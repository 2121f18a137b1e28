// Where a text stands within a symbol. `from` and `on` must name one place;
// `to` is the first place at or after them.

import { nameOf } from "./address.ts";
import { Problem } from "./fault.ts";
import { nearestLines } from "./nearest.ts";
import { findAll, lineAt, linesOf, sayLines } from "./text.ts";
import type { SourceFile, SourceSymbol, Span } from "./types.ts";

/** The one place of the text; several on one line are one place. */
export function onlyMatch(
  file: SourceFile,
  symbol: SourceSymbol,
  limits: Span,
  what: string,
  wanted: string,
): Span | Problem {
  const found = findAll(file.text, wanted, limits);
  const starts = new Set(found.map((one) => lineAt(file.text, one.start)));
  const [first] = found;
  if (first === undefined) {
    return noMatch(file, symbol, limits, what, wanted);
  }
  if (starts.size === 1) {
    return { start: first.start, end: found.at(-1)?.end ?? first.end };
  }
  return new Problem(
    "several-matches",
    `${what}="${wanted}" stands on ${sayLines([...starts])} of ` +
      `raft/${file.path}, in ${nameOf(symbol)}; choose text that stands once`,
    tellingApart(file, [...starts]),
  );
}

/** Each line; where two read the same, with the line above, as `on` may. */
function tellingApart(file: SourceFile, lines: readonly number[]): string[] {
  const textOf = (line: number) => (file.lines[line - 1] ?? "").trim();
  const texts = lines.map(textOf);
  return lines.map((line) => {
    const text = textOf(line);
    const alone = texts.filter((other) => other === text).length === 1;
    return alone ? text : `${textOf(line - 1)} ${text}`;
  });
}

export function firstMatch(
  file: SourceFile,
  symbol: SourceSymbol,
  limits: Span,
  start: number,
  wanted: string,
): Span | Problem {
  const rest = { start, end: limits.end };
  const [first] = findAll(file.text, wanted, rest);
  return first ?? noMatch(file, symbol, rest, "to", wanted);
}

function noMatch(
  file: SourceFile,
  symbol: SourceSymbol,
  limits: Span,
  what: string,
  wanted: string,
): Problem {
  if (wanted.trim() === "") {
    return new Problem(
      "empty-excerpt",
      `${what} is empty; name a line by text`,
    );
  }
  const { start, end } = linesOf(file.text, limits);
  return new Problem(
    "no-match",
    `${what}="${wanted}" stands on no line of ${nameOf(symbol)} that it may ` +
      `name, raft/${file.path}`,
    nearestLines(wanted, file.lines.slice(start - 1, end)),
  );
}
