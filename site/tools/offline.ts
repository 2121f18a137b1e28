/**
 * Puts `offline-worker.js` beside the pages of a build: the service worker,
 * behind the list of all files and the digests of what is in them.
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { AstroIntegration } from "astro";
import { minify, transformWithOxc } from "vite";

const WORKER = path.resolve(import.meta.dirname, "../client/offline-worker.ts");
const PUT = "offline-worker.js";

/** Stands last in the list: what is built after it is not kept. */
export function offline(): AstroIntegration {
  return {
    name: "offline",
    hooks: {
      "astro:build:done": async ({ dir, logger }) => {
        const many = await putWorker(fileURLToPath(dir));
        logger.info(`${many} files can be kept on a reader's device`);
      },
    },
  };
}

/** How many files it can keep. */
export async function putWorker(site: string): Promise<number> {
  const files = digests(site);
  const list = `const FILES = ${JSON.stringify(files)};\n`;
  const worker = readFileSync(WORKER, "utf8");
  const { code } = await transformWithOxc(worker, WORKER);
  const { code: small } = await minify(PUT, list + code);
  writeFileSync(path.join(site, PUT), small);
  return Object.keys(files).length;
}

/** The digest of every file, by its path within the site. */
export function digests(site: string): Record<string, string> {
  const files = readdirSync(site, { recursive: true, encoding: "utf8" })
    .filter((file) => statSync(path.join(site, file)).isFile())
    .map((file) => file.replaceAll(path.sep, "/"))
    .filter((file) => file !== PUT)
    .sort();
  return Object.fromEntries(
    files.map((file) => [file, digest(readFileSync(path.join(site, file)))]),
  );
}

function digest(content: Buffer): string {
  return createHash("sha256").update(content).digest("base64url").slice(0, 8);
}
