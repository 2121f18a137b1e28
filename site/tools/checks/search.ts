/**
 * What is typed into the search is found: a line of Go, however it is written
 * or pasted, a select case and a line of a log lead to our line and the lesson,
 * a symbol's name to that symbol before all else (to two, where two files have
 * one), a word to a page; a line says what readers asked about it and what
 * proves it. The page /go answers the same, and keeps what was asked. On
 * Chinese pages the answers are in Chinese. Without its full-text index the
 * search says so.
 */

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import type { SearchRows, SymbolRow } from "../book/search.ts";
import { ROOT } from "../built.ts";
import { type Check, count, needed } from "./check.ts";

/** What a reader may type, and the question or lesson it must lead to. */
const ASKED: readonly (readonly [words: string, among: RegExp])[] = [
  ["where does it decide a majority answered", /questions\/c4\/|lessons\/08-/],
  ["two conditions in runFollower", /questions\/c5\/|lessons\/03-/],
  ["find the main function", /questions\/c6\/|lessons\/01-/],
  ["candidate become follower again", /questions\/c9\/|lessons\/04-/],
  [
    "difference startStopReplication replicate",
    /questions\/c12\/|lessons\/06-/,
  ],
  ["pipelined replication faster", /questions\/c3\/|lessons\/09-/],
  ["exactly is replicated binlog", /questions\/c18\/|lessons\/07-/],
  ["at a follower in go replicate", /questions\/c12\/|lessons\/06-/],
];

/** In words of their own, of which no page has all: the first of the pages. */
const OTHERWISE = [
  [
    "How does pipelined replication improve replication performance",
    "/questions/c3/",
  ],
  ["pipeline performance", "/questions/c3/"],
  ["candidate back to follower", "/questions/c9/"],
  ["candidate step down", "/questions/c9/"],
] as const;

/** Lines of Go: the function that they became, and the lesson about them. */
const LINES = [
  ["raft.go:617", "leaderLoopCommit", "lessons/08-"],
  ["raft.go 617", "leaderLoopCommit", "lessons/08-"],
  ["raft.go line 617", "leaderLoopCommit", "lessons/08-"],
  ["raft.go#L617", "leaderLoopCommit", "lessons/08-"],
  ["raft.go:615-650", "leaderLoopCommit", "lessons/08-"],
  [
    "https://github.com/hashicorp/raft/blob/v1.1.1/raft.go#L617",
    "leaderLoopCommit",
    "lessons/08-",
  ],
  ["617", "leaderLoopCommit", "lessons/08-"],
  ["case <-commitCh", "leaderLoopCommit", "lessons/08-"],
  ["raft.go:204", "reasonNotToCampaign", "lessons/03-"],
  [
    "\t/go/pkg/mod/github.com/hashicorp/raft@v1.1.1/raft.go:1391 +0x1d",
    "requestVoteRefusal",
    "lessons/05-",
  ],
  [
    "Rejecting vote request since we have a leader",
    "requestVoteRefusal",
    "lessons/05-",
  ],
] as const;

/** Go's spelling of a condition, and a line that has it in ours. */
const CODE = [
  ["if s.failures > 0 {", "if (s.failures > 0) yield* replicateToBackOff"],
  ["if (latestIndex == committedIndex)", "latestIndex === committedIndex"],
  ["latestIndex == committedIndex", "latestIndex === committedIndex"],
  ["lastVote.Term==req.Term", "lastVote.term === req.term"],
  ["newEntries == nil", "newEntries === undefined"],
] as const;

/** What is said of raft.go:1391 beside its line: questions, and proofs. */
const SAID = ["/questions/c19/", "/questions/c20/", "/proof/05/#L"];

/** The lessons that explain replication.go:236, and the test behind it. */
const EXPLAINED = ["/lessons/07-", "/lessons/08-", "/proof/08/#L"];

/** Words glued together from a list, and the other language's half. */
const UNREADABLE = /\b(Reads|Assumes|Suite)\w|[\u4e00-\u9fff]/;

/** Among so many pages, the best first. */
const NEAR = 3;

