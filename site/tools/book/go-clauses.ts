/**
 * Where the body of a select case stands in ours: the property of a `select`
 * that waits on the same channel, and then what is done when it is chosen, a
 * clause of the `switch` on it, or an `if` that compares. And how far reaches
 * what begins on a line.
 *
 * Read from the syntax tree. Absent: cases that became something else than a
 * `select`; for these a caller looks for a line that names the channel.
 */

import ts from "typescript";
import type { LineRange, SourceSymbol } from "../engine/types.ts";

export interface Clause {
  readonly symbol: SourceSymbol;
  /** From the `case` to the last line of what it does. */
  readonly range: LineRange;
  /** Bare names of the functions that it calls. */
  readonly calls: readonly string[];
}

/** All that match equally well, in the order of the file. */
export function clausesOf(
  symbols: readonly SourceSymbol[],
  goCase: string,
): Clause[] {
  const wanted = wordsOfGo(goCase);
  const found = symbols.flatMap((symbol) =>
    symbol.nodes.flatMap((node) =>
      all(node, isSelect).flatMap((select) =>
        entries(select).map((entry) => ({
          symbol,
          node,
          select,
          entry,
          score: likeness(entry, wanted),
        })),
      ),
    ),
  );
  const best = Math.max(0, ...found.map(({ score }) => score));
  if (best === 0) return [];
  return found
    .filter(({ score }) => score === best)
    .map(({ symbol, node, select, entry }) =>
      bodyOf(symbol, node, select, entry),
    );
}

/** "case rpc := <-r.rpcCh" and "case r.rpcCh <- rpc" speak of rpcCh. */
export function channelOf(goCase: string): string {
  const received = /<-\s*([\w.]+)(\(.*)?$/.exec(goCase);
  const sent = /^case\s+([\w.]+)\s*<-/.exec(goCase);
  const name = (sent ?? received)?.[1]?.split(".").at(-1) ?? "";
  return name === "After" ? "" : name;
}

/**
 * What begins on that line of the symbol, to its last line; of an `if` only
 * what is done when it is true.
 */
export function statementAt(symbol: SourceSymbol, line: number): LineRange {
  const [widest] = symbol.nodes
    .flatMap((node) => all(node, beginsSomething))
    .filter((node) => linesOf(node).start === line)
    .toSorted((a, b) => b.getWidth() - a.getWidth());
  if (!widest) return { start: line, end: line };
  if (!ts.isIfStatement(widest)) return linesOf(widest);
  return { start: line, end: linesOf(widest.thenStatement).end };
}

function beginsSomething(node: ts.Node): node is ts.Node {
  return ts.isStatement(node) || ts.isCaseOrDefaultClause(node);
}

interface Wanted {
  readonly channel: string;
  readonly words: readonly string[];
}

function wordsOfGo(goCase: string): Wanted {
  const [, variable = "", rest = goCase] =
    /^case\s+(?:(\w+)[\w,\s]*:?=\s*)?(<-.*|[\w.]+\s*<-.*)$/.exec(goCase) ?? [];
  const told = /<-.*\(/.test(rest) ? (rest.match(/\w+/g) ?? []) : [];
  const noise = new Set(["case", "conf", "time"]);
  return {
    channel: plain(channelOf(goCase)),
    words: [variable, ...told]
      .map(plain)
      .filter((word) => word.length > 3 && !noise.has(word)),
  };
}

/** "rpcCh", "rpc" and "RPC" are the same word; so are a time and its unit. */
function plain(word: string): string {
  return word.toLowerCase().replace(/(?<=\w)(ch|ms)$/, "");
}

function likeness(entry: ts.ObjectLiteralElementLike, wanted: Wanted): number {
  const words = new Set((entry.getText().match(/\w+/g) ?? []).map(plain));
  const same = wanted.channel !== "" && words.has(wanted.channel);
  const shared = wanted.words.filter((word) => words.has(word)).length;
  return (same ? 10 : 0) + shared;
}

function isSelect(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && node.expression.getText() === "select";
}

function entries(select: ts.CallExpression): ts.ObjectLiteralElementLike[] {
  const [waited] = select.arguments;
  return waited && ts.isObjectLiteralExpression(waited)
    ? [...waited.properties]
    : [];
}

function bodyOf(
  symbol: SourceSymbol,
  within: ts.Node,
  select: ts.CallExpression,
  entry: ts.ObjectLiteralElementLike,
): Clause {
  const key = entry.name?.getText() ?? "";
  const answer = variableOf(select);
  const chosen = `${answer}.case`;
  const clause = all(within, ts.isCaseClause).find(
    (one) =>
      textOf(one.expression) === key &&
      one.parent.parent.expression.getText() === chosen &&
      one.pos > select.pos,
  );
  if (clause) return clauseOf(symbol, clause);
  const compared = all(within, ts.isBinaryExpression).find(
    (one) =>
      one.left.getText() === chosen &&
      textOf(one.right) === key &&
      one.pos > select.pos,
  );
  const range = linesOf(compared?.parent ?? entry);
  return { symbol, range, calls: [] };
}

/** Clauses that fall through share the body of the next that has one. */
function clauseOf(symbol: SourceSymbol, clause: ts.CaseClause): Clause {
  const { clauses } = clause.parent;
  const body =
    clauses
      .slice(clauses.indexOf(clause))
      .find(({ statements }) => statements.length > 0) ?? clause;
  const calls = body.statements
    .flatMap((statement) => all(statement, ts.isCallExpression))
    .map(({ expression }) => expression.getText());
  const range = { start: linesOf(clause).start, end: linesOf(body).end };
  return { symbol, range, calls };
}

/** `const event = yield* select(…)` answers into `event`. */
function variableOf(select: ts.Node): string {
  for (let at = select.parent; at; at = at.parent) {
    if (ts.isVariableDeclaration(at)) return at.name.getText();
    if (ts.isStatement(at)) return "";
  }
  return "";
}

function textOf(node: ts.Node): string | undefined {
  return ts.isStringLiteral(node) ? node.text : undefined;
}

function linesOf(node: ts.Node): LineRange {
  const file = node.getSourceFile();
  const line = (at: number) => file.getLineAndCharacterOfPosition(at).line + 1;
  return { start: line(node.getStart()), end: line(node.getEnd()) };
}

function all<T extends ts.Node>(
  root: ts.Node,
  wanted: (node: ts.Node) => node is T,
): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node) => {
    if (wanted(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}
