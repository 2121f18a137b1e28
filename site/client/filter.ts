/**
 * Narrows a list to what holds every word typed, in any language, and keeps
 * the words in the address, for who comes back. What is folded away counts,
 * and is opened when the words stand nowhere else. Without this, the whole
 * list is there.
 */

const form = document.querySelector<HTMLFormElement>("[data-filter]");
const input = form?.querySelector("input");
const said = form?.querySelector("[data-filter-said]");
const groups = [...document.querySelectorAll<HTMLElement>("[data-group]")];
const items = [...document.querySelectorAll<HTMLElement>("[data-question]")];
const texts = items.map((item) => item.textContent?.toLowerCase() ?? "");

function narrow(): void {
  const typed = input?.value ?? "";
  const wanted = typed.toLowerCase().split(/\s+/);
  let shown = 0;
  items.forEach((item, at) => {
    const fits = wanted.every((word) => texts[at]?.includes(word));
    item.hidden = !fits;
    if (fits) unfold(item, wanted);
    if (fits) shown++;
  });
  for (const group of groups) {
    group.hidden =
      group.querySelector("[data-question]:not([hidden])") === null;
  }
  const all = shown === items.length;
  const text = form?.dataset.of ?? "{shown}/{all}";
  if (said) {
    said.textContent = all
      ? ""
      : text
          .replace("{shown}", String(shown))
          .replace("{all}", String(items.length));
  }
}

/** Opens what is folded when only that holds every word. */
function unfold(item: HTMLElement, wanted: readonly string[]): void {
  const fold = item.querySelector("details");
  if (!fold) return;
  const folded = fold.textContent?.toLowerCase() ?? "";
  const open = [...item.children]
    .filter((part) => part !== fold)
    .map((part) => part.textContent?.toLowerCase() ?? "")
    .join(" ");
  fold.open = wanted.some(
    (word) => folded.includes(word) && !open.includes(word),
  );
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
