/** The readers' questions, each with its lesson, its line and its test. */

import book from "virtual:book";
import { questions, type ReaderQuestion } from "../data/questions.ts";
import type { BookClaim, BookLesson, BookSymbol } from "../tools/book/types.ts";
import type { LineRange } from "../tools/engine/types.ts";
import { sourceHref } from "./href.ts";
import { lessonsFor } from "./route.ts";
import { proseHtml } from "./text.ts";

export interface Answered {
  readonly asked: ReaderQuestion;
  /** "c4", and the end of its address. */
  readonly anchor: string;
  /** Absent while the lesson is not written, or when none is about it. */
  readonly lesson?: BookLesson;
  readonly place?: BookSymbol;
  readonly proof?: BookClaim;
}

export function answeredQuestions(locale?: string): Answered[] {
  const lessons = lessonsFor(locale);
  return questions.map((asked) => {
    const lesson = lessons.find(({ front }) => front.number === asked.lesson);
    const place = asked.place ? book.symbols[asked.place] : undefined;
    const proof = proofOf(asked, lesson);
    return {
      asked,
      anchor: asked.id.toLowerCase(),
      ...(lesson && { lesson }),
      ...(place && { place }),
      ...(proof && { proof }),
    };
  });
}

/** What a name means, alone or as a member, if it means one thing. */
function theOne(name: string): BookSymbol | undefined {
  const named = book.names[name] ?? [];
  const members = Object.entries(book.names)
    .filter(([whole]) => whole.endsWith(`.${name}`))
    .flatMap(([, ids]) => ids);
  const [id, other] = named.length > 0 ? named : members;
  return id && !other ? book.symbols[id] : undefined;
}

/** The names of raft/ in it are links, where a name means one thing. */
export function linkedHtml(text: string): string {
  return proseHtml(text).replace(/<code>([\w.]+)<\/code>/g, (code, name) => {
    const symbol = theOne(name);
    if (!symbol) return code;
    return `<a href="${sourceHref(symbol.file, symbol.code.start)}">${code}</a>`;
  });
}

/** A claim that its lesson does not cite would be a proof that is not there. */
function proofOf(
  { id, lesson, claim }: ReaderQuestion,
  written: BookLesson | undefined,
): BookClaim | undefined {
  if (claim === undefined) return undefined;
  const english = book.lessons.find(
    ({ front, locale }) => locale === "en" && front.number === lesson,
  );
  const cited = [written, english]
    .flatMap((one) => one?.claims ?? [])
    .find(({ test }) => test === claim);
  if (cited) return cited;
  throw new Error(
    `site/data/questions.ts: ${id} names the claim "${claim}", ` +
      `which lesson ${lesson} does not cite.`,
  );
}

/** The innermost function or class of the file around these lines. */
export function symbolAround(
  path: string | undefined,
  lines: LineRange,
): BookSymbol | undefined {
  const length = ({ code }: BookSymbol) => code.end - code.start;
  return Object.values(book.symbols)
    .filter(({ file, code }) => {
      return (
        file === path && code.start <= lines.start && lines.end <= code.end
      );
    })
    .sort((a, b) => length(a) - length(b))[0];
}
