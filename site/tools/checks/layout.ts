/**
 * No page scrolls sideways, from 320 px to 1280 px. At 360 px a note stands
 * right under its last line, and before the next one. At 1280 px it begins
 * within 8 px of its first line, unless the note above it is in the way, and
 * 80 columns of code fit, in excerpts and on source pages. Two symbols next to
 * each other leave no room for notes beside them: there they stand under the
 * line. Each page is loaded once, and then made wider.
 */

import type { Page } from "playwright-core";
import {
  type Check,
  count,
  lessonsInEach,
  needed,
  sourcesOf,
} from "./check.ts";
import { narrow } from "./narrow.ts";

const WIDTHS = [320, 360, 768, 1280];
const COLUMNS = 80;

export const layout: Check = {
  name: "layout",
  needsBrowser: true,
  async run(site, browser) {
    const page = await needed(browser).newPage();
    const faults: string[] = [];
    const lessons = new Set(lessonsInEach(site));
    const sources = new Set(sourcesOf(site));
    const looked = {
      pages: site.pages.length,
      "notes at 360 px": 0,
      "notes at 1280 px": 0,
      "source pages": sources.size,
    };
    for (const path of site.pages) {
      await page.setViewportSize({ width: 320, height: 800 });
      await page.goto(site.url + path);
      await page.evaluate(() => document.fonts.ready);
      const fault = (what: string) => faults.push(`/${path}: ${what}`);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        const over = await tooWide(page);
        if (over > 0) fault(`${over} px too wide at ${width} px`);
        if (width === 360) {
          for (const said of await narrow(page)) fault(said);
        }
        if (lessons.has(path) && width === 360) {
          const found = await inlineNotes(page);
          looked["notes at 360 px"] += found.length;
          for (const said of found) if (said !== "") fault(said);
        }
      }
      if (lessons.has(path)) {
        const found = await notePlaces(page);
        looked["notes at 1280 px"] += found.length;
        for (const { good, said } of found) if (!good) fault(said);
        for (const said of await tooNarrow(page)) fault(said);
      }
      if (sources.has(path)) {
        const over = await columnsOver(page, COLUMNS);
        if (over > 0) fault(`${COLUMNS} columns are ${over} px too many`);
      }
    }
    await page.close();
    return {
      checked:
        `${count(site.pages.length, "page")} at ${WIDTHS.join(", ")} px, ` +
        `${count(looked["notes at 1280 px"], "note")}`,
      looked,
      faults,
    };
  },
};

/** How far the page can be scrolled sideways. */
function tooWide(page: Page): Promise<number> {
  return page.evaluate(() => {
    window.scrollTo({ left: 10_000, behavior: "instant" });
    const over = window.scrollX;
    window.scrollTo({ left: 0, behavior: "instant" });
    return over;
  });
}

/** What is wrong with the place of each note under its lines, or "". */
function inlineNotes(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>(".sheet .note")].map((note) => {
      const { top, bottom, right } = note.getBoundingClientRect();
      const name = `at 360 px note ${note.id || note.dataset.note}`;
      const sheet = note.closest(".lines");
      const lines = [...(sheet?.querySelectorAll(".line") ?? [])].filter(
        (line) => line.checkVisibility(),
      );
      const own = lines.filter((line) =>
        line.matches(`[data-notes~="${note.dataset.note}"]`),
      );
      const box = (line: Element | undefined) => line?.getBoundingClientRect();
      const [first, last] = [box(own[0]), box(own.at(-1))];
      if (!first || !last) return `${name} has no line`;
      if (right > window.innerWidth) return `${name} is cut off`;
      const next = box(lines[lines.indexOf(own.at(-1) as Element) + 1]);
      const before = bottom <= first.top + 1;
      if (before && own.length === lines.filter(isOwn).length) return "";
      if (top < last.bottom - 1) return `${name} is not under its last line`;
      const late = next !== undefined && next.top < bottom - 1;
      return late ? `${name} is not before the next line` : "";

      // A note on all of it stands before it.
      function isOwn(line: Element): boolean {
        return !line.classList.contains("grey");
      }
    }),
  );
}

function notePlaces(page: Page): Promise<{ good: boolean; said: string }[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("figure > .sheet .note")].map(
      (note) => {
        const number = note.dataset.note ?? "";
        const sheet = note.closest(".lines");
        const first = sheet?.querySelector(`[data-notes~="${number}"]`);
        const top = note.getBoundingClientRect().top;
        const line = first?.getBoundingClientRect().top ?? Number.NaN;
        const others = [...(sheet?.querySelectorAll(".note") ?? [])];
        const above = others[others.indexOf(note) - 1];
        const bottom = above?.getBoundingClientRect().bottom ?? 0;
        const off = Math.round(top - line);
        const pushed = bottom > line - 16;
        return {
          good: Math.abs(off) <= 8 || (pushed && off > 0),
          said: `note ${note.id || number} is ${off} px off its line`,
        };
      },
    ),
  );
}

function tooNarrow(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>(".excerpt .sheet")]
      .filter((sheet) => sheet.scrollWidth > sheet.clientWidth + 1)
      .map((sheet) => `${sheet.dataset.label} scrolls sideways at 1280 px`),
  );
}

/** By how much a line of so many columns is too long for a source page. */
function columnsOver(page: Page, columns: number): Promise<number> {
  return page.evaluate((length) => {
    const source = document.querySelector<HTMLElement>(".source");
    const line = source?.querySelector(".line");
    if (!source || !line) return Number.POSITIVE_INFINITY;
    const longest = line.cloneNode(true) as HTMLElement;
    for (const part of [...longest.childNodes]) {
      if (!(part as Element).matches?.("a[data-n]")) part.remove();
    }
    longest.append("0".repeat(length));
    line.after(longest);
    const over = source.scrollWidth - source.clientWidth;
    longest.remove();
    return over;
  }, columns);
}
