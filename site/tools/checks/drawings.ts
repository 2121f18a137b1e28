/**
 * Every drawing of a lesson has a name and a description, is there in words as
 * well, and says where it comes from: a run at this build, or somebody's hand.
 * All that it says stands in a table too.
 */

import { readFileSync } from "node:fs";
import path from "node:path";
import { JSDOM } from "jsdom";
import { ROOT } from "../built.ts";
import { pictureNames } from "../engine/pictures.ts";
import { type Check, count, lessonsOf } from "./check.ts";
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
