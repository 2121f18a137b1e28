// Everything the engine reads, in one place: the source, the lessons, the
// suites, what has been attested and which names were links. Read once a
// build, asked many times.

import { readAttestations } from "./attest.ts";
import { buildIndex } from "./index.ts";
import { readLessons } from "./lesson.ts";
import { type NameLedger, readNames } from "./names.ts";
import { readSuites } from "./suite.ts";
import type { Attestations, Lesson, SourceIndex, Suite } from "./types.ts";

export interface World {
  readonly root: string;
  readonly index: SourceIndex;
  readonly lessons: readonly Lesson[];
  readonly suites: readonly Suite[];
  readonly attestations: Attestations;
  readonly names: NameLedger;
}

export function readWorld(root: string): World {
  return {
    root,
    index: buildIndex(root),
    lessons: readLessons(root),
    suites: readSuites(root),
    attestations: readAttestations(root),
    names: readNames(root),
  };
}
