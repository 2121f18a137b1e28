/**
 * The card of a name, as readers meet it: with the pointer, with the keyboard
 * alone, with a finger at 360 px, and through axe in both themes. On the way
 * a name in the prose lights its lines, and a page that moves under a mouse at
 * rest opens nothing. Every line of one lesson and of one file is opened to see
 * that each name in it stands where it should.
 */

import { readFileSync } from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { nameAt, passagesOn, placesOn } from "../../client/names/data.ts";
import type { PassagesFile, TypesFile } from "../names/types.ts";
import { AXE, violations } from "./accessibility.ts";
import {
  type BuiltSite,
  type Check,
  count,
  needed,
  type Step,
  Steps,
} from "./check.ts";

const LESSON = "lessons/04-elect-self/";
const FILE = "source/commitment.ts/";
const CALL = "setCurrentTerm";

type Options = Parameters<Browser["newContext"]>[0];
type Walk = (page: Page, site: BuiltSite, step: Step) => Promise<void>;

export const card: Check = {
  name: "the card of a name: names by pointer, keyboard and touch",
  needsBrowser: true,
  async run(site, browser) {
    const steps = new Steps();
    const step = steps.from();
    const walks = [
      byPointer,
      byScrolling,
      byKeyboard,
      byMark,
      byManyClaims,
      mentions,
      everyLine,
      byAxe,
    ];
    for (const walk of walks) {
      await onPage(needed(browser), wide, (page) => walk(page, site, step));
    }
    await onPage(needed(browser), narrow, (page) => byTouch(page, site, step));
    await withoutScripts(needed(browser), site, step);
    return { checked: count(steps.taken, "step"), faults: steps.faults };
  },
};

const wide: Options = { viewport: { width: 1280, height: 800 } };
const narrow: Options = {
  viewport: { width: 360, height: 740 },
  hasTouch: true,
  isMobile: true,
};

async function onPage(
  browser: Browser,
  options: Options,
  walk: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await walk(page);
  await context.close();
}

// ---------------------------------------------------------------- the walks

const byPointer: Walk = async (page, site, step) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(site.url + LESSON, { waitUntil: "networkidle" });
  const ofNames = () => asked.filter((url) => /\/names\/|reader\./.test(url));
  await step("nothing of names is loaded at first", ofNames().length === 0);

  await pointAt(page, CALL);
  await step("pointing at a name opens its card", opened(page));
  await step("it says the type", says(page, `function ${CALL}(`));
  await step(
    "only the types were loaded, not the references",
    ofNames().every((url) => !url.includes("references.json")),
  );
  const box = await page.locator(".card .card-sentence").boundingBox();
  await page.mouse.move((box?.x ?? 0) + 5, (box?.y ?? 0) + 5, { steps: 8 });
  await page.waitForTimeout(600);
  await step("the pointer may enter the card", opened(page));
  await page.mouse.move(2, 400, { steps: 4 });
  await step("it closes when the pointer has gone", closed(page));

  await pointAt(page, CALL);
  await opened(page);
  await page.keyboard.press("Escape");
  await step("Escape closes it under the pointer", closed(page));

  await pointAt(page, CALL);
  await name(page, CALL).click();
  await page.waitForURL(/\/source\//);
  await step("a click goes to the definition", definedHere(page, CALL));
};

/** The page moves, the mouse does not: names pass under it, unasked. */
const byScrolling: Walk = async (page, site, step) => {
  await page.goto(site.url + LESSON);
  const { x, y } = await middleOf(page, CALL);
  await page.mouse.move(x, y + 200);
  await rest(page);
  // So that the name itself comes to lie under the mouse.
  await page.mouse.wheel(0, -200);
  await rest(page);
  await page.waitForTimeout(400);
  await step("scrolling under a mouse at rest opens no card", isClosed(page));
  await page.mouse.move(x + 3, y + 200);
  await step("the mouse's next move does", opened(page));
};

