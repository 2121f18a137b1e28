/**
 * Names in code answer to the pointer, to touch and to the keyboard.
 *
 * Pointing at a name shows its card, a click goes to its definition, and on
 * the definition itself it opens the card. A tap opens the card. With the
 * keyboard the right arrow goes from a line's number to its names; the arrows,
 * Home and End go from name to name; Enter opens the card, d goes to the
 * definition, r lists the uses, and Escape closes the card.
 *
 * The mark of a line answers in the same way, with every passage about the
 * line; r or Tab goes into its card. A click or Enter follows it where there is
 * one passage, and keeps the card open where there are several.
 */

import { unfold } from "../folds.ts";
import { Card } from "./card.ts";
import { markAt, ofMark } from "./line-card.ts";
import { blockOf, lineAt, namesOn, type Shown, shownAt } from "./lines.ts";
import { goToUses, ofName } from "./name-card.ts";

/** Long enough to pass over a name, or from a name to its card. */
const SHOW_AFTER = 150;
const HIDE_AFTER = 300;

const card = new Card();
let timer: number | undefined;
/** The card was closed here, and does not come back by itself. */
let closedAt: Element | undefined;
let touched = false;

function later(action: () => void, milliseconds: number): void {
  clearTimeout(timer);
  timer = window.setTimeout(action, milliseconds);
}

// --------------------------------------------------------------- the pointer

/**
 * The pointer came to something in a block of code. `isStill` says whether it
 * did so because the page moved, or whether the page has moved since: then
 * names can be clicked, and no card comes by itself.
 */
export async function point(
  event: PointerEvent,
  isStill: () => boolean,
): Promise<void> {
  const line = lineAt(event.target);
  // While a button is down, text is being chosen: the line stays as it is.
  if (event.pointerType === "touch" || event.buttons !== 0) return;
  if (line) await namesOn(line).catch(() => []);
  const shown = shownAt(line?.querySelector("a.id:hover") ?? null);
  const mark = markAt(line?.querySelector("a.mark:hover") ?? null);
  if (card.stays) return;
  const subject = shown ? ofName(shown) : mark && (await ofMark(mark));
  if (!subject || isStill()) return later(() => card.hide(), HIDE_AFTER);
  if (subject.element === closedAt) return;
  closedAt = undefined;
  const show = () => {
    if (!isStill()) card.show(subject);
  };
  later(show, card.subject ? HIDE_AFTER : SHOW_AFTER);
}

/** The pointer left the code. */
export function leave(): void {
  closedAt = undefined;
  if (!card.stays) later(() => card.hide(), HIDE_AFTER);
}

/** A finger was lifted from a line. */
export async function tap(event: PointerEvent): Promise<void> {
  const line = lineAt(event.target);
  if (event.pointerType === "mouse" || !line) return;
  touched = true;
  if (event.target instanceof Element && event.target.closest("[data-n]")) {
    return;
  }
  await namesOn(line).catch(() => []);
  const under = document.elementFromPoint(event.clientX, event.clientY);
  const shown = shownAt(under);
  const mark = markAt(under);
  clearTimeout(timer);
  if (shown) card.show(ofName(shown), { stays: true });
  else if (mark) card.show(await ofMark(mark), { stays: true });
  else card.hide();
}

