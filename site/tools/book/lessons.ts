/**
 * Lessons as their pages need them: each passage with the lines it is bound
 * to, and what is wrong with it while it is being written.
 */

import { edgesOf } from "../diagrams/edges.ts";
import { backlinks } from "../engine/backlinks.ts";
import { bind, resolveOn } from "../engine/binding.ts";
import { digestOfWords } from "../engine/digest.ts";
import { resolveExcerpt } from "../engine/excerpt.ts";
import { Problem, sayFault } from "../engine/fault.ts";
import { findAll, linesOf } from "../engine/text.ts";
import type {
  Break,
  ExcerptRequest,
  Fault,
  Lesson,
  LessonClaim,
  LessonExcerpt,
  LessonNote,
  ResolvedExcerpt,
  SuiteClaim,
} from "../engine/types.ts";
import type { World } from "../engine/world.ts";
import type {
  BookClaim,
  BookExcerpt,
  BookLesson,
  BookMark,
  BookNote,
  BookSlice,
  SourceLines,
} from "./types.ts";

export function bookLesson(
  world: World,
  faults: readonly Fault[],
  drawings: ReadonlyMap<string, string>,
  lesson: Lesson,
): BookLesson {
  const said = troubles(faults, lesson);
  return {
    file: lesson.file,
    route: routeOf(lesson.slug),
    locale: lesson.locale,
    front: lesson.front,
    digest: codeDigest(world, lesson),
    excerpts: lesson.excerpts.map((one) => bookExcerpt(world, said, one)),
    claims: lesson.claims.map((one) => bookClaim(world, said, lesson, one)),
    upstream: lesson.upstream,
    diagrams: lesson.diagrams.map(
      ({ place, title, textEquivalent, source }) => ({
        line: place.line,
        title,
        textEquivalent,
        svg: drawings.get(source) ?? "",
        edges: edgesOf(source),
      }),
    ),
  };
}

/** Changes with the code that the lesson shows and explains, and only then. */
function codeDigest({ index }: World, lesson: Lesson): string {
  const requests: ExcerptRequest[] = [
    ...lesson.front.explains.map((of) => ({ of })),
    ...lesson.excerpts.flatMap(({ request, beside }) =>
      beside === undefined ? [request] : [request, { of: beside }],
    ),
  ];
  const shown = requests.map((request) => {
    const excerpt = resolveExcerpt(index, request);
    return excerpt instanceof Problem ? excerpt : resolveOn(index, excerpt, {});
  });
  const bound = [...lesson.notes, ...lesson.claims].map((one) =>
    bind(index, one),
  );
  const digests = [...shown, ...bound].map((one) =>
    one === undefined || one instanceof Problem ? "" : one.digest,
  );
  return digestOfWords(digests.join(" ")).slice(0, 8);
}

/** "zh-cn/04-elect-self" stands at "/zh-cn/lessons/04-elect-self/". */
export function routeOf(slug: string): string {
  const [, locale = "", name = slug] = /^(zh-cn\/)?(.*)$/.exec(slug) ?? [];
  return `/${locale}lessons/${name.toLowerCase()}/`;
}

/** What is said of the passages of this lesson, by line. */
type Troubles = ReadonlyMap<number, string>;

function troubles(faults: readonly Fault[], lesson: Lesson): Troubles {
  const found = new Map<number, string>();
  for (const fault of faults) {
    if (fault.file !== lesson.file) continue;
    const before = found.get(fault.line);
    const fresh = fault.kind === "never-attested";
    const text = fresh ? "Nobody has attested this yet." : sayFault(fault);
    found.set(fault.line, before === undefined ? text : `${before}\n${text}`);
  }
  return found;
}

function troubleAt(said: Troubles, line: number): { trouble?: string } {
  const trouble = said.get(line);
  return trouble === undefined ? {} : { trouble };
}

