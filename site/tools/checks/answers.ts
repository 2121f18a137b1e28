/**
 * Each answer has three sentences at most, in both languages; each question
 * whose lesson is written leads to the lesson, to a line and to a test, in the
 * list and on its own page; and a word of either language finds it.
 */

import type { Page } from "playwright-core";
import {
  questions as asked,
  type ReaderQuestion,
} from "../../data/questions.ts";
import { type BuiltSite, type Check, count, needed } from "./check.ts";

const MOST = 3;
const LISTS = ["questions/", "zh-cn/questions/"];

export const answers: Check = {
  name: "answers",
  needsBrowser: true,
  async run(site, browser) {
    const page = await needed(browser).newPage();
    const faults = asked.flatMap(answerFaults);
    for (const list of LISTS) {
      await page.goto(site.url + list);
      const found = [
        ...(await footFaults(page, site, list)),
        ...(await filterFaults(page)),
      ];
      faults.push(...found.map((one) => `/${list}: ${one}`));
    }
    for (const { id } of asked.filter(isAnswered)) {
      for (const list of LISTS) {
        const own = `${list}${id.toLowerCase()}/`;
        await page.goto(site.url + own, { waitUntil: "domcontentloaded" });
        const foot = await linksIn(page, ".question-foot");
        const missing = missingIn(site, list, id, foot);
        faults.push(...missing.map((what) => `/${own} ${what}`));
      }
    }
    await page.close();
    const answered = asked.filter(isAnswered).length;
    return {
      checked: `${count(asked.length, "question")}, ${answered} of them proved`,
      looked: { questions: asked.length, answers: answered },
      faults,
    };
  },
};

// ------------------------------------------------------------------ the data

function answerFaults({ id, answer }: ReaderQuestion): string[] {
  return (["en", "zh"] as const)
    .map((language) => [language, sentences(answer[language])] as const)
    .filter(([, number]) => number > MOST)
    .map(
      ([language, number]) =>
        `${id} is answered in ${number} sentences, ${language}`,
    );
}

/** A stop counts before a space or at the end; a Chinese one anywhere. */
export function sentences(text: string): number {
  const bare = text.replace(/`[^`]*`/g, "x").trim();
  const parts = bare.split(/(?<=[.!?])\s+|(?<=[。！？])/);
  return parts.filter((part) => part.trim() !== "").length;
}

/** Its lesson is written. */
function isAnswered({ kind, lesson, coming }: ReaderQuestion): boolean {
  return kind === "question" && lesson !== null && !coming;
}

// ----------------------------------------------------------------- the links

async function footFaults(
  page: Page,
  site: BuiltSite,
  list: string,
): Promise<string[]> {
  const faults: string[] = [];
  for (const { id } of asked.filter(isAnswered)) {
    const foot = await linksIn(page, `#${id.toLowerCase()} .question-foot`);
    faults.push(
      ...missingIn(site, list, id, foot).map((what) => `${id} ${what}`),
    );
  }
  return faults;
}

function linksIn(page: Page, selector: string): Promise<string[]> {
  return page
    .locator(`${selector} a`)
    .evaluateAll((links) =>
      links.map((link) => link.getAttribute("href") ?? ""),
    );
}

function missingIn(
  { base }: BuiltSite,
  list: string,
  id: string,
  links: readonly string[],
): string[] {
  const one = asked.find((question) => question.id === id);
  const lessons = `${base}${list.replace("questions/", "lessons/")}`;
  const number = String(one?.lesson).padStart(2, "0");
  const wanted: readonly (readonly [string, RegExp])[] = [
    ["a lesson", new RegExp(`^${lessons}${number}-[^#]*/$`)],
    ["a line", new RegExp(`^${base}source/.+/#L\\d+`)],
    ["a test", new RegExp(`^${base}proof/.+/#L\\d+-L\\d+$`)],
  ];
  return wanted
    .filter(([what]) => what !== "a test" || one?.unproved === undefined)
    .filter(([, pattern]) => !links.some((link) => pattern.test(link)))
    .map(([what]) => `does not lead to ${what}`);
}

// ---------------------------------------------------------------- the filter

/** A word of each language that only this question has, or few others. */
async function filterFaults(page: Page): Promise<string[]> {
  const faults: string[] = [];
  const input = page.locator("[data-filter] input");
  for (const { id, question } of asked) {
    const typed = [longest(question.en, LATIN), longest(question.zh, HAN)];
    for (const words of typed) {
      await input.fill(words);
      const shown = await page
        .locator("[data-question]:not([hidden])")
        .evaluateAll((items) => items.map((item) => item.id));
      if (!shown.includes(id.toLowerCase())) {
        faults.push(`"${words}" does not find ${id}`);
      }
      if (shown.length === asked.length) {
        faults.push(`"${words}" leaves all the questions`);
      }
    }
  }
  await input.fill("");
  return faults;
}

const LATIN = /\p{Script=Latin}+/gu;
const HAN = /\p{Script=Han}+/gu;

/** A long word, or a clause of Chinese. */
function longest(text: string, letters: RegExp): string {
  const words = text.match(letters) ?? [];
  return words.sort((a, b) => b.length - a.length)[0] ?? text;
}
