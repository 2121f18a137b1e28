/**
 * What an excerpt shows is what the engine answers for its address: those very
 * lines under their true numbers, as the file has them but for the indent, and
 * folded where no note speaks. Every number, caption and note leads to the
 * place it names, a note also to every claim about its lines, and each line of
 * the source leads back to the excerpt. What is copied is the code alone.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { passagesOn } from "../../client/names/data.ts";
import { foldsOf } from "../../lib/folds.ts";
import { bind } from "../engine/binding.ts";
import { resolveExcerpt } from "../engine/excerpt.ts";
import { Problem } from "../engine/fault.ts";
import type {
  Lesson,
  LessonExcerpt,
  LineRange,
  ResolvedExcerpt,
} from "../engine/types.ts";
import type { PassagesFile } from "../names/types.ts";
import {
  type BuiltSite,
  type Check,
  count,
  lessonsInEach,
  needed,
  sourcesOf,
} from "./check.ts";
import { lessonOn, world } from "./source.ts";

export const excerpts: Check = {
  name: "excerpts",
  needsBrowser: true,
  async run(site, browser) {
    const faults: string[] = [];
    const looked = { excerpts: 0, lines: 0, notes: 0, "code blocks": 0 };
    const marks = await markedLines(site, needed(browser));
    const page = await needed(browser).newPage();
    for (const path of lessonsInEach(site)) {
      await page.goto(site.url + path);
      const lesson = lessonOn(path);
      const figures = await figuresOn(page);
      const blocks = await copied(page);
      looked.excerpts += figures.length;
      looked.lines += figures.flatMap(linesOf).length;
      looked.notes += figures.flatMap(({ notes }) => notes).length;
      looked["code blocks"] += blocks.length;
      const found = [
        ...lesson.excerpts.flatMap((one, i) =>
          figureFaults(site, one, figures[i]),
        ),
        ...noteFaults(site, lesson, figures),
        ...figures.flatMap((figure) => claimFaults(lesson, figure)),
        ...figures.flatMap(linesOf).flatMap(oneWay(site, path, marks)),
        ...blocks.filter(({ as }) => as !== "code").map(sayCopied),
      ];
      if (figures.length !== lesson.excerpts.length) {
        const has = count(lesson.excerpts.length, "excerpt");
        found.push(`the lesson has ${has}, the page ${figures.length}`);
      }
      faults.push(...found.map((one) => `/${path}: ${one}`));
    }
    await page.close();
    const { lines, excerpts: all, notes } = looked;
    return {
      checked:
        `${count(lines, "line")} of ${count(all, "excerpt")} ` +
        `with ${count(notes, "note")}`,
      looked,
      faults,
    };
  },
};

// ----------------------------------------------------------------- the page

interface Figure {
  readonly id: string;
  readonly sheets: readonly Sheet[];
  readonly notes: readonly Note[];
}

interface Sheet {
  readonly lines: readonly Line[];
  /** Where the links above it lead. */
  readonly caption: readonly string[];
}

interface Line {
  /** The excerpt it is shown in, by its id. */
  readonly id: string;
  /** Around what is shown, and not part of it. */
  readonly grey: boolean;
  readonly noted: boolean;
  readonly folded: boolean;
  readonly number: number;
  readonly link: string;
  readonly text: string;
}

interface Note {
  /** Every id in it: a note's own, or that of the claim that it shows. */
  readonly ids: readonly string[];
  readonly link: string;
  /** The claims about its lines, by their ids. */
  readonly claims: readonly string[];
  /** The numbers of the lines that it lights. */
  readonly lights: readonly number[];
}

function linesOf({ sheets }: Figure): Line[] {
  return sheets.flatMap(({ lines }) => lines);
}

function figuresOn(page: Page): Promise<Figure[]> {
  return page.evaluate(() => {
    const linkOf = (part: Element | null | undefined) =>
      part?.getAttribute("href") ?? "";
    const numberOf = (line: Element) =>
      Number(line.querySelector<HTMLElement>("a[data-n]")?.dataset.n);
    return [...document.querySelectorAll("figure[data-excerpt]")].map(
      (figure) => ({
        id: figure.id,
        sheets: [...figure.querySelectorAll(".sheet")].map((sheet) => ({
          lines: [...sheet.querySelectorAll(".line")].map((line) => ({
            id: figure.id,
            grey: line.classList.contains("grey"),
            noted: line.classList.contains("noted"),
            folded: line.closest(".code-fold") !== null,
            number: numberOf(line),
            link: linkOf(line.querySelector("a[data-n]")),
            text: (line.textContent ?? "").replace(/\n$/, ""),
          })),
          caption: [
            ...(sheet.previousElementSibling?.querySelectorAll("a") ?? []),
          ].map(linkOf),
        })),
        notes: [...figure.querySelectorAll<HTMLElement>(".note")].map(
          (note) => ({
            ids: [note, ...note.querySelectorAll("[id]")].map(({ id }) => id),
            link: linkOf(note.querySelector(".lines-of")),
            claims: [...note.querySelectorAll(".proved")].map((link) =>
              linkOf(link).slice(1),
            ),
            lights: [
              ...(note
                .closest(".sheet")
                ?.querySelectorAll(`[data-notes~="${note.dataset.note}"]`) ??
                []),
            ].map(numberOf),
          }),
        ),
      }),
    );
  });
}

