/**
 * The keyboard map on a lesson: `?` and a button in the footer show it, `n` and
 * `p` go from note to note, the arrows from lesson to lesson, and only from
 * where they have no other meaning; and single keys can be switched off, for
 * good. A page in Chinese says all of it in Chinese, and a telephone speaks of
 * no keys. The keys of names, `d` and `r`, are checked with their card.
 */

import type { Browser, Page } from "playwright-core";
import { type BuiltSite, type Check, lessonsOf, needed } from "./check.ts";

export const keys: Check = {
  name: "the keyboard map",
  needsBrowser: true,
  async run(site, browser) {
    const [, lesson] = lessonsOf(site);
    if (lesson === undefined) return { checked: "no lesson yet", faults: [] };
    const faults: string[] = [];
    let steps = 0;
    const step = (what: string, holds: boolean) => {
      steps++;
      if (!holds) faults.push(`/${lesson}: ${what}`);
    };
    const page = await needed(browser).newPage();
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(site.url + lesson);

    await page.keyboard.press("?");
    const map = page.locator("dialog.keys[open]");
    step("? shows the map", await map.isVisible());
    await page.keyboard.press("Escape");
    step("Escape closes it", !(await map.isVisible()));

    const notes = await noteIds(page);
    await page.keyboard.press("n");
    step("n goes to the first note", (await focusedNote(page)) === notes[0]);
    await page.keyboard.press("n");
    step("n goes to the next", (await focusedNote(page)) === notes[1]);
    await page.keyboard.press("p");
    step("p goes back", (await focusedNote(page)) === notes[0]);

    const third = page.locator(`#${notes[2]}`);
    const second = notes[1] ?? "";
    await third.hover();
    await page.keyboard.press("n");
    // As the browser does when the page moves under the mouse.
    await third.dispatchEvent("pointerover");
    step(
      "n lights its note, whatever comes to lie under the mouse",
      await lit(page, [second]),
    );
    await third.hover({ position: { x: 30, y: 12 } });
    step(
      "the mouse lights again when it moves",
      await lit(page, [notes[2] ?? ""]),
    );

    const here = page.url();
    for (const place of KEPT) {
      const found = page.locator(place).first();
      if ((await found.count()) === 0) continue;
      await found.focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowLeft");
      await page.waitForTimeout(100);
      step(`no arrow leaves the lesson from ${place}`, page.url() === here);
    }

    await page.goto(site.url + lesson);
    await page.keyboard.press("ArrowRight");
    await page.waitForURL((url) => !url.pathname.endsWith(lesson));
    step("→ goes to another lesson", page.url().includes("/lessons/"));
    await page.keyboard.press("ArrowLeft");
    await page.waitForURL((url) => url.pathname.endsWith(lesson));
    step("← comes back", true);

    await page.keyboard.press("?");
    await page.locator("dialog.keys input[type=checkbox]").uncheck();
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    step("switched off, n does nothing", (await focusedNote(page)) === "");
    await page.reload();
    await page.keyboard.press("n");
    step("it stays off", (await focusedNote(page)) === "");
    await page.keyboard.press("?");
    step("and ? does nothing", !(await map.isVisible()));
    await page.locator("[data-keys-open]").click();
    step("the button in the footer opens the map", await map.isVisible());
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    const search = page.locator("dialog.search[open] input").first();
    step("Ctrl K still searches", await search.isVisible());
    await page.close();
    await inChinese(site, needed(browser), step);
    await onPhone(site.url + lesson, needed(browser), step);
    return { checked: `${steps} steps on /${lesson}`, faults };
  },
};

type Step = (what: string, holds: boolean) => void;

/** Every word of the map. */
async function inChinese(
  site: BuiltSite,
  browser: Browser,
  step: Step,
): Promise<void> {
  const page = await browser.newPage();
  await page.goto(`${site.url}zh-cn/`);
  await page.keyboard.press("?");
  const texts = await page
    .locator("dialog.keys :is(h2, button, td:last-child, label)")
    .allTextContents();
  const foreign = texts.filter((text) => !/\p{Script=Han}/u.test(text));
  step(`no Chinese in ${foreign}`, foreign.length === 0 && texts.length > 10);
  await page.close();
}

async function onPhone(
  url: string,
  browser: Browser,
  step: Step,
): Promise<void> {
  const context = await browser.newContext({ hasTouch: true, isMobile: true });
  const page = await context.newPage();
  await page.goto(url);
  const opener = page.locator("[data-keys-open]");
  step("a telephone does not speak of keys", !(await opener.isVisible()));
  await page.keyboard.press("?");
  const map = page.locator("dialog.keys[open]");
  step("a keyboard at a telephone opens the map", await map.isVisible());
  await context.close();
}

/** Where an arrow is not meant for the next lesson. */
const KEPT = [
  ".note .lines-of",
  ".sheet a[data-n]",
  ".excerpt figcaption a",
  ".scenario summary",
  ".exercise summary",
  ".exercise button",
];

/** Exactly these notes are lit. */
async function lit(page: Page, ids: readonly string[]): Promise<boolean> {
  const found = await page
    .locator(".note.lit")
    .evaluateAll((notes) => notes.map(({ id }) => id));
  return found.join() === ids.join();
}

function noteIds(page: Page): Promise<string[]> {
  return page
    .locator(".note:has(.lines-of)")
    .evaluateAll((notes) => notes.map(({ id }) => id));
}

/** The id of the note that has the focus, "" if none has. */
function focusedNote(page: Page): Promise<string> {
  return page.evaluate(
    () => document.activeElement?.closest(".note")?.id ?? "",
  );
}
