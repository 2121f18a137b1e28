/**
 * Finds places without a full-text index: `raft.go:617`, `case <-commitCh`,
 * `leaderLoop`, `raft.ts:120`, a line of a log. The same answers on the page
 * /go and in the search, from one file that is loaded at the first question.
 * The first answer also says which other lessons explain its lines, what
 * readers asked about them, and which tests prove something there.
 */

import type {
  AskedRow,
  CitedRow,
  GoRow,
  LinesRow,
  LogRow,
  PassageRow,
  SearchRows,
  SymbolRow,
  TargetRow,
} from "../tools/book/search.ts";
import { distance, nearest } from "../tools/engine/nearest.ts";
import { askedFor } from "./asked.ts";
import { logHits } from "./logs.ts";
import { type PlaceWords, placeWords } from "./place-words.ts";

export interface Hit {
  readonly title: string;
  readonly place: string;
  readonly text: string;
  readonly href: string;
  /** What explains it best. */
  readonly lesson?: Explained;
  /** What explains these very lines, in other lessons. */
  readonly also?: readonly Explained[];
  /** The lines of ours that it leads to. */
  readonly lines?: LinesRow;
  /** What readers asked about these lines, and what tests prove there. */
  readonly more?: readonly Explained[];
}

export interface Explained {
  readonly href: string;
  readonly title: string;
}

/** What every answer is made from. */
export interface Known {
  readonly rows: SearchRows;
  /** Ends in a slash. */
  readonly base: string;
  readonly words: PlaceWords;
}

let rows: Promise<SearchRows> | undefined;

/** `base` ends in a slash. Fails when the list cannot be loaded. */
export async function findPlaces(query: string, base: string): Promise<Hit[]> {
  if (query.trim() === "") return [];
  return placesIn(await loadRows(base), query, base, language());
}

/** The questions that readers asked in such words. */
export async function findQuestions(
  query: string,
  base: string,
): Promise<Hit[]> {
  const { asked } = await loadRows(base);
  const words = placeWords(language());
  return askedFor(asked, query).map((row) => ({
    ...questionOf(row, base, words),
    place: "",
    text: "",
  }));
}

function language(): string {
  return document.documentElement.lang;
}

/** Once; after a failure, again. */
function loadRows(base: string): Promise<SearchRows> {
  rows ??= load(`${base}search-rows.json`).catch((error) => {
    rows = undefined;
    throw error;
  });
  return rows;
}

async function load(url: string): Promise<SearchRows> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

/** `language` is the page's: "en" or "zh-CN". */
export function placesIn(
  rows: SearchRows,
  query: string,
  base: string,
  language = "en",
): Hit[] {
  const wanted = query.trim();
  const known = { rows, base, words: placeWords(language) };
  const hits =
    goLine(known, wanted) ??
    bareLine(known, wanted) ??
    ourLine(known, wanted) ??
    goCase(known, wanted) ??
    named(known, wanted);
  return hits.map((hit, at) => (at === 0 ? withMore(known, hit) : alone(hit)));
}

/** So many of each: an answer is read at a glance. */
const MOST = 3;

/** What is said beside it is said of the first answer only. */
function alone({ also: _, ...hit }: Hit): Hit {
  return hit;
}

function withMore({ rows, base, words }: Known, hit: Hit): Hit {
  const { lines } = hit;
  if (!lines) return hit;
  const questions = about(rows.asked, lines).map((row) =>
    questionOf(row, base, words),
  );
  const proofs = about(rows.proofs, lines).map(([test, suite, place]) => ({
    href: `${base}proof/${suite}/#${place}`,
    title: words.proved(test),
  }));
  return { ...hit, more: [...questions, ...proofs] };
}

function questionOf(
  [anchor, english, chinese]: AskedRow,
  base: string,
  { asked, ofTwo, prefix }: PlaceWords,
): Explained {
  return {
    href: `${base}${prefix}questions/${anchor}/`,
    title: asked(ofTwo(english, chinese).replaceAll("`", "")),
  };
}

