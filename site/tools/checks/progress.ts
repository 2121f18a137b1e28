/**
 * A reader marks a lesson as read: the mark survives a reload, stands in the
 * list of lessons, and says when the code has changed since.
 *
 * Absent: a browser that keeps nothing, see not-kept.ts.
 */

import type { Browser, Locator, Page } from "playwright-core";
import {
  type BuiltSite,
  type Check,
  count,
  lessonsOf,
  needed,
  type Step,
  Steps,
} from "./check.ts";

const BOX = "[data-progress] input";

export const progress: Check = {
  name: "progress, kept on the device",
  needsBrowser: true,
  async run(site, browser) {
    const [lesson] = lessonsOf(site);
    if (lesson === undefined) return { checked: "no lesson yet", faults: [] };
    const steps = new Steps();
    await kept(site, lesson, needed(browser), steps.from(`/${lesson}: `));
    const checked = `${count(steps.taken, "step")} on /${lesson}`;
    return { checked, faults: steps.faults };
  },
};

async function kept(
  site: BuiltSite,
  lesson: string,
  browser: Browser,
  step: Step,
): Promise<void> {
  const page = await browser.newPage();
  await page.setViewportSize({ width: 1400, height: 900 });
  await page.goto(site.url + lesson);
  await step("nothing is marked at first", isNot(checked(page)));
  await page.locator(BOX).check();
  await step("the mark stands in the list", inList(page, lesson, "read"));
  await page.reload();
  await step("the mark survives a reload", checked(page));
  const listed = await look(page.locator(".side-pane .progress-word"));
  await page.goto(site.url);
  await step("it stands on the front page", inList(page, lesson, "read"));
  const beside = page.locator(".lesson-minutes .progress-word");
  await step("beside the minutes", beside.first().isVisible());
  const looks = await look(beside);
  await step(`looking as in the list: ${looks}`, looks === listed);
  await page.evaluate(() => {
    const all = JSON.parse(localStorage.getItem("lessons-read") ?? "{}");
    for (const name of Object.keys(all)) all[name] = "another";
    localStorage.setItem("lessons-read", JSON.stringify(all));
  });
  await page.goto(site.url + lesson);
  await step(
    "changed code is said in the list",
    inList(page, lesson, "changed"),
  );
  await step(
    "and at the end of the lesson",
    page.locator("[data-say=changed]").isVisible(),
  );
  await page.locator(BOX).uncheck();
  await page.reload();
  await step("the mark can be taken back", isNot(checked(page)));
  await page.close();
}

function look(word: Locator): Promise<string> {
  return word.first().evaluate((element) => {
    const { fontFamily, fontSize, color } = getComputedStyle(element);
    const { content } = getComputedStyle(element, "::before");
    return [content, fontFamily, fontSize, color].join("; ");
  });
}

function checked(page: Page): Promise<boolean> {
  return page.locator(BOX).isChecked();
}

async function isNot(what: Promise<boolean>): Promise<boolean> {
  return !(await what);
}

async function inList(
  page: Page,
  lesson: string,
  state: string,
): Promise<boolean> {
  const name = lesson.replace(/\/$/, "").replace(/^.*\//, "");
  const link = page.locator(`[data-lesson="${name}"]`).first();
  const said = await link.locator(".progress-word").textContent();
  return (
    (await link.getAttribute("data-state")) === state && said?.trim() !== ""
  );
}
