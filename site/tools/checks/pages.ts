/**
 * What single pages say is what the engine and the data say: coverage.json,
 * how much of each file of v1.1.1 is here, every row of the rules, the minutes
 * of every route, and at the head of each lesson its minutes and what it
 * assumes. Who has ninety minutes is not given more. A lesson that names
 * another, or a thread of upstream, leads there; a break leads to the lines
 * that it changes.
 */

import { readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { JSDOM } from "jsdom";
import { mutants } from "../../../test/mutants/mutants.ts";
import { ANSWER_MINUTES, type Route, routes } from "../../data/routes.ts";
import { type Rule, rules } from "../../data/rules.ts";
import { backlinks } from "../engine/backlinks.ts";
import { coverage } from "../engine/coverage.ts";
import type { Lesson } from "../engine/types.ts";
import { pointers, shelfOf } from "../pointers.ts";
import { type BuiltSite, type Check, count, lessonsInEach } from "./check.ts";
import { fileOfPage } from "./html.ts";
import { lessonOn, world } from "./source.ts";

const MOST = 90;

export const pages: Check = {
  name: "single pages",
  needsBrowser: false,
  async run(site) {
    const read = (page: string) => documentOf(site, page);
    const lessons = lessonsInEach(site);
    const counted = countsOn(read("go/"));
    const questions = site.pages.filter((page) => /questions\/c/.test(page));
    const faults = [
      ...coverageFaults(site),
      ...countFaults(counted, countsOn(read("upstream/"))),
      ...ruleFaults(read("rules/")),
      ...["", "zh-cn/"].flatMap((locale) => {
        const page = `${locale}routes/`;
        return routeFaults(read(page)).map((one) => `/${page}: ${one}`);
      }),
      ...lessons.flatMap((page) => {
        const document = read(page);
        return [
          ...headFaults(site, page, document),
          ...pointerFaults(page, document),
          ...breakFaults(document),
        ].map((one) => `/${page}: ${one}`);
      }),
      ...questions.flatMap((page) =>
        breakFaults(read(page)).map((one) => `/${page}: ${one}`),
      ),
    ];
    return {
      checked:
        `${count(rules.length, "rule")}, ${count(routes.length, "route")}, ` +
        `the heads of ${count(lessons.length, "lesson")}`,
      looked: {
        rules: rules.length,
        routes: routes.length,
        lessons: lessons.length,
        "files of raft/": world().index.files.size,
        "files of v1.1.1 on /go/": counted.size,
      },
      faults,
    };
  },
};

function documentOf(site: BuiltSite, page: string): Document {
  const html = readFileSync(fileOfPage(site.dist, page), "utf8");
  return new JSDOM(html).window.document;
}

function textOf(part: ParentNode | null, selector: string): string {
  const text = part?.querySelector(selector)?.textContent ?? "";
  return text.replace(/\s+/g, " ").trim();
}

function coverageFaults({ dist }: BuiltSite): string[] {
  const { index, lessons } = world();
  const wanted = coverage(index, backlinks(lessons, index));
  const file = path.join(dist, "coverage.json");
  const built: unknown = JSON.parse(readFileSync(file, "utf8"));
  const same = isDeepStrictEqual(built, JSON.parse(JSON.stringify(wanted)));
  return same ? [] : ["/coverage.json is not what the engine counts"];
}

// ------------------------------------------------------------ what is of Go

/** By file, what stands behind its name. */
type Counts = ReadonlyMap<string, string>;

/**
 * Both pages count the same, and say what; where one says why nothing is here,
 * the other counts nothing. commitment.go is known by heart.
 */
function countFaults(go: Counts, upstream: Counts): string[] {
  const faults = [...go].flatMap(([file, said]) => {
    const told = upstream.get(file) ?? "nothing";
    const [, many = "0 of "] = /^(.+) here$/.exec(said) ?? [];
    const same = told.startsWith(many);
    return same ? [] : [`/go/ says ${said} of ${file}, /upstream/ ${told}`];
  });
  const known = upstream.get("commitment.go");
  if (known !== "6 of 6 declarations and 4 of 5 fields") {
    faults.push(`/upstream/ says ${known} of commitment.go`);
  }
  return faults;
}

function countsOn(page: Document): Counts {
  const heads = [...page.querySelectorAll("details > summary")].map((head) => {
    const count = textOf(head, ".small");
    const [file = ""] = (head.textContent ?? "").trim().split(/\s/);
    return [file, count] as const;
  });
  return new Map(heads.filter(([file]) => file.endsWith(".go")));
}

// -------------------------------------------------------------------- rules

function ruleFaults(document: Document): string[] {
  const shown = [...document.querySelectorAll("ul.rules > li")];
  const faults = rules.flatMap((rule) => {
    const row = shown.find(({ id }) => id === rule.id);
    return row ? rowFaults(rule, row) : [`${rule.id} is missing`];
  });
  const more = shown.length === rules.length ? [] : [`${shown.length} rows`];
  return [...faults, ...more].map((one) => `/rules/: ${one}`);
}

function rowFaults(
  { id, rule, code, tla, proof }: Rule,
  row: Element,
): string[] {
  const parts = [...row.querySelectorAll(".kept")];
  const [kept, red] = [parts[0], parts.at(-1)];
  const actions = parts.length === 3 ? parts[1]?.querySelectorAll("a") : [];
  const links = [...(kept?.querySelectorAll("a") ?? [])];
  const named = "mutant" in proof ? mutantName(proof.mutant) : proofName(proof);
  const said = (red?.textContent ?? "").replace(/\s+/g, " ");
  return [
    textOf(row, ".rule") === rule ? "" : "does not say the rule",
    links.length === code.length ? "" : `links to ${links.length} symbols`,
    actions?.length === tla.length ? "" : "does not name its actions",
    said.includes(named) ? "" : `does not say “${named}”`,
  ]
    .filter((what) => what !== "")
    .map((what) => `${id} ${what}`);
}

function mutantName(number: number): string {
  const found = mutants.find(({ name }) => name.startsWith(`${number} `));
  return found?.name ?? `mutant ${number}`;
}

function proofName(
  proof: Exclude<Rule["proof"], { readonly mutant: number }>,
): string {
  return "claim" in proof ? proof.claim : proof.test;
}

// ------------------------------------------------------------------- routes

function english(number: number): Lesson | undefined {
  return world().lessons.find(
    ({ locale, front }) => locale === "en" && front.number === number,
  );
}

function minutesOf({ stages }: Route): number {
  const answers = stages.flatMap(({ answers = [] }) => answers);
  return stages
    .flatMap(({ lessons }) => lessons)
    .reduce(
      (sum, one) => sum + (english(one)?.front.minutes ?? 0),
      answers.length * ANSWER_MINUTES,
    );
}

function routeFaults(document: Document): string[] {
  return routes.flatMap((route) => {
    const minutes = minutesOf(route);
    const section = document.getElementById(route.id)?.parentElement ?? null;
    const said = Number(/\d+/.exec(textOf(section, "p .soft"))?.[0]);
    const shown = section?.querySelectorAll("a[data-lesson]").length ?? 0;
    const wanted = route.stages.flatMap(({ lessons }) => lessons).length;
    const briefly =
      section?.querySelectorAll('a[href$="#the-answer"]').length ?? 0;
    const answers = route.stages.flatMap(({ answers = [] }) => answers).length;
    return [
      said === minutes ? "" : `says ${said} minutes, and takes ${minutes}`,
      shown === wanted ? "" : `shows ${shown} lessons of ${wanted}`,
      briefly === answers ? "" : `shows ${briefly} answers of ${answers}`,
      route.id === "ninety-minutes" && minutes > MOST
        ? `takes ${minutes} minutes`
        : "",
    ]
      .filter((what) => what !== "")
      .map((what) => `${route.id} ${what}`);
  });
}

// ------------------------------------------------------------- lesson heads

function headFaults(
  site: BuiltSite,
  page: string,
  document: Document,
): string[] {
  const { minutes, assumes } = lessonOn(page).front;
  const said = / (\d+) (?:min|分钟)/.exec(textOf(document, ".lesson-place"));
  const facts = document.querySelector(".lesson-facts");
  const links = [...(facts?.querySelectorAll("a[href*='/lessons/']") ?? [])];
  const folder = page.replace(/lessons\/.*$/, "lessons/");
  const wanted = assumes.map((name) =>
    `${site.base}${folder}${slugOf(name)}/`.toLowerCase(),
  );
  const shown = links.map((link) => link.getAttribute("href"));
  return [
    Number(said?.[1]) === minutes ? "" : `does not say its ${minutes} minutes`,
    shown.join() === wanted.join()
      ? ""
      : `assumes ${wanted.join(", ")}, and says ${shown.join(", ")}`,
  ].filter((what) => what !== "");
}

/** In code, in a heading and in a link a number stays a number. */
const NO_LINK_IN = "a, code, pre, svg, summary, h1, h2, h3, h4";

/** Another lesson and a thread of upstream are led to wherever they are named. */
function pointerFaults(page: string, document: Document): string[] {
  const shelf = shelfOf(world().lessons.map(({ slug }) => slug));
  const { number } = lessonOn(page).front;
  const prose = document.querySelector(".sl-markdown-content");
  const texts = [...(prose?.querySelectorAll("p, li, td, dd") ?? [])]
    .flatMap((part) => [...part.childNodes])
    .filter(({ nodeType }) => nodeType === document.TEXT_NODE)
    .filter(({ parentElement }) => !parentElement?.closest(NO_LINK_IN));
  return texts
    .flatMap((text) => pointers(text.textContent ?? "", shelf, number))
    .filter(({ href }) => href !== undefined)
    .map(({ text, href }) => `"${text}" is no link to ${href}`);
}

/** A break leads to the lines that it changes, and is no torn sentence. */
function breakFaults(document: Document): string[] {
  return [...document.querySelectorAll(".claim-break")].flatMap((change) => {
    const sentence = change.matches("p") ? (change.textContent ?? "") : "";
    const lost = textsOf(change).filter((text) => !leadsTo(change, text));
    return [
      ...lost.map((text) => `a break has no link to the lines of ${text}`),
      ...(sentence.includes("\n")
        ? [`several lines in a sentence: ${sentence}`]
        : []),
    ];
  });
}

/** What stands in the source as long as nobody makes the change. */
function textsOf(change: Element): string[] {
  const said = change.matches("p")
    ? [change.querySelector(":scope > code")?.textContent ?? ""]
    : [...change.querySelectorAll("pre > :is(span, del)")].map(
        (line) => line.textContent?.slice(1).trim() ?? "",
      );
  return said.filter((text) => text !== "");
}

function leadsTo(change: Element, text: string): boolean {
  const link = change.querySelector("a[href*='/source/']");
  const place = /\/source\/(.+)\/#L(\d+)(?:-L(\d+))?$/;
  const [, file = "", start, end = start] =
    place.exec(link?.getAttribute("href") ?? "") ?? [];
  const lines = world().index.files.get(file)?.lines ?? [];
  return lines
    .slice(Number(start) - 1, Number(end))
    .join("\n")
    .includes(text);
}

/** A lesson is assumed by its number or by its name. */
function slugOf(name: string): string {
  return english(Number(name))?.slug ?? name;
}
