/** The rules of the paper, each with its code and what goes red without it. */

import { existsSync, readFileSync } from "node:fs";
import book from "virtual:book";
import { mutants } from "../../test/mutants/mutants.ts";
import spec from "../../test/raft-tla.json" with { type: "json" };
import { rules } from "../data/rules.ts";
import { type ProvedRule, proveRules } from "./prove-rules.ts";

export function provedRules(): ProvedRule[] {
  const testFile = (file: string) =>
    existsSync(file) ? readFileSync(file, "utf8") : undefined;
  return proveRules(rules, { book, mutants, spec, testFile });
}
