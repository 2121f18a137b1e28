/**
 * Whether dist/ is what the sources say now. A build leaves a note of when it
 * was and for which base path; anything newer, or another base, makes it
 * stale.
 */

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

export const ROOT = path.resolve(import.meta.dirname, "../..");
export const DIST = path.join(ROOT, "dist");

const SOURCES = [
  "raft",
  "lessons",
  "site",
  "test/lessons",
  "test/upstream-v1.1.1.json",
  "astro.config.mjs",
  "package-lock.json",
];
/** Made by a build, or only looking at one. */
const NO_SOURCES = [
  "site/.cache",
  "site/content/docs/api",
  "site/tools/checks",
  "site/tools/outside.ts",
  "site/tools/test-site.ts",
];

/** The paths of its pages within the site: "lessons/04-elect-self/". */
export function pagesOf(dist: string): string[] {
  return readdirSync(dist, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll(path.sep, "/"))
    .filter((file) => file.endsWith(".html"))
    .map((file) => file.replace(/(^|\/)index\.html$/, "$1"))
    .sort();
}

interface Built {
  readonly at: number;
  readonly environment: string;
}

/** "/" or "/folder/": where the site is served from. */
export function basePath(): string {
  const bare = (process.env.BASE_PATH ?? "").replace(/^\/+|\/+$/g, "");
  return bare === "" ? "/" : `/${bare}/`;
}

function environment(): string {
  const { SITE_URL = "", REPOSITORY_URL = "" } = process.env;
  return [basePath(), SITE_URL, REPOSITORY_URL].join(" ");
}

function noteFile(root: string): string {
  return path.join(root, "site/.cache/built.json");
}

export function recordBuild(root: string): void {
  const file = noteFile(root);
  mkdirSync(path.dirname(file), { recursive: true });
  const note: Built = { at: Date.now(), environment: environment() };
  writeFileSync(file, JSON.stringify(note));
}

/** Why dist/ must be built again, or undefined. */
export function staleness(): string | undefined {
  const file = noteFile(ROOT);
  if (!existsSync(path.join(DIST, "index.html")) || !existsSync(file)) {
    return "there is no site yet";
  }
  const built = JSON.parse(readFileSync(file, "utf8")) as Built;
  if (built.environment !== environment()) {
    return "it was built for another address";
  }
  const newer = SOURCES.flatMap((source) => newerThan(source, built.at));
  return newer[0] === undefined ? undefined : `${newer[0]} is newer`;
}

function newerThan(source: string, at: number): string[] {
  const full = path.join(ROOT, source);
  if (!existsSync(full) || NO_SOURCES.includes(source)) return [];
  const stat = statSync(full);
  if (!stat.isDirectory()) return stat.mtimeMs > at ? [source] : [];
  return readdirSync(full).flatMap((name) =>
    newerThan(`${source}/${name}`, at),
  );
}

/** Builds the site if that is needed; false when the build failed. */
export function buildIfStale(): boolean {
  const why = staleness();
  if (why === undefined) return true;
  console.log(`Building the site: ${why}.`);
  const astro = path.join(ROOT, "node_modules/astro/bin/astro.mjs");
  const { status } = spawnSync(process.execPath, [astro, "build"], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: "1" },
  });
  return status === 0;
}
