/**
 * A file's page: `#L10-L20` lights its lines in either order, and unfolds
 * them; a click or a shift-click on a number changes the address without
 * moving the page. One line works without this, by :target.
 */

import { unfold } from "./folds.ts";

const source = document.querySelector<HTMLElement>("[data-source]");
const said = document.querySelector<HTMLElement>("[data-range]");

interface Range {
  readonly start: number;
  readonly end: number;
}

function rangeOf(hash: string): Range | undefined {
  const match = /^#L(\d+)(?:-L?(\d+))?$/.exec(hash);
  if (!match) return undefined;
  const first = Number(match[1]);
  const second = Number(match[2] ?? first);
  return { start: Math.min(first, second), end: Math.max(first, second) };
}

function light(range: Range | undefined): void {
  for (const line of source?.querySelectorAll(".lit") ?? []) {
    line.classList.remove("lit");
  }
  if (!range) return;
  for (let n = range.start; n <= range.end; n++) {
    const line = document.getElementById(`L${n}`);
    if (!line) continue;
    line.classList.add("lit");
    unfold(line);
  }
  const many = range.start !== range.end;
  if (said) {
    said.textContent = many
      ? `Lines ${range.start} to ${range.end}.`
      : `Line ${range.start}.`;
  }
}

/** Lights the lines, brings them into view, and moves the focus there. */
function go(): void {
  const range = rangeOf(location.hash);
  light(range);
  const line = range && document.getElementById(`L${range.start}`);
  if (!line) return;
  // Of many lines the first one stands where a reader begins, see .line.
  const one = range.start === range.end;
  line.scrollIntoView({ block: one ? "center" : "start" });
  line.querySelector("a")?.focus({ preventScroll: true });
}

function choose(event: MouseEvent): void {
  const target = event.target as Element;
  const number = target.closest<HTMLElement>("a[data-n]");
  if (!number || event.metaKey || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  const line = Number(number.dataset.n);
  const before = event.shiftKey ? rangeOf(location.hash) : undefined;
  const range = before
    ? { start: Math.min(before.start, line), end: Math.max(before.start, line) }
    : { start: line, end: line };
  const hash =
    range.start === range.end
      ? `#L${range.start}`
      : `#L${range.start}-L${range.end}`;
  history.pushState(null, "", hash);
  light(range);
  number.focus({ preventScroll: true });
}

// From here on the light follows the address, not :target.
source?.classList.add("scripted");
source?.addEventListener("click", choose);
window.addEventListener("hashchange", go);
window.addEventListener("popstate", () => light(rangeOf(location.hash)));
light(rangeOf(location.hash));
// The browser's own jump to the address takes the focus away; ours comes after.
if (document.readyState === "complete") go();
else window.addEventListener("load", () => requestAnimationFrame(go));
