/**
 * The survey of raft/, made once for each state of its files: kept under
 * site/.cache by the digest of all of them, of the settings and of the
 * surveyor. A build in which none of these changed asks nothing.
 *
 * All files have one digest together: a type or a list of uses can change by
 * an edit anywhere.
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { type Service, survey } from "./survey.ts";
import type { Survey } from "./types.ts";

const SURVEYOR = ["survey.ts", "table.ts", "../engine/doc.ts"];
const SETTINGS = ["tsconfig.json", "raft/tsconfig.json"];

/** Texts by file of raft/; `service` is called only if there is work. */
export function keptSurvey(
  root: string,
  texts: ReadonlyMap<string, string>,
  service: () => Service,
): Survey {
  const key = digestOf(root, texts);
  const kept = readKept(root, key);
  if (kept) return kept;
  const made = survey(service(), root, [...texts.keys()]);
  mkdirSync(path.dirname(fileOf(root)), { recursive: true });
  writeFileSync(fileOf(root), JSON.stringify({ key, survey: made }));
  return made;
}

function readKept(root: string, key: string): Survey | undefined {
  const file = fileOf(root);
  if (!existsSync(file)) return undefined;
  const kept = JSON.parse(readFileSync(file, "utf8")) as {
    key: string;
    survey: Survey;
  };
  return kept.key === key ? kept.survey : undefined;
}

function fileOf(root: string): string {
  return path.join(root, "site/.cache/names.json");
}

function digestOf(root: string, texts: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256").update(ts.version);
  for (const file of SURVEYOR) {
    hash.update(readFileSync(path.join(import.meta.dirname, file)));
  }
  for (const file of SETTINGS.map((one) => path.join(root, one))) {
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  for (const [file, text] of texts) hash.update(`\0${file}\0${text}`);
  return hash.digest("hex");
}
