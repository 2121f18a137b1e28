/**
 * The card of a name: its type, the first sentence of its comment, where it is
 * defined, what explains it, and on request where it is used. There is one on
 * a page. It opens beside its name and stands above everything; whoever is in
 * it with the pointer or the focus keeps it open.
 */

import {
  baseOf,
  isOutside,
  loadReferences,
  type Place,
  sourceAddress,
  usesAt,
} from "./data.ts";
import type { Shown } from "./lines.ts";
import { words } from "./words.ts";

const GAP = 6;
const EDGE = 8;

export class Card {
  readonly element = element("div", "card");
  /** The name it speaks of, while it is open. */
  shown: Shown | undefined;
  /** Opened by a key or a tap: it does not go when the pointer goes. */
  stays = false;

  constructor() {
    this.element.id = "name-card";
    this.element.popover = "manual";
    this.element.setAttribute("role", "dialog");
    this.element.dir = "ltr";
    (document.querySelector("main") ?? document.body).append(this.element);
  }

  show(shown: Shown, { stays = false } = {}): void {
    if (this.shown === shown) {
      this.stays ||= stays;
      return;
    }
    this.hide();
    this.stays = stays;
    this.shown = shown;
    this.element.setAttribute("aria-label", shown.element.textContent ?? "");
    this.element.replaceChildren(...contents(shown, () => this.toggleUses()));
    shown.element.setAttribute("aria-haspopup", "dialog");
    shown.element.setAttribute("aria-expanded", "true");
    shown.element.setAttribute("aria-describedby", "name-said");
    this.element.showPopover();
    this.#place();
  }

  hide(): void {
    const { shown } = this;
    if (!shown) return;
    this.shown = undefined;
    this.stays = false;
    shown.element.setAttribute("aria-expanded", "false");
    shown.element.removeAttribute("aria-describedby");
    this.element.hidePopover();
  }

  has(target: EventTarget | null): boolean {
    return target instanceof Node && this.element.contains(target);
  }

  /** The first thing in it that can be followed. */
  focus(): void {
    this.element.querySelector<HTMLElement>("a, button")?.focus();
  }

  stops(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>("a, button")];
  }

  /** Opens the list of uses, or closes it. */
  async toggleUses(): Promise<void> {
    const { shown } = this;
    const button = this.element.querySelector("button");
    const list = this.element.querySelector<HTMLElement>(".uses");
    const said = this.element.querySelector("[role=status]");
    if (!shown || !button || !list || !said) return;
    const opens = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(opens));
    list.hidden = !opens;
    said.textContent = "";
    if (opens) {
      try {
        const all = await loadReferences(shown.names);
        const uses = usesAt(all, shown.place);
        list.replaceChildren(...usesList(uses, baseOf(shown.names)));
        said.textContent = words.found(uses.length, filesOf(uses).length);
      } catch {
        said.textContent = words.failed;
      }
    }
    if (this.shown === shown) this.#place();
  }

  /** Shows the uses and takes the focus to the first of them. */
  async goToUses(): Promise<void> {
    const button = this.element.querySelector("button");
    if (button?.getAttribute("aria-expanded") !== "true") {
      await this.toggleUses();
    }
    const first = this.element.querySelector<HTMLElement>(".uses a");
    (first ?? button)?.focus();
  }

  /** Under the name, or over it where there is more room. */
  #place(): void {
    const { shown, element } = this;
    if (!shown) return;
    element.style.maxHeight = "";
    const name = shown.element.getBoundingClientRect();
    const page = document.documentElement;
    const { width, height } = element.getBoundingClientRect();
    const below = page.clientHeight - name.bottom - GAP - EDGE;
    const bar = document.querySelector(".bar")?.getBoundingClientRect();
    const above = name.top - GAP - EDGE - (bar?.bottom ?? 0);
    const under = height <= below || below >= above;
    const room = Math.min(height, under ? below : above);
    const top = under ? name.bottom + GAP : name.top - GAP - room;
    const most = page.clientWidth - width - EDGE;
    const left = Math.max(EDGE, Math.min(name.left, most));
    element.style.maxHeight = `${room}px`;
    element.style.top = `${top + window.scrollY}px`;
    element.style.left = `${left + window.scrollX}px`;
  }
}

// -------------------------------------------------------------- its contents

function contents(shown: Shown, toggle: () => void): HTMLElement[] {
  const { name, names } = shown;
  const base = baseOf(names);
  const said = element("div", "card-said");
  said.id = "name-said";
  said.append(typeLine(name.type));
  if (name.sentence) said.append(prose(name.sentence));
  const ways = element("p", "card-ways");
  ways.append(...definitions(name.definitions, base));
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.references;
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", "name-uses");
  button.addEventListener("click", toggle);
  ways.append(button);
  const status = element("p", "card-status");
  status.setAttribute("role", "status");
  const uses = element("div", "uses");
  uses.id = "name-uses";
  uses.hidden = true;
  return [said, ways, ...passages(shown, base), status, uses];
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
    const link = anchor(base + route);
    link.textContent = number > 0 ? `${number} · ${title}` : title;
    line.append(...(at > 0 ? [", "] : []), link);
  }
  return [line];
}

/** By file, and in it by the function or type that the use stands in. */
function usesList(uses: readonly Place[], base: string): HTMLElement[] {
  const list = element("dl", "");
  for (const file of filesOf(uses)) {
    const own = uses.filter((use) => use.file === file);
    list.append(element("dt", "mono", file));
    for (const symbol of new Set(own.map((use) => use.symbol))) {
      const row = element("dd", "");
      const where = symbol || words.topOfFile;
      row.append(element("span", symbol ? "mono" : "", where));
      const lines = own.filter((use) => use.symbol === symbol);
      for (const line of new Set(lines.map((use) => use.line))) {
        const link = anchor(sourceAddress(base, { file, line }));
        link.textContent = String(line);
        link.setAttribute("aria-label", words.line(file, line, where));
        row.append(" ", link);
      }
      list.append(row);
    }
  }
  return [list];
}

function filesOf(uses: readonly Place[]): string[] {
  return [...new Set(uses.map(({ file }) => file))];
}

function anchor(href: string): HTMLAnchorElement {
  const link = document.createElement("a");
  link.href = href;
  return link;
}

function element(tag: string, name: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}
