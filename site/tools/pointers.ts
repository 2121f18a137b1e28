/**
 * What prose points to: another lesson by its number, and a thread of upstream
 * by the number it has there. Both become links. "lesson 15, planned" stays
 * words, and so does a lesson's own number.
 */

import path from "node:path";
import { routeOf } from "./book/lessons.ts";
import { LESSONS_NAMED } from "./engine/planned.ts";

/** "(#612)", "upstream #494": every such number is one of hashicorp/raft's. */
export const THREAD = /(?<=^|[\s(])#(\d{2,4})\b/g;

/** By number: "08-who-decides-the-majority". */
export type Shelf = ReadonlyMap<number, string>;

/** Words of the prose, and where they lead if anywhere. */
export interface Words {
  readonly text: string;
  readonly href?: string;
}

/** Of the lessons' slugs; the translation of one has its number and name. */
export function shelfOf(slugs: readonly string[]): Shelf {
  const numbered = slugs.filter((slug) => /^\d\d-/.test(slug));
  return new Map(
    numbered.map((slug) => [
      Number(slug.slice(0, 2)),
      path.basename(routeOf(slug)),
    ]),
  );
}

export function threadAddress(number: string): string {
  return `https://github.com/hashicorp/raft/issues/${number}`;
}

/** The text in pieces; `own` is the lesson it stands in. */
export function pointers(text: string, shelf: Shelf, own?: number): Words[] {
  const links = [...lessonLinks(text, shelf, own), ...threadLinks(text)].sort(
    (a, b) => a.at - b.at,
  );
  let done = 0;
  const pieces = links.flatMap(({ at, words }) => {
    const before = text.slice(done, at);
    done = at + words.text.length;
    return [{ text: before }, words];
  });
  return [...pieces, { text: text.slice(done) }].filter(
    (piece) => piece.text !== "",
  );
}

interface Found {
  readonly at: number;
  readonly words: Words;
}

/** Beside each other in the site, in either language: hence relative. */
function lessonLinks(text: string, shelf: Shelf, own?: number): Found[] {
  return [...text.matchAll(LESSONS_NAMED)].flatMap((match) => {
    const [said, , planned] = match;
    if (planned !== undefined) return [];
    return [...said.matchAll(/(?:^lessons?\s+)?\d+/giu)].flatMap((one) => {
      const number = Number(/\d+/.exec(one[0])?.[0]);
      const name = number === own ? undefined : shelf.get(number);
      if (name === undefined) return [];
      const at = match.index + one.index;
      return [{ at, words: { text: one[0], href: `../${name}/` } }];
    });
  });
}

function threadLinks(text: string): Found[] {
  return [...text.matchAll(THREAD)].map(
    ({ 0: said, 1: number = "", index }) => ({
      at: index,
      words: { text: said, href: threadAddress(number) },
    }),
  );
}
