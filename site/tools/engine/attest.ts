// Attestation: someone has read this passage beside this code. The store,
// lessons/attested.json, keeps for each note and claim the digest and the text
// of the code it was read with, by whom and when. While the digest holds,
// the passage is attested; when a token changes, it is not.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { bind } from "./binding.ts";
import { Problem } from "./fault.ts";
import type {
  Attestation,
  Attestations,
  Lesson,
  PassageState,
  SourceIndex,
} from "./types.ts";

const STORE = "lessons/attested.json";

export function readAttestations(root: string): Attestations {
  const file = path.join(root, STORE);
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Attestations;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${STORE} is not JSON (${reason}); was a merge left open?`);
  }
}

/** What was attested in a commit; an error says why that cannot be told. */
export function attestationsAt(
  root: string,
  commit: string,
): Attestations | Error {
  const shown = spawnSync("git", ["show", `${commit}:${STORE}`], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (shown.status === 0) return JSON.parse(shown.stdout) as Attestations;
  return new Error(`git does not know ${STORE} of ${commit}: ${shown.stderr}`);
}

/** Sorted by id, one record a passage, so that a diff is easy to read. */
export function writeAttestations(root: string, all: Attestations): void {
  const sorted = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify(Object.fromEntries(sorted), undefined, 2);
  writeFileSync(path.join(root, STORE), `${text}\n`);
}

/** How each note and claim that is bound to code stands to it now. */
export function passageStates(
  index: SourceIndex,
  lessons: readonly Lesson[],
  attestations: Attestations,
): PassageState[] {
  const passages = lessons.flatMap((lesson) => [
    ...lesson.notes,
    ...lesson.claims,
  ]);
  return passages.flatMap((passage): PassageState[] => {
    const now = bind(index, passage);
    if (now === undefined || now instanceof Problem) return [];
    const { id, place } = passage;
    const of = now.symbol.id;
    const was = attestations[id];
    if (was === undefined) return [{ id, place, of, state: "new", now }];
    const state = was.digest === now.digest ? "attested" : "changed";
    return [{ id, place, of, state, was, now }];
  });
}

/** The attestations once these passages have been read again. */
export function accept(
  attestations: Attestations,
  states: readonly PassageState[],
  by: string,
  on: string,
): Attestations {
  const read = states.map(({ id, of, now }): [string, Attestation] => [
    id,
    { of, digest: now.digest, code: now.code, by, on },
  ]);
  return { ...attestations, ...Object.fromEntries(read) };
}

/** Without what was attested of passages that are gone. */
export function prune(
  attestations: Attestations,
  states: readonly PassageState[],
): Attestations {
  const living = new Set(states.map(({ id }) => id));
  return Object.fromEntries(
    Object.entries(attestations).filter(([id]) => living.has(id)),
  );
}
