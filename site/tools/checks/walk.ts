/**
 * A reader goes from the prose to a line, from the line to the source, and
 * from the source back to the prose: once with the mouse, once with the
 * keyboard alone; a line with several passages offers them. On the way a note
 * and its lines light up together, and Escape puts them out; a range of lines
 * can be chosen; one line is lit even without scripts. A click on a note's
 * number lights its lines and moves the page no further than it must. Below the
 * header a file's page says where one is, a suite's page whose tests these are,
 * and a claim is lit as a whole.
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

export const walk: Check = {
  name: "walk, by mouse and by keyboard",
  needsBrowser: true,
  async run(site, browser) {
    const lesson = await lessonWithNotes(site, needed(browser));
    if (lesson === undefined) {
      return { checked: "no lesson has a note yet", faults: [] };
    }
    const steps = new Steps();
    const step = steps.from(`/${lesson}: `);
    const walks = [
      byMouse,
      byNumber,
      byKeyboard,
      chooseRange,
      whereInFile,
      toTheTest,
      withoutScripts,
    ];
    for (const by of walks) {
      await by(site, lesson, needed(browser), step);
    }
    const checked = `${count(steps.taken, "step")} from /${lesson}`;
    return { checked, faults: steps.faults };
  },
};

async function lessonWithNotes(
  site: BuiltSite,
  browser: Browser,
): Promise<string | undefined> {
  const page = await browser.newPage();
  for (const lesson of lessonsOf(site)) {
    await page.goto(site.url + lesson);
    if (await page.$(".note[data-note]")) {
      await page.close();
      return lesson;
    }
  }
  await page.close();
  return undefined;
}

async function byMouse(
  site: BuiltSite,
  lesson: string,
  browser: Browser,
  step: Step,
): Promise<void> {
  const page = await browser.newPage();
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(site.url + lesson);
  const line = page.locator(".line.noted").first();
  await line.hover();
  await step(
    "pointing at a noted line lights its note",
    page.locator(".note.lit").first().isVisible(),
  );
  await page.mouse.move(2, 2);
  await step(
    "the light goes out when the pointer leaves",
    page
      .locator(".excerpt .lit")
      .count()
      .then((lit) => lit === 0),
  );
  await page.locator(".note").first().hover();
  await step(
    "pointing at a note lights its lines",
    page.locator(".line.lit").first().isVisible(),
  );
  const number = await line.locator("a[data-n]").getAttribute("data-n");
  await line.locator("a[data-n]").click();
  await page.waitForURL(/\/source\//);
  await step(
    `its number leads to line ${number}`,
    new URL(page.url()).hash === `#L${number}`,
  );
  await step("that line is lit", page.locator(`#L${number}.lit`).isVisible());
  await step("that line is in view", inView(page, `#L${number}`));
  await page.locator(`#L${number} a.mark`).click();
  await page.waitForURL(/\/lessons\//);
  await step("its mark leads back to the lesson", page.url().includes(lesson));
  await step("to a passage that is there", targetExists(page));
  await choice(site, page, step);
  await onlyPassage(site, page, step);
  await page.close();
}

/** The mark of several passages asks which, and leads to one in any case. */
async function choice(site: BuiltSite, page: Page, step: Step): Promise<void> {
  const mark = page.locator("a.mark[data-choice]").first();
  const passages = page.locator(".card a[href*='/lessons/']");
  await page.goto(site.url + LONG);
  await mark.click();
  await step("a mark shows a choice of passages", shows(passages.nth(1)));
  await page.mouse.move(2, 400);
  await page.waitForTimeout(500);
  await step("which stays without the pointer", passages.first().isVisible());
  await passages.first().click();
  await page.waitForURL(/\/lessons\//);
  await step("one is a passage that is there", targetExists(page));
  await page.route(/\/reader\.[^/]*js$/, (route) => route.abort());
  await page.goto(site.url + LONG);
  await mark.click();
  await page.waitForURL(/\/lessons\//);
  await step("without its script it leads to a passage", targetExists(page));
  await page.unrouteAll();
}

/** The mark of one passage leads to it at once. */
async function onlyPassage(
  site: BuiltSite,
  page: Page,
  step: Step,
): Promise<void> {
  await page.goto(site.url + LONG);
  await page.locator("a.mark:not([data-choice])").first().click();
  await page.waitForURL(/\/lessons\//);
  await step("the mark of one passage leads there", targetExists(page));
}

function shows(locator: Locator): Promise<boolean> {
  return locator.waitFor({ timeout: 5000 }).then(
    () => true,
    () => false,
  );
}

/** The red number of a note, with its line in view and out of it. */
async function byNumber(
  site: BuiltSite,
  lesson: string,
  browser: Browser,
  step: Step,
): Promise<void> {
  const page = await browser.newPage();
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(site.url + lesson);
  const note = page.locator(".note:has(.lines-of)").nth(1);
  const number = note.locator(".lines-of");
  const line = page.locator(".line.lit").first();
  const top = () => page.evaluate(() => window.scrollY);
  await note.evaluate((one) => one.scrollIntoView({ block: "center" }));
  const before = await top();
  await number.click();
  await step("a note's number lights its lines", line.isVisible());
  await step("and does not move the page", (await top()) === before);
  await step("nor leave it", page.url() === site.url + lesson);
  const low = await line.evaluate(
    (one) => one.getBoundingClientRect().bottom + window.scrollY - 56,
  );
  await page.evaluate((y) => window.scrollTo(0, y), low);
  await number.evaluate((one) =>
    one.dispatchEvent(
      new MouseEvent("click", { bubbles: true, cancelable: true, detail: 1 }),
    ),
  );
  await step("a line above comes into view", clear(page, ".line.lit"));
  await step("by the smallest step", low - (await top()) < 60);
  await note.evaluate((one) => one.scrollIntoView({ block: "center" }));
  await step(
    "a click with Ctrl is left to the browser, for a new tab",
    leftToTheBrowser(page, number),
  );
  await page.context().close();
}

/**
 * Whether a click with Ctrl keeps its own meaning, and leads to the source.
 * The tab itself is the browser's work; on a busy machine it came late.
 */
async function leftToTheBrowser(page: Page, link: Locator): Promise<boolean> {
  await page.evaluate(() => {
    window.addEventListener("click", (event) => {
      document.body.dataset.kept = String(!event.defaultPrevented);
      event.preventDefault();
    });
  });
  await link.click({ modifiers: ["Control"] });
  const kept = await page.evaluate(() => document.body.dataset.kept);
  const to = await link.evaluate((a) => (a as HTMLAnchorElement).pathname);
  return kept === "true" && /\/source\//.test(to);
}

/** Below the header, and in the window. */
function clear(page: Page, selector: string): Promise<boolean> {
  return page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      const bars = [...document.querySelectorAll(".bar, .where")];
      const ends = bars.map((bar) => bar.getBoundingClientRect().bottom);
      return top >= Math.max(...ends) - 1 && bottom <= window.innerHeight;
    });
}

const LONG = "source/raft.ts/";
const SYMBOL = "requestVoteRefusal";

async function whereInFile(
  site: BuiltSite,
  _lesson: string,
  browser: Browser,
  step: Step,
): Promise<void> {
  for (const width of [1280, 360]) {
    const page = await browser.newPage();
    await page.setViewportSize({ width, height: 800 });
    await page.goto(site.url + LONG);
    const row = page.locator(`tr:has(code:text-is("${SYMBOL}"))`);
    const hash = await row.locator("a").first().getAttribute("href");
    const go = await row.locator("td:last-child a").getAttribute("href");
    const [, first = "0"] = /#L(\d+)/.exec(hash ?? "") ?? [];
    await page.goto(`${site.url}${LONG}#L${Number(first) + 12}`);
    await page.reload();
    await page.waitForTimeout(300);
    const at = `#L${Number(first) + 12}`;
    await step(`${width} px: ${at} is clear of the line`, clear(page, at));
    await page.evaluate((id) => {
      const top = document.getElementById(id)?.getBoundingClientRect().top;
      window.scrollBy(0, (top ?? 0) - 120);
    }, at.slice(1));
    await page.waitForTimeout(200);
    await step(
      `${width} px: the line says ${SYMBOL}`,
      page
        .locator("[data-where] [data-symbol]")
        .textContent()
        .then((text) => text === SYMBOL),
    );
    const place = page.locator("[data-where] [data-place]");
    await step(
      `${width} px: and leads to v1.1.1`,
      (await place.getAttribute("href")) === go && (await place.isVisible()),
    );
    await step(
      `${width} px: it is one slim line`,
      page.locator("[data-where]").evaluate((bar) => {
        const { height, right } = bar.getBoundingClientRect();
        return height <= 36 && right <= window.innerWidth;
      }),
    );
    await page.close();
  }
}

/** From a lesson's claim to its test, to the code it is about, and back. */
async function toTheTest(
  site: BuiltSite,
  _lesson: string,
  browser: Browser,
  step: Step,
): Promise<void> {
  const page = await browser.newPage();
  const lesson = lessonsOf(site).find((one) => /\/05-/.test(one)) ?? "";
  await page.goto(site.url + lesson);
  const claim = page.locator(".claim-test a").nth(2);
  const words = (await claim.textContent()) ?? "";
  await claim.click();
  await page.waitForURL(/\/proof\//);
  await page.locator(".line.lit").first().waitFor();
  const lines = await page.locator(".line.lit").allTextContents();
  await step(
    `the whole claim is lit: ${words}`,
    lines[0] === "claim(\n" &&
      lines.at(-1) === ");\n" &&
      lines.join("").includes(words),
  );
  await step("it is clear of the line above", clear(page, ".line.lit"));
  const back = page.locator("[data-where] a");
  await step("that line is in view", inView(page, "[data-where]"));
  await step(
    "the lesson is marked in the list",
    page
      .locator(".side-pane [data-here]")
      .count()
      .then((marked) => marked === 1),
  );
  const href = await back.getAttribute("href");
  await step("and leads back", href?.endsWith(`/${lesson}`) ?? false);
  const place = page.locator(".line.lit .place").first();
  const name = ((await place.textContent()) ?? "").split("#")[1] ?? "?";
  await place.click();
  await page.waitForURL(/\/source\//);
  await page.locator(".line.lit").first().waitFor();
  await step(
    `at: leads to ${name}`,
    page
      .locator(".line.lit")
      .first()
      .textContent()
      .then((line) => line?.includes(name) ?? false),
  );
  await page.close();
}

async function byKeyboard(
  site: BuiltSite,
  lesson: string,
  browser: Browser,
  step: Step,
): Promise<void> {
  const page = await browser.newPage();
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(site.url + lesson);
  await step("the Tab key reaches the code", tabTo(page, ".line a[data-n]"));
  await arrowTo(page, ".line.noted");
  await step(
    "the focus on a noted line lights its note",
    page.locator(".note.lit").first().isVisible(),
  );
  await page.keyboard.press("Escape");
  await step(
    "Escape puts the light out",
    page
      .locator(".excerpt .lit")
      .count()
      .then((lit) => lit === 0),
  );
  const number = await focused(page, (element) => element.dataset.n ?? "");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/source\//);
  await step(
    `Enter leads to line ${number}`,
    new URL(page.url()).hash === `#L${number}`,
  );
  await step(
    "the focus is on that line",
    focused(page, (element) => element.dataset.n ?? "").then(
      (n) => n === number,
    ),
  );
  await page.keyboard.press("Tab");
  await step(
    "the next stop is its mark",
    focused(page, (element) => element.className).then((c) => c === "mark"),
  );
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/lessons\//);
  await step("which leads back to the lesson", page.url().includes(lesson));
  await page.goto(site.url + LONG);
  await page.locator("a.mark[data-choice]").first().focus();
  await page.keyboard.press("Enter");
  const inCard = page.locator(".card a:focus");
  await step("Enter goes into a choice of passages", shows(inCard));
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/lessons\//);
  await step("and to one of them", targetExists(page));
  await page.goto(site.url + lesson);
  await page.keyboard.press("n");
  await step(
    "n goes to the first note and lights its lines",
    page.locator(".line.lit").first().isVisible(),
  );
  await page.keyboard.press("/");
  await step(
    "/ opens the search",
    page.locator("dialog.search[open] input").first().isVisible(),
  );
  await page.keyboard.press("Escape");
  await step(
    "Escape closes it",
    page
      .locator("dialog[open]")
      .count()
      .then((open) => open === 0),
  );
  await page.close();
}

async function chooseRange(
  site: BuiltSite,
  _lesson: string,
  browser: Browser,
  step: Step,
): Promise<void> {
  const source = site.pages.find((page) => /^source\/.+\.ts\/$/.test(page));
  const page = await browser.newPage();
  await page.goto(`${site.url}${source}#L12-L10`);
  await step(
    "#L12-L10 lights three lines",
    page
      .locator(".line.lit")
      .count()
      .then((lit) => lit === 3),
  );
  const top = () => page.evaluate(() => window.scrollY);
  const before = await top();
  await page.locator("#L11 a[data-n]").click();
  await page.locator("#L14 a[data-n]").click({ modifiers: ["Shift"] });
  await step(
    "click and shift-click choose lines 11 to 14",
    new URL(page.url()).hash === "#L11-L14",
  );
  await step(
    "they are lit, and no others",
    page
      .locator(".line.lit")
      .count()
      .then((lit) => lit === 4),
  );
  await step("the page did not jump", (await top()) === before);
  await page.close();
}

async function withoutScripts(
  site: BuiltSite,
  _lesson: string,
  browser: Browser,
  step: Step,
): Promise<void> {
  const source = site.pages.find((page) => /^source\/.+\.ts\/$/.test(page));
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${site.url}${source}#L11`);
  const colour = (line: string) =>
    page
      .locator(line)
      .evaluate((element) => getComputedStyle(element).backgroundColor);
  await step(
    "without scripts the slim line says the file",
    page
      .locator("[data-where]")
      .innerText()
      .then((text) => source?.includes(`/${text.trim()}/`) ?? false),
  );
  await step(
    "without scripts #L11 is lit all the same",
    (await colour("#L11")) !== (await colour("#L12")),
  );
  await context.close();
}

async function tabTo(page: Page, selector: string): Promise<boolean> {
  for (let press = 0; press < 200; press++) {
    await page.keyboard.press("Tab");
    const there = await page.evaluate(
      (wanted) => document.activeElement?.matches(wanted) ?? false,
      selector,
    );
    if (there) return true;
  }
  return false;
}

async function arrowTo(page: Page, selector: string): Promise<void> {
  for (let press = 0; press < 400; press++) {
    const there = await page.evaluate(
      (wanted) => document.activeElement?.closest(wanted) !== null,
      selector,
    );
    if (there) return;
    const before = await focused(page, (element) => element.dataset.n ?? "");
    await page.keyboard.press("ArrowDown");
    const after = await focused(page, (element) => element.dataset.n ?? "");
    if (before === after) await tabTo(page, ".line a[data-n]");
  }
}

function focused(
  page: Page,
  read: (element: HTMLElement) => string,
): Promise<string> {
  return page.locator(":focus").evaluate(read as (e: Element) => string);
}

function inView(page: Page, selector: string): Promise<boolean> {
  return page.locator(selector).evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= window.innerHeight;
  });
}

function targetExists(page: Page): Promise<boolean> {
  return page.evaluate(
    () => document.getElementById(location.hash.slice(1)) !== null,
  );
}
