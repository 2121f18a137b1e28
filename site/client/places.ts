/**
 * Finds places without a full-text index: `raft.go:617`, `case <-commitCh`,
 * `leaderLoop`, `raft.ts:120`. The same answers on the page /go and in the
 * search, from one file that is loaded at the first question.
 */

import type {
  GoRow,
  SearchRows,
  SymbolRow,
  TargetRow,
} from "../tools/book/search.ts";

export interface Hit {
  readonly title: string;
  readonly place: string;
  readonly text: string;
  readonly href: string;
  /** What explains it. */
  readonly lesson?: { readonly href: string; readonly title: string };
}

let rows: Promise<SearchRows> | undefined;

/** `base` ends in a slash. Fails when the list cannot be loaded. */
export async function findPlaces(query: string, base: string): Promise<Hit[]> {
  if (query.trim() === "") return [];
  rows ??= load(`${base}search-rows.json`);
  try {
    return placesIn(await rows, query, base);
  } catch (error) {
    rows = undefined;
    throw error;
  }
}

async function load(url: string): Promise<SearchRows> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

export function placesIn(
  known: SearchRows,
  query: string,
  base: string,
): Hit[] {
  const wanted = query.trim();
  return (
    goLine(known, wanted, base) ??
    bareLine(known, wanted, base) ??
    ourLine(known, wanted, base) ??
    goCase(known, wanted, base) ??
    byName(known, wanted, base)
  );
}

// ------------------------------------------------------------ lines of Go

interface GoLines {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  /** The version a pasted address names, if it is another one. */
  readonly foreign?: string;
}

/** After a file's name: ":617", "#L615-L650", " line 617", " 617". */
const LINES = String.raw`(?:\s*[:#,]\s*|\s+)(?:lines?\s*)?L?(\d+)(?:C\d+)?(?:\s*[-–]\s*L?(\d+))?(?:C\d+)?`;

