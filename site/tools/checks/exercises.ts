/**
 * A reader does the exercises: in the page every blank is empty and so nothing
 * runs, what a first look suggests does not hold, wrong answers are refused, the
 * reference holds and opens the reason, and every line is marked as right or
 * wrong, in colour and by a sign. Another answer takes back what was said of the
 * last one, and nothing is fetched for it before somebody asks for a run.
 */

import path from "node:path";
import type { Locator, Page } from "playwright-core";
import { judge } from "../exercises/judge.ts";
import { type Exercise, readExercises } from "../exercises/read.ts";
import { verdictWords } from "../exercises/words.ts";
import { type Check, count, lessonsOf, needed } from "./check.ts";

const ROOT = path.join(import.meta.dirname, "../../..");

export const exercises: Check = {
  name: "exercises, done in the page",
  needsBrowser: true,
  async run(site, browser) {
    const faults: string[] = [];
    let runs = 0;
    const page = await needed(browser).newPage();
    const fetched: string[] = [];
    page.on("request", (request) => fetched.push(request.url()));
    const waiting = new Map(readExercises(ROOT).map((one) => [one.name, one]));
    for (const lesson of lessonsOf(site)) {
      fetched.length = 0;
      await page.goto(site.url + lesson);
      const names = await page
        .locator(".exercise")
        .evaluateAll((all) => all.map(({ id }) => id.replace("exercise-", "")));
      if (fetched.some((url) => url.includes("judge"))) {
        faults.push(`/${lesson}: the judge is fetched before it is asked`);
      }
      for (const name of names) {
        const exercise = waiting.get(name);
        if (!exercise) {
          faults.push(`/${lesson}: no file says what exercise ${name} is`);
          continue;
        }
        waiting.delete(name);
        runs += await doExercise(page, exercise, (what) =>
          faults.push(`/${lesson}: ${name}: ${what}`),
        );
      }
    }
    await page.close();
    for (const name of waiting.keys()) faults.push(`no lesson shows ${name}`);
    return { checked: count(runs, "run"), faults };
  },
};

async function doExercise(
  page: Page,
  { name, script, given, reference, wrong }: Exercise,
  fault: (what: string) => void,
): Promise<number> {
  const form = page.locator(`#exercise-${name} form`);
  const fields = form.locator("input, select");
  const first = await fields.evaluateAll((all) =>
    all.map((one) => (one as HTMLInputElement).value),
  );
  if (first.join("") !== "") fault(`the blanks begin with ${first}`);
  const empty = Object.fromEntries(Object.keys(given).map((one) => [one, ""]));
  const all = [empty, given, ...wrong.map(({ answers }) => answers), reference];
  for (const answers of all) {
    for (const [blank, answer] of Object.entries(answers)) {
      const field = form.locator(`[name="${blank}"]`);
      const choose = await field.evaluate((one) => one.tagName === "SELECT");
      if (choose) await field.selectOption(answer);
      else await field.fill(answer);
    }
    const said = form.locator("[data-verdict]");
    if (await said.textContent()) fault("the last verdict stays");
    await form.locator("button").click();
    await said.filter({ hasText: /hold|has run/ }).waitFor();
    const text = (await said.textContent()) ?? "";
    const verdict = judge(script, answers);
    if (text !== verdictWords(verdict)) fault(`the page says "${text}"`);
    const { wrong, right } = verdict;
    if ((await marked(form, "failed")).join() !== wrong.join()) {
      fault(`the lines ${wrong} are not marked as wrong`);
    }
    if ((await marked(form, "held")).join() !== right.join()) {
      fault(`the lines ${right} are not marked as right`);
    }
    const answer = page.locator(`#exercise-${name} [data-answer]`);
    const opened = await answer.evaluate((one) => one.hasAttribute("open"));
    if (opened !== verdict.holds) fault("the reason opens when it holds");
  }
  return all.length;
}

/** The numbers of the script's lines with that mark and a sign, in order. */
function marked(form: Locator, kind: string): Promise<number[]> {
  return form
    .locator(`.line.${kind}`)
    .evaluateAll((all) =>
      all
        .filter((one) => getComputedStyle(one, "::after").content !== "none")
        .map((one) => Number((one as HTMLElement).dataset.at)),
    );
}