function click(event: MouseEvent): void {
  if (touched && markAt(event.target)) event.preventDefault();
  const shown = shownAt(event.target);
  if (!shown || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const choosing = getSelection()?.isCollapsed === false;
  const follows = shown.href && !shown.isDefinition && !choosing && !touched;
  if (follows) return;
  event.preventDefault();
  clearTimeout(timer);
  if (!choosing) card.show(ofName(shown), { stays: true });
}

/** A click or Enter on the mark of several passages: which of them? */
export async function choose({ target, detail }: MouseEvent): Promise<void> {
  const mark = markAt(target);
  if (!mark) return;
  const subject = await ofMark(mark).catch(() => undefined);
  if (!subject) return location.assign(mark.href);
  clearTimeout(timer);
  card.show(subject, { stays: true });
  const byKey = detail === 0;
  if (byKey) card.focus();
}

// -------------------------------------------------------------- the keyboard

/** The focus came to something in a block of code. */
export async function arrive({ target }: FocusEvent): Promise<void> {
  if (touched || target === closedAt) return;
  const shown = shownAt(target);
  const mark = markAt(target);
  const subject = shown ? ofName(shown) : mark && (await ofMark(mark));
  if (!subject || document.activeElement !== target) return;
  clearTimeout(timer);
  card.show(subject);
}

/** A key that belongs to names; there are no others. */
export async function press(event: KeyboardEvent): Promise<void> {
  const { key, target } = event;
  const line = lineAt(target);
  if (!line) return;
  touched = false;
  const mark = markAt(target);
  if (mark && key === "r") {
    card.show(await ofMark(mark));
    return card.focus();
  }
  const shown = shownAt(target);
  if (!shown) return focusOn((await namesOn(line))[0]);
  switch (key) {
    case "Enter":
      card.show(ofName(shown));
      return card.focus();
    case "r":
      return goToUses(card, shown);
    case "d":
      return follow(shown);
    default:
      return focusOn(await neighbour(line, shown, key));
  }
}

function follow(shown: Shown): void {
  if (shown.href) location.assign(shown.href);
}

function focusOn(shown: Shown | undefined): void {
  if (!shown) return;
  closedAt = undefined;
  unfold(shown.element);
  shown.element.focus();
}

/** Where an arrow leads from a name. */
async function neighbour(
  line: HTMLElement,
  from: Shown,
  key: string,
): Promise<Shown | undefined> {
  const names = await namesOn(line);
  const at = names.indexOf(from);
  const { column } = from.place;
  const nearest = (all: readonly Shown[]) =>
    all.toSorted(
      (a, b) =>
        Math.abs(a.place.column - column) - Math.abs(b.place.column - column),
    )[0];
  switch (key) {
    case "ArrowRight":
      return names[at + 1] ?? (await namesBeyond(line, 1))[0];
    case "ArrowLeft":
      return names[at - 1] ?? (await namesBeyond(line, -1)).at(-1);
    case "ArrowDown":
      return nearest(await namesBeyond(line, 1));
    case "ArrowUp":
      return nearest(await namesBeyond(line, -1));
    case "Home":
      return names[0];
    default:
      return names.at(-1);
  }
}

/** The names of the next line that has any. */
async function namesBeyond(
  line: HTMLElement,
  step: 1 | -1,
): Promise<readonly Shown[]> {
  const lines = [...blockOf(line).querySelectorAll<HTMLElement>(".line")];
  let at = lines.indexOf(line) + step;
  while (lines[at]) {
    const names = await namesOn(lines[at] as HTMLElement);
    if (names.length > 0) return names;
    at += step;
  }
  return [];
}

// ------------------------------------------------------------------ the card

function close(): void {
  const element = card.subject?.element;
  if (!element) return;
  clearTimeout(timer);
  closedAt = element;
  const inside = card.has(document.activeElement);
  card.hide();
  if (inside) element.focus();
}

/** From a mark Tab goes into its card, and from the last link out of it. */
function tab(event: KeyboardEvent): void {
  const at = document.activeElement;
  if (!event.shiftKey && markAt(at) && card.isAt(at)) {
    event.preventDefault();
    card.focus();
    return;
  }
  const stops = card.stops();
  if (at !== (event.shiftKey ? stops[0] : stops.at(-1))) return;
  if (event.shiftKey) event.preventDefault();
  close();
}

card.element.addEventListener("pointerenter", () => clearTimeout(timer));
card.element.addEventListener("pointerleave", leave);
document.addEventListener("click", click);
document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const left = card.isAt(target) || card.has(target);
  const within = card.isAt(relatedTarget) || card.has(relatedTarget);
  if (left && relatedTarget !== null && !within) card.hide();
});
document.addEventListener("pointerdown", ({ target, pointerType }) => {
  if (pointerType === "mouse") touched = false;
  const own = card.has(target) || shownAt(target) || markAt(target);
  if (card.stays && !own) card.hide();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
  if (event.key === "Tab" && card.subject) tab(event);
});
