/**
 * A note and its lines light up together, whichever of them is pointed at or
 * has the focus; a click on a note's number also brings its first line into
 * view, if it is not. Escape puts the light out. n and p walk from note to note.
 */

import { unfold } from "./folds.ts";

const figures = document.querySelectorAll<HTMLElement>("[data-excerpt]");

function light(figure: HTMLElement, numbers: readonly string[]): void {
  for (const lit of document.querySelectorAll(".excerpt .lit")) {
    lit.classList.remove("lit");
  }
  for (const number of numbers) {
    figure
      .querySelectorAll(`[data-notes~="${number}"], [data-note="${number}"]`)
      .forEach((one) => {
        one.classList.add("lit");
      });
  }
}

/** Which notes an element belongs to: itself, or the line around it. */
function notesAt(target: EventTarget | null): string[] {
  const element = target instanceof Element ? target : null;
  const note = element?.closest<HTMLElement>("[data-note]");
  if (note) return [note.dataset.note ?? ""];
  const line = element?.closest<HTMLElement>("[data-notes]");
  return line?.dataset.notes?.split(" ") ?? [];
}

/**
 * A key chose the note that is lit. The page may move under a mouse at rest
 * then; what comes to lie there lights nothing, until the mouse itself moves.
 */
let chosen = false;

for (const figure of figures) {
  figure.addEventListener("focusin", ({ target }) => {
    chosen = target instanceof Element && target.matches(":focus-visible");
    light(figure, notesAt(target));
  });
  figure.addEventListener("focusout", () => light(figure, []));
  figure.addEventListener("pointerover", ({ target }) => {
    if (!chosen) light(figure, notesAt(target));
  });
  figure.addEventListener("pointerleave", () => {
    if (!chosen) light(figure, []);
  });
  figure.addEventListener("click", (event) => show(figure, event));
}

document.addEventListener("pointermove", (event) => {
  const { target, movementX, movementY } = event;
  if (!chosen || (movementX === 0 && movementY === 0)) return;
  chosen = false;
  const element = target instanceof Element ? target : null;
  const figure = element?.closest<HTMLElement>("[data-excerpt]");
  if (figure) light(figure, notesAt(target));
});

/**
 * A click on a note's number. With a modifier, and by the keyboard, which has
 * lit the lines already, the link leads to the source.
 */
function show(figure: HTMLElement, event: MouseEvent): void {
  const { target, detail, metaKey, ctrlKey, shiftKey, altKey } = event;
  const link = target instanceof Element ? target.closest(".lines-of") : null;
  if (!link || detail === 0) return;
  if (metaKey || ctrlKey || shiftKey || altKey) return;
  event.preventDefault();
  light(figure, notesAt(link));
  const line = figure.querySelector(".line.lit");
  if (line) bringIntoView(line);
}

/** By the smallest step, and by none where it is in view. */
function bringIntoView(line: Element): void {
  unfold(line);
  const { top, bottom } = line.getBoundingClientRect();
  const bar = document.querySelector(".bar")?.getBoundingClientRect();
  const above = top - (bar?.bottom ?? 0);
  const below = bottom - document.documentElement.clientHeight;
  if (above < 0) scrollBy(0, above - GAP);
  else if (below > 0) scrollBy(0, below + GAP);
}

const GAP = 8;

/** The note that the address names: in sight with its lines, both lit. */
function go(): void {
  const target = document.getElementById(location.hash.slice(1));
  const figure = target?.closest<HTMLElement>("[data-excerpt]");
  const note = target?.closest<HTMLElement>("[data-note]");
  if (!target || !figure || !note) return;
  light(figure, [note.dataset.note ?? ""]);
  const line = figure.querySelector(".line.lit");
  (line ?? note).scrollIntoView({ block: "center" });
}

window.addEventListener("hashchange", go);
// The browser's own jump comes first.
if (document.readyState === "complete") go();
else window.addEventListener("load", () => requestAnimationFrame(go));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const figure of figures) light(figure, []);
});
