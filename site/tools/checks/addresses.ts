/**
 * A line of a source page has an address, however one comes to it: with the
 * page, by a change of the address, by going back. It is in view, it is lit,
 * it has the focus. A range lights exactly its lines, in either order.
 */

import type { Page } from "playwright-core";
import { type BuiltSite, type Check, count, needed } from "./check.ts";

const FILE = "source/raft.ts/";
const RANGES = ["#L10-L20", "#L20-L10"];
const RANGE = Array.from({ length: 11 }, (_, i) => 10 + i);

export const addresses: Check = {
  name: "the address of a line",
  needsBrowser: true,
  async run(site, browser) {
    const faults: string[] = [];
    let steps = 0;
    const step = (what: string, wrong: string | undefined) => {
      steps++;
      if (wrong !== undefined) faults.push(`/${FILE}: ${what}: ${wrong}`);
    };
    const page = await needed(browser).newPage();
    await page.setViewportSize({ width: 1280, height: 900 });

    await open(page, site, "#L300");
    step("#L300 on load", await notAt(page, [300]));
    await page.evaluate(() => {
      location.hash = "#L80";
    });
    step("#L80 in the address", await notAt(page, [80]));
    await page.goBack();
    step("back to #L300", await notAt(page, [300]));
    await page.goForward();
    step("forward to #L80", await notAt(page, [80]));

    for (const range of RANGES) {
      await open(page, site, range);
      step(`${range} on load`, await notAt(page, RANGE));
    }
    await page.locator("#L80 a[data-n]").click();
    step("a click on 80", await notAt(page, [80]));
    await page.goBack();
    step("back to the range", await notAt(page, RANGE));
    await page.close();
    return { checked: count(steps, "step"), faults };
  },
};

/** By way of nowhere, so that it is a load and no change of the address. */
async function open(page: Page, site: BuiltSite, hash: string): Promise<void> {
  await page.goto("about:blank");
  await page.goto(site.url + FILE + hash);
}

interface Seen {
  readonly lit: readonly number[];
  readonly focus: number;
  readonly inView: boolean;
}

/** How what is seen differs from these lines, once it has settled. */
async function notAt(
  page: Page,
  lines: readonly number[],
): Promise<string | undefined> {
  for (let look = 0; ; look++) {
    const wrong = difference(await see(page, lines[0] ?? 0), lines);
    if (wrong === undefined || look === 40) return wrong;
    await page.waitForTimeout(50);
  }
}

function difference(
  { lit, focus, inView }: Seen,
  lines: readonly number[],
): string | undefined {
  if (lit.join() !== lines.join()) return `lights ${lit.join(", ")}`;
  if (focus !== lines[0]) return `the focus is on ${focus}`;
  return inView ? undefined : "it is out of view";
}

function see(page: Page, line: number): Promise<Seen> {
  return page.evaluate((first) => {
    const numberIn = (part: Element | null) =>
      Number(part?.querySelector<HTMLElement>("a[data-n]")?.dataset.n);
    const { top = -1, bottom = -1 } =
      document.getElementById(`L${first}`)?.getBoundingClientRect() ?? {};
    const focused = document.activeElement?.closest(".line") ?? null;
    return {
      lit: [...document.querySelectorAll(".line.lit")].map(numberIn),
      focus: numberIn(focused),
      inView: top >= 0 && bottom <= window.innerHeight,
    };
  }, line);
}
