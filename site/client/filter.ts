/**
 * Narrows a list to what holds every word typed, in any language. Without
 * this, the whole list is there.
 */

const form = document.querySelector<HTMLFormElement>("[data-filter]");
const input = form?.querySelector("input");
const said = form?.querySelector("[data-filter-said]");
const items = [...document.querySelectorAll<HTMLElement>("[data-question]")];
const texts = items.map((item) => item.textContent?.toLowerCase() ?? "");

function narrow(): void {
  const wanted = (input?.value ?? "").toLowerCase().split(/\s+/);
  let shown = 0;
  items.forEach((item, at) => {
    const fits = wanted.every((word) => texts[at]?.includes(word));
    item.hidden = !fits;
    if (fits) shown++;
  });
  const all = shown === items.length;
  if (said) said.textContent = all ? "" : `${shown} of ${items.length}`;
}

if (form) form.hidden = false;
form?.addEventListener("submit", (event) => event.preventDefault());
input?.addEventListener("input", narrow);

export {};
