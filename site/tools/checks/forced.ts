/**
 * A reader who brings colours of their own: nothing is drawn in ours, in their
 * dark and in their light, and what a background told apart has an edge, the
 * line that an address names also without scripts.
 */

import type { Browser, BrowserContext, Page } from "playwright-core";
import { type Check, count, lessonsOf, needed } from "./check.ts";

/** What must have an edge on a page, perhaps once a reader did something. */
type Edge = readonly [page: string, what: string, first?: Deed];
type Deed = (page: Page) => Promise<void>;

const toNote: Deed = (page) => page.locator(".line.noted > a").first().focus();

/** The term is wrong, and the rest is right. */
const answer: Deed = async (page) => {
  const form = page.locator("#exercise-04-who-leads-in-the-end form");
  await form.locator("[name=leader]").selectOption("s2");
  await form.locator("[name=term]").fill("2");
  await form.locator("[name=vote]").selectOption("s2");
  await form.locator("button").click();
};

const EDGES: readonly Edge[] = [
  ["", ".start"],
  ["coverage/", ".meter"],
  ["coverage/", 'nav a[aria-current="page"]'],
  ["questions/#c4", ".questions li:target"],
  ["source/raft.ts/#L20-L22", ".line.lit"],
  ["source/raft.ts/#L20-L22", ".line.lit > a[data-n]"],
  ["lessons/04-elect-self/", ".exercise button"],
  ["lessons/04-elect-self/", ".line.lit", toNote],
  ["lessons/04-elect-self/", ".note.lit", toNote],
  ["lessons/04-elect-self/", ".line.failed", answer],
  ["lessons/04-elect-self/", ".line.held", answer],
];

const WITHOUT_SCRIPTS: readonly Edge[] = [
  ["source/raft.ts/#L20", ".line:target"],
  ["source/raft.ts/#L20", ".line:target > a[data-n]"],
];

export const forced: Check = {
  name: "forced colours",
  needsBrowser: true,
  async run(site, browser) {
    const faults: string[] = [];
    let paints = 0;
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await readersColours(needed(browser), colorScheme);
      const page = await context.newPage();
      for (const path of ["", ...lessonsOf(site)]) {
        await page.goto(site.url + path);
        const { all, ours } = await paintsOf(page);
        paints += all;
        for (const one of ours) faults.push(`/${path}, ${colorScheme}: ${one}`);
      }
      const bare = await edgeless(page, site.url, EDGES);
      await context.close();
      const still = await readersColours(needed(browser), colorScheme, false);
      const plain = await still.newPage();
      bare.push(...(await edgeless(plain, site.url, WITHOUT_SCRIPTS)));
      await still.close();
      for (const one of bare) {
        faults.push(`/${one}, ${colorScheme}, has no edge`);
      }
    }
    const edges = EDGES.length + WITHOUT_SCRIPTS.length;
    return {
      checked: `${count(paints, "paint")}, ${count(2 * edges, "edge")}`,
      faults,
    };
  },
};

function readersColours(
  browser: Browser,
  colorScheme: "light" | "dark",
  javaScriptEnabled = true,
): Promise<BrowserContext> {
  return browser.newContext({
    forcedColors: "active",
    colorScheme,
    javaScriptEnabled,
  });
}

/** What has no edge, and where. */
async function edgeless(
  page: Page,
  url: string,
  edges: readonly Edge[],
): Promise<string[]> {
  const found: string[] = [];
  for (const [path, what, first] of edges) {
    // By way of nowhere, so that the part behind # is looked up anew.
    await page.goto("about:blank");
    await page.goto(url + path);
    await first?.(page);
    if (!(await hasEdge(page, what))) found.push(`${path}: ${what}`);
  }
  return found;
}

/** How drawings are painted, and each paint that is none of the reader's. */
function paintsOf(page: Page) {
  return page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.forcedColorAdjust = "none";
    const theirs = new Set(
      ["Canvas", "CanvasText", "LinkText", "VisitedText"].map((name) => {
        probe.style.color = name;
        return getComputedStyle(probe).color;
      }),
    );
    probe.remove();
    const drawn = document.querySelectorAll("main svg[viewBox] :not(defs *)");
    const ours = new Set<string>();
    let all = 0;
    for (const part of drawn) {
      if (
        !(part instanceof SVGGeometryElement || part instanceof SVGTextElement)
      )
        continue;
      if (part.closest("svg")?.getAttribute("aria-hidden") === "true") continue;
      const { fill, stroke } = getComputedStyle(part);
      for (const [how, paint] of [
        ["filled", fill],
        ["drawn", stroke],
      ] as const) {
        if (paint === "none" || paint.startsWith("url")) continue;
        if (/^rgba\(.*, 0\)$/.test(paint)) continue;
        all++;
        if (theirs.has(paint)) continue;
        const title = part.closest("svg")?.querySelector("title")?.textContent;
        ours.add(`${part.tagName} is ${how} ${paint} in “${title}”`);
      }
    }
    return { all, ours: [...ours] };
  });
}

async function hasEdge(page: Page, what: string): Promise<boolean> {
  const part = page.locator(what).first();
  try {
    await part.waitFor({ state: "attached", timeout: 3000 });
  } catch {
    return false;
  }
  return part.evaluate((element) => {
    const style = getComputedStyle(element);
    const wide = (width: string) => Number.parseFloat(width) > 0;
    return (
      (style.outlineStyle !== "none" && wide(style.outlineWidth)) ||
      (style.borderTopStyle !== "none" && wide(style.borderTopWidth))
    );
  });
}
