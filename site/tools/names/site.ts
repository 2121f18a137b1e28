/**
 * Puts the names into the site: files of their own beside the pages, so that
 * no page weighs more for them. A build writes all of them; `astro dev`
 * answers for one file of raft/ when it is asked for.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Book, BookFile } from "../book/types.ts";
import { raftService } from "../engine/program.ts";
import { keptSurvey } from "./cache.ts";
import { namesFiles } from "./files.ts";
import { survey } from "./survey.ts";
import type { Survey } from "./types.ts";

/** To be called before anything else asks the checker of the program. */
export function surveyNames(
  root: string,
  files: readonly Pick<BookFile, "path" | "lines">[],
): Survey {
  const texts = files.map(({ path, lines }) => [path, lines.join("\n")]);
  return keptSurvey(root, new Map(texts as [string, string][]), () =>
    raftService(root),
  );
}

/** Writes names/ into the folder of the built site. */
export function writeNames(root: string, book: Book, dist: string): void {
  const surveyed = surveyNames(root, Object.values(book.files));
  for (const file of namesFiles(surveyed, book)) {
    const target = path.join(dist, file.path);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, file.text);
  }
}

/** Answers for "names/raft.ts/types.json" while the book is being written. */
export class NamesOnDemand {
  readonly #root: string;
  readonly #known = new WeakMap<Book, Map<string, Survey>>();

  constructor(root: string) {
    this.#root = root;
  }

  answer(book: Book, wanted: string): string | undefined {
    const file = /^names\/(.+)\/(?:types|references|passages)\.json$/.exec(
      wanted,
    )?.[1];
    if (file === undefined || !book.files[file]) return undefined;
    const known = this.#known.get(book) ?? new Map<string, Survey>();
    this.#known.set(book, known);
    const surveyed =
      known.get(file) ?? survey(raftService(this.#root), this.#root, [file]);
    known.set(file, surveyed);
    return namesFiles(surveyed, book).find(({ path }) => path === wanted)?.text;
  }
}
