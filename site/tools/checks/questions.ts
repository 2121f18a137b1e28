/**
 * The readers' questions, in both languages: what proves an answer stands
 * right behind it, the other language after that and folded, with a link to
 * its own page; the link to the source is the one to the lit lines, and
 * v1.1.1's stand beside it. What has a lesson comes before what waits for one,
 * remarks come last. The list is narrowed by words of either language. Around
 * them, the Chinese frame says which of its links lead to English.
 */

import { existsSync, readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { type BuiltSite, type Check, count, needed } from "./check.ts";
import { fileOfPage } from "./html.ts";

const LISTS = ["questions/", "zh-cn/questions/"] as const;

export const questions: Check = {
  name: "questions",
  needsBrowser: true,
  async run(site, browser) {
    const single = site.pages.filter((page) =>
      /questions\/c[\d-]+\/$/.test(page),
    );
    const faults = [
      ...single.flatMap((page) => pageFaults(site, page)),
      ...(await listFaults(site, needed(browser))),
    ];
    return { checked: count(single.length, "question page"), faults };
  },
};

function pageFaults(site: BuiltSite, page: string): string[] {
  const html = readFileSync(fileOfPage(site.dist, page), "utf8");
  const at = (text: string) => html.indexOf(text);
  const zh = page.startsWith("zh-cn/");
  const other = zh ? page.slice("zh-cn/".length) : `zh-cn/${page}`;
  const fold = html.slice(at('class="question-other"'));
  const foot = html.slice(at('class="question-foot"'), at("</main>"));
  const lit = [
    ...html.matchAll(/<span class="line lit"><a href="[^"]*#L(\d+)/g),
  ];
  const lines = lit.map(([, line]) => line);
  const range =
    lines.length > 1 ? `#L${lines[0]}-L${lines.at(-1)}"` : `#L${lines[0]}"`;
  const labels = zh ? /上一问|下一问/ : /Previous question|Next question/;
  const rules: [boolean, string][] = [
    [at('class="lede"') < at('class="question-foot"'), "no evidence"],
    [
      at('class="question-foot"') < at('class="question-other"'),
      "the other language stands before the evidence",
    ],
    [
      fold.includes(`href="${site.base}${other}"`) &&
        existsSync(fileOfPage(site.dist, other)),
      "no link to the other language",
    ],
    [
      lit.length === 0 || foot.slice(0, foot.indexOf("</p>")).includes(range),
      `its source link is not ${range}`,
    ],
    [
      !/<code>\w+<\/code>, (raft|commitment)\.ts/.test(foot) ||
        /v1\.1\.1: \w+\.go/.test(html),
      "no lines of v1.1.1",
    ],
    [
      !/\/proof\//.test(foot) || html.includes('class="claim-break"'),
      "it does not say what turns its test red",
    ],
    [labels.test(html), "its neighbours have no label"],
  ];
  return rules
    .filter(([holds]) => !holds)
    .map(([, fault]) => `/${page}: ${fault}`);
}

async function listFaults(
  site: BuiltSite,
  browser: Browser,
): Promise<string[]> {
  const page = await browser.newPage();
  const faults: string[] = [];
  for (const list of LISTS) {
    await page.goto(site.url + list);
    const kinds = await page
      .locator("[data-group] > h2")
      .evaluateAll((all) => all.map(({ id }) => id));
    if (kinds.join() !== "answered,planned,remarks") {
      faults.push(`/${list}: its parts are ${kinds.join(", ")}`);
    }
    const open = await page.locator("details.question-other[open]").count();
    if (open > 0) faults.push(`/${list}: ${open} questions are not folded`);
    for (const word of ["pipelined", "流水线"]) {
      const found = await narrowed(page, word);
      if (!found.includes("c3")) {
        faults.push(`/${list}: "${word}" finds ${found.join(", ")}`);
      }
    }
    const other = list === "questions/" ? "流水线" : "pipelined";
    await narrowed(page, other);
    const unfolded = await page.locator("#c3 .question-other[open]").count();
    if (unfolded === 0) {
      faults.push(`/${list}: "${other}" does not open where it stands`);
    }
    await narrowed(page, "");
    const link = page.locator("#c3 h3 a");
    const line = await link.evaluate(
      (one) => getComputedStyle(one).textDecorationLine,
    );
    if (line !== "underline") faults.push(`/${list}: a question is no link`);
  }
  faults.push(...(await silentlyEnglish(page, site)));
  await page.close();
  return faults;
}

/** In the Chinese frame a link to a page in English says so. */
async function silentlyEnglish(page: Page, site: BuiltSite) {
  const faults: string[] = [];
  for (const path of ["zh-cn/", "zh-cn/questions/"]) {
    await page.goto(site.url + path);
    const links = await page
      .locator(".side-pane li a, .ways li")
      .evaluateAll((all) =>
        all.map((one) => ({
          href: (one.querySelector("a") ?? one).getAttribute("href") ?? "",
          text: one.textContent ?? "",
        })),
      );
    const silent = links
      .filter(({ href }) => !href.startsWith(`${site.base}zh-cn/`))
      .filter(({ text }) => !text.includes("英文"));
    if (links.length === 0) faults.push(`/${path}: no ways in`);
    for (const { href } of silent) {
      faults.push(`/${path}: ${href} does not say that it is in English`);
    }
  }
  return faults;
}

async function narrowed(page: Page, word: string): Promise<string[]> {
  await page.fill("#filter-text", word);
  return page
    .locator("[data-question]:not([hidden])")
    .evaluateAll((all) => all.map(({ id }) => id));
}
