/**
 * Breaks raft/ on purpose, and never on the disk: while Vite loads the one
 * file that a mutant names, one text in it is replaced by another.
 *
 * The runner hands the mutant over in the environment, as JSON:
 *
 *     MUTANT='{"file":"raft.ts","from":"term + 1","to":"term + 2"}'
 *
 * A mutant that does not fit exactly once is an error and not a survivor.
 * Absent: which test has to go red. That is the runner's knowledge.
 */
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

/** One replacement. `file` is relative to raft/. */
export interface Mutant {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const RAFT = fileURLToPath(new URL("../../raft/", import.meta.url));

/** The mutant that the environment names, if it names one. */
export function mutantOf(json: string | undefined): Mutant | undefined {
  if (json === undefined || json === "") return undefined;
  const { file, from, to } = JSON.parse(json) as Partial<Mutant>;
  if (!file || !from || to === undefined) {
    throw new Error(`MUTANT needs file, from and to, and holds ${json}`);
  }
  return { file, from, to };
}

/** The file's text with the mutant in it. */
export function mutate(source: string, mutant: Mutant): string {
  const pieces = source.split(mutant.from);
  if (pieces.length !== 2) {
    throw new Error(
      `mutant of raft/${mutant.file}: its text occurs ` +
        `${pieces.length - 1} times and has to occur once: ${mutant.from}`,
    );
  }
  return pieces.join(mutant.to);
}

/** The Vite plugin. Without a mutant it changes nothing. */
export function mutants(mutant: Mutant | undefined): Plugin {
  return {
    name: "mutants",
    enforce: "pre",
    transform(source, id) {
      const [path] = id.split("?");
      if (!mutant || path !== RAFT + mutant.file) return null;
      return { code: mutate(source, mutant), map: null };
    },
  };
}
