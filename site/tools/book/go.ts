/**
 * The way in from Go: for each symbol, each select case and each known part of
 * v1.1.1, the lines of ours that it became, or the reason why there is none.
 *
 * A symbol's counterparts are those whose `Go:` tag names it; a deliberate
 * fault never comes first. A case's is the symbol whose tag names that very
 * case, or the clause of ours that answers the same channel: where that clause
 * only calls a counterpart of the same Go function, that function. A part is
 * bound by a lesson's excerpt, or by site/data/go-parts.ts.
 */

import { goParts } from "../../data/go-parts.ts";
import { resolveExcerpt } from "../engine/excerpt.ts";
import { Problem } from "../engine/fault.ts";
import type {
  Lesson,
  LineRange,
  SourceIndex,
  SourceSymbol,
  UpstreamCase,
  UpstreamSymbol,
} from "../engine/types.ts";
import { findUpstream, upstreamLines } from "../engine/upstream.ts";
import {
  type Clause,
  channelOf,
  clausesOf,
  statementAt,
} from "./go-clauses.ts";
import { routeOf } from "./lessons.ts";
import type {
  BookMark,
  GoCase,
  GoCitation,
  GoFile,
  GoPart,
  GoSymbol,
  LessonPlace,
  Ours,
} from "./types.ts";

type Marks = Readonly<Record<string, readonly BookMark[]>>;

/** What every answer is made from. */
export interface Atlas {
  readonly index: SourceIndex;
  readonly marks: Marks;
  readonly lessons: readonly Lesson[];
  /** Our symbols by the Go name that their tag says, file included. */
  readonly counterparts: ReadonlyMap<string, readonly SourceSymbol[]>;
}

/** Of its lines, a clause that has more does something of its own. */
const ONLY_CALLS = 4;

export function atlasOf(
  index: SourceIndex,
  marks: Marks,
  lessons: readonly Lesson[],
): Atlas {
  const english = lessons.filter(({ locale }) => locale === "en");
  return { index, marks, lessons: english, counterparts: byGoName(index) };
}

export function goFiles(atlas: Atlas): GoFile[] {
  const { upstream } = atlas.index;
  const parts = [...boundParts(atlas), ...knownParts(atlas)];
  const cited = citations(atlas);
  return Object.entries(upstream.files).map(([file, { lines }]) => ({
    file,
    lines,
    symbols: upstream.symbols
      .filter((symbol) => symbol.file === file)
      .map((symbol) => goSymbol(atlas, parts, symbol)),
    parts: parts.filter((part) => part.file === file),
    cited: cited.filter((one) => one.file === file),
  }));
}

function byGoName(index: SourceIndex): Map<string, SourceSymbol[]> {
  const found = new Map<string, SourceSymbol[]>();
  for (const symbol of index.symbols.values()) {
    for (const { name, file } of symbol.tags.go) {
      if (name === undefined) continue;
      const key = `${file} ${name}`;
      found.set(key, [...(found.get(key) ?? []), symbol]);
    }
  }
  for (const [key, symbols] of found) {
    const rank = (symbol: SourceSymbol) => rankOf(symbol, key);
    found.set(
      key,
      symbols.toSorted((a, b) => rank(a) - rank(b)),
    );
  }
  return found;
}

/** What bears the same name first, what departs later, what errs last. */
function rankOf({ file, name }: SourceSymbol, goName: string): number {
  if (file === "quirks.ts") return 3;
  if (last(name) === last(goName)) return 0;
  return file === "differs.ts" ? 2 : 1;
}

function last(name: string): string {
  return (name.split(/[.\s]/).at(-1) ?? name).toLowerCase();
}

// --------------------------------------------------------------- symbols

function goSymbol(
  atlas: Atlas,
  parts: readonly GoPart[],
  symbol: UpstreamSymbol,
): GoSymbol {
  const { name, kind, file, start, end } = symbol;
  const { counterparts, index } = atlas;
  const found = [
    ...(counterparts.get(`${file} ${name}`) ?? []),
    ...(kind === "field" ? fieldOf(index, counterparts, file, name) : []),
  ];
  const ours = found.map((one) => placeOf(atlas, one));
  const cases = index.upstream.cases.filter(
    (one) => one.in === name && one.file === file,
  );
  const reason = ours.length === 0 ? reasonFor(file) : undefined;
  return {
    name,
    kind,
    start,
    end,
    ours,
    ...(reason === undefined ? {} : { reason }),
    cases: goCases(atlas, found, cases).map((one) =>
      one.ours.length > 0
        ? one
        : { ...one, ours: partAround(parts, name, one) },
    ),
  };
}

/** "Raft.applyCh" is the member of that name of Raft's counterpart. */
function fieldOf(
  index: SourceIndex,
  counterparts: ReadonlyMap<string, readonly SourceSymbol[]>,
  file: string,
  name: string,
): SourceSymbol[] {
  const [owner = "", field = ""] = name.split(".");
  const types = counterparts.get(`${file} ${owner}`) ?? [];
  return types.flatMap((type) =>
    type.members
      .map((id) => index.symbols.get(id))
      .filter((member) => member !== undefined)
      .filter((member) => sameField(member.name.split(".").at(-1), field)),
  );
}

