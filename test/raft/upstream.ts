/**
 * Which of our tests stands for which of upstream's: the one whose title
 * begins with the name of the Go test and a colon. The titles are read from
 * the syntax trees of the suites, so that no suite has to run.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import table from "../upstream-v1.1.1.json" with { type: "json" };

/** A test of ours, and where it stands: `test/raft/future.test.ts:12`. */
export interface OurTest {
  readonly title: string;
  readonly place: string;
}

export interface UpstreamTest {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly status: string;
}

export const upstreamTests: readonly UpstreamTest[] = table.tests;

const ROOT = join(import.meta.dirname, "../..");

/** Every test of test/ whose title is written out. */
export function ourTests(): OurTest[] {
  const folder = join(ROOT, "test");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .sort()
    .flatMap((file) => {
      const path = join(folder, file);
      return titlesIn(relative(ROOT, path), readFileSync(path, "utf8"));
    });
}

/** The titles of the tests in a suite that run: `test("…", …)`. */
export function titlesIn(path: string, text: string): OurTest[] {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: OurTest[] = [];
  function visit(node: ts.Node): void {
    if (ts.isCallExpression(node) && node.expression.getText(tree) === "test") {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) {
        const at = tree.getLineAndCharacterOfPosition(node.getStart(tree));
        found.push({ title: title.text, place: `${path}:${at.line + 1}` });
      }
    }
    ts.forEachChild(node, visit);
  }
  visit(tree);
  return found;
}

/** The Go test that a title names, if it names one. */
export function goTestOf(title: string): string | undefined {
  return /^(Test[A-Z]\w*): /.exec(title)?.[1];
}

/** Our tests for each Go test, by its name. */
export function mapOfUpstream(
  tests: readonly OurTest[],
): ReadonlyMap<string, readonly OurTest[]> {
  const map = new Map<string, OurTest[]>();
  for (const test of tests) {
    const name = goTestOf(test.title);
    if (name) map.set(name, [...(map.get(name) ?? []), test]);
  }
  return map;
}

/** Upstream's tests of that status which none of ours stands for. */
export function unmapped(
  upstream: readonly UpstreamTest[],
  ours: readonly OurTest[],
): string[] {
  const map = mapOfUpstream(ours);
  return upstream
    .filter(({ status }) => status === "now")
    .filter(({ name }) => !map.has(name))
    .map(({ name, file }) => `${file}: ${name}`);
}

/** Titles that name a Go test which upstream does not have, or not for now. */
export function misnamed(
  upstream: readonly UpstreamTest[],
  ours: readonly OurTest[],
): string[] {
  const now = upstream.filter(({ status }) => status === "now");
  const names = new Set(now.map(({ name }) => name));
  return ours
    .filter(({ title }) => !names.has(goTestOf(title) ?? title))
    .filter(({ title }) => goTestOf(title) !== undefined)
    .map(({ title, place }) => `${place}: ${title}`);
}
