/**
 * The card of a name: its type, the first sentence of its comment, where it is
 * defined, what explains it, and on request where it is used.
 */

import type { Card, Subject } from "./card.ts";
import {
  baseOf,
  isOutside,
  loadReferences,
  type Place,
  sourceAddress,
  usesAt,
} from "./data.ts";
import type { Shown } from "./lines.ts";
import { anchor, element } from "./parts.ts";
import { lessonName, words } from "./words.ts";

export function ofName(shown: Shown): Subject {
  return {
    element: shown.element,
    label: shown.element.textContent ?? "",
    contents: (card) => contents(shown, card),
  };
}

/** Shows the uses in the open card, and takes the focus to the first. */
export async function goToUses(card: Card, shown: Shown): Promise<void> {
  card.show(ofName(shown), { stays: true });
  const button = card.element.querySelector("button");
  if (button?.getAttribute("aria-expanded") !== "true") {
    await toggleUses(shown, card);
  }
  const first = card.element.querySelector<HTMLElement>(".uses a");
  (first ?? button)?.focus();
}

function contents(shown: Shown, card: Card): HTMLElement[] {
  const { name, names } = shown;
  const base = baseOf(names);
  const said = element("div", "card-said");
  said.append(typeLine(name.type));
  if (name.sentence) said.append(prose(name.sentence));
  const ways = element("p", "card-ways");
  ways.append(...definitions(name.definitions, base), usesButton(shown, card));
  const status = element("p", "card-status");
  status.setAttribute("role", "status");
  const uses = element("div", "uses");
  uses.id = "card-uses";
  uses.hidden = true;
  return [said, ways, ...passages(shown, base), status, uses];
}

function usesButton(shown: Shown, card: Card): HTMLElement {
  const button = element("button", "", words.references);
  button.setAttribute("type", "button");
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", "card-uses");
  button.addEventListener("click", () => toggleUses(shown, card));
  return button;
}

async function toggleUses(shown: Shown, card: Card): Promise<void> {
  const button = card.element.querySelector("button");
  const list = card.element.querySelector<HTMLElement>(".uses");
  const said = card.element.querySelector("[role=status]");
  if (!button || !list || !said) return;
  const opens = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(opens));
  list.hidden = !opens;
  said.textContent = "";
  if (opens) {
    try {
      const all = await loadReferences(shown.names);
      const uses = usesAt(all, shown.place);
      list.replaceChildren(usesList(uses, baseOf(shown.names)));
      said.textContent = words.found(uses.length, filesOf(uses).length);
    } catch {
      said.textContent = words.failed;
    }
  }
  if (card.isAt(shown.element)) card.place();
}

/** "(method) Channel.send(): …": what kind it is, then the type itself. */
function typeLine(type: string): HTMLElement {
  const [, kind, rest = type] = /^(\([^)]*\) )?([\s\S]*)$/.exec(type) ?? [];
  const line = element("code", "card-type");
  if (kind) line.append(element("span", "card-kind", kind.trim()), " ");
  line.append(rest);
  return line;
}

function prose(text: string): HTMLElement {
  const paragraph = element("p", "card-sentence");
  // The library's comments have links: {@link Map}.
  const plain = text.replace(/\{@link\w*\s+([^\s}|]+)[^}]*\}/g, "`$1`");
  for (const [at, part] of plain.split("`").entries()) {
    paragraph.append(at % 2 === 1 ? element("code", "", part) : part);
  }
  return paragraph;
}

function definitions(found: readonly Place[], base: string): HTMLElement[] {
  const inside = found.filter((one) => !isOutside(one));
  if (inside.length === 0) {
    const text = found.length === 0 ? words.language : words.library;
    return [element("span", "card-outside", text)];
  }
  return inside.map((place) => {
    const link = anchor(sourceAddress(base, place));
    const where = `${place.file}:${place.line}`;
    link.append(`${words.definition} `, element("span", "mono", where));
    return link;
  });
}

function passages({ name }: Shown, base: string): HTMLElement[] {
  if (name.passages.length === 0) return [];
  const line = element("p", "card-passages", `${words.explained} `);
  for (const [at, { title, number, route }] of name.passages.entries()) {
    const link = anchor(base + route, lessonName(title, number));
    line.append(...(at > 0 ? [", "] : []), link);
  }
  return [line];
}

/** By file, and in it by the function or type that the use stands in. */
function usesList(uses: readonly Place[], base: string): HTMLElement {
  const list = element("dl");
  for (const file of filesOf(uses)) {
    const own = uses.filter((use) => use.file === file);
    list.append(element("dt", "mono", file));
    for (const symbol of new Set(own.map((use) => use.symbol))) {
      const row = element("dd");
      const where = symbol || words.topOfFile;
      row.append(element("span", symbol ? "mono" : "", where));
      const lines = own.filter((use) => use.symbol === symbol);
      for (const line of new Set(lines.map((use) => use.line))) {
        const address = sourceAddress(base, { file, line });
        const link = anchor(address, String(line));
        link.setAttribute("aria-label", words.line(file, line, where));
        row.append(" ", link);
      }
      list.append(row);
    }
  }
  return list;
}

function filesOf(uses: readonly Place[]): string[] {
  return [...new Set(uses.map(({ file }) => file))];
}
