// A lesson's suite, read from its syntax tree and never run: which claims it
// proves, of which code, and the break that must turn each of them red.
//
//     claim("every round raises the term by one", {
//       at: "raft.ts#electSelf",
//       break: { in: "raft.ts#electSelf", from: "+ 1", to: "+ 2" },
//     }, () => { … });
//
// So every argument but the last is a literal; anything else is a fault.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { fault } from "./fault.ts";
import type {
  Break,
  Fault,
  LineRange,
  Place,
  Suite,
  SuiteClaim,
} from "./types.ts";

const FOLDER = "test/lessons";

export function readSuites(root: string): Suite[] {
  const folder = path.join(root, FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".test.ts"))
    .sort()
    .map((file) => {
      const text = readFileSync(path.join(folder, file), "utf8");
      return readSuite(`${FOLDER}/${file}`, text);
    });
}

/** `file` is relative to the repository: "test/lessons/04.test.ts". */
export function readSuite(file: string, text: string): Suite {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const claims: SuiteClaim[] = [];
  const faults: Fault[] = [];
  visit(tree, false);
  const name = path.basename(file, ".test.ts");
  return { file, name, claims, faults: [...faults, ...twins(claims)] };

  function visit(node: ts.Node, skipped: boolean): void {
    const call = ts.isCallExpression(node) ? calleeOf(node) : undefined;
    if (call?.name === "claim") {
      const made = node as ts.CallExpression;
      const place = placeOf(file, made.arguments[0] ?? made);
      const claim = readClaim(made, place);
      if (typeof claim === "string") {
        faults.push(fault("unreadable-suite", place, claim));
      } else {
        claims.push({ ...claim, skipped: skipped || call.changed });
      }
      return;
    }
    const within = call?.name === "describe" && call.changed;
    ts.forEachChild(node, (child) => visit(child, skipped || within));
  }
}

/** "claim" and "describe", and whether `.skip`, `.only` … stands behind. */
function calleeOf(
  call: ts.CallExpression,
): { name: string; changed: boolean } | undefined {
  const { expression } = call;
  if (ts.isIdentifier(expression)) {
    return { name: expression.text, changed: false };
  }
  if (!ts.isPropertyAccessExpression(expression)) return undefined;
  const [base] = expression.getText().split(".");
  return { name: base ?? "", changed: true };
}

/** The claim, or a sentence that says why it cannot be read. */
function readClaim(
  call: ts.CallExpression,
  place: Place,
): Omit<SuiteClaim, "skipped"> | string {
  const [first, second] = call.arguments;
  const name = first && textOf(first);
  if (name === undefined) {
    return "the name of a claim is a text in quotes, so that it can be read";
  }
  if (!second || !ts.isObjectLiteralExpression(second)) {
    return `claim "${name}": its second argument is an object literal`;
  }
  const fields = fieldsOf(second);
  const at = fields.get("at");
  const wrong = fields.get("break");
  if (!at || textOf(at) === undefined) {
    return `claim "${name}": at is the address of the code, in quotes`;
  }
  const how = wrong && readBreak(wrong, place.file);
  if (wrong && !how) {
    return `claim "${name}": break is { in, from, to }, each text in quotes`;
  }
  const range = rangeOf(call);
  const claim = { place, range, name, at: textOf(at) as string };
  return how ? { ...claim, break: how } : claim;
}

function readBreak(node: ts.Expression, file: string): Break | undefined {
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  const fields = fieldsOf(node);
  const [where, from, to] = ["in", "from", "to"].map((name) => {
    const value = fields.get(name);
    return value && textOf(value);
  });
  if (where === undefined || from === undefined || to === undefined) {
    return undefined;
  }
  const place = placeOf(file, fields.get("from") ?? node);
  return { place, in: where, from, to };
}

function fieldsOf(
  node: ts.ObjectLiteralExpression,
): Map<string, ts.Expression> {
  const assigned = node.properties.filter(ts.isPropertyAssignment);
  return new Map(assigned.map((one) => [one.name.getText(), one.initializer]));
}

/** The text of a literal; `"a" + "b"` counts, for long lines. */
function textOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isBinaryExpression(node)) return undefined;
  if (node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const left = textOf(node.left);
  const right = textOf(node.right);
  if (left === undefined || right === undefined) return undefined;
  return left + right;
}

function twins(claims: readonly SuiteClaim[]): Fault[] {
  return claims.flatMap((claim, i) => {
    const first = claims.findIndex(({ name }) => name === claim.name);
    if (first === i) return [];
    const message = `two claims of this suite are named "${claim.name}"`;
    return [fault("unreadable-suite", claim.place, message)];
  });
}

function placeOf(file: string, node: ts.Node): Place {
  return { file, line: lineAt(node, node.getStart()) };
}

function rangeOf(node: ts.Node): LineRange {
  const start = lineAt(node, node.getStart());
  return { start, end: lineAt(node, node.getEnd()) };
}

function lineAt(node: ts.Node, position: number): number {
  const tree = node.getSourceFile();
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}
