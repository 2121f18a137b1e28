/**
 * Narrows a list to what holds every word typed, in any language, and keeps
 * the words in the address, for who comes back. Without this, the whole list
 * is there.
 */

const form = document.querySelector<HTMLFormElement>("[data-filter]");
const input = form?.querySelector("input");
const said = form?.querySelector("[data-filter-said]");
const items = [...document.querySelectorAll<HTMLElement>("[data-question]")];
const texts = items.map((item) => item.textContent?.toLowerCase() ?? "");

function narrow(): void {
  const typed = input?.value ?? "";
  const wanted = typed.toLowerCase().split(/\s+/);
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
function remember(): void {
  const address = new URL(location.href);
  if (input?.value) address.searchParams.set("q", input.value);
  else address.searchParams.delete("q");
  history.replaceState(null, "", address);
}

form?.addEventListener("submit", (event) => event.preventDefault());
input?.addEventListener("input", () => {
  narrow();
  remember();
});
const before = new URL(location.href).searchParams.get("q");
if (input && before !== null) {
  input.value = before;
  narrow();
}

export {};