/** What speaks of these lines, and of the fewest others. */
function about<T extends { readonly 3: readonly LinesRow[] }>(
  rows: readonly T[],
  [file, start, end]: LinesRow,
): T[] {
  const size = (row: T) =>
    Math.min(
      ...row[3]
        .filter(
          ([theirs, from, to]) => theirs === file && from <= end && start <= to,
        )
        .map(([, from, to]) => to - from),
    );
  return rows
    .map((row) => ({ row, size: size(row) }))
    .filter((one) => Number.isFinite(one.size))
    .sort((a, b) => a.size - b.size)
    .slice(0, MOST)
    .map(({ row }) => row);
}

// ------------------------------------------------------------ lines of Go

interface GoLines {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  /** The version a pasted address names, if it is another one. */
  readonly foreign?: string;
}

/**
 * A file and its line, wherever they stand in what was pasted: ":617",
 * ":617:5", "#L615-L650", " line 617", " 617".
 */
const GO_LINES =
  /([\w-]+\.go)(?:\s*[:#,]\s*|\s+)(?:lines?\s*)?L?(\d+)(?:C\d+)?(?:\s*[-–]\s*L?(\d+))?/gi;

/** The version that a pasted address or a trace names. */
const VERSION = /hashicorp\/raft(?:@|\/(?:blob|blame)\/)([^/\s]+)\//;

/** A trace has many; the first in a file of the library is meant. */
function readGoLines(
  { files }: SearchRows,
  wanted: string,
): GoLines | undefined {
  const all = [...wanted.replace(/\?[^#\s]*(?=#)/g, "").matchAll(GO_LINES)].map(
    ([, file = "", from = "", to]) => ({ file: file.toLowerCase(), from, to }),
  );
  const ofRaft = all.find(({ file }) => files.some(([name]) => name === file));
  const found = ofRaft ?? all[0];
  if (!found) return undefined;
  const { file, from, to = from } = found;
  const numbers = [Number(from), Number(to)];
  const [, version = "v1.1.1"] = VERSION.exec(wanted) ?? [];
  return {
    file,
    start: Math.min(...numbers),
    end: Math.max(...numbers),
    ...(version === "v1.1.1" ? {} : { foreign: version }),
  };
}

function goLine(known: Known, wanted: string): Hit[] | undefined {
  const asked = readGoLines(known.rows, wanted);
  if (!asked) return undefined;
  const { foreign, file } = asked;
  const hits = outside(known, asked) ?? goLineHits(known, asked);
  if (foreign === undefined) return hits;
  const warning = `${known.words.foreign(file, foreign)} · `;
  return hits.map((hit, at) =>
    at === 0 ? { ...hit, text: warning + hit.text } : hit,
  );
}

/** A file or a line that v1.1.1 does not have. */
function outside(
  { rows, base, words }: Known,
  { file, start }: GoLines,
): Hit[] | undefined {
  const [, lines] = rows.files.find(([name]) => name === file) ?? [];
  if (lines !== undefined && 1 <= start && start <= lines) return undefined;
  if (lines === undefined) {
    const all = rows.files.map(([name]) => name).join(", ");
    const [title, text] = [words.noFile(file), words.allFiles(all)];
    return [{ title, place: "", text, href: `${base}go/` }];
  }
  const title = words.fewerLines(file, lines);
  const text = words.noLine(start);
  return [{ title, place: "v1.1.1", text, href: goAddress(file) }];
}

/** The narrowest around the lines first; then what begins within them. */
function goLineHits(known: Known, { file, start, end }: GoLines): Hit[] {
  const { rows } = known;
  const inFile = ([name]: readonly [string, ...unknown[]]) => name === file;
  const all = [...rows.parts, ...rows.cases, ...rows.go].filter(inFile);
  const around = all
    .filter((row) => row[1] <= start && end <= row[2])
    .sort((a, b) => a[2] - a[1] - (b[2] - b[1]));
  const within = all
    .filter((row) => start < end && start <= row[1] && row[1] <= end)
    .filter((row) => !around.includes(row))
    .sort((a, b) => a[1] - b[1]);
  const found = around.length > 0 || within.length > 0;
  const shown = found ? [...around, ...within] : after(all, start);
  const ours = shown.filter((row) => row[4].length > 0);
  const rest = shown.filter((row) => row[4].length === 0);
  const hits = ours.flatMap((row, at) =>
    (at === 0 ? row[4] : row[4].slice(0, 1)).map((to) =>
      targetHit(known, row, to),
    ),
  );
  const cited = rows.cited
    .filter(inFile)
    .filter((row) => row[1] <= end && start <= row[2])
    .map((row) => citedHit(known, row));
  return eachLessonOnce([
    ...hits.slice(0, 1),
    ...cited,
    ...once(hits).slice(1),
    ...rest.map((row) => goneHit(known, row)),
  ]);
}

/**
 * The first passage of a lesson is the nearest; a second adds nothing. What
 * else explains a line comes after what explains one best.
 */
function eachLessonOnce(hits: readonly Hit[]): Hit[] {
  const seen = new Set<string>();
  const fresh = ({ href }: Explained) => {
    const [page = ""] = href.split("#");
    return !seen.has(page) && seen.add(page);
  };
  return once(hits)
    .flatMap((hit) => {
      if (/\/lessons\//.test(hit.href)) return fresh(hit) ? [hit] : [];
      if (!hit.lesson || fresh(hit.lesson)) return [hit];
      const { lesson: _, ...bare } = hit;
      return [bare];
    })
    .map((hit) => (hit.also ? { ...hit, also: hit.also.filter(fresh) } : hit));
}

/** A line above a declaration is its comment. */
function after(all: readonly GoRow[], line: number): GoRow[] {
  const starts = all.map((row) => row[1]).filter((start) => start > line);
  const next = Math.min(...starts);
  return all.filter((row) => row[1] === next);
}

/** "617" alone: of which file? */
function bareLine(known: Known, wanted: string): Hit[] | undefined {
  const match = /^(?:lines?\s*|[:#]\s*)?L?(\d+)$/i.exec(wanted);
  if (!match) return undefined;
  const { rows, base, words } = known;
  const line = Number(match[1]);
  return rows.files.flatMap(([file]) => {
    const asked = { file, start: line, end: line };
    const inside = rows.go.some(
      (row) => row[0] === file && row[1] <= line && line <= row[2],
    );
    const [first] = inside ? goLineHits(known, asked) : [];
    if (!first?.href.startsWith(base)) return [];
    const { lines: _, ...bare } = first;
    return [
      {
        ...bare,
        title: `${file}:${line}`,
        place: `→ ${first.title}, ${first.place}`,
        text: words.ifYouMean(line, file),
      },
    ];
  });
}

/** One hit an address; what explains a later one explains it too. */
function once(hits: readonly Hit[]): Hit[] {
  const first = new Map<string, Hit>();
  for (const hit of hits) {
    const known = first.get(hit.href);
    first.set(hit.href, { ...hit, ...known });
  }
  return [...first.values()];
}

// ----------------------------------------------------------- other places

function ourLine(known: Known, wanted: string): Hit[] | undefined {
  const match =
    /^(?:raft\/)?([\w./-]+\.ts)(?:\s*[:#,]\s*|\s+)(?:lines?\s*)?L?(\d+)(?::\d+)?$/.exec(
      wanted,
    );
  if (!match) return undefined;
  const { rows, base, words } = known;
  const [, name = "", number] = match;
  const line = Number(number);
  const files = [...new Set(rows.symbols.map((row) => row[2]))];
  return files
    .filter((file) => file === name || file.endsWith(`/${name}`))
    .map((file) => ({
      title: `${file}:${line}`,
      place: words.source,
      text: "",
      href: `${base}source/${file}/#L${line}`,
      lines: [file, line, line],
    }));
}

function goCase(known: Known, wanted: string): Hit[] | undefined {
  if (!/^case\b|<-/.test(wanted)) return undefined;
  const normal = normalCase(wanted);
  if (normal === "") return [];
  const exact = bareCase(wanted);
  const score = (row: GoRow) => {
    const [said = ""] = row[3].split(" · ");
    const text = normalCase(said);
    const same = bareCase(said) === exact ? 3 : 2;
    const near = text === normal ? same : text.includes(normal) ? 1 : 0;
    return near === 0 ? 0 : near + (row[4].length === 0 ? 0 : 0.5);
  };
  const found = known.rows.cases
    .map((row) => ({ row, at: score(row) }))
    .filter(({ at }) => at > 0)
    .sort((a, b) => b.at - a.at)
    .map(({ row }) => goHit(known, row));
  return once(found);
}

function bareCase(text: string): string {
  return text.replace(/:\s*$/, "").replace(/\s+/g, "");
}

/** "case rpc := <-r.rpcCh:" and "case <-rpcCh" are the same case. */
function normalCase(text: string): string {
  return text
    .replace(/^case\s+/, "")
    .replace(/:$/, "")
    .replace(/^[\w.,\s]+:?=\s*(?=<-)/, "")
    .replace(/(?:\w+\.)+(\w+)/g, "$1")
    .replace(/\s+/g, "");
}

/** How many are worth a look. */
const NAMES = 12;

/** What bears the very name, then what is logged, then what resembles it. */
function named(known: Known, wanted: string): Hit[] {
  const names = byName(known, wanted);
  const exact = names.filter(({ at }) => at >= SAME).map(({ hit }) => hit);
  const near = names.filter(({ at }) => at < SAME).map(({ hit }) => hit);
  const logged = logHits(known.rows.logs, wanted).map((row) =>
    logHit(known, row),
  );
  const found = [...exact, ...logged, ...near];
  const shown = found.length > 0 ? found : misspelt(known, wanted);
  return once(shown).slice(0, NAMES);
}

/** So much of a name may be wrong. */
const WRONG = 0.25;

/** No such name: those that it may have been meant to be. */
function misspelt(known: Known, wanted: string): Hit[] {
  const name = bareGo(wanted);
  if (!/^[\w.]{4,}$/.test(name)) return [];
  const { rows, words } = known;
  const names = [
    ...rows.symbols.map(([symbol]) => symbol),
    ...rows.channels.map(([channel]) => channel),
    ...rows.go.map((row) => bareGo(row[3])),
  ];
  const lower = name.toLowerCase();
  return nearest(name, names)
    .filter((near) => {
      const far = distance(lower, near.toLowerCase());
      return far <= name.length * WRONG;
    })
    .flatMap((near) => byName(known, near).filter(({ at }) => at >= SAME))
    .map(({ hit }) => ({
      ...hit,
      text: `${words.didYouMean(hit.title)} · ${hit.text}`,
    }));
}

/** From this score on a name is the one that was typed. */
const SAME = 3;

/**
 * A Go name without what Go writes around it: `(*Raft).leaderLoop`, `func (r
 * *Raft) leaderLoop()` and a stack trace's `…/raft.(*Raft).leaderLoop(0xc0…)`
 * are all `Raft.leaderLoop`.
 */
export function bareGo(text: string): string {
  return text
    .trim()
    .replace(/^\S*\/raft\.(?=[(\w])/, "")
    .replace(/^func\s+/, "")
    .replace(/^\(\s*(?:\w+\s+)?\*?(\w+)\s*\)\s*\.?\s*/, "$1.")
    .replace(/\(.*$/, "");
}

function byName(
  known: Known,
  wanted: string,
): { readonly at: number; readonly hit: Hit }[] {
  const { rows, base, words } = known;
  const name = bareGo(wanted);
  const lower = name.toLowerCase();
  const score = (known: string) => {
    const last = known.split(".").at(-1) ?? known;
    if (known === name || last === name) return known === name ? 6 : 5;
    const small = known.toLowerCase();
    const smallLast = last.toLowerCase();
    if (small === lower || smallLast === lower) return 4;
    if (smallLast.startsWith(lower)) return 2;
    return lower.length > 2 && small.includes(lower) ? 1 : 0;
  };
  const ours = rows.symbols.map((row) => ({
    at: score(row[0]) + (row[1] === "property" ? 0 : 0.4),
    hit: symbolHit(row, base),
  }));
  const channels = rows.channels.map(([channel, carries, anchor]) => ({
    at: channel.toLowerCase() === lower ? 4.9 : 0,
    hit: {
      title: channel,
      place: words.channels,
      text: words.carries(carries),
      href: `${base}channels/#${anchor}`,
    },
  }));
  const theirs = rows.go.map((row) => ({
    at: score(bareGo(row[3])) - 0.6,
    hit: goHit(known, row),
  }));
  return [...ours, ...channels, ...theirs]
    .filter(({ at }) => at >= 1)
    .sort((a, b) => b.at - a.at);
}

function symbolHit(row: SymbolRow, base: string): Hit {
  const [name, kind, file, line, sentence, end] = row;
  return {
    title: name,
    place: `${file}:${line}`,
    text: sentence || kind,
    href: `${base}source/${file}/#L${line}`,
    lines: [file, line, end],
  };
}

function logHit(known: Known, [text, line, to]: LogRow): Hit {
  const [name, file] = to;
  const told = known.words.logged(name);
  return {
    ...ourHit(known, to, told),
    title: `“${text}”`,
    place: `${file}:${line}`,
    href: `${known.base}source/${file}/#L${line}`,
  };
}

function goHit(known: Known, row: GoRow): Hit {
  const [target] = row[4];
  return target ? targetHit(known, row, target) : goneHit(known, row);
}

function targetHit(
  known: Known,
  [goFile, start, end, text]: GoRow,
  to: TargetRow,
): Hit {
  const from = known.words.from(goPlace(goFile, start, end));
  return ourHit(known, to, `${from} · ${text}`);
}

/** Lines of ours, with the passage that explains them. */
function ourHit(
  known: Known,
  [name, file, line, end, ...explained]: TargetRow,
  text: string,
): Hit {
  const { base } = known;
  const [lesson, ...also] = explained.map((one) => passage(known, one));
  return {
    title: name,
    place: `${file}:${line}`,
    text,
    href: `${base}source/${file}/#L${line}`,
    lines: [file, line, end],
    ...(lesson ? { lesson, also: also.slice(0, MOST - 1) } : {}),
  };
}

function citedHit(known: Known, [file, start, end, cited]: CitedRow): Hit {
  const text = known.words.speaksOf(goPlace(file, start, end));
  return { ...passage(known, cited), place: "", text };
}

function passage(
  { rows, base, words }: Known,
  [lesson, anchor]: PassageRow,
): Explained {
  const [route, title, number] = rows.lessons[lesson] ?? ["/", "", 0];
  const page = words.prefix + route.slice(1);
  return {
    href: base + page + (anchor === undefined ? "" : `#${anchor}`),
    title: number > 0 ? words.lesson(number, title) : title,
  };
}

/** Nothing of ours: v1.1.1's own lines. */
function goneHit({ words }: Known, [file, start, end, text]: GoRow): Hit {
  const lines = start === end ? `#L${start}` : `#L${start}-L${end}`;
  return {
    title: text,
    place: goPlace(file, start, end),
    text: words.gone,
    href: goAddress(file) + lines,
  };
}

function goAddress(file: string): string {
  return `https://github.com/hashicorp/raft/blob/v1.1.1/${file}`;
}

function goPlace(file: string, start: number, end: number): string {
  return start === end ? `${file}:${start}` : `${file}:${start}–${end}`;
}

/** A hit as a list item. */
export function hitItem(hit: Hit): HTMLLIElement {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = hit.href;
  link.append(
    span("hit-title", hit.title),
    " ",
    span("hit-place", hit.place),
    span("hit-text", hit.text),
  );
  item.append(link);
  for (const one of [hit.lesson, ...(hit.also ?? [])]) {
    if (one) item.append(moreItem("hit-place", "→ ", one));
  }
  item.append(...(hit.more ?? []).map((one) => moreItem("hit-more", "", one)));
  return item;
}

function moreItem(kind: string, before: string, { href, title }: Explained) {
  const link = document.createElement("a");
  link.href = href;
  link.append(span(kind, before + title));
  return link;
}

function span(name: string, text: string): HTMLSpanElement {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}
