/**
 * The names of a line as elements: made when the line is first pointed at or
 * walked to, so that a page holds none of them before. A name is a link to
 * its definition; a name that is defined outside raft/ is a button.
 */

import {
  baseOf,
  isOutside,
  loadTypes,
  type Name,
  type NamePlace,
  nameAt,
  placesOn,
  sourceAddress,
} from "./data.ts";

/** A name on the page, and what is known of it. */
export interface Shown {
  readonly element: HTMLElement;
  readonly name: Name;
  readonly place: NamePlace;
  /** The block's word for where its names are. */
  readonly names: string;
  /** Where the definition stands; absent, it has no page. */
  readonly href?: string;
  /** The name stands on the line that defines it. */
  readonly isDefinition: boolean;
}

const shown = new WeakMap<Element, Shown>();
const marked = new WeakMap<Element, Promise<void>>();

export function shownAt(target: EventTarget | null): Shown | undefined {
  const element = target instanceof Element ? target.closest("a.id") : null;
  return element ? shown.get(element) : undefined;
}

export function lineAt(target: EventTarget | null): HTMLElement | undefined {
  const element = target instanceof Element ? target : null;
  return element?.closest<HTMLElement>("[data-names] .line") ?? undefined;
}

export function blockOf(line: Element): HTMLElement {
  return line.closest<HTMLElement>("[data-names]") as HTMLElement;
}

export function numberOf(line: Element): number {
  return Number(line.querySelector<HTMLElement>("a[data-n]")?.dataset.n);
}

/** The names of a line, in their order. */
export async function namesOn(line: HTMLElement): Promise<Shown[]> {
  const done = marked.get(line) ?? markNames(line);
  marked.set(line, done);
  done.catch(() => marked.delete(line));
  await done;
  const found = [...line.querySelectorAll("a.id")];
  return found.flatMap((element) => shown.get(element) ?? []);
}

async function markNames(line: HTMLElement): Promise<void> {
  const block = blockOf(line);
  const { names = "", indent = "0" } = block.dataset;
  const types = await loadTypes(names);
  const places = placesOn(types, numberOf(line));
  if (places.length === 0) return;
  const words = wordsOf(line);
  let column = Number(indent);
  for (const text of textsOf(words)) {
    const end = column + text.length;
    let rest = text;
    for (const place of places) {
      const last = place.column + place.length;
      if (place.column < column || last > end) continue;
      const own = rest.splitText(place.column - column);
      rest = own.splitText(place.length);
      column = last;
      own.replaceWith(link(own, names, place, nameAt(types, place)));
    }
    column = end;
  }
}

/** All of the line behind its number and its mark, in one element. */
function wordsOf(line: HTMLElement): HTMLElement {
  const words = document.createElement("span");
  words.className = "words";
  const isMargin = (node: ChildNode) =>
    node instanceof Element && node.matches("a, i");
  words.append(...[...line.childNodes].filter((node) => !isMargin(node)));
  line.append(words);
  return words;
}

function textsOf(element: Element): Text[] {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode()) found.push(walker.currentNode as Text);
  return found;
}

function link(
  text: Text,
  names: string,
  place: NamePlace,
  name: Name,
): HTMLElement {
  const element = document.createElement("a");
  const [target] = name.definitions.filter((one) => !isOutside(one));
  const file = /\/names\/(.+)\/\*/.exec(names)?.[1];
  const isDefinition = name.definitions.some(
    (one) => one.file === file && one.line === place.line,
  );
  element.className = "id";
  element.tabIndex = -1;
  element.draggable = false;
  element.textContent = text.data;
  if (target) element.href = sourceAddress(baseOf(names), target);
  else element.setAttribute("role", "button");
  shown.set(element, {
    element,
    name,
    place,
    names,
    isDefinition,
    ...(target ? { href: element.href } : {}),
  });
  return element;
}