/** Fields are lower camel here, with the unit last. */
function sameField(ours: string | undefined, theirs: string): boolean {
  const lower = theirs.toLowerCase();
  const name = ours?.toLowerCase();
  return name === lower || name === `${lower}ms`;
}

// ----------------------------------------------------------------- cases

function goCases(
  atlas: Atlas,
  symbols: readonly SourceSymbol[],
  cases: readonly UpstreamCase[],
): GoCase[] {
  const done: (GoCase & { readonly within: readonly SourceSymbol[] })[] = [];
  for (const one of cases) {
    const outer = done.findLast(
      ({ start, end }) => start < one.line && one.end <= end,
    );
    const before = done.filter(
      ({ text, start }) =>
        text === said(one) && (!outer || start > outer.start),
    );
    const searched = outer?.within ?? symbols;
    const found = caseOf(atlas, searched, one, before.length);
    const ours = found.length > 0 ? found : (outer?.ours ?? []);
    const home = ours[0] && atlas.index.symbols.get(ours[0].id);
    const within = home ? [home] : symbols;
    done.push({
      text: said(one),
      start: one.line,
      end: one.end,
      ours,
      within: symbols.includes(home as SourceSymbol) ? within : symbols,
    });
  }
  return done.map(({ within: _, ...one }) => one);
}

function said({ text }: UpstreamCase): string {
  return text.replace(/:$/, "");
}

/** A select that became something else did so as a whole. */
function partAround(
  parts: readonly GoPart[],
  goName: string,
  { start, end }: LineRange,
): Ours[] {
  const [narrowest] = parts
    .filter((part) => part.in === goName)
    .filter((part) => part.start <= start && end <= part.end)
    .toSorted((a, b) => a.end - a.start - (b.end - b.start));
  return narrowest ? [narrowest.ours] : [];
}

/** The `nth` of the same text, in theirs and in ours. */
function caseOf(
  atlas: Atlas,
  symbols: readonly SourceSymbol[],
  one: UpstreamCase,
  nth: number,
): Ours[] {
  const { in: owner, file, text } = one;
  const named =
    atlas.counterparts.get(`${file} ${owner} ${said(one)}`) ??
    atlas.counterparts.get(`${file} ${owner} ${text}`);
  if (named?.[0]) return [placeOf(atlas, named[0])];
  const clauses = clausesOf(
    symbols.filter((symbol) => symbol.file !== "quirks.ts"),
    said(one),
  );
  const clause = clauses[Math.min(nth, clauses.length - 1)];
  if (clause) return clausePlaces(atlas, `${file} ${owner}`, clause);
  return caseWithin(atlas, symbols, channelOf(said(one)));
}

function clausePlaces(atlas: Atlas, goName: string, clause: Clause): Ours[] {
  const { symbol, range, calls } = clause;
  const called = (atlas.counterparts.get(goName) ?? []).filter(
    (one) => one !== symbol && calls.includes(one.name),
  );
  const own = place(atlas, symbol, range);
  const helpers = called.map((one) => placeOf(atlas, one));
  const onlyCalls = range.end - range.start < ONLY_CALLS;
  return onlyCalls ? [...helpers, own] : [own, ...helpers];
}

/** The line of a counterpart that names the same channel. */
function caseWithin(
  atlas: Atlas,
  symbols: readonly SourceSymbol[],
  channel: string,
): Ours[] {
  if (!/ch$/i.test(channel)) return [];
  const pattern = new RegExp(`\\b${channel}\\b`, "i");
  for (const symbol of symbols) {
    const lines = atlas.index.files.get(symbol.file)?.lines ?? [];
    for (let at = symbol.code.start; at <= symbol.code.end; at++) {
      if (!pattern.test(lines[at - 1] ?? "")) continue;
      return [place(atlas, symbol, { start: at, end: at })];
    }
  }
  return [];
}

// ----------------------------------------------------------------- parts

/** An excerpt that says which lines of Go it is. */
function boundParts(atlas: Atlas): GoPart[] {
  return atlas.lessons.flatMap((lesson) =>
    lesson.excerpts.flatMap(({ request, anchor }) => {
      if (request.go === undefined) return [];
      const found = resolveExcerpt(atlas.index, request);
      if (found instanceof Problem) return [];
      const ours = {
        ...place(atlas, found.symbol, found.range),
        lesson: lessonOf(lesson, anchor),
      };
      return found.upstream.map(({ name, file, start, end }) => ({
        in: name,
        file,
        start,
        end,
        ours,
      }));
    }),
  );
}

function knownParts(atlas: Atlas): GoPart[] {
  const { index } = atlas;
  return goParts.flatMap(({ in: name, lines: [start, end], of, on }) => {
    const theirs = index.upstream.symbols.find((one) => one.name === name);
    const symbol = index.symbols.get(of);
    if (!theirs || !symbol) return [];
    const at = on === undefined ? undefined : lineWith(index, symbol, on);
    const ours = at
      ? place(atlas, symbol, statementAt(symbol, at))
      : placeOf(atlas, symbol);
    return [{ in: name, file: theirs.file, start, end, ours }];
  });
}

