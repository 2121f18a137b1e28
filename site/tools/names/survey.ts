/**
 * Asks the language service about every identifier of raft/. What it answers
 * is kept as it was said; nothing is worked out anew.
 *
 * Some answers depend on what was asked before (the order of a union, `T` or
 * what stands for it), so files are asked in one order, from the first line
 * to the last, and the checker should not have been asked anything before.
 */

import path from "node:path";
import ts from "typescript";
import { readDoc } from "../engine/doc.ts";
import { Table } from "./table.ts";
import type { FileSurvey, Survey, SurveyedName, Use } from "./types.ts";

export type Service = Pick<
  ts.LanguageService,
  | "getProgram"
  | "getQuickInfoAtPosition"
  | "getDefinitionAtPosition"
  | "getReferencesAtPosition"
>;

/** Of these files of raft/, in this order. */
export function survey(
  service: Service,
  root: string,
  files: readonly string[],
): Survey {
  const surveyor = new Surveyor(service, root);
  const types = files.map((file) => surveyor.types(file));
  // Only now: what is asked about uses must not colour what types say.
  return Object.fromEntries(
    files.map((file, i) => [
      file,
      { ...(types[i] as TypesOf), ...surveyor.uses(file) },
    ]),
  );
}

type TypesOf = Pick<FileSurvey, "names" | "places">;
type UsesOf = Pick<FileSurvey, "uses" | "usesOf">;

class Surveyor {
  readonly #service: Service;
  readonly #program: ts.Program;
  readonly #root: string;
  /** By symbol and by how it is written: the uses do not differ then. */
  readonly #known = new Map<ts.Symbol, Map<string, readonly Use[]>>();

  constructor(service: Service, root: string) {
    const program = service.getProgram();
    if (!program) throw new Error("the language service has no program");
    this.#service = service;
    this.#program = program;
    this.#root = root;
  }

  types(file: string): TypesOf {
    const tree = this.#tree(file);
    const names = new Table<SurveyedName>();
    const places = identifiersOf(tree).flatMap((node) => {
      const start = node.getStart(tree);
      const { line, character } = tree.getLineAndCharacterOfPosition(start);
      const name = names.add(this.#name(tree.fileName, start));
      return [line + 1, character, node.end - start, name];
    });
    return { names: names.rows, places };
  }

  uses(file: string): UsesOf {
    const tree = this.#tree(file);
    const uses = new Table<readonly Use[]>();
    const usesOf = identifiersOf(tree).map((node) =>
      uses.add(this.#usesOf(tree, node)),
    );
    return { uses: uses.rows, usesOf };
  }

  #tree(file: string): ts.SourceFile {
    const name = path.join(this.#root, "raft", file);
    const tree = this.#program.getSourceFile(name.replaceAll(path.sep, "/"));
    if (tree) return tree;
    throw new Error(`raft/${file} is not part of the program`);
  }

  #name(file: string, at: number): SurveyedName {
    const said = this.#service.getQuickInfoAtPosition(file, at);
    const found = this.#service.getDefinitionAtPosition(file, at) ?? [];
    const comment = ts.displayPartsToString(said?.documentation);
    return {
      type: ts.displayPartsToString(said?.displayParts),
      sentence: readDoc(comment).sentence,
      definitions: found.map((one) => this.#place(one)),
    };
  }

  #usesOf(tree: ts.SourceFile, node: ts.Node): readonly Use[] {
    const symbol = this.#program.getTypeChecker().getSymbolAtLocation(node);
    if (!symbol) return this.#askUses(tree, node);
    const known = this.#known.get(symbol) ?? new Map();
    this.#known.set(symbol, known);
    const manner = mannerOf(node);
    const uses = known.get(manner) ?? this.#askUses(tree, node);
    known.set(manner, uses);
    return uses;
  }

  #askUses(tree: ts.SourceFile, node: ts.Node): Use[] {
    const at = node.getStart(tree);
    const found = this.#service.getReferencesAtPosition(tree.fileName, at);
    return (found ?? [])
      .map((one) => this.#place(one))
      .filter(([file]) => !isOutside(file))
      .sort(([a, at], [b, bt]) => (a === b ? at - bt : a < b ? -1 : 1));
  }

  #place({ fileName, textSpan }: ts.DocumentSpan): Use {
    const tree = this.#program.getSourceFile(fileName);
    const line = tree?.getLineAndCharacterOfPosition(textSpan.start).line ?? 0;
    return [placeName(this.#root, fileName), line + 1];
  }
}

/** Every identifier but those of comments, in the order of the file. */
export function identifiersOf(tree: ts.SourceFile): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
      if (node.end > node.getStart(tree)) found.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found.sort((a, b) => a.pos - b.pos);
}

/**
 * How a name is written where that changes the answer: `{ term }` is a
 * property and a variable, an import is two names in one, and a type may bear
 * the name of a value.
 */
function mannerOf(node: ts.Node): string {
  const own = OWN_MANNER.has(node.parent.kind) ? node.parent.kind : 0;
  return `${own} ${ts.isPartOfTypeNode(node)}`;
}

const OWN_MANNER: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.ShorthandPropertyAssignment,
  ts.SyntaxKind.BindingElement,
  ts.SyntaxKind.ImportSpecifier,
  ts.SyntaxKind.ExportSpecifier,
  ts.SyntaxKind.NewExpression,
  ts.SyntaxKind.VariableDeclaration,
  ts.SyntaxKind.TypeAliasDeclaration,
  ts.SyntaxKind.InterfaceDeclaration,
  ts.SyntaxKind.ClassDeclaration,
]);

/** "raft.ts", and "node_modules/typescript/lib/lib.es5.d.ts". */
export function placeName(root: string, fileName: string): string {
  const inside = path.relative(path.join(root, "raft"), fileName);
  if (!inside.startsWith("..")) return inside.replaceAll(path.sep, "/");
  return fileName.replace(/^.*(?=\/node_modules\/)\//, "");
}

export function isOutside(file: string): boolean {
  return file.startsWith("node_modules/");
}
