/**
 * A name in the prose lights the lines on which this very name stands, in
 * every excerpt of the page: a reader sees where the sentence is in the code.
 * Escape, or leaving the name, puts the light out.
 */

import { loadTypes, nameAt, placesOn } from "./data.ts";
import { blockOf, numberOf } from "./lines.ts";

let asked = 0;

export async function light(mention: HTMLAnchorElement): Promise<void> {
  const turn = ++asked;
  const lines = [
    ...document.querySelectorAll<HTMLElement>(".excerpt [data-names] .line"),
  ];
  const found = await Promise.all(
    lines.map(async (line) => ((await names(line, mention)) ? [line] : [])),
  );
  if (turn !== asked) return;
  clear();
  for (const line of found.flat()) line.classList.add("lit");
}

export function darken(): void {
  asked++;
  clear();
}

function clear(): void {
  for (const lit of document.querySelectorAll(".excerpt .lit")) {
    lit.classList.remove("lit");
  }
}

/**
 * Whether what is mentioned stands on the line under the same name. A channel,
 * whose link leads to its card, says where it is declared; it may be known by
 * another name, as a variable of somebody who was given it.
 */
async function names(
  line: HTMLElement,
  mention: HTMLAnchorElement,
): Promise<boolean> {
  const { at } = mention.dataset;
  const target = /\/source\/(.+)\/#L(\d+)/.exec(at ?? mention.href);
  const { names: address = "", indent = "0" } = blockOf(line).dataset;
  const types = await loadTypes(address);
  const text = " ".repeat(Number(indent)) + codeOf(line);
  const wanted = (mention.textContent ?? "").trim().replace(/\(\)$/, "");
  const word = wanted.split(".").at(-1);
  return placesOn(types, numberOf(line)).some((place) => {
    const own = text.slice(place.column, place.column + place.length);
    if (own !== word && at === undefined) return false;
    return nameAt(types, place).definitions.some(
      ({ file, line }) => file === target?.[1] && line === Number(target[2]),
    );
  });
}

/** Numbers and marks are drawn, and not part of the text. */
function codeOf(line: HTMLElement): string {
  return line.textContent ?? "";
}
