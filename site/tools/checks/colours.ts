/**
 * Every colour of a token, a number or a note has a contrast of 4.5 or more on
 * what it can stand on: paper, panel, and a line that is lit; in both themes.
 * And the theme that is wanted is there before the first frame is drawn.
 */

import type { Browser } from "playwright-core";
import { type Check, count, needed } from "./check.ts";

const INKS = [
  "--ink",
  "--ink-soft",
  "--link",
  "--pencil",
  "--code-comment",
  "--code-string",
  "--code-number",
  "--code-keyword",
  "--code-type",
  "--code-function",
];
const GROUNDS = ["--paper", "--panel", "--lit"];
const LEAST = 4.5;

export const colours: Check = {
  name: "colours",
  needsBrowser: true,
  async run(site, browser) {
    const page = await needed(browser).newPage();
    await page.goto(site.url);
    const faults: string[] = [];
    let least = 21;
    let pairs = 0;
    for (const theme of ["light", "dark"]) {
      const values = await page.evaluate(
        ({ theme, names }) => {
          document.documentElement.dataset.theme = theme;
          const style = getComputedStyle(document.documentElement);
          return names.map((name) => style.getPropertyValue(name).trim());
        },
        { theme, names: [...INKS, ...GROUNDS] },
      );
      INKS.forEach((ink, i) => {
        GROUNDS.forEach((ground, j) => {
          pairs++;
          const inkValue = values[i] ?? "";
          const groundValue = values[INKS.length + j] ?? "";
          const found = contrast(inkValue, groundValue);
          least = Math.min(least, found);
          if (found >= LEAST) return;
          faults.push(`${theme}: ${ink} on ${ground} is ${found.toFixed(2)}`);
        });
      });
    }
    await page.close();
    const flashes = await flashesOf(needed(browser), site.url);
    faults.push(...flashes);
    return {
      checked: `${count(pairs, "pair")}, the least ${least.toFixed(2)}`,
      faults,
    };
  },
};

const STORED = ["light", "dark", ""] as const;

/** Frames in another theme than the stored one, or else the system's. */
async function flashesOf(browser: Browser, url: string): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    for (const stored of STORED) {
      const context = await browser.newContext({ colorScheme });
      const page = await context.newPage();
      await page.addInitScript(recordFrames, stored);
      await page.goto(url, { waitUntil: "networkidle" });
      const themes = await page.evaluate(
        () => (window as unknown as { themes: string[] }).themes,
      );
      const wanted = stored || colorScheme;
      const wrong = themes.filter((theme) => theme !== wanted);
      if (themes.length === 0 || wrong.length > 0) {
        faults.push(
          `${colorScheme} system, ${stored || "nothing"} stored: ` +
            `${wrong.length} of ${themes.length} frames in another theme`,
        );
      }
      await context.close();
    }
  }
  return faults;
}

/** Within the page: the theme at each frame that has something to draw. */
function recordFrames(stored: string): void {
  if (stored) localStorage.setItem("starlight-theme", stored);
  const themes: string[] = [];
  Object.assign(window, { themes });
  const note = () => {
    if (document.body)
      themes.push(document.documentElement.dataset.theme ?? "");
    if (performance.now() < 1500) requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
}

/** As WCAG reckons it; colours are written "#rrggbb". */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort(
    (a, b) => a - b,
  );
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const [red = 0, green = 0, blue = 0] = parts;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
