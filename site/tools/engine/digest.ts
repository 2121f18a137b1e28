// What a passage was written for, reduced to its syntax: comments, white
// space, line breaks, quotes, trailing commas and semicolons do not count,
// and every other token does.
//
// A passage is bound to whole clauses. A clause is what stands between two
// braces of a block, or between two statements: a simple statement, the head
// of an `if`, a loop, a case or a function, a member of a type. So the note on
// a function's first line does not depend on its body, and a statement that a
// formatter has broken into three lines is still the same clause.

import { createHash } from "node:crypto";
import ts from "typescript";
import type { Span } from "./types.ts";

export interface Token {
  /** Normalised: what counts. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Tokens with the same number belong to one clause. */
  readonly clause: number;
  /** The brace of a block: it belongs to no clause. */
  readonly brace: boolean;
}

export function digest(tokens: readonly Token[]): string {
  return digestOfText(tokens.map((token) => token.text).join("\n"));
}

/** For a comment, its words are what counts. */
export function digestOfWords(text: string): string {
  const words = text.split(/[\s*/]+/).filter((word) => word !== "");
  return digestOfText(words.join(" "));
}

function digestOfText(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** The tokens of every clause that the span touches, and what lies between. */
export function clausesWithin(
  tokens: readonly Token[],
  span: Span,
): readonly Token[] {
  const touched = tokens.filter(
    (token) => !token.brace && token.start < span.end && span.start < token.end,
  );
  const first = touched[0]?.clause;
  const last = touched.at(-1)?.clause;
  if (first === undefined || last === undefined) return [];
  return tokens.filter(({ clause }) => first <= clause && clause <= last);
}

/** A symbol is asked for its tokens by every note that speaks of it. */
const known = new WeakMap<readonly ts.Node[], readonly Token[]>();

/** The tokens of the nodes, in order, without what a formatter may change. */
export function tokensOf(nodes: readonly ts.Node[]): readonly Token[] {
  const tokens = known.get(nodes) ?? readTokens(nodes);
  known.set(nodes, tokens);
  return tokens;
}

function readTokens(nodes: readonly ts.Node[]): Token[] {
  const tokens: Token[] = [];
  let clause = 0;
  for (const node of nodes) visit(node, node.getSourceFile());
  return tokens;

  function visit(node: ts.Node, tree: ts.SourceFile): void {
    const children = node.getChildren(tree).filter(counts);
    if (children.length === 0) {
      leaf(node, tree);
      return;
    }
    if (beginsClause(node)) clause++;
    for (const child of withoutOptional(node, children)) {
      if (isSoleParameter(node, child)) {
        around(child, tree);
        continue;
      }
      visit(child, tree);
      if (endsHead(node, child)) clause++;
    }
    if (beginsClause(node)) clause++;
  }

  function leaf(node: ts.Node, tree: ts.SourceFile): void {
    if (node.getWidth(tree) === 0) return;
    const brace = isBrace(node);
    if (brace) clause++;
    emit(normal(node, tree), node.getStart(tree), node.getEnd(), brace);
    if (brace) clause++;
  }

  /** `x => …` counts as `(x) => …`. */
  function around(parameter: ts.Node, tree: ts.SourceFile): void {
    emit("(", parameter.getStart(tree), parameter.getStart(tree), false);
    visit(parameter, tree);
    emit(")", parameter.getEnd(), parameter.getEnd(), false);
  }

  function emit(text: string, start: number, end: number, brace: boolean) {
    tokens.push({ text, start, end, clause, brace });
  }
}

function counts(node: ts.Node): boolean {
  return !ts.isJSDoc(node);
}

function normal(node: ts.Node, tree: ts.SourceFile): string {
  if (ts.isStringLiteral(node)) return JSON.stringify(node.text);
  if (ts.isNumericLiteral(node)) return node.text;
  return node.getText(tree);
}

/** Statements and members; the branch of an `if` belongs to its head. */
function beginsClause(node: ts.Node): boolean {
  if (ts.isBlock(node)) return false;
  if (ts.isCaseOrDefaultClause(node)) return true;
  if (ts.isClassElement(node) || ts.isTypeElement(node)) {
    return !ts.isTypeLiteralNode(node.parent);
  }
  return isStatement(node) && holdsStatements(node.parent);
}

function holdsStatements(node: ts.Node): boolean {
  return (
    ts.isBlock(node) || ts.isSourceFile(node) || ts.isCaseOrDefaultClause(node)
  );
}

function isStatement(node: ts.Node): boolean {
  return (
    (node.kind >= ts.SyntaxKind.FirstStatement &&
      node.kind <= ts.SyntaxKind.LastStatement) ||
    ts.isDeclarationStatement(node)
  );
}

/** The colon of a case: its statements are clauses of their own. */
function endsHead(node: ts.Node, child: ts.Node): boolean {
  return (
    ts.isCaseOrDefaultClause(node) && child.kind === ts.SyntaxKind.ColonToken
  );
}

function isBrace(node: ts.Node): boolean {
  const { OpenBraceToken, CloseBraceToken } = ts.SyntaxKind;
  if (node.kind !== OpenBraceToken && node.kind !== CloseBraceToken) {
    return false;
  }
  const { parent } = node;
  return (
    ts.isBlock(parent) ||
    ts.isCaseBlock(parent) ||
    ts.isClassLike(parent) ||
    ts.isInterfaceDeclaration(parent)
  );
}

/** Leaves out what a formatter adds or takes away. */
function withoutOptional(
  node: ts.Node,
  children: readonly ts.Node[],
): readonly ts.Node[] {
  const { SemicolonToken, CommaToken } = ts.SyntaxKind;
  const last = children.at(-1);
  if (node.kind === ts.SyntaxKind.SyntaxList) {
    const elided = children.at(-2)?.kind === ts.SyntaxKind.OmittedExpression;
    const trailing = last?.kind === CommaToken && !elided;
    return trailing ? children.slice(0, -1) : children;
  }
  if (ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node)) {
    return children.filter((child) => child.kind === ts.SyntaxKind.SyntaxList);
  }
  const ends =
    isStatement(node) || ts.isClassElement(node) || ts.isTypeElement(node);
  const optional = last?.kind === SemicolonToken || last?.kind === CommaToken;
  const empty = ts.isEmptyStatement(node);
  return ends && optional && !empty ? children.slice(0, -1) : children;
}

function isSoleParameter(node: ts.Node, child: ts.Node): boolean {
  return (
    ts.isArrowFunction(node) &&
    child.kind === ts.SyntaxKind.SyntaxList &&
    node.parameters[0]?.parent === node &&
    child.getChildren()[0] === node.parameters[0] &&
    !node.getChildren().some((one) => one.kind === ts.SyntaxKind.OpenParenToken)
  );
}
