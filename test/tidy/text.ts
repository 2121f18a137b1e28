/** The rules that need no types: columns, comments, citations, quirks. */
import ts from "typescript";
import { type Code, fault, type Source } from "./code.ts";
import { imports } from "./floors.ts";

const COLUMNS = 80;

/** Lines that do not fit beside prose. */
export function longLines({ sources }: Code): string[] {
  return sources.flatMap(({ path, tree }) =>
    tree.text.split("\n").flatMap((line, i) => {
      const { length } = [...line];
      return length > COLUMNS
        ? [`${path}:${i + 1}: ${length} columns, and ${COLUMNS} fit`]
        : [];
    }),
  );
}

/** Files that do not open with a comment on what they guarantee. */
export function noHeader({ sources }: Code): string[] {
  return sources
    .filter(({ tree }) => !tree.text.startsWith("/**"))
    .map(({ path }) => `${path}: does not open with a header comment`);
}

/** Our own part of raft/, which has no counterpart in Go. */
const ownFolders = ["runtime/", "sim/"];

/** Exported functions and classes that do not say where they come from. */
export function noOrigin({ sources }: Code): string[] {
  return sources
    .filter(({ path }) => !ownFolders.some((own) => path.startsWith(own)))
    .flatMap((source) =>
      source.tree.statements
        .filter(
          (node) =>
            ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node),
        )
        .filter(isExported)
        .filter((node) => !docComment(source, node).includes("Go:"))
        .map((node) => {
          const name = node.name?.text ?? "default";
          const wrong = `${name}: its doc comment has no line "Go: …"`;
          return fault(source, node, wrong);
        }),
    );
}

/** A name of v1.1.1, or several, as a doc comment cites them. */
interface Citation {
  readonly source: Source;
  readonly line: number;
  readonly names: readonly string[];
  readonly file: string | undefined;
}

/** A symbol of upstream's table. */
export interface UpstreamSymbol {
  readonly name: string;
  readonly file: string;
}

/** Citations of Go names that v1.1.1 does not have, or not in that file. */
export function unknownOrigins(
  { sources }: Code,
  upstream: readonly UpstreamSymbol[],
): string[] {
  return sources.flatMap(citations).flatMap(({ source, line, names, file }) =>
    names
      .filter((name) => !isKnown(upstream, name, file))
      .map((name) => {
        const where = file === undefined ? "" : ` in ${file}`;
        return `${source.path}:${line}: v1.1.1 has no ${name}${where}`;
      }),
  );
}

function isKnown(
  upstream: readonly UpstreamSymbol[],
  name: string,
  file: string | undefined,
): boolean {
  return upstream.some(
    (symbol) =>
      symbol.name === name && (file === undefined || symbol.file === file),
  );
}

/** Reads `Go: (*Raft).run, raft.go · …`; `Go: none, …` cites nothing. */
function citations(source: Source): Citation[] {
  const lines = source.tree.text.split("\n");
  return lines.flatMap((text, i) => {
    const cited = /^\s*(?:\/\*)?\*.*?\bGo: ([^·]*)/.exec(text)?.[1];
    if (cited === undefined || /^none\b/.test(cited)) return [];
    const words = cited.replace(/\.?\s*(\*\/)?\s*$/, "").split(/,\s+/);
    const file = words.find((word) => word.endsWith(".go"));
    const names = words.filter((word) => word !== "" && word !== file);
    return [{ source, line: i + 1, names, file }];
  });
}

/**
 * The files that know of quirks. Beside NewRaft, index.ts passes their type
 * on, and the simulated world switches them on.
 */
const knowQuirks = ["differs.ts", "quirks.ts", "index.ts", "sim/"];

/** Places that know of quirks and should not: the code has no ifs for them. */
export function quirkLeaks({ sources }: Code): string[] {
  return sources
    .filter(({ path }) => !knowQuirks.some((known) => path.startsWith(known)))
    .flatMap((source) => [
      ...quirkImports(source),
      ...quirkNames(source, source.tree),
    ]);
}

function quirkImports(source: Source): string[] {
  if (source.path === "api.ts") return [];
  return imports(source)
    .filter(({ target }) => target === "quirks.ts")
    .map(({ node }) =>
      fault(source, node, "imports quirks.ts, which only api.ts may"),
    );
}

function quirkNames(source: Source, node: ts.Node): string[] {
  if (source.path === "api.ts" && isNewRaft(node)) return [];
  if (ts.isImportDeclaration(node)) return [];
  const names = ts.isIdentifier(node) || ts.isStringLiteralLike(node);
  if (names && /quirk/i.test(node.text)) {
    const wrong = `${node.text}: only NewRaft, differs.ts and quirks.ts know`;
    return [fault(source, node, wrong)];
  }
  const found: string[] = [];
  ts.forEachChild(node, (child) => {
    found.push(...quirkNames(source, child));
  });
  return found;
}

function isNewRaft(node: ts.Node): boolean {
  return ts.isFunctionDeclaration(node) && node.name?.text === "NewRaft";
}

/** A file of the repository, as text. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Files that name what only one machine has: a registry, a home, a path. */
export function machineNames(
  files: readonly TextFile[],
  names: readonly (string | RegExp)[],
): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split("\n")
      .flatMap((line, i) =>
        names
          .filter((name) =>
            typeof name === "string" ? line.includes(name) : name.test(line),
          )
          .map((name) => `${path}:${i + 1}: names ${name}`),
      ),
  );
}

function isExported(node: ts.HasModifiers): boolean {
  return (node.modifiers ?? []).some(
    ({ kind }) => kind === ts.SyntaxKind.ExportKeyword,
  );
}

function docComment({ tree }: Source, node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .map((comment) => comment.getText(tree))
    .join("\n");
}
