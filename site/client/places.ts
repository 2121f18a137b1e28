/**
 * Finds places without a full-text index: `raft.go:617`, `case <-commitCh`,
 * `leaderLoop`, `raft.ts:120`. The same answers on the page /go and in the
 * search, from one file that is loaded at the first question.
 */

import type { GoRow, SearchRows, SymbolRow } from "../tools/book/search.ts";

export interface Hit {
  readonly title: string;
  readonly place: string;
  readonly text: string;
  readonly href: string;
  /** The passage that explains it. */
  readonly lesson?: string;
}

let rows: Promise<SearchRows> | undefined;

/** `base` ends in a slash. */
export async function findPlaces(query: string, base: string): Promise<Hit[]> {
  const wanted = query.trim();
  if (wanted === "") return [];
  rows ??= fetch(`${base}search-rows.json`).then((answer) => answer.json());
  const known = await rows;
  return (
    goLine(known, wanted, base) ??
    ourLine(known, wanted, base) ??
    goCase(known, wanted, base) ??
    byName(known, wanted, base)
  );
}

function goLine(rows: SearchRows, wanted: string, base: string) {
  const match = /^([\w./-]+\.go)\s*[:#\s]\s*L?(\d+)(?:-\d+)?$/.exec(wanted);
  if (!match) return undefined;
  const file = match[1]?.split("/").at(-1);
  const line = Number(match[2]);
  const around = ([name, start, end]: GoRow) =>
    name === file && start <= line && line <= end;
  const narrowFirst = (a: GoRow, b: GoRow) => a[2] - a[1] - (b[2] - b[1]);
  const found = [
    ...rows.cases.filter(around).sort(narrowFirst),
    ...rows.go.filter(around).sort(narrowFirst),
  ];
  const ours = found.filter((row) => row[4] !== undefined);
  const rest = found.filter((row) => row[4] === undefined);
  return [...ours, ...rest].map((row) => goHit(row, base));
}

function ourLine(rows: SearchRows, wanted: string, base: string) {
  const match = /^([\w./-]+\.ts)\s*[:#\s]\s*L?(\d+)$/.exec(wanted);
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
  const score = (row: GoRow) => {
    const text = normalCase(row[3].split(" · ")[0] ?? "");
    const near = text === normal ? 2 : text.includes(normal) ? 1 : 0;
    return near === 0 ? 0 : near + (row[4] === undefined ? 0 : 0.5);
  };
  return rows.cases
    .map((row) => ({ row, at: score(row) }))
    .filter(({ at }) => at > 0)
    .sort((a, b) => b.at - a.at)
    .map(({ row }) => goHit(row, base));
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
    hit: goHit(row, base),
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

function goHit(row: GoRow, base: string): Hit {
  const [goFile, start, end, text, file, line, lesson] = row;
  const lines = start === end ? `${start}` : `${start}-${end}`;
  if (file === undefined) {
    return {
      title: text,
      place: `${goFile}:${lines}`,
      text: "no counterpart here yet; v1.1.1’s own lines",
      href:
        `https://github.com/hashicorp/raft/blob/v1.1.1/${goFile}` +
        `#L${start}-L${end}`,
    };
  }
  return {
    title: `${file}:${line}`,
    place: `from ${goFile}:${lines}`,
    text,
    href: `${base}source/${file}/#L${line}`,
    ...(lesson ? { lesson: base.replace(/\/$/, "") + lesson } : {}),
  };
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
    explained.href = hit.lesson;
    explained.append(span("hit-place", "→ the passage that explains it"));
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
