/**
 * What a server writes to its log, read from the calls of a logger in raft/:
 * whoever has a line of a log in hand finds the line of code that wrote it.
 *
 * A text may be put together: `rejecting vote request: ${refusal}` is several,
 * one for each text that the function behind `refusal` returns, and each leads
 * to its own `return`. What only a run knows is left out.
 *
 * Absent: the fields behind a text, and the simulator's own lines.
 */

import ts from "typescript";
import type { LineRange, SourceFile, SourceSymbol } from "../engine/types.ts";
import { type Atlas, place } from "./go.ts";
import type { BookLog } from "./types.ts";

const LEVELS = new Set(["debug", "info", "warn", "error"]);

/** A text may come out of a function that asks another; no deeper. */
const DEEPEST = 3;

const SHORT = 8;

/** A text, and the node that says most about it. */
interface Said {
  readonly text: string;
  readonly node: ts.Node;
}

export function logTexts(atlas: Atlas): BookLog[] {
  return [...atlas.index.files.values()]
    .filter(({ path }) => !path.startsWith("sim/"))
    .flatMap((file) => loggedIn(file.node))
    .flatMap((text) => saidBy(atlas, text, 0))
    .flatMap((said) => bookLog(atlas, said));
}

/** The first argument of each call of a logger. */
function loggedIn(file: ts.SourceFile): ts.Expression[] {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node) => {
    const [text] = isLogged(node) ? node.arguments : [];
    if (text) found.push(text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isLogged(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node)) return false;
  const { expression } = node;
  return (
    ts.isPropertyAccessExpression(expression) &&
    LEVELS.has(expression.name.text) &&
    /\blogger$/.test(expression.expression.getText())
  );
}

function saidBy(atlas: Atlas, node: ts.Expression, depth: number): Said[] {
  if (ts.isStringLiteralLike(node)) return [{ text: node.text, node }];
  if (ts.isTemplateExpression(node)) return joined(atlas, node, depth);
  if (ts.isConditionalExpression(node)) {
    const both = [node.whenTrue, node.whenFalse];
    return both.flatMap((one) => saidBy(atlas, one, depth));
  }
  if (ts.isYieldExpression(node) && node.expression) {
    return saidBy(atlas, node.expression, depth);
  }
  if (ts.isIdentifier(node)) {
    const value = settingOf(node);
    return value ? saidBy(atlas, value, depth) : [];
  }
  return ts.isCallExpression(node) ? returned(atlas, node, depth) : [];
}

/** Every way in which the parts of a template can be filled. */
function joined(
  atlas: Atlas,
  template: ts.TemplateExpression,
  depth: number,
): Said[] {
  const first: Said[] = [{ text: template.head.text, node: template }];
  return template.templateSpans.reduce((before, { expression, literal }) => {
    const known = saidBy(atlas, expression, depth);
    const unknown = [{ text: "", node: template }];
    const parts: readonly Said[] = known.length > 0 ? known : unknown;
    return before.flatMap(({ text, node }) =>
      parts.map((part) => ({
        text: text + part.text + literal.text,
        node: part.node === template ? node : part.node,
      })),
    );
  }, first);
}

/** What a constant of the functions around it was set to. */
function settingOf(name: ts.Identifier): ts.Expression | undefined {
  for (let around: ts.Node = name.parent; around; around = around.parent) {
    if (!ts.isBlock(around) && !ts.isSourceFile(around)) continue;
    const declared = around.statements
      .filter(ts.isVariableStatement)
      .flatMap(({ declarationList }) => declarationList.declarations)
      .find((one) => one.name.getText() === name.text);
    if (declared) return declared.initializer;
  }
  return undefined;
}

/** The texts that a function of raft/ returns. */
function returned(atlas: Atlas, call: ts.CallExpression, depth: number) {
  const [symbol] = atlas.index.names.get(call.expression.getText()) ?? [];
  const [node] = symbol?.nodes ?? [];
  if (!node || depth >= DEEPEST) return [];
  const found: ts.Expression[] = [];
  const visit = (one: ts.Node) => {
    if (ts.isReturnStatement(one) && one.expression) found.push(one.expression);
    if (!ts.isFunctionLike(one) || one === node) ts.forEachChild(one, visit);
  };
  visit(node);
  return found.flatMap((one) => saidBy(atlas, one, depth + 1));
}

function bookLog(atlas: Atlas, { text, node }: Said): BookLog[] {
  const tree = node.getSourceFile();
  const file = [...atlas.index.files.values()].find((one) => one.node === tree);
  const { start: line } = linesOf(node);
  const symbol = file && symbolAround(file, line);
  const known = text.replace(/[:\s]+$/, "").trim();
  if (!symbol || known === "") return [];
  const when = conditionAround(node) ?? linesOf(node);
  return [{ text: known, line, ours: place(atlas, symbol, when) }];
}

/** A short `if` whose body it is: what is asked is asked about that. */
function conditionAround(node: ts.Node): LineRange | undefined {
  for (let at = node.parent; at && !ts.isFunctionLike(at); at = at.parent) {
    if (!ts.isIfStatement(at)) continue;
    const lines = linesOf(at);
    return lines.end - lines.start < SHORT ? lines : undefined;
  }
  return undefined;
}

function linesOf(node: ts.Node): LineRange {
  const tree = node.getSourceFile();
  const line = (at: number) => tree.getLineAndCharacterOfPosition(at).line + 1;
  return { start: line(node.getStart()), end: line(node.getEnd()) };
}

/** The innermost. */
function symbolAround(
  file: SourceFile,
  line: number,
): SourceSymbol | undefined {
  return file.symbols
    .filter(({ kind }) => kind !== "header")
    .filter(({ code }) => code.start <= line && line <= code.end)
    .sort((a, b) => a.code.end - a.code.start - (b.code.end - b.code.start))[0];
}
