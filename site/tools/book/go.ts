/**
 * The way in from Go: for each symbol and each select case of v1.1.1, the
 * line of ours that it became, or the reason why there is none.
 *
 * A symbol's counterparts are those whose `Go:` tag names it. A case's is, in
 * this order: the symbol whose tag names that very case; within the symbol's
 * counterparts, the `case` of the same channel; its mention in the select.
 */

import type {
  SourceIndex,
  SourceSymbol,
  UpstreamCase,
  UpstreamSymbol,
} from "../engine/types.ts";
import type { BookMark, GoCase, GoFile, GoSymbol, Ours } from "./types.ts";

type Marks = Readonly<Record<string, readonly BookMark[]>>;

export function goFiles(index: SourceIndex, marks: Marks): GoFile[] {
  const ours = counterparts(index);
  const { upstream } = index;
  return Object.entries(upstream.files).map(([file, { lines }]) => ({
    file,
    lines,
    symbols: upstream.symbols
      .filter((symbol) => symbol.file === file)
      .map((symbol) => goSymbol(index, ours, marks, symbol)),
  }));
}

/** Our symbols by the Go name that their tag says, file included. */
function counterparts(index: SourceIndex): Map<string, SourceSymbol[]> {
  const found = new Map<string, SourceSymbol[]>();
  for (const symbol of index.symbols.values()) {
    for (const { name, file } of symbol.tags.go) {
      if (name === undefined) continue;
      const key = `${file} ${name}`;
      found.set(key, [...(found.get(key) ?? []), symbol]);
    }
  }
  return found;
}

function goSymbol(
  index: SourceIndex,
  counterparts: Map<string, SourceSymbol[]>,
  marks: Marks,
  { name, kind, file, start, end }: UpstreamSymbol,
): GoSymbol {
  const found = [
    ...(counterparts.get(`${file} ${name}`) ?? []),
    ...(kind === "field" ? fieldOf(index, counterparts, file, name) : []),
  ];
  const ours = found.map((symbol) => place(symbol, symbol.code.start, marks));
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
    cases: cases.map((one) => goCase(index, counterparts, found, marks, one)),
  };
}

/** "Raft.applyCh" is the member of that name of Raft's counterpart. */
function fieldOf(
  index: SourceIndex,
  counterparts: Map<string, SourceSymbol[]>,
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

function goCase(
  index: SourceIndex,
  counterparts: Map<string, SourceSymbol[]>,
  symbols: readonly SourceSymbol[],
  marks: Marks,
  { in: owner, text, file, line, end }: UpstreamCase,
): GoCase {
  const said = text.replace(/:$/, "");
  const named =
    counterparts.get(`${file} ${owner} ${said}`) ??
    counterparts.get(`${file} ${owner} ${text}`);
  const [symbol] = named ?? [];
  const ours = symbol
    ? place(symbol, symbol.code.start, marks)
    : caseWithin(index, symbols, marks, channelOf(said));
  return { text: said, start: line, end, ...(ours ? { ours } : {}) };
}

/** The line of a counterpart where the same channel is a case. */
function caseWithin(
  index: SourceIndex,
  symbols: readonly SourceSymbol[],
  marks: Marks,
  channel: string,
): Ours | undefined {
  if (channel === "") return undefined;
  const patterns = [
    new RegExp(`\\bcase "${channel}"`, "i"),
    new RegExp(`\\b${channel}\\b\\s*[:,]`, "i"),
    new RegExp(`\\b${channel}\\b`, "i"),
  ];
  for (const pattern of patterns) {
    for (const symbol of symbols) {
      const lines = index.files.get(symbol.file)?.lines ?? [];
      for (let at = symbol.code.start; at <= symbol.code.end; at++) {
        if (pattern.test(lines[at - 1] ?? "")) return place(symbol, at, marks);
      }
    }
  }
  return undefined;
}

/** "case rpc := <-r.rpcCh" and "case r.rpcCh <- rpc" speak of rpcCh. */
function channelOf(text: string): string {
  const received = /<-\s*([\w.]+)(\(.*)?$/.exec(text);
  const sent = /^case\s+([\w.]+)\s*<-/.exec(text);
  const name = (sent ?? received)?.[1]?.split(".").at(-1) ?? "";
  return name === "After" ? "" : name;
}

function place(symbol: SourceSymbol, line: number, marks: Marks): Ours {
  const mark = (marks[symbol.file] ?? []).find(
    ({ range }) => range.start <= line && line <= range.end,
  );
  const lesson = mark && { route: mark.route, title: mark.title };
  return {
    id: symbol.id,
    file: symbol.file,
    line,
    ...(lesson ? { lesson } : {}),
  };
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
