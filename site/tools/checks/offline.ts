/**
 * Who has searched once can go on without a network: the search finds symbols,
 * lines of Go, questions, prose and lines of the source, and opens what it
 * found. Who only reads loads nothing for that, nor who opens the search and
 * types nothing; what is loaded has a limit; and a new build is seen at once
 * and kept in its turn. The network is cut in earnest: the server is closed.
 */

import {
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { digests, putWorker } from "../offline.ts";
import { type Site, serve } from "../serve.ts";
import {
  type BuiltSite,
  type Check,
  count,
  needed,
  type Step,
  Steps,
} from "./check.ts";

const LESSON = "lessons/04-elect-self/";
const KEPT_MS = 60_000;
const PATIENCE_MS = 8000;
/** Compressed, as a host sends it. */
const MOST = 6e6;

/** What is typed, the address that it leads to, and what is seen there. */
const ASKED = [
  ["leaderLoop", "/source/raft.ts/#L", ".line.lit"],
  ["raft.go:617", "/source/raft.ts/#L", ".line.lit"],
  ["while (getState(r) === ", "/source/raft.ts/#L", ".line.lit"],
  ["majority", "/lessons/08-", "h1"],
  ["where does it decide a majority answered", "/questions/c4/", "h1"],
] as const;

export const offline: Check = {
  name: "offline, once something was searched",
  needsBrowser: true,
  async run(site, browser) {
    const steps = new Steps();
    const step = steps.from();
    const page = await needed(browser).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", ({ message }) => steps.faults.push(message));
    const server = await serve(site.dist, site.base, 0);
    await online(page, server.url, site, step);
    server.close();
    await withoutNetwork(page, server.url, step);
    await nextBuild(page, server, site, step);
    await page.close();
    const checked = `${count(steps.taken, "step")} on one device`;
    return { checked, faults: steps.faults };
  },
};

async function online(page: Page, url: string, site: BuiltSite, step: Step) {
  await page.goto(url + LESSON, { waitUntil: "networkidle" });
  await step("reading alone keeps nothing", hasNoWorker(page));
  await page.keyboard.press("/");
  await page.waitForLoadState("networkidle");
  await step("nor does an open search", hasNoWorker(page));
  await page.keyboard.type("r");
  await step("the site is kept", ready(page));
  const weight = weightOf(site.dist);
  await step(
    `${(weight / 1e6).toFixed(1)} MB are loaded for it`,
    Promise.resolve(weight <= MOST),
  );
  const wanted = Object.keys(digests(site.dist)).length;
  const kept = await keptPlaces(page);
  await step(
    `${kept.length} of ${wanted} files are kept`,
    Promise.resolve(kept.length === wanted),
  );
}

function weightOf(dist: string): number {
  return Object.keys(digests(dist))
    .map((file) => gzipSync(readFileSync(path.join(dist, file))).length)
    .reduce((sum, one) => sum + one, 0);
}

async function withoutNetwork(page: Page, url: string, step: Step) {
  await step(
    "leaderLoop is the first of all hits",
    isFirst(page, "leaderLoop"),
  );
  for (const [words, leads, shown] of ASKED) {
    await step(`"${words}" leads to ${leads}`, found(page, words, leads));
    await step(`"${words}" and its place open`, opens(page, leads, shown));
    await page.keyboard.press("/");
  }
  const show = (address: string, what: string) =>
    page.goto(url + address).then(() => seen(page, what));
  const again = page.reload().then(() => seen(page, "h1"));
  await step("a reload shows the page", again);
  const hits = "[data-lookup] .hits a";
  await step("/go answers", show("go/?q=raft.go:1391", hits));
  const chinese = `zh-cn/${LESSON}`;
  await step("the page in Chinese is there", show(chinese, "h1"));
  await page.keyboard.press("/");
  await step("a Chinese word is found", found(page, "选举", "/zh-cn/"));
  const none = "h1:text-is('No such page')";
  await step("an address without a page says so", show("nowhere/", none));
}

/** The same address, and a front page with another title. */
async function nextBuild(
  page: Page,
  { url }: Site,
  site: BuiltSite,
  step: Step,
) {
  const folder = mkdtempSync(path.join(tmpdir(), "offline-"));
  cpSync(site.dist, folder, { recursive: true });
  const front = path.join(folder, "index.html");
  const html = readFileSync(front, "utf8");
  writeFileSync(front, html.replace(/<title>[^<]*/, "<title>The next build"));
  await putWorker(folder);
  const server = await serve(folder, site.base, Number(new URL(url).port));
  const before = await keptPlaces(page);
  const title = async () => (await page.title()) === "The next build";
  const load = page.goto(url).then(title);
  await step("a new build is seen at the next load", load);
  await step("and kept in the place of the old", changed(page, before));
  server.close();
  const reload = page.reload().then(title);
  await step("and is there without a network", reload);
  rmSync(folder, { recursive: true });
}

async function found(page: Page, words: string, leads: string) {
  await page.fill("dialog.search input", words);
  return seen(page, hit(leads));
}

async function opens(page: Page, leads: string, shown: string) {
  await page.locator(hit(leads)).first().click();
  await page.waitForURL((url) => url.href.includes(leads));
  return seen(page, shown);
}

function hit(leads: string): string {
  return `dialog.search[open] .hits a[href*="${leads}"]`;
}

async function seen(page: Page, what: string): Promise<boolean> {
  await page.locator(what).first().waitFor();
  return true;
}

async function hasNoWorker(page: Page): Promise<boolean> {
  const workers = () => navigator.serviceWorker.getRegistrations();
  return (await page.evaluate(workers)).length === 0;
}

async function isFirst(page: Page, name: string): Promise<boolean> {
  await page.fill("dialog.search input", name);
  const first = page.locator("dialog.search[open] .hits a").first();
  return (await first.locator(".hit-title").innerText()) === name;
}

/** It is at work once it has all. */
async function ready(page: Page): Promise<boolean> {
  const timeout = KEPT_MS;
  await page.waitForFunction(
    () => navigator.serviceWorker.controller?.state === "activated",
    undefined,
    { timeout },
  );
  return true;
}

/** The addresses of what is kept, with the digests; none on an error's page. */
async function keptPlaces(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    if (!("caches" in window)) return [];
    const shelves = await Promise.all(
      (await caches.keys()).map((name) => caches.open(name)),
    );
    const kept = await Promise.all(shelves.map((shelf) => shelf.keys()));
    return kept.flat().map(({ url }) => url);
  });
}

/** The old front page has gone, and its successor is there. */
async function changed(page: Page, before: readonly string[]) {
  const end = Date.now() + KEPT_MS;
  while (Date.now() < end) {
    const now = await keptPlaces(page);
    const gone = before.filter((place) => !now.includes(place));
    if (gone.length > 0 && now.length === before.length) return true;
    await page.waitForTimeout(100);
  }
  return false;
}
