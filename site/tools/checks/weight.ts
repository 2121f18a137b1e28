/**
 * What a lesson weighs, compressed: HTML 40 kB, CSS 20 kB, and 30 kB of
 * JavaScript before the reader does anything. Fonts are counted apart. What
 * the files promise is counted again in a browser, where a script may load
 * others.
 */

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import {
  type BuiltSite,
  type Check,
  count,
  lessonsInEach,
  needed,
} from "./check.ts";
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
      const weights = weigh(site, page, (asset) =>
        faults.push(`/${page}: there is no ${asset}`),
      );
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
      looked: { lessons: lessons.length, ...most },
      faults,
    };
  },
};

/** A short lesson and a long one; what they load, all of them load. */
const IN_BROWSER = [
  "lessons/04-elect-self/",
  "zh-cn/lessons/08-who-decides-the-majority/",
];

export const loaded: Check = {
  name: "scripts before anything is done",
  needsBrowser: true,
  async run(site, browser) {
    const said: string[] = [];
    const faults: string[] = [];
    let scripts = 0;
    for (const page of IN_BROWSER) {
      const bodies = await scriptsOf(needed(browser), site.url + page);
      scripts += bodies.length;
      const weight = sum(bodies);
      said.push(`${weight.toFixed(1)} kB on /${page}`);
      if (weight <= LIMITS.js) continue;
      faults.push(`/${page} loads ${weight.toFixed(1)} kB of scripts`);
    }
    const checked = `${count(scripts, "script")}, ${said.join(", ")}`;
    return { checked, faults };
  },
};

/** Every script that came, until nothing is under way any more. */
async function scriptsOf(browser: Browser, url: string): Promise<string[]> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
  });
  const page = await context.newPage();
  const bodies: Promise<string>[] = [];
  page.on("response", (response) => {
    if (response.request().resourceType() !== "script") return;
    bodies.push(response.text());
  });
  await page.goto(url, { waitUntil: "networkidle" });
  const texts = await Promise.all(bodies);
  await context.close();
  return texts;
}

type Missing = (asset: string) => void;

function weigh(
  site: BuiltSite,
  page: string,
  missing: Missing,
): Record<Kind, number> {
  const read = (asset: string) => readAsset(site, asset, missing);
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
    css: sum(sheets.map(read)),
    js: sum([...withImports(scripts, read).values()]),
  };
}

/** Scripts and what they import at once; what they import later is later. */
function withImports(
  scripts: readonly string[],
  read: (script: string) => string,
): Map<string, string> {
  const found = new Map<string, string>();
  const add = (script: string) => {
    if (found.has(script)) return;
    const text = read(script);
    found.set(script, text);
    for (const [, target = ""] of text.matchAll(
      /\b(?:import|from)\s*"(\.[^"]+)"/g,
    )) {
      add(path.posix.join(path.posix.dirname(script), target));
    }
  };
  scripts.forEach(add);
  return found;
}

function readAsset(site: BuiltSite, url: string, missing: Missing): string {
  const file = path.join(site.dist, url.slice(site.base.length));
  if (existsSync(file)) return readFileSync(file, "utf8");
  missing(url);
  return "";
}

function sum(texts: readonly string[]): number {
  return texts.reduce((total, text) => total + zipped(text), 0);
}

function zipped(text: string): number {
  return gzipSync(text).length / 1000;
}
