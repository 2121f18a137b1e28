/**
 * The mark of an explained line: where it leads, and how many passages a
 * reader may choose from. An excerpt shows a line, and explains it only where
 * no note and no claim of its lesson does.
 */

import type { BookMark } from "../tools/book/types.ts";

export interface LineMark {
  /** The narrowest passage that speaks of the line. */
  readonly main: BookMark;
  readonly choices: number;
}

/** `marks` are those of the line's file. */
export function markOf(
  marks: readonly BookMark[],
  line: number,
): LineMark | undefined {
  const here = marks
    .filter(({ range }) => range.start <= line && line <= range.end)
    .sort((a, b) => width(a) - width(b));
  const [main] = here;
  if (!main) return undefined;
  const said = here.filter(({ kind }) => kind !== "excerpt");
  const lessons = new Set(here.map(lessonOf));
  for (const mark of said) lessons.delete(lessonOf(mark));
  return { main, choices: said.length + lessons.size };
}

function width({ range }: BookMark): number {
  return range.end - range.start;
}

function lessonOf({ route }: BookMark): string {
  return route.replace(/#.*/, "");
}
