/** The way in from Go: looks up what is typed, and offers to go there. */

import { findPlaces, hitItem } from "./places.ts";

const form = document.querySelector<HTMLFormElement>("[data-lookup]");
const input = form?.querySelector("input");
const hits = form?.querySelector("[data-hits]");
const base = form?.dataset.base ?? "/";

async function show(): Promise<void> {
  const query = input?.value ?? "";
  const found = await findPlaces(query, base);
  if (query !== input?.value) return;
  if (found.length === 0 && query.trim() !== "") {
    const item = document.createElement("li");
    item.className = "small";
    item.textContent = `Nothing at v1.1.1 or here is called ${query}.`;
    hits?.replaceChildren(item);
    return;
  }
  hits?.replaceChildren(...found.map(hitItem));
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
