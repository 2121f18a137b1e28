/**
 * A block of code is one stop of the Tab key, however many lines it has, and
 * a second one where the line has a mark; the arrow keys, Home and End move
 * within it. A block that scrolls sideways can
 * be focused and scrolled with the keyboard. Without this, every number is a
 * stop of its own.
 */

import { unfold } from "./folds.ts";

const blocks = document.querySelectorAll<HTMLElement>(".sheet, .source");
const scrollers = document.querySelectorAll<HTMLElement>(
  ".sheet, .source, .drawing",
);

/** What the Tab key may stop at in a line: its number, and its mark. */
const STOPS = "a[data-n], a.mark";

for (const block of blocks) {
  const numbers = [...block.querySelectorAll<HTMLElement>("a[data-n]")];
  const stopsOf = (at: number) =>
    numbers[at]?.parentElement?.querySelectorAll<HTMLElement>(STOPS) ?? [];
  const setStops = (at: number, tabIndex: number) => {
    for (const stop of stopsOf(at)) stop.tabIndex = tabIndex;
  };
  let current = 0;
  for (const stop of block.querySelectorAll<HTMLElement>(STOPS)) {
    stop.tabIndex = -1;
  }
  setStops(0, 0);
  const move = (to: number) => {
    setStops(current, -1);
    setStops(to, 0);
    current = to;
  };
  block.addEventListener("focusin", (event) => {
    const at = numbers.indexOf(event.target as HTMLElement);
    if (at >= 0) move(at);
  });
  block.addEventListener("keydown", (event) => {
    if (!(event.target as Element).matches("a[data-n]")) return;
    const to = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      Home: 0,
      End: numbers.length - 1,
    }[event.key];
    const target = to === undefined ? undefined : numbers[to];
    if (!target) return;
    event.preventDefault();
    unfold(target);
    target.focus();
  });
}

function markScrollable(): void {
  for (const block of scrollers) {
    const scrolls = block.scrollWidth > block.clientWidth + 1;
    if (scrolls) {
      block.tabIndex = 0;
      block.setAttribute("role", "region");
      block.setAttribute("aria-label", block.dataset.label ?? "code");
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) {
        block.removeAttribute(name);
      }
    }
  }
}

markScrollable();
window.addEventListener("resize", markScrollable);
