// A lesson that another one points to: "lesson 8" is written, and "lesson 15,
// planned" is not yet. Once it is, the word has to go.
//
// Absent: Chinese, in which no lesson is written yet.

import { fault } from "./fault.ts";
import type { Fault, Lesson, Prose } from "./types.ts";

/** "lesson 8", "lessons 2, 3 and 5", "lesson 15, planned" */
export const LESSONS_NAMED =
  /\blessons?\s+(\d+(?:(?:\s*,\s*|\s*[-–]\s*|\s+(?:and|or|to)\s+)\d+)*)(,\s+planned\b)?/giu;

export function plannedFaults(lessons: readonly Lesson[]): Fault[] {
  const written = new Set(lessons.map(({ front }) => front.number));
  return lessons
    .flatMap(({ prose }) => prose)
    .flatMap((text) => pointerFaults(text, written));
}

function pointerFaults(
  { place, text }: Prose,
  written: ReadonlySet<number>,
): Fault[] {
  return [...text.matchAll(LESSONS_NAMED)].flatMap((match) => {
    const [, numbers = "", planned] = match;
    const below = text.slice(0, match.index).split("\n").length - 1;
    const at = { file: place.file, line: place.line + below };
    return (numbers.match(/\d+/g) ?? []).flatMap((number) => {
      const isWritten = written.has(Number(number));
      if (isWritten !== (planned !== undefined)) return [];
      const message = isWritten
        ? `lesson ${number} is written: it is no longer planned`
        : `lesson ${number} is not written: say "lesson ${number}, planned"`;
      return [fault("planned-lesson", at, message)];
    });
  });
}
