/**
 * The card: what there is to say about a name or about a line, beside it and
 * above everything. There is one on a page. Whoever is in it with the pointer
 * or the focus keeps it open.
 */

const GAP = 6;
const EDGE = 8;

/** What a card can be opened for. */
export interface Subject {
  readonly element: HTMLElement;
  readonly label: string;
  /** Made when the card opens; the first part describes the element. */
  contents(card: Card): readonly HTMLElement[];
}

export class Card {
  readonly element = document.createElement("div");
  /** What it is open for. */
  subject: Subject | undefined;
  /** Opened by a key or a tap: it does not go when the pointer goes. */
  stays = false;

  constructor() {
    this.element.className = "card";
    this.element.id = "card";
    this.element.popover = "manual";
    this.element.setAttribute("role", "dialog");
    this.element.dir = "ltr";
    (document.querySelector("main") ?? document.body).append(this.element);
  }

  show(subject: Subject, { stays = false } = {}): void {
    if (this.isAt(subject.element)) {
      this.stays ||= stays;
      return;
    }
    this.hide();
    this.stays = stays;
    this.subject = subject;
    const { element } = subject;
    const [said, ...rest] = subject.contents(this);
    if (said) said.id = "card-said";
    this.element.setAttribute("aria-label", subject.label);
    this.element.replaceChildren(...(said ? [said] : []), ...rest);
    element.setAttribute("aria-haspopup", "dialog");
    element.setAttribute("aria-expanded", "true");
    element.setAttribute("aria-describedby", "card-said");
    this.element.showPopover();
    this.place();
  }

  hide(): void {
    const { subject } = this;
    if (!subject) return;
    this.subject = undefined;
    this.stays = false;
    subject.element.setAttribute("aria-expanded", "false");
    subject.element.removeAttribute("aria-describedby");
    this.element.hidePopover();
  }

  /** Open for this very element. */
  isAt(element: EventTarget | null): boolean {
    return element !== null && this.subject?.element === element;
  }

  has(target: EventTarget | null): boolean {
    return target instanceof Node && this.element.contains(target);
  }

  /** Takes the focus to the first thing in it that can be followed. */
  focus(): void {
    this.stays = true;
    this.stops()[0]?.focus();
  }

  stops(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>("a, button")];
  }

  /** Under its subject, or over it where there is more room. */
  place(): void {
    const { subject, element } = this;
    if (!subject) return;
    element.style.maxHeight = "";
    const at = subject.element.getBoundingClientRect();
    const page = document.documentElement;
    const { width, height } = element.getBoundingClientRect();
    const bar = document.querySelector(".bar")?.getBoundingClientRect();
    const below = page.clientHeight - at.bottom - GAP - EDGE;
    const above = at.top - GAP - EDGE - (bar?.bottom ?? 0);
    const under = height <= below || below >= above;
    const room = Math.min(height, under ? below : above);
    const top = under ? at.bottom + GAP : at.top - GAP - room;
    const most = page.clientWidth - width - EDGE;
    const left = Math.max(EDGE, Math.min(at.left, most));
    element.style.maxHeight = `${room}px`;
    element.style.top = `${top + window.scrollY}px`;
    element.style.left = `${left + window.scrollX}px`;
  }
}
