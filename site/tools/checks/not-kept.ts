/**
 * A browser that keeps nothing, since its reader has forbidden it or since no
 * room is left: on every kind of page the theme, the search, the notes and the
 * exercise work, nothing fails, and where something would be kept the page
 * says that it is not. What was kept before the room was full is still read.
 */

import type { Browser, Locator, Page } from "playwright-core";
import {
  type BuiltSite,
  type Check,
  count,
  needed,
  type Step,
  Steps,
} from "./check.ts";

const LESSON = "lessons/04-elect-self/";

const PAGES = [
  "",
  "zh-cn/",
  LESSON,
  `zh-cn/${LESSON}`,
  "source/raft.ts/",
  "questions/",
  "questions/c4/",
  "go/",
  "routes/",
  "coverage/",
  "proof/04/",
  "nowhere/",
];

/** How a browser may refuse, as scripts that run before the page's own. */
const REFUSALS: Readonly<Record<string, () => void>> = {
  forbidden: () => {
    const refuse = () => {
      throw new DOMException("forbidden", "SecurityError");
    };
    const property = { configurable: true, get: refuse, set: refuse };
    for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
      Object.defineProperty(window, name, property);
    }
    Object.defineProperty(window, "caches", property);
    Object.defineProperty(Document.prototype, "cookie", property);
    Object.defineProperty(Navigator.prototype, "serviceWorker", property);
  },
  full: () => {
    const read = JSON.stringify({ "01-where-is-main": "another text" });
    localStorage.setItem("lessons-read", read);
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    Reflect.deleteProperty(Navigator.prototype, "serviceWorker");
    Reflect.deleteProperty(window, "caches");
  },
};

export const notKept: Check = {
  name: "progress and choices, where nothing can be kept",
  needsBrowser: true,
  async run(site, browser) {
    const steps = new Steps();
    for (const refusal of Object.keys(REFUSALS)) {
      for (const address of PAGES) {
        const step = steps.from(`${refusal}, /${address}: `);
        await visit(needed(browser), site, refusal, address, step);
      }
    }
    const many = count(steps.taken, "step");
    const checked = `${many} on ${PAGES.length} pages, both ways`;
    return { checked, faults: steps.faults };
  },
};

async function visit(
  browser: Browser,
  site: BuiltSite,
  refusal: string,
  address: string,
  step: Step,
): Promise<void> {
  const page = await browser.newPage();
  page.setDefaultTimeout(5000);
  await page.setViewportSize({ width: 1400, height: 900 });
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  await page.addInitScript(REFUSALS[refusal] ?? "");
  await page.goto(site.url + address);
  await step("the theme is chosen", themes(page));
  await step("the search finds", searches(page));
  await step("what is chosen in the help is not kept", chooses(page));
  if (address.includes("lessons/")) {
    await step("a note lights its lines", lights(page));
    await step("the exercise is judged", judges(page));
    await step("a lesson is marked, and not kept", marks(page, address));
    if (refusal === "full") await step("what was kept is read", recalls(page));
  }
  await step(`nothing fails: ${errors.join("; ")}`, errors.length === 0);
  await page.close();
}

async function themes(page: Page): Promise<boolean> {
  const choice = page.locator(".bar starlight-theme-select select");
  for (const theme of ["dark", "light"]) {
    await choice.selectOption(theme);
    await page.locator(`html[data-theme=${theme}]`).waitFor();
  }
  return true;
}

async function searches(page: Page): Promise<boolean> {
  await page.locator("[data-search-open]").click();
  await page.fill("dialog.search input", "leaderLoop");
  await page.locator("dialog.search[open] .hits a").first().waitFor();
  await page.locator("dialog.search h2", { hasText: /Pages|页面/ }).waitFor();
  await page.locator("dialog.search[open] button").first().click();
  return true;
}

async function chooses(page: Page): Promise<boolean> {
  await page.locator("[data-keys-open]").click();
  const box = page.locator("dialog.keys input");
  const before = await box.isChecked();
  await box.uncheck();
  const told = await page.locator("dialog.keys [data-not-kept]").isVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  return before && told && (await isHidden(page.locator("dialog.search")));
}

async function lights(page: Page): Promise<boolean> {
  await page.locator(".note .lines-of").first().click();
  await page.locator(".excerpt .line.lit").first().waitFor();
  return true;
}

async function judges(page: Page): Promise<boolean> {
  await page.locator(".exercise button").first().click();
  await page.locator(".exercise [data-holds=no]").first().waitFor();
  return true;
}

async function marks(page: Page, address: string): Promise<boolean> {
  const box = page.locator("[data-progress] input");
  await box.check();
  const name = /([^/]+)\/$/.exec(address)?.[1];
  await page.locator(`[data-lesson="${name}"][data-state=read]`).waitFor();
  const told = page.locator("[data-progress] [data-say=not-kept]");
  return (await box.isChecked()) && (await told.isVisible());
}

async function recalls(page: Page): Promise<boolean> {
  const lesson = page.locator('[data-lesson="01-where-is-main"]').first();
  return (await lesson.getAttribute("data-state")) === "changed";
}

async function isHidden(what: Locator): Promise<boolean> {
  return what.first().isHidden();
}
