// A small repository to try the excerpt engine on: test/fixtures/engine, laid
// out anew for each test and changed by edits, so that a test reads as "this
// change, that fault".

import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";

export interface Edit {
  readonly file: string;
  /** Stands in the file once; with `every`, as often as it likes. */
  readonly from: string;
  readonly to: string;
  readonly every?: boolean;
}

const BASE = path.resolve("test/fixtures/engine");
const made: string[] = [];

afterAll(() => {
  for (const root of made) rmSync(root, { recursive: true });
});

/** The directory of a fresh fixture with these edits made. */
export function fixture(...edits: readonly Edit[]): string {
  const root = mkdtempSync(path.join(tmpdir(), "engine-"));
  made.push(root);
  cpSync(BASE, root, { recursive: true });
  // A suite named *.test.ts here would be run with the repository's own.
  const suites = path.join(root, "test/lessons");
  for (const file of readdirSync(suites)) {
    const name = file.replace(/\.fixture$/, "");
    renameSync(path.join(suites, file), path.join(suites, name));
  }
  for (const edit of edits) apply(root, edit);
  return root;
}

export function apply(root: string, { file, from, to, every }: Edit): void {
  const text = read(root, file);
  const times = text.split(from).length - 1;
  if (times === 0 || (times > 1 && !every)) {
    throw new Error(`${JSON.stringify(from)} stands ${times} times in ${file}`);
  }
  writeFileSync(
    path.join(root, file),
    text.replaceAll(from, () => to),
  );
}

export function read(root: string, file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

/** The number of the one line of the file that holds the text. */
export function lineWith(root: string, file: string, text: string): number {
  const lines = read(root, file).split("\n");
  const found = lines.flatMap((line, i) =>
    line.includes(text) ? [i + 1] : [],
  );
  if (found.length !== 1) {
    throw new Error(`${JSON.stringify(text)} is on ${found.length} lines`);
  }
  return found[0] as number;
}