export const search: Check = {
  name: "search",
  needsBrowser: true,
  async run(site, browser) {
    const rows = JSON.parse(
      readFileSync(path.join(site.dist, "search-rows.json"), "utf8"),
    ) as SearchRows;
    const page = await needed(browser).newPage();
    await page.goto(site.url);
    await page.keyboard.press("Control+k");
    const faults: string[] = [];
    let asked = 0;
    const ask = async (query: string, wanted: RegExp) => {
      asked++;
      const first = await firstHit(page, query);
      if (!wanted.test(first)) {
        faults.push(`"${query}" leads to ${first || "nothing"}`);
      }
    };
    asked += LINES.length;
    for (const line of LINES) {
      if (!(await leads(page, "dialog.search[open]", line))) {
        faults.push(`"${line[0]}" does not lead to ${line[1]}, ${line[2]}`);
      }
    }
    asked++;
    await firstHit(page, "replicate");
    const shown = await hrefs(page, "dialog.search[open] h2 + .hits a");
    const twice = shown.filter((link, at) => shown.indexOf(link) !== at);
    if (twice.length > 0) faults.push(`"replicate" shows ${twice[0]} twice`);
    for (const [go, ours] of CODE) {
      asked++;
      if (await findsLine(page, go, ours)) continue;
      faults.push(`"${go}" does not find the line with ${ours}`);
    }
    await ask("leaderLoop", /\/source\/.+#L\d+$/);
    await goThere(page, site.url, faults);
    const places = Map.groupBy(rows.symbols, ([name]) => name);
    for (const [name, at] of exported()) {
      const known = places.get(name)?.map(placeOf) ?? [];
      const unknown = at.filter((place) => !known.includes(place));
      if (unknown.length > 0) faults.push(`${name}: ${unknown[0]} is unknown`);
    }
    for (const [name, declared] of places) {
      asked++;
      const wanted = declared.map(placeOf);
      const first = await firstHits(page, name, wanted.length);
      const others = first.filter((href) => !wanted.some(endOf(href)));
      const found = new Set(first).size === wanted.length;
      if (found && others.length === 0) continue;
      faults.push(`${name} is ${wanted.join(", ")}, and ${first} come first`);
    }
    await page.goto(site.url);
    await page.keyboard.press("/");
    asked++;
    const pages = await pageHits(page, "source");
    if (pages === 0) faults.push('the word "source" is found on no page');
    for (const [words, among] of ASKED) {
      asked++;
      const hits = await pagesFor(page, words);
      const texts = await page
        .locator("dialog.search .hit-text")
        .allTextContents();
      for (const text of texts.filter((one) => UNREADABLE.test(one))) {
        faults.push(`"${words}" shows "${text}"`);
      }
      const marks = await page.locator("dialog.search mark").allTextContents();
      const begins = words.match(/\b\w{3,}/g)?.map((one) => one.slice(0, 3));
      for (const mark of marks) {
        const wanted = begins?.some((one) => new RegExp(one, "i").test(mark));
        if (!wanted) faults.push(`"${words}" lights up "${mark}"`);
      }
      const top = hits.find((hit) => hit.endsWith("#_top"));
      if (top) faults.push(`"${words}" leads to ${top}`);
      if (hits.slice(0, NEAR).some((hit) => among.test(hit))) continue;
      faults.push(`"${words}" leads to ${hits.slice(0, NEAR).join(", ")}`);
    }
    for (const [words, wanted] of OTHERWISE) {
      asked++;
      const [first] = await pagesFor(page, words);
      if (!first?.endsWith(wanted)) {
        faults.push(`"${words}" leads to ${first} before ${wanted}`);
      }
    }
    asked++;
    faults.push(...(await asksBack(page)));
    asked += LINES.length;
    await page.goto(`${site.url}go/`);
    for (const line of LINES) {
      if (!(await leads(page, "[data-lookup]", line))) {
        faults.push(`/go: "${line[0]}" does not lead to ${line[1]}`);
      }
    }
    faults.push(...(await keepsTheQuestion(page, site.url)));
    faults.push(...(await saidInChinese(page, site.url)));
    asked += 2;
    asked++;
    if (!(await saysWhatIsMissing(needed(browser), site.url))) {
      faults.push("a search without its full-text index does not say so");
    }
    await page.close();
    return { checked: count(asked, "question"), faults };
  },
};

/** A slip in a name, and a word that no page has; and one Escape is enough. */
async function asksBack(page: Page): Promise<string[]> {
  const faults: string[] = [];
  const found = page.locator("dialog.search .search-found");
  const says = async (typed: string, said: string) => {
    await page.fill("dialog.search input", typed);
    const answer = found.getByText(said).first();
    const seen = answer.waitFor({ timeout: 4000 }).then(() => true);
    if (await seen.catch(() => false)) return;
    faults.push(`"${typed}" is not answered with "${said}"`);
  };
  await says("startStopReplicaton", "did you mean startStopReplication?");
  await says("snapshot xylophone", "without “xylophone”");
  await page.focus("dialog.search input");
  await page.keyboard.press("Escape");
  if (await page.locator("dialog.search[open]").count()) {
    faults.push("one Escape does not close the search");
  }
  return faults;
}

/** "/source/raft.ts/#L136" */
function placeOf([, , file, line]: SymbolRow): string {
  return lineOf(file, line);
}

function lineOf(file: string, line: number): string {
  return `/source/${file}/#L${line}`;
}

function endOf(href: string): (place: string) => boolean {
  return (place) => href.endsWith(place);
}

/**
 * Every name that a file of raft/ exports, and the lines that do: in each file
 * the first, where a type has a constant of its name beside it.
 */
function exported(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const raft = path.join(ROOT, "raft");
  for (const file of readdirSync(raft, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    const lines = readFileSync(path.join(raft, file), "utf8").split("\n");
    const names = lines.map((line) => EXPORT.exec(line)?.[1]);
    for (const name of new Set(names.filter((one) => one !== undefined))) {
      const place = lineOf(file, names.indexOf(name) + 1);
      found.set(name, [...(found.get(name) ?? []), place]);
    }
  }
  return found;
}

const EXPORT =
  /^export (?:declare |abstract )*(?:function\*?|class|interface|type|const) (\w+)/;

async function firstHit(page: Page, query: string): Promise<string> {
  const [first = ""] = await firstHits(page, query, 1);
  return first;
}

/** The places come before anything else, and all at once. */
async function firstHits(
  page: Page,
  query: string,
  many: number,
): Promise<string[]> {
  await page.fill("dialog.search input", "");
  await page.fill("dialog.search input", query);
  const hits = await hrefs(
    page,
    "dialog.search[open] .hits li > a:first-child",
  );
  return hits.slice(0, many);
}

/** The first hit is a line of that function, and names that lesson. */
async function leads(
  page: Page,
  where: string,
  [query, name, lesson]: (typeof LINES)[number],
): Promise<boolean> {
  const input = page.locator(`${where} input`).first();
  await input.fill("");
  const hits = page.locator(`${where} .hits li`);
  await hits.first().waitFor({ state: "detached", timeout: 4000 });
  await input.fill(query);
  const hit = hits.filter({ hasText: name }).first();
  try {
    await hit.waitFor({ timeout: 4000 });
  } catch {
    return false;
  }
  const links = await hit
    .locator("a")
    .evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
  const bare = /^\d+$/.test(query);
  const before = bare ? 0 : await hits.first().getByText(name).count();
  return (
    (bare || before > 0) &&
    /\/source\/raft\.ts\/#L\d+$/.test(links[0] ?? "") &&
    (links[1] ?? "").includes(lesson)
  );
}

/** /go?q=… answers at once, and again when the reader comes back. */
async function keepsTheQuestion(page: Page, url: string): Promise<string[]> {
  const hit = page.locator("[data-lookup] .hits a").first();
  const faults: string[] = [];
  await page.goto(`${url}go/`);
  const focused = await page.evaluate(() => document.activeElement?.id);
  if (focused !== "lookup-text") faults.push("/go: its field has no focus");
  await page.fill("#lookup-text", "raft.go:1391");
  await hit.click({ timeout: 4000 });
  await page.waitForURL(/\/source\//);
  await page.goBack();
  if (!page.url().endsWith("?q=raft.go%3A1391")) {
    faults.push(`/go: its address is ${page.url()} after raft.go:1391`);
  }
  const links = await hrefs(page, "[data-lookup] .hits li:first-child a");
  for (const wanted of SAID) {
    if (links.some((link) => link.includes(wanted))) continue;
    faults.push(`/go?q=raft.go:1391 does not name ${wanted}`);
  }
  const lessons = (await hrefs(page, "[data-lookup] .hits a")).filter((link) =>
    link.includes("/lessons/"),
  );
  if (lessons.length !== 1 || !lessons[0]?.includes("#")) {
    faults.push(`/go?q=raft.go:1391 leads to ${lessons.join(" and ")}`);
  }
  await page.goto(`${url}go/?q=replication.go:236`);
  const [, ...said] = await hrefs(page, "[data-lookup] .hits li:first-child a");
  if (!EXPLAINED.every((wanted, at) => said[at]?.includes(wanted))) {
    faults.push(`/go?q=replication.go:236 is explained by ${said.join(", ")}`);
  }
  await page.setViewportSize({ width: 360, height: 800 });
  await page.locator("#lookup-text").blur();
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.locator("#lookup-text").focus();
  const top = await page
    .locator("[data-lookup]")
    .evaluate((form) => form.getBoundingClientRect().top);
  if (top > 80) faults.push(`/go: at 360 px the field stays ${top} px down`);
  await page.setViewportSize({ width: 1280, height: 720 });
  return faults;
}

async function hrefs(page: Page, selector: string): Promise<string[]> {
  const links = page.locator(selector);
  try {
    await links.first().waitFor({ timeout: 4000 });
  } catch {
    return [];
  }
  return links.evaluateAll((all) =>
    all.map((link) => link.getAttribute("href") ?? ""),
  );
}

/** No word of the interface is left in English. */
async function saidInChinese(page: Page, url: string): Promise<string[]> {
  await page.goto(`${url}zh-cn/questions/`);
  await page.keyboard.press("Control+k");
  await page.fill("dialog.search input", "raft.go:1391");
  const hits = page.locator("dialog.search[open] .hits li");
  await hits.first().waitFor({ timeout: 8000 });
  const said = await page
    .locator("dialog.search[open] .search-found")
    .innerText();
  const english =
    /Places|Pages|Lines of|\bfrom\b|speaks of|Readers asked|proved by/;
  const found = english.exec(said)?.[0];
  const heads = await page.locator("main").innerText();
  const left = /readers? agreed|a remark|Find a question|planned/.exec(heads);
  return [found, left?.[0]]
    .filter((one) => one !== undefined)
    .map((one) => `zh-cn: "${one}" is English`);
}

/** On a device that has kept nothing. */
async function saysWhatIsMissing(
  browser: Browser,
  url: string,
): Promise<boolean> {
  const page = await browser.newPage({ serviceWorkers: "block" });
  await page.route("**/pagefind/**", (route) => route.abort());
  await page.goto(url);
  await page.keyboard.press("/");
  await page.fill("dialog.search input", "majority");
  const said = page.locator("dialog.search", {
    hasText: "full-text index could not be loaded",
  });
  try {
    await said.waitFor({ timeout: 8000 });
    return true;
  } catch {
    return false;
  } finally {
    await page.close();
  }
}

/** Typing and Enter is enough to stand on the line. */
async function goThere(
  page: Page,
  url: string,
  faults: string[],
): Promise<void> {
  for (const query of ["raft.go:617", "case <-commitCh"]) {
    await page.goto(url);
    await page.keyboard.press("/");
    await firstHit(page, query);
    await page.keyboard.press("Enter");
    try {
      await page.waitForURL(/\/source\//, { timeout: 5000 });
      await page.locator(".line.lit").first().waitFor({ timeout: 5000 });
    } catch {
      faults.push(`"${query}" and Enter do not land on a lit line`);
    }
  }
  await page.goto(url);
  await page.keyboard.press("Control+k");
}

async function findsLine(page: Page, query: string, text: string) {
  await page.fill("dialog.search input", "");
  await page.fill("dialog.search input", query);
  const line = page.locator("dialog.search[open] .hit-text", { hasText: text });
  try {
    await line.first().waitFor({ timeout: 4000 });
    return true;
  } catch {
    return false;
  }
}

/** The pages found by the full text, best first. */
async function pagesFor(page: Page, words: string): Promise<string[]> {
  await page.fill("dialog.search input", "");
  if ((await pageHits(page, words)) === 0) return [];
  return page
    .locator("dialog.search .hits a")
    .evaluateAll((links) =>
      links
        .map((link) => link.getAttribute("href") ?? "")
        .filter((href) => !href.includes("/source/")),
    );
}

async function pageHits(page: Page, word: string): Promise<number> {
  await page.fill("dialog.search input", word);
  const pages = page.locator("dialog.search h2", { hasText: "Pages" });
  try {
    await pages.waitFor({ timeout: 8000 });
    return await page.locator("dialog.search .hits li").count();
  } catch {
    return 0;
  }
}
