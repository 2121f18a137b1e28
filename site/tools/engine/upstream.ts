// The lines of HashiCorp Raft v1.1.1, from test/upstream-v1.1.1.json. Nothing
// here reads a network: a citation holds when the table has it.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Problem } from "./fault.ts";
import { nearest } from "./nearest.ts";
import type {
  GoTag,
  LineRange,
  SourceIndex,
  SourceSymbol,
  UpstreamLink,
  UpstreamTable,
} from "./types.ts";

const TABLE = "test/upstream-v1.1.1.json";
const NO_TABLE: UpstreamTable = {
  version: "v1.1.1",
  files: {},
  symbols: [],
  cases: [],
  tests: [],
};

export function readUpstream(root: string): UpstreamTable {
  const file = path.join(root, TABLE);
  if (!existsSync(file)) return NO_TABLE;
  const read = JSON.parse(readFileSync(file, "utf8")) as Partial<UpstreamTable>;
  return { ...NO_TABLE, ...read };
}

/** The Go lines that the symbol's `Go:` tag, or its type's, speaks of. */
export function upstreamOf(
  index: SourceIndex,
  symbol: SourceSymbol,
): UpstreamLink[] {
  const links = symbol.tags.go.flatMap((tag) => {
    const link = findUpstream(index.upstream, tag);
    return link instanceof Problem ? [] : [link];
  });
  if (links.length > 0 || symbol.parent === undefined) return links;
  const parent = index.symbols.get(symbol.parent);
  return parent ? upstreamOf(index, parent) : [];
}

/** Where a Go name stands. Without `file`, the name alone must be enough. */
export function findUpstream(
  table: UpstreamTable,
  wanted: GoTag | { readonly name: string; readonly file?: string },
): UpstreamLink | Problem {
  const { name, file } = wanted;
  if (name === undefined) return wholeFile(table, file ?? "");
  const found = table.symbols.find(
    (symbol) =>
      symbol.name === name && (file === undefined || symbol.file === file),
  );
  if (found) return linkTo(table, found.name, found.file, found);
  const [owner, text] = name.split(/\s+(?=case\b)/);
  const branch = table.cases.find(
    (one) => one.in === owner && sameText(one.text, text ?? ""),
  );
  if (branch) {
    const lines = { start: branch.line, end: branch.end };
    return linkTo(table, name, branch.file, lines);
  }
  return new Problem(
    "upstream-lines",
    `${TABLE} has no ${name}${file === undefined ? "" : ` in ${file}`}`,
    nearest(
      name,
      table.symbols.map((symbol) => symbol.name),
    ),
  );
}

/** Lines within a Go symbol: "200-204", or "200". */
export function upstreamLines(
  table: UpstreamTable,
  whole: UpstreamLink,
  lines: string,
): UpstreamLink | Problem {
  const range = readLines(lines);
  if (!range) {
    return new Problem(
      "upstream-lines",
      `"${lines}" is not a range of lines: write "200-204" or "200"`,
    );
  }
  if (range.start < whole.start || range.end > whole.end) {
    return new Problem(
      "upstream-lines",
      `${whole.name} stands in ${whole.label} at ${table.version}; ` +
        `${lines} is not within it`,
      table.symbols
        .filter((s) => s.file === whole.file && contains(s, range))
        .map((s) => `${s.name} ${s.start}-${s.end}`),
    );
  }
  return linkTo(table, whole.name, whole.file, range);
}

function readLines(text: string): LineRange | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text.trim());
  if (!match) return undefined;
  const start = Number(match[1]);
  const end = Number(match[2] ?? match[1]);
  return start >= 1 && start <= end ? { start, end } : undefined;
}

function wholeFile(table: UpstreamTable, file: string): UpstreamLink | Problem {
  const known = table.files[file];
  if (known) return linkTo(table, file, file, { start: 1, end: known.lines });
  return new Problem(
    "upstream-lines",
    `${TABLE} has no file ${file}`,
    nearest(file, Object.keys(table.files)),
  );
}

function linkTo(
  table: UpstreamTable,
  name: string,
  file: string,
  { start, end }: LineRange,
): UpstreamLink {
  const base = "https://github.com/hashicorp/raft/blob";
  const lines = start === end ? `${start}` : `${start}-${end}`;
  const fragment = start === end ? `#L${start}` : `#L${start}-L${end}`;
  const url = `${base}/${table.version}/${file}${fragment}`;
  return { name, file, start, end, label: `${file}:${lines}`, url };
}

function contains(outer: LineRange, inner: LineRange): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function sameText(a: string, b: string): boolean {
  return a.replace(/[\s:]+/g, "") === b.replace(/[\s:]+/g, "");
}
