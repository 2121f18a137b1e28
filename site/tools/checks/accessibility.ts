/**
 * axe finds nothing on any page, in the light theme and in the dark, and
 * nothing in the search when it is open. In the dark only the rules that look
 * at colours are asked again: a theme changes nothing else.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { type Check, count, needed } from "./check.ts";

export const AXE = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

export interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string }[];
}

export const accessibility: Check = {
  name: "axe, in both themes",
  needsBrowser: true,
  async run(site, browser) {
    const page = await needed(browser).newPage();
    await page.setViewportSize({ width: 1280, height: 900 });
    const faults: string[] = [];
    const look = async (where: string) => {
      for (const theme of ["light", "dark"]) {
        await page.evaluate((name) => {
          document.documentElement.dataset.theme = name;
        }, theme);
        for (const { id, help, nodes } of await violations(page, theme)) {
          const first = nodes[0]?.html.slice(0, 160) ?? "";
          faults.push(
            `${where} (${theme}): ${id}: ${help}; ` +
              `${count(nodes.length, "element")}, first ${first}`,
          );
        }
      }
    };
    for (const path of site.pages) {
      await page.goto(site.url + path);
      await page.addScriptTag({ content: AXE });
      await look(`/${path}`);
    }
    await page.goto(site.url);
    await page.addScriptTag({ content: AXE });
    await page.click("[data-search-open]");
    await page.fill("dialog.search input", "leader");
    await page.waitForSelector(".hits a");
    await look("the search, open");
    await page.close();
    return { checked: count(site.pages.length, "page"), faults };
  },
};

/** The page must have been given AXE. */
export async function violations(
  page: Page,
  theme: string,
): Promise<readonly Violation[]> {
  const values = ["color-contrast", "link-in-text-block"];
  const colours = { runOnly: { type: "rule", values } };
  const options = theme === "dark" ? colours : {};
  return page.evaluate(async (rules) => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(
          context: Document,
          options: object,
        ): Promise<{ violations: Violation[] }>;
      };
    };
    const { violations } = await axe.run(document, {
      resultTypes: ["violations"],
      ...rules,
    });
    return violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map(({ html }) => ({ html })),
    }));
  }, options);
}
