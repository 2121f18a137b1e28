/** The way in from Go: looks up what is typed, and offers to go there. */

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

if (form) form.hidden = false;
input?.addEventListener("input", show);
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  hits?.querySelector("a")?.click();
});
for (const button of form?.querySelectorAll<HTMLElement>("[data-try]") ?? []) {
  button.addEventListener("click", () => {
    if (input) input.value = button.dataset.try ?? "";
    void show();
    input?.focus();
  });
}
