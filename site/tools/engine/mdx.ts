// MDX as a tree with places, by the parser that also builds the site. What is
// read here is data: attributes must be literal, and no lesson is ever run.

import { mdxToMdast } from "satteri";
import ts from "typescript";
import { Problem } from "./fault.ts";

/** A node of the tree; only what the engine looks at. */
export interface MdxNode {
  readonly type: string;
  readonly name?: string | null;
  readonly value?: string;
  readonly lang?: string | null;
  readonly meta?: string | null;
  readonly attributes?: readonly MdxAttribute[];
  readonly children?: readonly MdxNode[];
  readonly position?: {
    readonly start: { readonly line: number };
    readonly end: { readonly line: number };
  };
}

interface MdxAttribute {
  readonly type: string;
  readonly name?: string;
  readonly value?: string | null | { readonly value: string };
}

export function parseMdx(text: string): MdxNode | Problem {
  try {
    return mdxToMdast(text) as unknown as MdxNode;
  } catch (error) {
    return new Problem("unreadable-lesson", sayError(error));
  }
}

/** The line that the parser complains of: its messages begin with it. */
export function lineOfError(problem: Problem): number {
  return Number(/^(\d+):\d+/.exec(problem.message)?.[1] ?? 1);
}

export function lineOf(node: MdxNode): number {
  return node.position?.start.line ?? 1;
}

export function isElement(node: MdxNode): boolean {
  return node.type === "mdxJsxFlowElement" || node.type === "mdxJsxTextElement";
}

/** The words of a node and all within it, without marks. */
export function plainText(node: MdxNode): string {
  return words(node).replace(/\s+/g, " ").trim();
}

function words(node: MdxNode): string {
  if (node.type === "text" || node.type === "inlineCode") {
    return node.value ?? "";
  }
  const block = /^(paragraph|listItem|heading)$/.test(node.type) ? " " : "";
  return (node.children ?? []).map(words).join("") + block;
}

/** The attributes by name; `true` stands for one without a value. */
export function attributesOf(
  node: MdxNode,
): Map<string, string | true> | Problem {
  const read = new Map<string, string | true>();
  for (const { name, value } of node.attributes ?? []) {
    if (name === undefined) {
      return unreadable(
        `<${node.name}> spreads an object; name each attribute`,
      );
    }
    const literal = readLiteral(value);
    if (literal === undefined) {
      return unreadable(`${name} of <${node.name}> is not a literal`);
    }
    if (literal !== false) read.set(name, literal);
  }
  return read;
}

function readLiteral(
  value: MdxAttribute["value"],
): string | boolean | undefined {
  if (value === null || value === undefined) return true;
  if (typeof value === "string") return value;
  const literal = expressionOf(value.value);
  if (literal === undefined) return undefined;
  if (ts.isStringLiteralLike(literal)) return literal.text;
  if (ts.isNumericLiteral(literal)) return literal.text;
  if (literal.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (literal.kind === ts.SyntaxKind.FalseKeyword) return false;
  return undefined;
}

/** The text of `{"…"}` or {`…`} between tags, if that is what it is. */
export function literalText(expression: string): string | undefined {
  const literal = expressionOf(expression);
  return literal && ts.isStringLiteralLike(literal) ? literal.text : undefined;
}

function expressionOf(text: string): ts.Expression | undefined {
  const tree = ts.createSourceFile("a.ts", `(${text})`, ts.ScriptTarget.Latest);
  const [statement] = tree.statements;
  if (!statement || !ts.isExpressionStatement(statement)) return undefined;
  const { expression } = statement;
  return ts.isParenthesizedExpression(expression)
    ? expression.expression
    : undefined;
}

function unreadable(message: string): Problem {
  return new Problem("unreadable-lesson", message);
}

function sayError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