const byKeyboard: Walk = async (page, site, step) => {
  await page.goto(site.url + LESSON);
  const sheet = page.locator(`.sheet:has(:text("${CALL}"))`).first();
  const stops = () =>
    sheet.evaluate((one) => {
      const all = [...one.querySelectorAll<HTMLElement>(".line a")];
      return all.filter(({ tabIndex }) => tabIndex === 0).length;
    });
  const before = await stops();
  await sheet.locator(`.line:has-text("${CALL}") a[data-n]`).first().focus();
  await page.keyboard.press("ArrowRight");
  await step(
    "the right arrow goes from the number to the first name",
    focusOn(page, CALL),
  );
  await step("the focus opens the card", opened(page));
  await step("the card describes the name", described(page, CALL));
  await step("names are no stops of the Tab key", (await stops()) === before);
  await page.keyboard.press("ArrowRight");
  await step("the right arrow goes to the next name", focusOn(page, "r"));
  await page.keyboard.press("ArrowLeft");
  await step("the left arrow goes back", focusOn(page, CALL));
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  await step("Home goes to the first name", focusOn(page, CALL));
  await page.keyboard.press("ArrowDown");
  await page.waitForTimeout(100);
  await page.keyboard.press("ArrowUp");
  await step("down and up come back to the line", focusOn(page, CALL));
  await step("no arrow left the lesson", page.url().includes(LESSON));

  await page.keyboard.press("Enter");
  await step("Enter takes the focus into the card", inCard(page));
  await page.keyboard.press("Escape");
  await step("Escape closes the card", closed(page));
  await step("and the focus is back at the name", focusOn(page, CALL));

  await page.keyboard.press("r");
  await step("r lists the references", listed(page));
  await step("the focus is on the first of them", inUses(page));
  await step("their number is announced", announced(page));
  await page.keyboard.press("Escape");
  await step("Escape closes them", closed(page));
  await page.keyboard.press("Enter");
  for (let at = await cardStops(page); at > 0; at--) {
    await page.keyboard.press("Tab");
  }
  await step("Tab leaves the card behind its last link", closed(page));

  await sheet.locator(`.line:has-text("${CALL}") a[data-n]`).first().focus();
  await page.keyboard.press("ArrowRight");
  await focusOn(page, CALL);
  await page.keyboard.press("d");
  await page.waitForURL(/\/source\//);
  await step("d goes to the definition", definedHere(page, CALL));
  await page.keyboard.press("ArrowRight");
  await step("there too the arrow goes to its names", focusOn(page, CALL));
};

/** A marked line of the source lists every passage about it. */
const byMark: Walk = async (page, site, step) => {
  await page.goto(site.url + LESSON);
  const shown = page.locator(`.excerpt:has(.sheet :text("${CALL}"))`).first();
  const id = await shown.getAttribute("id");
  const line = shown.locator(`.line:has-text("${CALL}") a[data-n]`).first();
  const number = await line.getAttribute("data-n");
  await line.click();
  await page.waitForURL(/\/source\//);
  const mark = page.locator(`#L${number} a.mark`);
  const back = page.locator(`.card a[href$="/${LESSON}#${id}"]`);
  await page.mouse.move(2, 400);
  await mark.scrollIntoViewIfNeeded();
  await rest(page);
  await mark.hover();
  await step("pointing at a mark opens its card", opened(page));
  await step("one of its links leads back to the excerpt", back.isVisible());
  await page.keyboard.press("Escape");
  await step("Escape closes it", closed(page));
  await page.mouse.move(2, 400);
  await page.locator(`#L${number} a[data-n]`).focus();
  await page.keyboard.press("Tab");
  await step("the focus on a mark opens its card", opened(page));
  await page.keyboard.press("Tab");
  await step("Tab goes into it", inCard(page));
  await page.keyboard.press("Escape");
  await step("Escape closes it there", closed(page));
  await page.keyboard.press("r");
  await step("r opens it again and goes into it", inCard(page));
  await back.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/lessons\//);
  await step(
    "back to that very excerpt",
    new URL(page.url()).hash === `#${id}`,
  );
};

/** A line with several claims: each can be told from the others. */
const byManyClaims: Walk = async (page, site, step) => {
  const { line, claims } = crowded(site);
  await page.goto(`${site.url}source/${CROWDED}/#L${line}`);
  const mark = page.locator(`#L${line} a.mark`);
  await mark.scrollIntoViewIfNeeded();
  await rest(page);
  await page.mouse.move(2, 400);
  await mark.hover();
  await opened(page);
  const links = await page.locator(".card dd").evaluateAll((rows) =>
    rows.map((row) =>
      [...row.querySelectorAll("a")].map(({ textContent, href }) => ({
        text: textContent ?? "",
        href,
      })),
    ),
  );
  const texts = links.map(([first]) => first?.text ?? "");
  await step(
    `${claims} claims on line ${line}, each in its own words: ${texts}`,
    texts.length >= claims && new Set(texts).size === texts.length,
  );
  const tests = links.flatMap(([claim, test]) =>
    test ? [{ words: claim?.text ?? "", href: test.href }] : [],
  );
  await step("each claim leads to its test", tests.length === claims);
  for (const { words, href } of tests) {
    await page.goto(href);
    const lit = page.locator(".line.lit").allTextContents();
    await step(
      `${href} lights "${words}"`,
      lit.then((lines) => lines.join("").includes(JSON.stringify(words))),
    );
  }
};

const CROWDED = "raft.ts";

/** The line with the most claims, as the browser is told of them. */
function crowded(site: BuiltSite): { line: number; claims: number } {
  const file = path.join(site.dist, "names", CROWDED, "passages.json");
  const told = JSON.parse(readFileSync(file, "utf8")) as PassagesFile;
  const rows = told.passages.filter(([, , kind]) => kind === "claim");
  const lines = rows.map(([line]) => {
    const own = passagesOn(told, line).filter(({ kind }) => kind === "claim");
    return { line, claims: own.length };
  });
  return lines.sort((a, b) => b.claims - a.claims)[0] ?? { line: 0, claims: 0 };
}

const byTouch: Walk = async (page, site, step) => {
  await page.goto(site.url + LESSON);
  const tap = async (text: string) => {
    const { x, y } = await middleOf(page, text);
    await page.touchscreen.tap(x, y);
  };
  await tap(CALL);
  await step("a tap opens the card", opened(page));
  await step("and does not leave the page", page.url().includes(LESSON));
  await step("the card fits the screen", fits(page));
  await page.locator(".card button").tap();
  await step("a tap lists the references", listed(page));
  await step("the card fits the screen with them", fits(page));
  await step(
    "the page does not scroll sideways",
    page.evaluate(
      () => document.documentElement.scrollWidth <= window.innerWidth,
    ),
  );
  await page.touchscreen.tap(340, 730);
  await step("a tap elsewhere closes it", closed(page));
};

const mentions: Walk = async (page, site, step) => {
  await page.goto(site.url + LESSON);
  const mention = page
    .locator('main a.name:has(code:text-is("electSelf"))')
    .first();
  const text = ((await mention.textContent()) ?? "").trim();
  const exactly = async () => {
    await page.waitForSelector(".excerpt .line.lit");
    return page.evaluate((word) => {
      const own = new RegExp(`(?<![\\w$])${word}(?![\\w$])`);
      const lines = [...document.querySelectorAll(".excerpt .line")];
      return lines.every(
        (line) =>
          line.classList.contains("lit") ===
          own.test((line.textContent ?? "").replace(/"[^"]*"|\/\/.*/g, "")),
      );
    }, text);
  };
  const dark = () =>
    holds(page, () => document.querySelector(".excerpt .lit") === null);
  await mention.focus();
  await step(`focus on ${text} lights exactly its lines`, exactly());
  await page.keyboard.press("Escape");
  await step("Escape puts the light out", dark());
  await mention.hover();
  await step(`pointing at ${text} lights exactly its lines`, exactly());
  await page.mouse.move(2, 2);
  await step("it goes out when the pointer leaves", dark());
};

/** Opens every line, and reads the names of it and the text. */
const everyLine: Walk = async (page, site, step) => {
  for (const path of [LESSON, FILE]) {
    await page.goto(site.url + path);
    const before = await codeText(page);
    const lines = await page.evaluate(async () => {
      const read = [];
      for (const line of document.querySelectorAll("[data-names] .line")) {
        const target = line.querySelector("span") ?? line;
        target.dispatchEvent(
          new PointerEvent("pointerover", { bubbles: true }),
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 1500));
      for (const line of document.querySelectorAll("[data-names] .line")) {
        const block = line.closest<HTMLElement>("[data-names]");
        const number = line.querySelector<HTMLElement>("a[data-n]")?.dataset.n;
        const ids = [...line.querySelectorAll<HTMLAnchorElement>("a.id")];
        read.push({
          names: block?.dataset.names ?? "",
          number: Number(number),
          ids: ids.map((id) => ({ text: id.textContent ?? "", href: id.href })),
        });
      }
      return read;
    });
    await step(
      `/${path}: names change nothing of what is copied`,
      before === (await codeText(page)),
    );
    const wrong = lines.filter(
      (line) => !sameNames(site, line.names, line.number, line.ids),
    );
    const where = wrong.map(({ number }) => number).slice(0, 5);
    await step(
      `/${path}: the names of ${wrong.length} lines are not where they should ` +
        `be, first ${where.join(", ")}`,
      lines.length > 0 && wrong.length === 0,
    );
  }
};

const byAxe: Walk = async (page, site, step) => {
  for (const theme of ["light", "dark"]) {
    await page.goto(site.url + LESSON);
    await page.evaluate((name) => {
      document.documentElement.dataset.theme = name;
    }, theme);
    await page.locator(`.line:has-text("${CALL}") a[data-n]`).first().focus();
    await page.keyboard.press("ArrowRight");
    await opened(page);
    await page.keyboard.press("r");
    await listed(page);
    await page.addScriptTag({ content: AXE });
    const found = await violations(page, theme);
    const said = found.map(({ id, nodes }) => `${id} ${nodes[0]?.html ?? ""}`);
    await step(
      `axe, card open, ${theme}: ${said.join("; ")}`,
      found.length === 0,
    );
  }
};

async function withoutScripts(
  browser: Browser,
  site: BuiltSite,
  step: Step,
): Promise<void> {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(site.url + LESSON);
  const line = page.locator(`.line:has-text("${CALL}")`).first();
  await step("without scripts the code is there", line.isVisible());
  await context.close();
}

/** The code as a reader would copy it. */
function codeText(page: Page): Promise<string> {
  return page.evaluate(() =>
    [...document.querySelectorAll(".code")]
      .map((block) => {
        const selection = getSelection();
        selection?.selectAllChildren(block);
        const text = selection?.toString() ?? "";
        selection?.removeAllRanges();
        return text;
      })
      .join(""),
  );
}

// --------------------------------------------------------- what a step looks at

function name(page: Page, text: string) {
  return page.locator(`.sheet a.id:text-is("${text}")`).first();
}

async function pointAt(page: Page, text: string): Promise<void> {
  await page.mouse.move(2, 400);
  const line = page.locator(`.sheet .line:has-text("${text}")`).first();
  await line.scrollIntoViewIfNeeded();
  const { x, y } = await middleOf(page, text);
  await rest(page);
  await page.mouse.move(x, y + 40);
  await page.mouse.move(x, y, { steps: 4 });
  await name(page, text).waitFor();
  await page.mouse.move(x + 2, y);
}

/** Where the word stands first in the code, on the screen. */
function middleOf(page: Page, text: string): Promise<{ x: number; y: number }> {
  return page
    .locator(`.sheet .line:has-text("${text}")`)
    .first()
    .evaluate((line, word) => {
      line.scrollIntoView({ block: "center" });
      const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const node = walker.currentNode as Text;
        const at = node.data.indexOf(word);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        const { x, y, height } = range.getBoundingClientRect();
        return { x: x + 12, y: y + height / 2 };
      }
      throw new Error(`no ${word} on the line`);
    }, text);
}

/** Whether it comes true soon. */
async function holds<Told = undefined>(
  page: Page,
  read: (told: Told) => boolean,
  told?: Told,
): Promise<boolean> {
  try {
    await page.waitForFunction(read as never, told as never, { timeout: 5000 });
    return true;
  } catch {
    return false;
  }
}

/** Until a name under the mouse is meant again. */
function rest(page: Page): Promise<void> {
  return page.waitForTimeout(400);
}

async function isClosed(page: Page): Promise<boolean> {
  return (await page.locator(".card:popover-open").count()) === 0;
}

function opened(page: Page): Promise<boolean> {
  return holds(
    page,
    () => document.querySelector(".card:popover-open") !== null,
  );
}

function closed(page: Page): Promise<boolean> {
  return holds(
    page,
    () => document.querySelector(".card:popover-open") === null,
  );
}

function listed(page: Page): Promise<boolean> {
  return holds(
    page,
    () => document.querySelectorAll(".card .uses a").length > 1,
  );
}

function announced(page: Page): Promise<boolean> {
  return holds(page, () =>
    /^\d+ references? in \d+ files?$/.test(
      document.querySelector(".card [role=status]")?.textContent ?? "",
    ),
  );
}

function inCard(page: Page): Promise<boolean> {
  return holds(page, () => document.activeElement?.closest(".card") !== null);
}

function inUses(page: Page): Promise<boolean> {
  return holds(page, () => document.activeElement?.closest(".uses") !== null);
}

function cardStops(page: Page): Promise<number> {
  return page.locator(".card a, .card button").count();
}

function says(page: Page, text: string): Promise<boolean> {
  return page
    .locator(".card")
    .textContent()
    .then((all) => all?.includes(text) ?? false);
}

function focusOn(page: Page, text: string): Promise<boolean> {
  return holds(
    page,
    (wanted) =>
      document.activeElement?.matches("a.id") === true &&
      document.activeElement.textContent === wanted,
    text,
  );
}

function described(page: Page, text: string): Promise<boolean> {
  return holds(
    page,
    (word) => {
      const by = document.activeElement?.getAttribute("aria-describedby");
      const said = by && document.getElementById(by)?.textContent;
      return (
        Boolean(said?.includes(`function ${word}(`)) &&
        document.activeElement?.getAttribute("aria-expanded") === "true"
      );
    },
    text,
  );
}

function fits(page: Page): Promise<boolean> {
  return page.locator(".card").evaluate((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    return (
      left >= 0 && right <= clientWidth && top >= 0 && bottom <= clientHeight
    );
  });
}

/** The line that the address names declares the function. */
function definedHere(page: Page, text: string): Promise<boolean> {
  return holds(
    page,
    (word) =>
      new RegExp(`function\\*? ${word}\\(`).test(
        document.getElementById(location.hash.slice(1))?.textContent ?? "",
      ),
    text,
  );
}

function sameNames(
  site: BuiltSite,
  names: string,
  line: number,
  ids: readonly { readonly text: string; readonly href: string }[],
): boolean {
  const { pathname } = new URL(names.replace("*", "types"), site.url);
  const file = path.join(site.dist, pathname.slice(site.base.length));
  const types = JSON.parse(readFileSync(file, "utf8")) as TypesFile;
  const places = placesOn(types, line);
  return (
    places.length === ids.length &&
    places.every((place, at) => {
      const { definitions } = nameAt(types, place);
      const first = definitions.find(
        (one) => !one.file.startsWith("node_modules/"),
      );
      const target = first ? `/source/${first.file}/#L${first.line}` : "";
      const id = ids[at];
      return id?.text.length === place.length && id.href.endsWith(target);
    })
  );
}
