// Addresses: how a lesson names code. "raft.ts#electSelf" is a function,
// "runtime/channel.ts#Channel.receive" a member, "raft.ts#" the header of the
// file. An address that names nothing, or more than one thing, has no answer:
// it is a Problem that says what does exist.
//
// Absent: line numbers. No address ever holds one.

import type ts from "typescript";
import { Problem } from "./fault.ts";
import { nearest } from "./nearest.ts";
import { lineAt, sayLines } from "./text.ts";
import type { SourceFile, SourceIndex, SourceSymbol } from "./types.ts";

export function resolveSymbol(
  index: SourceIndex,
  address: string,
): SourceSymbol | Problem {
  const hash = address.indexOf("#");
  if (hash < 0) return notAnAddress(index, address);
  const file = address.slice(0, hash);
  const name = address.slice(hash + 1);
  const known = index.files.get(file);
  if (!known) return unknownFile(index, file, name);
  const symbol = index.symbols.get(address);
  if (!symbol) return unknownSymbol(index, known, name);
  if (symbol.kind === "header" && symbol.span.end === 0) {
    return new Problem(
      "empty-excerpt",
      `raft/${file} does not open with a comment, so ${address} is empty`,
    );
  }
  return adjacent(symbol.nodes) ? symbol : declaredApart(symbol);
}

/** An inline name: exactly one top-level name, or the only exported one. */
export function resolveName(
  index: SourceIndex,
  written: string,
): SourceSymbol | Problem {
  if (written.includes("#")) return resolveSymbol(index, written);
  const name = written.replace(/\(\)$/, "");
  const found = index.names.get(name) ?? [];
  const exported = found.filter((symbol) => symbol.exported);
  const [only, ...others] = exported.length === 1 ? exported : found;
  if (only === undefined) {
    return new Problem(
      "unknown-name",
      `raft/ has no symbol named ${name}`,
      nearest(name, index.names.keys()),
    );
  }
  if (others.length === 0) return resolveSymbol(index, only.id);
  return new Problem(
    "ambiguous-name",
    `${name} names ${found.length} symbols of raft/; give its address`,
    found.map((symbol) => symbol.id),
  );
}

function notAnAddress(index: SourceIndex, address: string): Problem {
  const byName = index.names.get(address) ?? [];
  return new Problem(
    "bad-address",
    `"${address}" is not an address: write file#symbol`,
    byName.length > 0
      ? byName.map((symbol) => symbol.id)
      : nearest(address, index.symbols.keys()),
  );
}

function unknownFile(index: SourceIndex, file: string, name: string): Problem {
  return new Problem("unknown-file", `raft/ has no file ${file}`, [
    ...new Set([
      ...elsewhere(index, name),
      ...nearest(file, index.files.keys()),
    ]),
  ]);
}

function unknownSymbol(
  index: SourceIndex,
  file: SourceFile,
  name: string,
): Problem {
  const here = file.symbols.map((symbol) => symbol.name);
  return new Problem("unknown-symbol", `raft/${file.path} has no ${name}`, [
    ...new Set([
      ...elsewhere(index, name),
      ...nearest(
        name,
        here.filter((one) => one !== ""),
      ).map((one) => `${file.path}#${one}`),
    ]),
  ]);
}

function elsewhere(index: SourceIndex, name: string): string[] {
  return (index.names.get(name) ?? []).map((symbol) => symbol.id);
}

function declaredApart(symbol: SourceSymbol): Problem {
  const text = symbol.nodes.map((node) =>
    lineAt(node.getSourceFile().text, node.getStart()),
  );
  return new Problem(
    "ambiguous-symbol",
    `${symbol.id} is declared on ${sayLines(text)}, apart from each other; ` +
      "put the declarations side by side",
  );
}

/** True when nothing but comments stands between the declarations. */
function adjacent(nodes: readonly ts.Node[]): boolean {
  return nodes.every((node, i) => {
    const next = nodes[i + 1];
    return next === undefined || next.getFullStart() === node.end;
  });
}

/** The file a symbol stands in. */
export function fileOf(index: SourceIndex, symbol: SourceSymbol): SourceFile {
  const file = index.files.get(symbol.file);
  if (!file) throw new Error(`${symbol.id} belongs to another index`);
  return file;
}

/** As a sentence names it. */
export function nameOf(symbol: SourceSymbol): string {
  return symbol.kind === "header" ? "the header" : symbol.name;
}
