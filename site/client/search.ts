/**
 * The search: places first (a symbol, a line of Go, a case of a select), then
 * pages by their words, then lines of the source by their text. What it needs
 * is loaded when it is first opened.
 */

import { type CodeLine, codeLines, linesWith } from "./code-lines.ts";
import { keepSite } from "./offline.ts";
import { findPlaces, hitItem } from "./places.ts";
import { searchWords } from "./search-words.ts";

const dialog = document.querySelector<HTMLDialogElement>("dialog.search");
const input = dialog?.querySelector("input");
const found = dialog?.querySelector<HTMLElement>(".search-found");
const base = dialog?.dataset.base ?? "/";
const words = searchWords(document.documentElement.lang);

export function openSearch(): void {
  if (dialog?.open) return;
  dialog?.showModal();
  input?.select();
  void pages();
}

interface Pagefind {
  init(): Promise<void>;
  debouncedSearch(
    query: string,
    options: object,
    wait: number,
  ): Promise<{ results: { data(): Promise<PageData> }[] } | null>;
}

interface PageData {
  readonly url: string;
  readonly meta: { readonly title?: string };
  readonly excerpt: string;
  readonly sub_results: readonly {
    readonly title: string;
    readonly url: string;
    readonly excerpt: string;
  }[];
}

let pagefind: Promise<Pagefind | undefined> | undefined;

/** Absent under `astro dev`, for a build makes it, or when it is torn. */
function pages(): Promise<Pagefind | undefined> {
  pagefind ??= import(/* @vite-ignore */ `${base}pagefind/pagefind.js`)
    .then(async (module: Pagefind) => {
      await module.init();
      return module;
    })
    .catch(() => undefined);
  return pagefind;
}

async function pageItems(query: string): Promise<HTMLLIElement[]> {
  const index = await pages();
  if (!index) throw new Error("no full-text index");
  const answer = await index.debouncedSearch(longWords(query), {}, 120);
  const results = answer?.results.slice(0, 6) ?? [];
  const data = await Promise.all(results.map((result) => result.data()));
  return data.map((page) => {
    const part = page.sub_results[0];
    const title = page.meta.title ?? page.url;
    const within = part && part.title !== title ? part.title : "";
    return pageItem(part?.url ?? page.url, title, within, part ?? page);
  });
}

/**
 * The index takes every word for the beginning of one: "a" finds "are" and
 * "go" finds "goes". So it is asked for the longer words, if there are any.
 */
function longWords(query: string): string {
  const words = query.split(/[^\p{L}\p{N}]+/u);
  const long = words.filter((word) => !/^[a-z\d]{0,2}$/i.test(word));
  return long.length > 0 ? long.join(" ") : query;
}

function pageItem(
  url: string,
  title: string,
  within: string,
  { excerpt }: { readonly excerpt: string },
): HTMLLIElement {
  const item = hitItem({ title, place: within, text: "", href: url });
  const text = item.querySelector(".hit-text");
  if (text) text.innerHTML = excerpt;
  return item;
}

let lines: Promise<CodeLine[]> | undefined;

async function lineItems(query: string): Promise<HTMLLIElement[]> {
  if (query.length < 3) return [];
  lines ??= fetch(`${base}source-lines.json`)
    .then((answer) => answer.json())
    .then(codeLines);
  lines.catch(() => {
    lines = undefined;
  });
  const found = linesWith(await lines, query).slice(0, 8);
  return found.map(({ file, line, text }) => {
    const href = `${base}source/${file}/#L${line}`;
    return hitItem({ title: `${file}:${line}`, place: "", text, href });
  });
}

async function search(): Promise<void> {
  const query = input?.value.trim() ?? "";
  if (query === "") {
    found?.replaceChildren();
    return;
  }
  const parts = [
    findPlaces(query, base).then((hits) => hits.slice(0, 6).map(hitItem)),
    pageItems(query),
    lineItems(query),
  ];
  const shown: HTMLElement[][] = [[], [], []];
  const draw = () => {
    if (query !== input?.value.trim()) return;
    found?.replaceChildren(...shown.flat());
  };
  await Promise.all(
    parts.map(async (part, at) => {
      shown[at] = await part.then(
        (items) => section(words.sections[at] ?? "", items),
        () => [remark(words.missing[at] ?? "")],
      );
      draw();
    }),
  );
  const some = shown.flat().some((element) => element.matches(".hits"));
  if (some || query !== input?.value.trim()) return;
  found?.prepend(remark(words.nothing(query)));
}

function remark(text: string): HTMLParagraphElement {
  const paragraph = document.createElement("p");
  paragraph.className = "search-remark";
  paragraph.textContent = text;
  return paragraph;
}

function section(title: string, items: readonly HTMLLIElement[]) {
  if (items.length === 0) return [];
  const heading = document.createElement("h2");
  heading.textContent = title;
  const list = document.createElement("ul");
  list.className = "hits quiet-list";
  list.append(...items);
  return [heading, list];
}

/** Arrow keys walk from the field through the hits and back. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = [...(found?.querySelectorAll("a") ?? [])];
  if (event.key === "Enter" && event.target === input) {
    event.preventDefault();
    links[0]?.click();
  }
  if (step === undefined) return;
  event.preventDefault();
  const stops = [input, ...links];
  const at = stops.indexOf(document.activeElement as HTMLAnchorElement);
  stops[at + step]?.focus();
}

dialog?.addEventListener("keydown", walk);
dialog?.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target === dialog || target.closest(".hits a")) dialog.close();
});
dialog?.querySelector("form")?.addEventListener("submit", (event) => {
  if (event.submitter === null) event.preventDefault();
});
input?.addEventListener("input", () => void search());
const keep = () => void pages().then(() => keepSite(base));
input?.addEventListener("input", keep, { once: true });
for (const button of document.querySelectorAll("[data-search-open]")) {
  button.addEventListener("click", openSearch);
}