function bookExcerpt(
  world: World,
  said: Troubles,
  excerpt: LessonExcerpt,
): BookExcerpt {
  const { request, beside, anchor, place } = excerpt;
  const main = slice(world, request);
  const second =
    beside === undefined ? undefined : slice(world, { of: beside });
  return {
    line: place.line,
    anchor,
    ...(main ? { main } : {}),
    ...(second ? { beside: second } : {}),
    notes: excerpt.notes.flatMap((note) => bookNote(world, said, note)),
    ...troubleAt(said, place.line),
  };
}

function slice(world: World, request: ExcerptRequest): BookSlice | undefined {
  const found = resolveExcerpt(world.index, request);
  return found instanceof Problem ? undefined : sliceOf(found);
}

function sliceOf(found: ResolvedExcerpt): BookSlice {
  const { file, symbol, caption, range, before, after } = found;
  return {
    file,
    symbol: symbol.id,
    caption,
    range,
    before: before.map(({ number }) => number),
    after: after.map(({ number }) => number),
    indent: found.indent,
    upstream: found.upstream,
  };
}

function bookNote(world: World, said: Troubles, note: LessonNote): BookNote[] {
  const binding = bind(world.index, note);
  if (binding === undefined || binding instanceof Problem) return [];
  const { file, range } = binding;
  const { anchor, place, kind } = note;
  const trouble = troubleAt(said, place.line);
  return [{ line: place.line, anchor, kind, file, range, ...trouble }];
}

function bookClaim(
  world: World,
  said: Troubles,
  lesson: Lesson,
  claim: LessonClaim,
): BookClaim {
  const { place, anchor, test } = claim;
  const proof = proofOf(world, lesson.front.suite, test);
  const binding = bind(world.index, claim);
  const bound = binding === undefined || binding instanceof Problem;
  return {
    line: place.line,
    anchor,
    test,
    ...(proof ? { proof: proof.route, at: proof.at } : {}),
    ...(bound ? {} : { file: binding.file, range: binding.range }),
    ...(proof?.break ? { break: proof.break } : {}),
    ...brokenBy(world, proof?.break),
    ...troubleAt(said, place.line),
  };
}

function brokenBy(
  { index }: World,
  how: Break | undefined,
): { broken?: SourceLines } {
  const symbol = how && index.symbols.get(how.in);
  const text = symbol && index.files.get(symbol.file)?.text;
  if (!how || !symbol || text === undefined) return {};
  const [found] = findAll(text, how.from, symbol.span);
  if (!found) return {};
  return { broken: { file: symbol.file, range: linesOf(text, found) } };
}

/** The claim in the lesson's suite, and where its page has it. */
function proofOf(
  { suites }: World,
  suite: string | undefined,
  test: string | undefined,
): (SuiteClaim & { readonly route: string }) | undefined {
  const found = suites
    .find(({ name }) => name === suite)
    ?.claims.find(({ name }) => name === test);
  if (!found) return undefined;
  const { start, end } = found.range;
  return { ...found, route: `/proof/${suite}/#L${start}-L${end}` };
}

/** The margin of every source page: which passages speak of which lines. */
export function lessonMarks(world: World): Record<string, BookMark[]> {
  const english = world.lessons.filter(({ locale }) => locale === "en");
  const all = backlinks(english, world.index);
  const suites = new Map(english.map(({ slug, front }) => [slug, front.suite]));
  const marks = [...all].map(([file, links]): [string, BookMark[]] => [
    file,
    links.map((link) => {
      const { range, kind, lesson, anchor, title, number, test } = link;
      const route = `${routeOf(lesson)}#${anchor}`;
      const words = test ?? firstWords(link.text);
      const proof = proofOf(world, suites.get(lesson), test)?.route;
      return {
        ...{ range, kind, route, title, number },
        ...(words === undefined ? {} : { words }),
        ...(proof === undefined ? {} : { proof }),
      };
    }),
  ]);
  return Object.fromEntries(marks);
}

const BEGINNING = 60;

/** As many whole words as fit; none for a passage without any. */
function firstWords(text: string | undefined): string | undefined {
  const whole = text?.replace(/\s+/g, " ").trim();
  if (!whole || whole.length <= BEGINNING) return whole || undefined;
  const cut = whole.slice(0, BEGINNING).replace(/\W*\s\S*$/, "");
  return `${cut} …`;
}
