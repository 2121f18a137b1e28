/**
 * The keyboard map: search, next and previous lesson, next and previous note,
 * help. Single keys can be switched off for good, in the help.
 */

import { openSearch } from "./search.ts";

const help = document.querySelector<HTMLDialogElement>("dialog.keys");
const opener = document.querySelector<HTMLElement>("[data-keys-open]");
const box = help?.querySelector<HTMLInputElement>("input[type=checkbox]");
const STORE = "single-keys";

function remembered(): boolean {
  try {
    return localStorage.getItem(STORE) !== "off";
  } catch {
    return true;
  }
}

let single = remembered();
if (box) box.checked = single;
box?.addEventListener("change", () => {
  single = box.checked;
  try {
    localStorage.setItem(STORE, single ? "on" : "off");
  } catch {
    // Without storage the choice holds for this page.
  }
});

// Without scripts there is nothing to open.
if (opener) opener.hidden = false;
opener?.addEventListener("click", () => help?.showModal());

function follow(rel: string): void {
  document.querySelector<HTMLElement>(`a[rel="${rel}"]`)?.click();
}

function note(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>(".note .lines-of")];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 && step < 0 ? links.length - 1 : at + step;
  links[next]?.focus();
}

const actions: Readonly<Record<string, () => void>> = {
  "/": openSearch,
  "?": () => help?.showModal(),
  n: () => note(1),
  p: () => note(-1),
  ArrowRight: () => follow("next"),
  ArrowLeft: () => follow("prev"),
};

/** Where the arrows belong to what has the focus, or are likely meant for it. */
const OWN_ARROWS =
  ".excerpt, .source, .exercise, .scenario, .diagram, .card, .sheet, .trace";

document.addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key === "k") {
    event.preventDefault();
    openSearch();
    return;
  }
  if (!single || event.metaKey || event.ctrlKey || event.altKey) return;
  const target = event.target as HTMLElement;
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  if (typing || document.querySelector("dialog[open]")) return;
  if (event.key.startsWith("Arrow") && hasOwnArrows(target)) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

function hasOwnArrows(target: HTMLElement): boolean {
  if (target === document.body) return false;
  const scrolls = target.scrollWidth > target.clientWidth + 1;
  return scrolls || target.closest(OWN_ARROWS) !== null;
}
