/**
 * What is typed into the search is found: a line of Go, however it is written,
 * and a select case lead to our line and the lesson, an exported symbol's name
 * to that symbol, a word to a page. The page /go answers the same. Without its
 * full-text index the search says so.
 */

import { readFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import type { SearchRows } from "../book/search.ts";
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
];

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
] as const;

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
    await ask("leaderLoop", /\/source\/.+#L\d+$/);
    await goThere(page, site.url, faults);
    const known = new Map<string, number>();
    for (const [name] of rows.symbols) {
      known.set(name, (known.get(name) ?? 0) + 1);
    }
    const single = rows.symbols.filter(([name]) => known.get(name) === 1);
    for (const [name, , file, start] of single) {
      await ask(name, new RegExp(`/source/${file}/#L${start}$`));
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
      if (hits.slice(0, NEAR).some((hit) => among.test(hit))) continue;
      faults.push(`"${words}" leads to ${hits.slice(0, NEAR).join(", ")}`);
    }
    asked += LINES.length;
    await page.goto(`${site.url}go/`);
    for (const line of LINES) {
      if (!(await leads(page, "[data-lookup]", line))) {
        faults.push(`/go: "${line[0]}" does not lead to ${line[1]}`);
      }
    }
    asked++;
    if (!(await saysWhatIsMissing(page, site.url))) {
      faults.push("a search without its full-text index does not say so");
    }
    await page.close();
    return { checked: count(asked, "question"), faults };
  },
};

async function firstHit(page: Page, query: string): Promise<string> {
  await page.fill("dialog.search input", "");
  await page.fill("dialog.search input", query);
  const hit = page.locator("dialog.search[open] .hits a").first();
  try {
    await hit.waitFor({ timeout: 4000 });
    return (await hit.getAttribute("href")) ?? "";
  } catch {
    return "";
  }
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

async function saysWhatIsMissing(page: Page, url: string): Promise<boolean> {
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
