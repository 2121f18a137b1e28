/**
 * Sees to it that the full-text index is whole before a build counts as done.
 * On a busy machine its writer may be stopped before its last file is on disk:
 * the file is there and empty, and the search finds no words on any page.
 * Then the index is written once more; a build whose index stays torn fails.
 */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { AstroIntegration } from "astro";
import { createIndex } from "pagefind";

const TRIES = 3;
const PATIENCE_MS = 2000;

/** Stands behind Starlight in the list, whose index it looks at. */
export function wholeIndex(): AstroIntegration {
  return {
    name: "whole-index",
    hooks: {
      "astro:build:done": async ({ dir, logger }) => {
        const site = fileURLToPath(dir);
        const folder = path.join(site, "pagefind");
        for (let tries = 0; tornFile(folder) !== undefined; tries++) {
          const torn = tornFile(folder);
          if (tries === TRIES) throw new Error(`the index is torn: ${torn}`);
          logger.warn(`${torn} is torn; writing the index again`);
          await writeAgain(site, folder);
        }
      },
    },
  };
}

/** A file of the index that is empty or cannot be read, if there is one. */
export function tornFile(folder: string): string | undefined {
  const entry = path.join(folder, "pagefind-entry.json");
  if (!existsSync(entry)) return entry;
  try {
    JSON.parse(readFileSync(entry, "utf8"));
  } catch {
    return entry;
  }
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => path.join(folder, file))
    .find((file) => statSync(file).isFile() && statSync(file).size === 0);
}

/** Its writer is left running until the files are there. */
async function writeAgain(site: string, folder: string): Promise<void> {
  const { index, errors } = await createIndex({});
  if (!index) throw new Error(`no index can be made: ${errors.join("; ")}`);
  await index.addDirectory({ path: site });
  await index.writeFiles({ outputPath: folder });
  const end = Date.now() + PATIENCE_MS;
  while (tornFile(folder) !== undefined && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await index.deleteIndex();
}