function readGoLines(wanted: string): GoLines | undefined {
  const [, ref] =
    /\/hashicorp\/raft\/(?:blob|blame)\/([^/]+)\//.exec(wanted) ?? [];
  const address = wanted
    .replace(/^https?:\/\/[^#]*\/(?=[^/]*$)/, "")
    .replace(/\?[^#]*(?=#)/, "");
  const match = new RegExp(`^(?:[\\w./-]*/)?(\\w+\\.go)${LINES}$`, "i").exec(
    address,
  );
  if (!match) return undefined;
  const [, file = "", from, to = from] = match;
  const numbers = [Number(from), Number(to)];
  return {
    file: file.toLowerCase(),
    start: Math.min(...numbers),
    end: Math.max(...numbers),
    ...(ref !== undefined && ref !== "v1.1.1" ? { foreign: ref } : {}),
  };
}

function goLine(rows: SearchRows, wanted: string, base: string) {
  const asked = readGoLines(wanted);
  if (!asked) return undefined;
  const hits = goLineHits(rows, asked, base);
  const { foreign, file } = asked;
  if (foreign === undefined) return hits;
  const warning = `${file} as it is at v1.1.1, not at ${foreign} · `;
  return hits.map((hit, at) =>
    at === 0 ? { ...hit, text: warning + hit.text } : hit,
  );
}

/** The narrowest around the lines first; then what begins within them. */
function goLineHits(
  rows: SearchRows,
  { file, start, end }: GoLines,
  base: string,
): Hit[] {
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
      targetHit(rows, row, to, base),
    ),
  );
  const cited = rows.cited
    .filter(inFile)
    .filter((row) => row[1] <= end && start <= row[2])
    .map(([, from, to, lesson]) =>
      citedHit(rows, file, from, to, lesson, base),
    );
  return once([
    ...hits.slice(0, 1),
    ...cited,
    ...hits.slice(1),
    ...rest.map((row) => goneHit(row)),
  ]);
}

/** A line above a declaration is its comment. */
function after(all: readonly GoRow[], line: number): GoRow[] {
  const starts = all.map((row) => row[1]).filter((start) => start > line);
  const next = Math.min(...starts);
  return all.filter((row) => row[1] === next);
}

/** "617" alone: of which file? */
function bareLine(rows: SearchRows, wanted: string, base: string) {
  const match = /^(?:lines?\s*|[:#]\s*)?L?(\d+)$/i.exec(wanted);
  if (!match) return undefined;
  const line = Number(match[1]);
  return [...new Set(rows.go.map((row) => row[0]))].flatMap((file) => {
    const asked = { file, start: line, end: line };
    const inside = rows.go.some(
      (row) => row[0] === file && row[1] <= line && line <= row[2],
    );
    const [first] = inside ? goLineHits(rows, asked, base) : [];
    if (!first?.href.startsWith(base)) return [];
    return [
      {
        ...first,
        title: `${file}:${line}`,
        place: `→ ${first.title}, ${first.place}`,
        text: `if you mean line ${line} of ${file}`,
      },
    ];
  });
}

function once(hits: readonly Hit[]): Hit[] {
  const seen = new Set<string>();
  return hits.filter(({ href }) => !seen.has(href) && seen.add(href));
}

// ----------------------------------------------------------- other places

function ourLine(rows: SearchRows, wanted: string, base: string) {
  const match =
    /^(?:raft\/)?([\w./-]+\.ts)(?:\s*[:#,]\s*|\s+)(?:lines?\s*)?L?(\d+)$/.exec(
      wanted,
    );
  if (!match) return undefined;
  const [, name = "", line] = match;
  const files = [...new Set(rows.symbols.map((row) => row[2]))];
  return files
    .filter((file) => file === name || file.endsWith(`/${name}`))
    .map((file) => ({
      title: `${file}:${line}`,
      place: "the source",
      text: "",
      href: `${base}source/${file}/#L${line}`,
    }));
}

function goCase(rows: SearchRows, wanted: string, base: string) {
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
  const found = rows.cases
    .map((row) => ({ row, at: score(row) }))
    .filter(({ at }) => at > 0)
    .sort((a, b) => b.at - a.at)
    .map(({ row }) => goHit(rows, row, base));
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

function byName(rows: SearchRows, wanted: string, base: string): Hit[] {
  const name = wanted.replace(/\(\)$/, "");
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
      place: "channels",
      text: `carries ${carries}`,
      href: `${base}channels/#${anchor}`,
    },
  }));
  const theirs = rows.go.map((row) => ({
    at: score(row[3].replace(/[(*)]/g, "")) - 0.6,
    hit: goHit(rows, row, base),
  }));
  return [...ours, ...channels, ...theirs]
    .filter(({ at }) => at >= 1)
    .sort((a, b) => b.at - a.at)
    .map(({ hit }) => hit)
    .slice(0, 12);
}

function symbolHit(row: SymbolRow, base: string): Hit {
  const [name, kind, file, line, sentence] = row;
  return {
    title: name,
    place: `${file}:${line}`,
    text: sentence || kind,
    href: `${base}source/${file}/#L${line}`,
  };
}

function goHit(rows: SearchRows, row: GoRow, base: string): Hit {
  const [target] = row[4];
  return target ? targetHit(rows, row, target, base) : goneHit(row);
}

function targetHit(
  rows: SearchRows,
  [goFile, start, end, text]: GoRow,
  [name, file, line, lesson, anchor]: TargetRow,
  base: string,
): Hit {
  const to = lesson === undefined ? undefined : rows.lessons[lesson];
  const route = to && to[0] + (anchor === undefined ? "" : `#${anchor}`);
  return {
    title: name,
    place: `${file}:${line}`,
    text: `from ${goPlace(goFile, start, end)} · ${text}`,
    href: `${base}source/${file}/#L${line}`,
    ...(to && route
      ? { lesson: { href: within(base, route), title: to[1] } }
      : {}),
  };
}

function citedHit(
  rows: SearchRows,
  file: string,
  start: number,
  end: number,
  lesson: number,
  base: string,
): Hit {
  const [route, title] = rows.lessons[lesson] ?? ["/", ""];
  return {
    title,
    place: "",
    text: `speaks of ${goPlace(file, start, end)}`,
    href: within(base, route),
  };
}

/** Nothing of ours: v1.1.1's own lines. */
function goneHit([file, start, end, text]: GoRow): Hit {
  const lines = start === end ? `#L${start}` : `#L${start}-L${end}`;
  return {
    title: text,
    place: goPlace(file, start, end),
    text: "no counterpart here yet; v1.1.1’s own lines",
    href: `https://github.com/hashicorp/raft/blob/v1.1.1/${file}${lines}`,
  };
}

function goPlace(file: string, start: number, end: number): string {
  return start === end ? `${file}:${start}` : `${file}:${start}–${end}`;
}

function within(base: string, route: string): string {
  return base.replace(/\/$/, "") + route;
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
  if (hit.lesson) {
    const explained = document.createElement("a");
    explained.href = hit.lesson.href;
    explained.append(span("hit-place", `→ ${hit.lesson.title}`));
    item.append(explained);
  }
  return item;
}

function span(name: string, text: string): HTMLSpanElement {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}
