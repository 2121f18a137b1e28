/**
 * Every drawing of a lesson has a name and a description, is there in words as
 * well, and says where it comes from: a run at this build, or somebody's hand.
 * All that it says stands in a table too.
 *
 * On a phone each is shown whole, or there is a shade where it goes on; and no
 * word is too small to be read.
 */

import { readFileSync } from "node:fs";
import path from "node:path";
import { JSDOM } from "jsdom";
import type { Page } from "playwright-core";
import { ROOT } from "../built.ts";
import { pictureNames } from "../engine/pictures.ts";
import { type Check, count, lessonsOf, needed } from "./check.ts";
import { fileOfPage } from "./html.ts";

export const drawings: Check = {
  name: "drawings",
  needsBrowser: false,
  async run(site) {
    const faults: string[] = [];
    let [runs, hands] = [0, 0];
    const modules = new Set(pictureNames(ROOT));
    for (const lesson of lessonsOf(site)) {
      const html = readFileSync(fileOfPage(site.dist, lesson), "utf8");
      const { document } = new JSDOM(html).window;
      for (const figure of document.querySelectorAll("figure.diagram")) {
        const caption = textOf(figure, "figcaption");
        const [, module] = /Drawn from a run by (\S+) /.exec(caption) ?? [];
        const byHand = caption.endsWith("Drawn by hand.");
        if (module) runs++;
        if (byHand) hands++;
        const missing = [
          ...lacks(figure),
          !module && !byHand ? "where it comes from" : "",
          module && !modules.has(path.basename(module, ".ts"))
            ? `the module ${module}`
            : "",
          figure.querySelector("details table") ? "" : "a table",
        ].filter((what) => what !== "");
        for (const what of missing) {
          faults.push(`/${lesson}: “${caption}” lacks ${what}`);
        }
        for (const what of idle(figure)) {
          faults.push(`/${lesson}: “${caption}” has ${what} for nothing`);
        }
      }
    }
    if (runs + hands === 0) faults.push("no lesson has a drawing");
    const all = `${count(runs, "drawing")} from runs, ${hands} by hand`;
    return { checked: all, faults };
  },
};

const PHONE = { width: 360, height: 800 };
const SMALLEST = 11;

export const onAPhone: Check = {
  name: "drawings on a phone",
  needsBrowser: true,
  async run(site, browser) {
    const page = await needed(browser).newPage({ viewport: PHONE });
    const faults = await faintShades(page, site.url);
    let [fitting, scrolling] = [0, 0];
    for (const lesson of lessonsOf(site)) {
      await page.goto(site.url + lesson);
      await page.evaluate(() => document.fonts.ready);
      for (const { name, fits, shade, smallest } of await shown(page)) {
        if (fits) fitting++;
        else scrolling++;
        const fault = (what: string) =>
          faults.push(`/${lesson}: ${name} ${what}`);
        if (!fits && !shade) fault("is cut off, and nothing says so");
        // Not a number, too, when it has no words.
        if (!(smallest >= SMALLEST && smallest < Infinity)) {
          fault(`has words of ${smallest} px`);
        }
      }
    }
    await page.close();
    const looked = { drawings: fitting + scrolling };
    const checked = `${fitting} drawings that fit, ${scrolling} that scroll`;
    return { checked, looked, faults };
  },
};

/** By how much of 255 a shade is lighter or darker than what it lies on. */
const FAINTEST = 24;

/** The shade at the edge of what scrolls is to be seen in light and in dark. */
async function faintShades(page: Page, url: string): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto(url);
    for (const ground of ["--paper", "--panel"]) {
      const step = await page.evaluate(shadeOn, ground);
      if (step >= FAINTEST) continue;
      faults.push(`${colorScheme}: the shade on ${ground} is ${step} of 255`);
    }
  }
  return faults;
}

function shadeOn(ground: string): number {
  const style = getComputedStyle(document.documentElement);
  const canvas = document.createElement("canvas").getContext("2d");
  const painted = [ground, "--shade"].map((name) => {
    if (canvas) canvas.fillStyle = style.getPropertyValue(name);
    canvas?.fillRect(0, 0, 1, 1);
    return canvas?.getImageData(0, 0, 1, 1).data[1] ?? 0;
  });
  return Math.abs((painted[0] ?? 0) - (painted[1] ?? 0));
}

interface Shown {
  readonly name: string;
  readonly fits: boolean;
  readonly shade: boolean;
  /** The size of its smallest words as they are on the screen, in pixels. */
  readonly smallest: number;
}

function shown(page: Page): Promise<Shown[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("figure.diagram > .drawing")].map((box) => {
      const svg = box.querySelector("svg");
      const scale = svg?.getScreenCTM()?.a ?? 0;
      const words = [...(svg?.querySelectorAll("text, foreignObject *") ?? [])];
      const sizes = words
        .filter((one) => one.textContent?.trim())
        .map((one) => Number.parseFloat(getComputedStyle(one).fontSize));
      return {
        name: `“${svg?.querySelector("title")?.textContent}”`,
        fits: box.scrollWidth <= box.clientWidth,
        shade: getComputedStyle(box).backgroundImage.includes("gradient"),
        smallest: Math.round(Math.min(...sizes) * scale * 10) / 10,
      };
    }),
  );
}

function lacks(figure: Element): string[] {
  const svg = figure.querySelector("svg");
  const title = svg?.querySelector(":scope > title");
  const named = svg?.getAttribute("aria-labelledby");
  return [
    svg?.getAttribute("role") === "img" ? "" : "the role of an image",
    title?.textContent && title.id === named ? "" : "a name",
    textOf(figure, "svg > desc") ? "" : "a description",
    textOf(figure, "details p") ? "" : "its words",
  ];
}

/** What it brings along and does not use: each reader would load it. */
function idle(figure: Element): string[] {
  const svg = figure.querySelector("svg");
  const text = svg?.outerHTML ?? "";
  const defined = [...(svg?.querySelectorAll("defs [id], marker") ?? [])];
  return defined
    .filter(({ id }) => !text.includes(`#${id})`) && !text.includes(`#${id}"`))
    .map(({ tagName, id }) => `<${tagName} id="${id}">`);
}

function textOf(figure: Element, selector: string): string {
  const text = figure.querySelector(selector)?.textContent ?? "";
  return text.replace(/\s+/g, " ").trim();
}
