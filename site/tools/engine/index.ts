// The index of raft/: every file, every symbol that a lesson can address, from
// the syntax trees of one TypeScript program.
//
// A symbol is what stands at the top level of a file, and each member of a
// class, an interface, an object type or an object. What stands inside a
// function has no address of its own: if it is worth showing, it is worth a
// name. "file#" is the file's header comment.

import path from "node:path";
import ts from "typescript";
import { type DocComment, readDoc } from "./doc.ts";
import { raftProgram } from "./program.ts";
import { linesOf } from "./text.ts";
import type {
  SourceFile,
  SourceIndex,
  SourceSymbol,
  Span,
  SymbolKind,
} from "./types.ts";
import { readUpstream } from "./upstream.ts";

export function buildIndex(root: string): SourceIndex {
  const program = raftProgram(root);
  const raft = path.join(root, "raft");
  const files = new Map<string, SourceFile>();
  for (const node of program.getSourceFiles()) {
    const file = path.relative(raft, node.fileName).replaceAll(path.sep, "/");
    if (file.startsWith("..") || /(^|\/)node_modules\//.test(file)) continue;
    files.set(file, readFile(file, node));
  }
  const sorted = new Map([...files].sort(([a], [b]) => a.localeCompare(b)));
  const all = [...sorted.values()].flatMap((file) => file.symbols);
  return {
    root,
    program,
    files: sorted,
    symbols: new Map(all.map((symbol) => [symbol.id, symbol])),
    names: byName(all),
    upstream: readUpstream(root),
  };
}

function byName(symbols: readonly SourceSymbol[]): Map<string, SourceSymbol[]> {
  const names = new Map<string, SourceSymbol[]>();
  for (const symbol of symbols) {
    if (symbol.kind === "header") continue;
    names.set(symbol.name, [...(names.get(symbol.name) ?? []), symbol]);
  }
  return names;
}

/** A declaration as found in the tree, before it is a symbol. */
interface Declared {
  readonly name: string;
  readonly kind: SymbolKind;
  readonly node: ts.Node;
  readonly nameNode: ts.Node;
  readonly exported: boolean;
  readonly parent?: string;
}

function readFile(file: string, node: ts.SourceFile): SourceFile {
  const header = headerOf(node);
  const declared = node.statements.flatMap((statement) =>
    declarations(statement),
  );
  const named = Map.groupBy(declared, (one) => one.name);
  const symbols = [...named.values()].map((group) =>
    toSymbol(file, node, group, header),
  );
  const members = Map.groupBy(symbols, (symbol) => symbol.parent);
  return {
    path: file,
    text: node.text,
    lines: node.text.split(/\r?\n/),
    symbols: [
      headerSymbol(file, node, header),
      ...symbols.map((symbol) => ({
        ...symbol,
        members: (members.get(symbol.id) ?? []).map((member) => member.id),
      })),
    ],
    node,
  };
}

// -------------------------------------------------- what is declared

function declarations(statement: ts.Statement): Declared[] {
  const exported = hasExport(statement);
  if (ts.isVariableStatement(statement)) {
    const { declarations: each } = statement.declarationList;
    return each.flatMap((one) => {
      const node = each.length === 1 ? statement : one;
      return ts.isIdentifier(one.name)
        ? withMembers("const", node, one.name, exported, one.initializer)
        : [];
    });
  }
  const kind = kindOf(statement);
  const name = (statement as ts.DeclarationStatement).name;
  if (kind === undefined || name === undefined) return [];
  const holder = ts.isTypeAliasDeclaration(statement)
    ? statement.type
    : statement;
  return withMembers(kind, statement, name, exported, holder);
}

function kindOf(node: ts.Statement): SymbolKind | undefined {
  if (ts.isFunctionDeclaration(node)) return "function";
  if (ts.isClassDeclaration(node)) return "class";
  if (ts.isInterfaceDeclaration(node)) return "interface";
  if (ts.isTypeAliasDeclaration(node)) return "type";
  return undefined;
}

function withMembers(
  kind: SymbolKind,
  node: ts.Node,
  nameNode: ts.Node,
  exported: boolean,
  holder: ts.Node | undefined,
): Declared[] {
  const name = nameNode.getText();
  const members = membersOf(holder).flatMap((member): Declared[] => {
    const memberName = nameOfMember(member);
    if (memberName === undefined) return [];
    return [
      {
        name: `${name}.${plainName(memberName)}`,
        kind: isCallable(member) ? "method" : "property",
        node: member,
        nameNode: memberName,
        exported,
        parent: name,
      },
    ];
  });
  return [{ name, kind, node, nameNode, exported }, ...members];
}

function membersOf(holder: ts.Node | undefined): readonly ts.Node[] {
  if (holder === undefined) return [];
  if (ts.isClassDeclaration(holder)) return holder.members;
  if (ts.isInterfaceDeclaration(holder)) return holder.members;
  if (ts.isTypeLiteralNode(holder)) return holder.members;
  if (ts.isObjectLiteralExpression(holder)) return holder.properties;
  if (ts.isAsExpression(holder) || ts.isSatisfiesExpression(holder)) {
    return membersOf(holder.expression);
  }
  return [];
}

function nameOfMember(member: ts.Node): ts.Node | undefined {
  if (ts.isConstructorDeclaration(member)) {
    const isKeyword = (one: ts.Node) =>
      one.kind === ts.SyntaxKind.ConstructorKeyword;
    return member.getChildren().find(isKeyword);
  }
  return (member as ts.NamedDeclaration).name;
}

function plainName(name: ts.Node): string {
  return ts.isStringLiteral(name) ? name.text : name.getText();
}

function isCallable(member: ts.Node): boolean {
  return (
    ts.isMethodDeclaration(member) ||
    ts.isMethodSignature(member) ||
    ts.isAccessor(member) ||
    ts.isConstructorDeclaration(member)
  );
}

function hasExport(node: ts.Node): boolean {
  if (!ts.canHaveModifiers(node)) return false;
  const modifiers = ts.getModifiers(node) ?? [];
  return modifiers.some((one) => one.kind === ts.SyntaxKind.ExportKeyword);
}

// -------------------------------------------------- from tree to symbol

function toSymbol(
  file: string,
  tree: ts.SourceFile,
  group: readonly Declared[],
  header: Span | undefined,
): SourceSymbol {
  const [first] = group as [Declared];
  const nodes = group.map((one) => one.node);
  const last = nodes.at(-1) as ts.Node;
  const comments = nodes.map((node) => docOf(node, header));
  const doc = comments.find((comment) => comment !== undefined);
  const span = { start: first.node.getStart(tree), end: last.getEnd() };
  const whole = { start: comments[0]?.start ?? span.start, end: span.end };
  return {
    id: `${file}#${first.name}`,
    file,
    name: first.name,
    kind: first.kind,
    exported: group.some((one) => one.exported),
    task: nodes.some(isTask),
    ...readDoc(doc ? tree.text.slice(doc.start, doc.end) : ""),
    code: linesOf(tree.text, span),
    whole: linesOf(tree.text, whole),
    span,
    nameSpan: {
      start: first.nameNode.getStart(tree),
      end: first.nameNode.getEnd(),
    },
    ...(first.parent === undefined
      ? {}
      : { parent: `${file}#${first.parent}` }),
    members: [],
    nodes,
  };
}

/** A generator, or a signature that promises one. */
function isTask(node: ts.Node): boolean {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) {
    if (node.asteriskToken) return true;
  }
  const type = (node as ts.SignatureDeclaration).type;
  return (
    type !== undefined &&
    ts.isTypeReferenceNode(type) &&
    type.typeName.getText() === "Task" &&
    !ts.isTypeAliasDeclaration(node)
  );
}

