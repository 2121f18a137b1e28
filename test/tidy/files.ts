/** The files of the repository, and what they must not name. */
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import type { TextFile } from "./text.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Made by tools and not kept: what .gitignore names. */
const ignored = ignoredPaths();

/** Every text file of the repository. */
export function repositoryFiles(): TextFile[] {
  return walk(ROOT).map((file) => ({
    path: relative(ROOT, file),
    text: readFileSync(file, "utf8"),
  }));
}

/** What only this machine has, and the hosts of package registries. */
export function namesOfThisMachine(): (string | RegExp)[] {
  const registry = process.env.npm_config_registry;
  return [
    ROOT,
    homedir(),
    ...(registry ? [new URL(registry).host] : []),
    /\b(registry|proxy|npm|artifactory|nexus)\.[a-z-]+\.[a-z]/,
    /(^|[\s"'`(:=])\/(home|Users|root|work)\//,
  ].filter((name) => name !== "/");
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = join(folder, entry.name);
    if (entry.name === ".git" || isIgnored(file)) return [];
    if (entry.isDirectory()) return walk(file);
    return entry.isFile() && !isBinary(file) ? [file] : [];
  });
}

function ignoredPaths(): string[] {
  return readFileSync(join(ROOT, ".gitignore"), "utf8")
    .split("\n")
    .map((line) => line.replace(/\/$/, ""))
    .filter((line) => line !== "" && !line.startsWith("#"));
}

function isIgnored(file: string): boolean {
  const path = relative(ROOT, file);
  return ignored.some((name) =>
    name.startsWith("*")
      ? path.endsWith(name.slice(1))
      : path === name || (!name.includes("/") && path.endsWith(`/${name}`)),
  );
}

function isBinary(file: string): boolean {
  return /\.(png|jpg|ico|woff2?|wasm|gz|br|snap)$/.test(file);
}
