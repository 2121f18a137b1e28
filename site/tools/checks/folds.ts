/**
 * The folded parts of long excerpts, and the imports of a file or a suite that
 * has many: closed at first, opened by a click also without scripts, by the
 * arrow keys on their way through the code, and by the address of a line in
 * them; all of them open on paper.
 */

import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import {
  type BuiltSite,
  type Check,
  count,
  lessonsInEach,
  needed,
  sourcesOf,
} from "./check.ts";
import { fileOfPage } from "./html.ts";

const FIRST = ".code-fold a[data-n]";

export const folds: Check = {
  name: "folds: parts of long excerpts, imports",
  needsBrowser: true,
  async run(site, browser) {
    const faults: string[] = [];
    const found = { "in lessons": 0, "in files": 0 };
    const look = async (path: string) => {
      const url = site.url + path;
      const fault = (what: string) => faults.push(`/${path}: ${what}`);
      const all = await foldsOn(needed(browser), url, fault);
      if (all > 0) await byKeyboard(needed(browser), url, fault);
      return all;
    };
    for (const path of lessonsInEach(site)) {
      found["in lessons"] += await look(path);
    }
    for (const path of filesWithFolds(site)) {
      found["in files"] += await look(path);
      await byAddress(needed(browser), site.url, path, faults);
    }
    const all = found["in lessons"] + found["in files"];
    return { checked: count(all, "fold"), looked: found, faults };
  },
};

function filesWithFolds(site: BuiltSite): string[] {
  const suites = site.pages.filter((page) => /^proof\/./.test(page));
  return [...sourcesOf(site), ...suites].filter((page) =>
    readFileSync(fileOfPage(site.dist, page), "utf8").includes("code-fold"),
  );
}

/** The address of a folded line shows it; with scripts, that of two lines. */
async function byAddress(
  browser: Browser,
  site: string,
  path: string,
  faults: string[],
): Promise<void> {
  for (const javaScriptEnabled of [true, false]) {
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    await page.goto(site + path);
    const number = Number(
      await page.locator(FIRST).nth(1).getAttribute("data-n"),
    );
    const range = javaScriptEnabled ? `-L${number + 1}` : "";
    const address = `${path}#L${number}${range}`;
    await page.goto("about:blank");
    await page.goto(site + address);
    if (!(await visible(page, 0))) {
      faults.push(`/${address} leaves the fold closed`);
    }
    await context.close();
  }
}

/** Without scripts, each of them. Gives the number of folds on the page. */
async function foldsOn(
  browser: Browser,
  url: string,
  fault: (what: string) => void,
): Promise<number> {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(url);
  const all = await page.locator(".code-fold").count();
  for (let i = 0; i < all; i++) {
    if (await visible(page, i)) fault(`fold ${i + 1} is open at first`);
  }
  await page.emulateMedia({ media: "print" });
  for (let i = 0; i < all; i++) {
    if (!(await visible(page, i))) fault(`fold ${i + 1} is closed on paper`);
  }
  await page.emulateMedia({ media: "screen" });
  for (let i = 0; i < all; i++) {
    await page.locator(".code-fold summary").nth(i).click();
    if (!(await visible(page, i))) fault(`a click leaves fold ${i + 1} closed`);
  }
  await context.close();
  return all;
}

async function byKeyboard(
  browser: Browser,
  url: string,
  fault: (what: string) => void,
): Promise<void> {
  const page = await browser.newPage();
  await page.goto(url);
  const number = await page.locator(FIRST).first().getAttribute("data-n");
  const before = page.locator(
    `:is(.sheet, .source):has(.code-fold) a[data-n="${Number(number) - 1}"]`,
  );
  await before.first().focus();
  await page.keyboard.press("ArrowDown");
  const there = await page
    .locator(":focus")
    .getAttribute("data-n", { timeout: 2000 });
  if (there !== number || !(await visible(page, 0))) {
    fault(`the arrow key goes to line ${there}, not into the fold`);
  }
  await page.close();
}

/** The first line within the fold of this number. */
function visible(page: Page, fold: number): Promise<boolean> {
  return page
    .locator(".code-fold")
    .nth(fold)
    .locator("a[data-n]")
    .first()
    .evaluate((line) => {
      return line.checkVisibility() && line.getClientRects().length > 0;
    });
}
