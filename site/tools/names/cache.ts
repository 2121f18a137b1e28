/** The survey of raft/, made once for each state of its files. */

import path from "node:path";
import { kept } from "../kept.ts";
import { type Service, survey } from "./survey.ts";
import type { Survey } from "./types.ts";

const SURVEYOR = [
  "survey.ts",
  "table.ts",
  "../engine/doc.ts",
  "../engine/program.ts",
];

/** Texts by file of raft/; `service` is called only if there is work. */
export function keptSurvey(
  root: string,
  texts: ReadonlyMap<string, string>,
  service: () => Service,
): Survey {
  return kept(root, {
    name: "names",
    texts,
    by: SURVEYOR.map((file) => path.join(import.meta.dirname, file)),
    make: () => survey(service(), root, [...texts.keys()]),
  });
}
