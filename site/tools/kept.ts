/**
 * What has been worked out from raft/ is kept under site/.cache, and stands
 * until something that it was worked out from has changed: a file of raft/,
 * the settings, TypeScript itself, or the code that did the work. A build in
 * which none of these changed asks no type checker.
 *
 * All files have one digest together: a type or a list of uses can change by
 * an edit anywhere.
 */

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import ts from "typescript";

export interface Work<T> {
  /** Of the file it is kept in: "names" for site/.cache/names.json. */
  readonly name: string;
  /** The files of raft/ by their path in it. */
  readonly texts: ReadonlyMap<string, string>;
  /** The files whose code does the work. */
  readonly by: readonly string[];
  make(): T;
}

const SETTINGS = ["tsconfig.json", "raft/tsconfig.json"];

/** The answer of the last time if it stands; `make` is called if not. */
export function kept<T>(root: string, work: Work<T>): T {
  const key = digestOf(root, work);
  const file = path.join(root, "site/.cache", `${work.name}.json`);
  const last = read<T>(file);
  if (last?.key === key) return last.made;
  const made = work.make();
  write(file, { key, made });
  return made;
}

interface Kept<T> {
  readonly key: string;
  readonly made: T;
}

/** Nothing, too, when the file is torn: then the work is done again. */
function read<T>(file: string): Kept<T> | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Kept<T>;
  } catch {
    return undefined;
  }
}

/** In one step: others may be reading. */
function write(file: string, what: Kept<unknown>): void {
  const apart = `${file}.${process.pid}`;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(apart, JSON.stringify(what));
  renameSync(apart, file);
}

function digestOf(root: string, { texts, by }: Work<unknown>): string {
  const hash = createHash("sha256").update(ts.version);
  for (const file of by) hash.update(readFileSync(file));
  for (const file of SETTINGS.map((one) => path.join(root, one))) {
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  for (const [file, text] of texts) hash.update(`\0${file}\0${text}`);
  return hash.digest("hex");
}
