/**
 * A reader who brings colours of their own: nothing is drawn in ours, in their
 * dark and in their light, and what a background told apart has an edge.
 */

import type { Browser, BrowserContext, Page } from "playwright-core";
import { type Check, count, lessonsOf, needed } from "./check.ts";

/** What must have an edge on a page, perhaps once the focus is somewhere. */
type Edge = readonly [page: string, what: string, focus?: string];

const EDGES: readonly Edge[] = [
  ["", ".start"],
  ["coverage/", ".meter"],
  ["coverage/", 'nav a[aria-current="page"]'],
  ["questions/#c4", ".questions li:target"],
  ["source/raft.ts/#L20-L22", ".line.lit"],
  ["lessons/04-elect-self/", ".exercise button"],
  ["lessons/04-elect-self/", ".line.lit", ".line.noted > a"],
  ["lessons/04-elect-self/", ".note.lit", ".line.noted > a"],
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
      for (const [path, what, focus] of EDGES) {
        // By way of nowhere, so that the part behind # is looked up anew.
        await page.goto("about:blank");
        await page.goto(site.url + path);
        if (focus) await page.locator(focus).first().focus();
        if (await hasEdge(page, what)) continue;
        faults.push(`/${path}, ${colorScheme}: ${what} has no edge`);
      }
      await context.close();
    }
    return {
      checked: `${count(paints, "paint")}, ${count(2 * EDGES.length, "edge")}`,
      faults,
    };
  },
};

function readersColours(
  browser: Browser,
  colorScheme: "light" | "dark",
): Promise<BrowserContext> {
  return browser.newContext({ forcedColors: "active", colorScheme });
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