function docOf(node: ts.Node, header: Span | undefined): Span | undefined {
  const doc = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  if (!doc || doc.getStart() === header?.start) return undefined;
  return { start: doc.getStart(), end: doc.getEnd() };
}

// ------------------------------------------------------- the header

/**
 * The first comment of the file, when an empty line or an import follows it;
 * otherwise it is the doc comment of the first declaration.
 */
function headerOf(tree: ts.SourceFile): Span | undefined {
  const comments = ts.getLeadingCommentRanges(tree.text, 0) ?? [];
  const [first] = comments;
  if (!first) return undefined;
  let end = first.end;
  for (const next of comments.slice(1)) {
    const gap = tree.text.slice(end, next.pos);
    if (first.kind !== next.kind || /\n\s*\n/.test(gap)) break;
    if (first.kind === ts.SyntaxKind.MultiLineCommentTrivia) break;
    end = next.end;
  }
  const [statement] = tree.statements;
  const alone =
    !statement ||
    ts.isImportDeclaration(statement) ||
    /^[ \t]*\r?\n[ \t]*\r?\n/.test(tree.text.slice(end));
  return alone ? { start: first.pos, end } : undefined;
}

function headerSymbol(
  file: string,
  tree: ts.SourceFile,
  header: Span | undefined,
): SourceSymbol {
  const span = header ?? { start: 0, end: 0 };
  const comment: DocComment = readDoc(tree.text.slice(span.start, span.end));
  const lines = linesOf(tree.text, span);
  return {
    id: `${file}#`,
    file,
    name: "",
    kind: "header",
    exported: false,
    task: false,
    ...comment,
    code: lines,
    whole: lines,
    span,
    nameSpan: span,
    members: [],
    nodes: [],
  };
}