/** The one line of the symbol that contains the text. */
function lineWith(index: SourceIndex, symbol: SourceSymbol, text: string) {
  const lines = index.files.get(symbol.file)?.lines ?? [];
  const { start, end } = symbol.code;
  const found = lines
    .slice(start - 1, end)
    .flatMap((line, at) => (line.includes(text) ? [start + at] : []));
  return found.length === 1 ? found[0] : undefined;
}

/** Where a lesson cites lines of Go. */
function citations({ index, lessons }: Atlas): GoCitation[] {
  return lessons.flatMap((lesson) =>
    lesson.upstream.flatMap(({ of, lines, anchor }) => {
      if (of === undefined || lines === undefined) return [];
      const whole = findUpstream(index.upstream, { name: of });
      if (whole instanceof Problem) return [];
      const found = upstreamLines(index.upstream, whole, lines);
      if (found instanceof Problem) return [];
      const { file, start, end } = found;
      return [{ file, start, end, lesson: lessonOf(lesson, anchor) }];
    }),
  );
}

// ---------------------------------------------------------------- places

function placeOf(atlas: Atlas, symbol: SourceSymbol): Ours {
  return place(atlas, symbol, symbol.code);
}

/** Lines of a symbol, and what explains them. */
export function place(
  atlas: Atlas,
  symbol: SourceSymbol,
  range: LineRange,
): Ours {
  const lesson = lessonFor(atlas, symbol, range);
  return {
    id: symbol.id,
    file: symbol.file,
    line: range.start,
    end: range.end,
    ...(lesson ? { lesson } : {}),
    also: othersFor(atlas, symbol.file, range, lesson),
  };
}

/**
 * Who speaks of the first line; else of any of the lines; else of any line of
 * the symbol; else who says that it explains the symbol. Of several lessons
 * the one that names the symbol among what it explains, then the one that says
 * most about it.
 */
function lessonFor(atlas: Atlas, symbol: SourceSymbol, range: LineRange) {
  const { marks, lessons } = atlas;
  const explains = (number: number) =>
    lessons.some(
      ({ front }) =>
        front.number === number && front.explains.includes(symbol.id),
    );
  const inFile = marks[symbol.file] ?? [];
  const whole = range === symbol.code;
  const first = { start: range.start, end: range.start };
  for (const wanted of [...(whole ? [] : [first]), range, symbol.code]) {
    const spoken = inFile.filter((mark) => meet(mark.range, wanted));
    const weight = ({ number }: BookMark) =>
      (explains(number) ? 1000 : 0) +
      spoken.filter((one) => one.number === number).length;
    const [best] = spoken.toSorted(
      (a, b) => weight(b) - weight(a) || sizeOf(a, whole) - sizeOf(b, whole),
    );
    if (best) {
      const { route, title, number } = best;
      return { route, title, number };
    }
  }
  const named = lessons.find(({ front }) => front.explains.includes(symbol.id));
  return named && lessonOf(named);
}

/**
 * The tightest note or claim of each other lesson on these lines, the tightest
 * first. An excerpt shows its lines, and explains none of them.
 */
function othersFor(
  { marks }: Atlas,
  file: string,
  range: LineRange,
  best: LessonPlace | undefined,
): LessonPlace[] {
  const spoken = (marks[file] ?? [])
    .filter(({ kind }) => kind !== "excerpt")
    .filter((mark) => meet(mark.range, range))
    .toSorted((a, b) => sizeOf(a, false) - sizeOf(b, false));
  const byLesson = Map.groupBy(spoken, ({ number }) => number);
  return [...byLesson.values()]
    .flatMap(([tightest]) => tightest ?? [])
    .filter(({ number }) => number !== best?.number)
    .map(({ route, title, number }) => ({ route, title, number }));
}

/** A symbol is best shown by its excerpt, a line by its note. */
function sizeOf({ range }: BookMark, whole: boolean): number {
  const size = range.end - range.start;
  return whole ? -size : size;
}

function lessonOf({ slug, front }: Lesson, anchor?: string) {
  const route = routeOf(slug) + (anchor === undefined ? "" : `#${anchor}`);
  return { route, title: front.title, number: front.number };
}

function meet(a: LineRange, b: LineRange): boolean {
  return a.start <= b.end && b.start <= a.end;
}

const reasons: Readonly<Record<string, string>> = {
  "testing.go": "a test helper",
  "net_transport.go": "the network comes later",
  "tcp_transport.go": "the network comes later",
  "file_snapshot.go": "snapshots on disk come later",
  "discard_snapshot.go": "snapshots come later",
  "inmem_snapshot.go": "snapshots come later",
  "peersjson.go": "a legacy protocol",
};

function reasonFor(file: string): string {
  return reasons[file] ?? "later";
}
