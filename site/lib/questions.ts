/** The readers' questions, each with its lesson, its line and its test. */

import book from "virtual:book";
import { questions, type ReaderQuestion } from "../data/questions.ts";
import { goRange } from "../tools/book/go-range.ts";
import type {
  BookClaim,
  BookLesson,
  BookSymbol,
  SourceLines,
} from "../tools/book/types.ts";
import { channelNamed } from "./channels.ts";
import { href, sourceHref } from "./href.ts";
import { lessonsFor } from "./route.ts";
import { proseHtml } from "./text.ts";

export interface Answered {
  readonly asked: ReaderQuestion;
  /** "c4", and the end of its address. */
  readonly anchor: string;
  /** Absent while the lesson is not written, or when none is about it. */
  readonly lesson?: BookLesson;
  readonly proof?: BookClaim;
  /** The lines that answer it, and the function or class around them. */
  readonly lit?: SourceLines;
  readonly within?: BookSymbol;
}

export interface QuestionGroup {
  readonly kind: "answered" | "planned" | "remarks";
  readonly questions: readonly Answered[];
}

/** What is proved first; then what waits for its lesson; remarks last. */
export function questionGroups(locale?: string): QuestionGroup[] {
  const groups = Map.groupBy(questions, kindOf);
  return (["answered", "planned", "remarks"] as const).map((kind) => ({
    kind,
    questions: (groups.get(kind) ?? []).map((one) => answered(one, locale)),
  }));
}

function kindOf({ kind, coming }: ReaderQuestion): QuestionGroup["kind"] {
  if (kind === "statement") return "remarks";
  return coming ? "planned" : "answered";
}

/** All of them, in the order of the list. */
export function answeredQuestions(locale?: string): Answered[] {
  return questionGroups(locale).flatMap(({ questions }) => questions);
}

function answered(asked: ReaderQuestion, locale?: string): Answered {
  const lesson = lessonsFor(locale).find(
    ({ front }) => front.number === asked.lesson,
  );
  const place = asked.place ? book.symbols[asked.place] : undefined;
  const proof = proofOf(asked, lesson);
  const lit = litBy(proof, place);
  const within = lit && symbolAround(lit);
  return {
    asked,
    anchor: asked.id.toLowerCase(),
    ...(lesson && { lesson }),
    ...(proof && { proof }),
    ...(lit && { lit }),
    ...(within && { within }),
  };
}

/** Without a proof, so many lines of the place show where it begins. */
const BEGINNING = 5;

function litBy(
  proof: BookClaim | undefined,
  place: BookSymbol | undefined,
): SourceLines | undefined {
  if (proof?.file && proof.range) {
    return { file: proof.file, range: proof.range };
  }
  if (!place) return undefined;
  const { start, end } = place.code;
  const range = { start, end: Math.min(end, start + BEGINNING) };
  return { file: place.file, range };
}

/** The innermost function or class of the file around these lines. */
function symbolAround({ file, range }: SourceLines): BookSymbol | undefined {
  return Object.values(book.symbols)
    .filter((symbol) => symbol.file === file && symbol.kind !== "header")
    .filter(({ code }) => code.start <= range.start && range.end <= code.end)
    .sort((a, b) => a.code.end - a.code.start - (b.code.end - b.code.start))[0];
}

/** The same lines at v1.1.1: as narrow as they are known. */
export function upstreamOf({ lit, within }: Answered): UpstreamPlace[] {
  if (!lit || !within) return [];
  const lines = book.files[lit.file]?.lines ?? [];
  const shown = { symbol: within.id, range: lit.range };
  return within.upstream.map((whole) => {
    const { start, end } = goRange(book.go, lines, shown, whole);
    return { file: whole.file, start, end };
  });
}

export interface UpstreamPlace {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** A channel's card says more than the field that holds it. */
function theChannel(name: string): string | undefined {
  const channel = book.names[name] ? undefined : channelNamed(name);
  return channel && href(`/channels/#${channel.anchor}`);
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
    const place = symbol && sourceHref(symbol.file, symbol.code.start);
    const target = theChannel(name) ?? place;
    return target ? `<a href="${target}">${code}</a>` : code;
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
