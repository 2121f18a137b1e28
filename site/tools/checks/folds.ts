/**
 * The folded parts of long excerpts: closed at first, opened by a click also
 * without scripts, opened by the arrow keys on their way through the code, and
 * all of them open on paper.
 */

import type { Browser, Page } from "playwright-core";
import { type Check, count, lessonsInEach, needed } from "./check.ts";

const FIRST = ".code-fold a[data-n]";

export const folds: Check = {
  name: "folded parts of long excerpts",
  needsBrowser: true,
  async run(site, browser) {
    const faults: string[] = [];
    let found = 0;
    for (const lesson of lessonsInEach(site)) {
      const url = site.url + lesson;
      const fault = (what: string) => faults.push(`/${lesson}: ${what}`);
      const all = await foldsOn(needed(browser), url, fault);
      found += all;
      if (all > 0) await byKeyboard(needed(browser), url, fault);
    }
    if (found === 0) faults.push("no lesson has a folded part");
    return { checked: count(found, "fold"), faults };
  },
};

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
    `.sheet:has(.code-fold) a[data-n="${Number(number) - 1}"]`,
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
      const options = { contentVisibilityAuto: true };
      return line.checkVisibility(options) && line.getClientRects().length > 0;
    });
}
