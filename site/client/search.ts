/**
 * The search: places first (a symbol, a line of Go, a case of a select), then
 * pages by their words, then lines of the source by their text. What it needs
 * is loaded when it is first opened.
 */

import { type CodeLine, codeLines, linesWith } from "./code-lines.ts";
import { keepSite } from "./offline.ts";
import { type FoundPage, findPages, loadPages } from "./pages.ts";
import { findPlaces, findQuestions, hitItem } from "./places.ts";
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
  void loadPages(base);
}

/** Questions that ask what was typed, then pages that have its words. */
async function pageElements(query: string): Promise<HTMLElement[]> {
  const [asked, { pages, without }] = await Promise.all([
    findQuestions(query, base),
    findPages(query, base),
  ]);
  const known = new Set(asked.map(({ href }) => href));
  const others = pages.filter(({ url }) => !known.has(url)).map(pageItem);
  if (asked.length + others.length === 0) return [];
  return [
    heading(words.sections[1] ?? ""),
    ...list(asked.map(hitItem)),
    ...(without.length > 0 ? [remark(words.without(without))] : []),
    ...list(others),
  ];
}

function pageItem({ url, title, within, excerpt }: FoundPage): HTMLLIElement {
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
  const [places = "", , code = ""] = words.sections;
  const parts = [
    findPlaces(query, base).then((hits) =>
      section(places, hits.slice(0, 6).map(hitItem)),
    ),
    pageElements(query),
    lineItems(query).then((items) => section(code, items)),
  ];
  const shown: HTMLElement[][] = [[], [], []];
  const draw = () => {
    if (query !== input?.value.trim()) return;
    found?.replaceChildren(...shown.flat());
  };
  await Promise.all(
    parts.map(async (part, at) => {
      shown[at] = await part.catch(() => [remark(words.missing[at] ?? "")]);
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
  return items.length === 0 ? [] : [heading(title), ...list(items)];
}

function heading(title: string): HTMLHeadingElement {
  const element = document.createElement("h2");
  element.textContent = title;
  return element;
}

function list(items: readonly HTMLLIElement[]): HTMLUListElement[] {
  if (items.length === 0) return [];
  const element = document.createElement("ul");
  element.className = "hits quiet-list";
  element.append(...items);
  return [element];
}

/**
 * Arrow keys walk from the field through the hits and back, and Esc closes,
 * where a browser would only empty the field. Those that choose a Chinese word
 * are not for us.
 */
function walk(event: KeyboardEvent): void {
  if (event.isComposing) return;
  if (event.key === "Escape") {
    event.preventDefault();
    dialog?.close();
  }
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
const keep = () => void loadPages(base).then(() => keepSite(base));
input?.addEventListener("input", keep, { once: true });
for (const button of document.querySelectorAll("[data-search-open]")) {
  button.addEventListener("click", openSearch);
}
