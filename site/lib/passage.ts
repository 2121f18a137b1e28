/** How a component finds what the engine said about the tag it was made of. */

import book from "virtual:book";
import type { BookLesson } from "../tools/book/types.ts";

/** The lesson that this page shows, whatever language its frame is in. */
export function lessonOf(filePath: string | undefined): BookLesson | undefined {
  return book.lessons.find(({ file }) => file === filePath);
}

/** The passage whose tag opens on this line; a second one, the second time. */
export function passageAt<T extends { readonly line: number }>(
  passages: readonly T[] | undefined,
  line: string | undefined,
): T | undefined {
  return passages?.find((one) => one.line === Number(line));
}

/** In a slot's HTML, the stretch that one note or claim became. */
export function marked(line: string | undefined, html: string): string {
  return `<!--passage ${line}-->${html}<!--/passage-->`;
}

export interface Marked {
  readonly line: number;
  readonly html: string;
}

/** Takes the notes and claims out of an excerpt's slot. */
export function takeMarked(html: string): {
  readonly marked: Marked[];
  readonly rest: string;
} {
  const found: Marked[] = [];
  const rest = html.replace(
    /<!--passage (\d+)-->([\s\S]*?)<!--\/passage-->/g,
    (_, line: string, inner: string) => {
      found.push({ line: Number(line), html: inner });
      return "";
    },
  );
  return { marked: found, rest };
}