// ------------------------------------------------------------- what it shows

function figureFaults(
  site: BuiltSite,
  { request, beside, anchor }: LessonExcerpt,
  figure: Figure | undefined,
): string[] {
  if (figure?.id !== anchor) return [`#${figure?.id} stands for #${anchor}`];
  const requests = beside === undefined ? [request] : [request, { of: beside }];
  if (figure.sheets.length !== requests.length) {
    return [`#${anchor} has ${figure.sheets.length} sheets`];
  }
  return requests.flatMap((one, i) => {
    const wanted = resolveExcerpt(world().index, one);
    const sheet = figure.sheets[i];
    if (wanted instanceof Problem || !sheet) return [`${one.of} has no answer`];
    return [
      ...sheetFaults(site, wanted, sheet.lines),
      ...captionFaults(site, wanted, sheet.caption),
    ].map((fault) => `#${anchor}, ${one.of}: ${fault}`);
  });
}

function sheetFaults(
  site: BuiltSite,
  { file, indent, before, lines, after }: ResolvedExcerpt,
  shown: readonly Line[],
): string[] {
  const wanted = [...before, ...lines, ...after];
  const numbers = (all: readonly { readonly number: number }[]) =>
    all.map(({ number }) => number).join(" ");
  if (numbers(wanted) !== numbers(shown)) {
    return [`shows ${numbers(shown)}, the engine says ${numbers(wanted)}`];
  }
  return [
    ...shown.flatMap(({ number, text, link, grey }, i) => {
      const whole = wanted[i]?.text ?? "";
      const own = whole.length - whole.trimStart().length;
      const code = whole.slice(Math.min(indent, own));
      const around = i < before.length || i >= before.length + lines.length;
      return [
        text === code ? "" : `${number} shows "${text}" for "${code}"`,
        link === sourceLink(site, file, { start: number, end: number })
          ? ""
          : `${number} leads to ${link}`,
        grey === around ? "" : `${number} is ${grey ? "" : "not "}grey`,
      ].filter((fault) => fault !== "");
    }),
    ...foldFaults(shown),
  ];
}

function foldFaults(shown: readonly Line[]): string[] {
  const noted = new Set(
    shown.filter((line) => line.noted).map(({ number }) => number),
  );
  const folds = foldsOf(
    shown.map(({ number }) => number),
    (number) => noted.has(number),
  );
  return shown
    .filter(({ number, folded }) => {
      const wanted = folds.some(
        ({ start, end }) => start <= number && number <= end,
      );
      return folded !== wanted;
    })
    .map(({ number, folded }) => `${number} is ${folded ? "" : "not "}folded`);
}

/** A caption leads to our page and, if there is one, to the repository. */
function captionFaults(
  site: BuiltSite,
  { file, range }: ResolvedExcerpt,
  caption: readonly string[],
): string[] {
  const repository = process.env.REPOSITORY_URL?.replace(/\/$/, "");
  const path = `/raft/${file}#L${range.start}-L${range.end}`;
  const committed = (link: string) =>
    link.startsWith(`${repository}/blob/`) &&
    link.endsWith(path) &&
    /\/blob\/[0-9a-f]{40}\/raft\//.test(link);
  return [
    caption.includes(sourceLink(site, file, range))
      ? ""
      : "its caption does not lead to its lines",
    repository && !caption.some(committed)
      ? "its caption does not lead to the repository"
      : "",
  ].filter((fault) => fault !== "");
}

function noteFaults(
  site: BuiltSite,
  lesson: Lesson,
  figures: readonly Figure[],
): string[] {
  const notes = figures.flatMap((figure) => figure.notes);
  const noteOf = (anchor: string) =>
    notes.find(({ ids }) => ids.includes(anchor));
  const inExcerpts = [
    ...lesson.notes,
    ...lesson.claims.filter(({ anchor }) => noteOf(anchor)),
  ];
  return inExcerpts.flatMap((passage) => {
    const note = noteOf(passage.anchor);
    const binding = bind(world().index, passage);
    const bound = binding !== undefined && !(binding instanceof Problem);
    if (!note || !bound) return [`#${passage.anchor} is on no line`];
    const { file, range } = binding;
    const lit = [note.lights.at(0), note.lights.at(-1)].join(" ");
    return [
      note.link === sourceLink(site, file, range)
        ? ""
        : `#${passage.anchor} leads to ${note.link}`,
      lit === `${range.start} ${range.end}`
        ? ""
        : `#${passage.anchor} lights ${lit}, and is on ${note.link}`,
    ].filter((fault) => fault !== "");
  });
}

