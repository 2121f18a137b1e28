/**
 * The way in from Go: looks up what is typed, offers to go there, and keeps
 * the question in the address, for who comes back.
 */

import { keepSite } from "./offline.ts";
import { findPlaces, hitItem } from "./places.ts";

const form = document.querySelector<HTMLFormElement>("[data-lookup]");
const input = form?.querySelector("input");
const hits = form?.querySelector("[data-hits]");
const base = form?.dataset.base ?? "/";

async function show(): Promise<void> {
  const query = input?.value ?? "";
  const items = await answer(query);
  if (query === input?.value) hits?.replaceChildren(...items);
}

async function answer(query: string): Promise<HTMLLIElement[]> {
  try {
    const found = await findPlaces(query, base);
    if (found.length > 0 || query.trim() === "") return found.map(hitItem);
    return [remark(`Nothing at v1.1.1 or here is called ${query}.`)];
  } catch {
    return [
      remark("The list of places could not be loaded. The table below has it."),
    ];
  }
}

function remark(text: string): HTMLLIElement {
  const item = document.createElement("li");
  item.className = "small";
  item.textContent = text;
  return item;
}

function asked(): string {
  return new URL(location.href).searchParams.get("q") ?? "";
}

function remember(): void {
  const address = new URL(location.href);
  if (input?.value) address.searchParams.set("q", input.value);
  else address.searchParams.delete("q");
  history.replaceState(history.state, "", address);
}

function take(query: string): void {
  if (input) input.value = query;
  void show();
}

if (form) form.hidden = false;
if (asked() !== "") take(asked());
window.addEventListener("popstate", () => take(asked()));

// A soft keyboard would cover the answers: below the field is where they are.
input?.addEventListener("focus", () => {
  if (window.matchMedia("(width < 50em)").matches) {
    form?.scrollIntoView({ block: "start" });
  }
});
const toType = window.matchMedia("(pointer: fine)").matches;
if (toType && location.hash === "") input?.focus({ preventScroll: true });

input?.addEventListener("input", () => {
  remember();
  void show();
});
input?.addEventListener("input", () => void keepSite(base), { once: true });
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  hits?.querySelector("a")?.click();
});
for (const button of form?.querySelectorAll<HTMLElement>("[data-try]") ?? []) {
  button.addEventListener("click", () => {
    take(button.dataset.try ?? "");
    remember();
    input?.focus();
  });
}
