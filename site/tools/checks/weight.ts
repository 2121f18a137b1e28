/**
 * What a lesson weighs, compressed: HTML 40 kB, CSS 20 kB, and 30 kB of
 * JavaScript before the reader does anything. Fonts are counted apart.
 */

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { type BuiltSite, type Check, count, lessonsInEach } from "./check.ts";
import { fileOfPage } from "./html.ts";

const LIMITS = { html: 40, css: 20, js: 30 } as const;
type Kind = keyof typeof LIMITS;

export const weight: Check = {
  name: "weight",
  needsBrowser: false,
  async run(site) {
    const most: Record<Kind, number> = { html: 0, css: 0, js: 0 };
    const faults: string[] = [];
    const lessons = lessonsInEach(site);
    for (const page of lessons) {
      const weights = weigh(site, page);
      for (const kind of Object.keys(LIMITS) as Kind[]) {
        most[kind] = Math.max(most[kind], weights[kind]);
        if (weights[kind] <= LIMITS[kind]) continue;
        const said = weights[kind].toFixed(1);
        faults.push(`/${page}: ${said} kB of ${kind}, ${LIMITS[kind]} allowed`);
      }
    }
    const said = Object.entries(most).map(
      ([kind, kilobytes]) => `${kind} ${kilobytes.toFixed(1)} kB`,
    );
    return {
      checked: `${count(lessons.length, "lesson")}, at most ${said.join(", ")}`,
      faults,
    };
  },
};

function weigh(site: BuiltSite, page: string): Record<Kind, number> {
  const html = readFileSync(fileOfPage(site.dist, page), "utf8");
  const sheets = [...html.matchAll(/<link\b[^>]*>/g)]
    .map(([tag]) => tag)
    .filter((tag) => /rel="?stylesheet/.test(tag) && !/media="?print/.test(tag))
    .map((tag) => /href="([^"]+)"/.exec(tag)?.[1] ?? "");
  const scripts = [...html.matchAll(/<script\b[^>]*\ssrc="([^"]+)"/g)].map(
    (match) => match[1] ?? "",
  );
  return {
    html: zipped(html),
    css: sum(sheets.map((sheet) => readAsset(site, sheet))),
    js: sum([...withImports(site, scripts)].map((one) => readAsset(site, one))),
  };
}

/** Scripts and what they import at once; what they import later is later. */
function withImports(site: BuiltSite, scripts: readonly string[]): Set<string> {
  const found = new Set<string>();
  const add = (script: string) => {
    if (found.has(script)) return;
    found.add(script);
    const text = readAsset(site, script);
    for (const [, target = ""] of text.matchAll(
      /\b(?:import|from)\s*"(\.[^"]+)"/g,
    )) {
      add(path.posix.join(path.posix.dirname(script), target));
    }
  };
  scripts.forEach(add);
  return found;
}

function readAsset(site: BuiltSite, url: string): string {
  const file = path.join(site.dist, url.slice(site.base.length));
  if (existsSync(file)) return readFileSync(file, "utf8");
  throw new Error(`a page asks for ${url}, which is not there`);
}

function sum(texts: readonly string[]): number {
  return texts.reduce((total, text) => total + zipped(text), 0);
}

function zipped(text: string): number {
  return gzipSync(text).length / 1000;
}