/** A note leads to the claims about its lines that stand elsewhere. */
function claimFaults(lesson: Lesson, { notes }: Figure): string[] {
  const here = new Set(notes.flatMap(({ ids }) => ids));
  const claims = lesson.claims.filter(({ anchor }) => !here.has(anchor));
  return notes.flatMap(({ ids, claims: shown }) => {
    const passage = [...lesson.notes, ...lesson.claims].find(({ anchor }) =>
      ids.includes(anchor),
    );
    const wanted = claims
      .filter((claim) => passage && meet(claim, passage))
      .map(({ anchor }) => anchor);
    const agree = shown.join() === wanted.join();
    return agree ? [] : [`#${ids[0]} leads to claims ${shown}, not ${wanted}`];
  });
}

/** Whether two passages speak of one line. */
function meet(one: Bound, other: Bound): boolean {
  const [a, b] = [one, other].map((bound) => bind(world().index, bound));
  if (!a || !b || a instanceof Problem || b instanceof Problem) return false;
  const apart = a.range.end < b.range.start || b.range.end < a.range.start;
  return a.file === b.file && !apart;
}

type Bound = Parameters<typeof bind>[1];

function sourceLink(
  { base }: BuiltSite,
  file: string,
  { start, end }: LineRange,
): string {
  const range = start === end ? `L${start}` : `L${start}-L${end}`;
  return `${base}source/${file}/#${range}`;
}

// --------------------------------------------------------------- the way back

/** "/source/raft.ts/#L10" of every line that has a mark without scripts. */
async function markedLines(
  site: BuiltSite,
  browser: Browser,
): Promise<ReadonlySet<string>> {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const marked = new Set<string>();
  for (const path of sourcesOf(site)) {
    await page.goto(site.url + path, { waitUntil: "domcontentloaded" });
    const ids = await page
      .locator(".source .line:has(a.mark)")
      .evaluateAll((lines) => lines.map(({ id }) => id));
    for (const id of ids) marked.add(`${site.base}${path}#${id}`);
  }
  await context.close();
  return marked;
}

/** Whether the source page leads from a line back to this very excerpt. */
function oneWay(
  site: BuiltSite,
  path: string,
  marks: ReadonlySet<string>,
): (line: Line) => string[] {
  const route = `/${path.replace(/^zh-cn\//, "")}`;
  const known = new Map<string, PassagesFile>();
  const passages = (file: string) => {
    const found = known.get(file) ?? passagesOf(site, file);
    known.set(file, found);
    return found;
  };
  return ({ id, grey, link, number }) => {
    if (grey) return [];
    if (!marks.has(link)) return [`${link} has no mark`];
    const [, file = ""] = /\/source\/(.+)\/#/.exec(link) ?? [];
    const back = passagesOn(passages(file), number).some(
      (passage) => passage.route === `${route}#${id}`,
    );
    return back ? [] : [`no way back from ${link}`];
  };
}

function passagesOf(site: BuiltSite, file: string): PassagesFile {
  const name = join(site.dist, "names", file, "passages.json");
  return JSON.parse(readFileSync(name, "utf8")) as PassagesFile;
}

// ------------------------------------------------------------------- copying

interface Copied {
  readonly label: string;
  readonly as: "code" | "something else" | "code with numbers";
}

function sayCopied({ label, as }: Copied): string {
  return `the code of ${label} is copied as ${as}`;
}

/** Each block of code, selected as a reader does, with its folds open. */
function copied(page: Page): Promise<Copied[]> {
  return page.evaluate(() => {
    for (const fold of document.querySelectorAll("main details")) {
      (fold as HTMLDetailsElement).open = true;
    }
    const bare = (text: string) => text.replace(/\s+$/gm, "");
    const counts = (text: string) => {
      const starts = text
        .split("\n")
        .map((line) => /^\s*(\d+)/.exec(line)?.[1]);
      return (
        starts.length > 1 &&
        starts.every(
          (one, i) => one && (i === 0 || +one === +(starts[i - 1] ?? "") + 1),
        )
      );
    };
    const selection = getSelection();
    return [...document.querySelectorAll<HTMLElement>("main pre")].map(
      (block) => {
        selection?.selectAllChildren(block);
        const text = bare(selection?.toString() ?? "");
        selection?.removeAllRanges();
        const form = block.querySelector("input, select") !== null;
        const own = form ? text : bare(block.textContent ?? "");
        const label =
          block.closest<HTMLElement>(".sheet")?.dataset.label ??
          block.textContent?.slice(0, 40) ??
          "";
        const as = counts(text)
          ? ("code with numbers" as const)
          : text === own
            ? ("code" as const)
            : ("something else" as const);
        return { label, as };
      },
    );
  });
}
