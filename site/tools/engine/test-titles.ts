// The tests of a test file, read from its syntax tree and never run: what a
// page or a table may name as a proof. A title in a comment or in a message is
// no test, and neither is one that vitest would pass over.
//
// Absent: titles that are computed. They are not listed, so nothing can be
// proved by them.

import ts from "typescript";

export interface TestTitle {
  /** "I2 Leader Append-Only"; without the describes around it. */
  readonly title: string;
  readonly kind: "test" | "describe";
  /** False for .skip, .todo, .only and the like, here or around it. */
  readonly runs: boolean;
  /** For a describe: how many tests in it run. */
  readonly tests: number;
}

const KINDS: Readonly<Record<string, TestTitle["kind"]>> = {
  test: "test",
  it: "test",
  describe: "describe",
};

/** Of a call's name only these leave it running whatever happens. */
const PLAIN = new Set(["each", "for", "concurrent", "sequential"]);

export function testTitles(file: string, text: string): TestTitle[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return titlesIn(tree, true);
}

function titlesIn(node: ts.Node, around: boolean): TestTitle[] {
  const call = ts.isCallExpression(node) ? readCall(node) : undefined;
  const runs = around && (call?.plain ?? true);
  const within: TestTitle[] = [];
  ts.forEachChild(node, (child) => {
    within.push(...titlesIn(child, runs));
  });
  if (call?.title === undefined) return within;
  const { title, kind } = call;
  const tests = within.filter((one) => one.kind === "test" && one.runs).length;
  return [{ title, kind, runs, tests }, ...within];
}

/** `test("…", …)`, `describe.skip("…", …)`, `test.each(rows)("…", …)`. */
function readCall(call: ts.CallExpression) {
  const names = namesOf(call.expression);
  const kind = KINDS[names[0] ?? ""];
  if (kind === undefined) return undefined;
  const [first, second] = call.arguments;
  const made = second !== undefined || names.includes("todo");
  const title =
    made && first && ts.isStringLiteralLike(first) ? first.text : undefined;
  return { kind, title, plain: names.slice(1).every((one) => PLAIN.has(one)) };
}

/** "test", "each" of `test.each(rows)`; a call in between is looked through. */
function namesOf(callee: ts.Expression): string[] {
  if (ts.isIdentifier(callee)) return [callee.text];
  if (ts.isPropertyAccessExpression(callee)) {
    const before = namesOf(callee.expression);
    return before.length === 0 ? [] : [...before, callee.name.text];
  }
  if (ts.isCallExpression(callee)) return namesOf(callee.expression);
  return [];
}
