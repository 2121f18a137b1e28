/**
 * The slim line over a file's code: which symbol the lit line belongs to, or
 * else the topmost one in view, and where v1.1.1 has it. All lines are equally
 * high, so that one look at the block tells the line, and nothing has to be
 * laid out for it. Above the last block there are imports, and no symbols.
 */

import { onceAFrame } from "./frame.ts";

const bar = document.querySelector<HTMLElement>("[data-where]");
const blocks = document.querySelectorAll<HTMLElement>("[data-source] .code");
const code = [...blocks].at(-1);
const symbolLink = bar?.querySelector<HTMLAnchorElement>("[data-symbol]");
const placeLink = bar?.querySelector<HTMLAnchorElement>("[data-place]");
const lines = code?.querySelectorAll(".line").length ?? 0;
const first = numberOf(code);

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly href: string;
  /** Where v1.1.1 has it: "raft.go:1386-1395". */
  readonly place: HTMLAnchorElement | null;
}

/** The line that was asked for, as long as it is in view. */
function litInView(): number | undefined {
  const lit = code?.querySelector(".line.lit");
  const { top = -1 } = lit?.getBoundingClientRect() ?? {};
  if (!lit || top < 0 || top > innerHeight) return undefined;
  return numberOf(lit);
}

/** Of a line, or of the first one in a block. */
function numberOf(element: Element | undefined): number {
  return Number(element?.querySelector<HTMLElement>("a[data-n]")?.dataset.n);
}

/** The table of symbols above the code, the narrowest symbol first. */
const stretches = [
  ...document.querySelectorAll<HTMLTableRowElement>("tr[data-lines]"),
]
  .map((row): Stretch => {
    const [start = 0, end = 0] = (row.dataset.lines ?? "").split("-");
    return {
      start: Number(start),
      end: Number(end),
      name: row.querySelector("code")?.textContent ?? "",
      href: row.querySelector("a")?.getAttribute("href") ?? "",
      place: row.querySelector<HTMLAnchorElement>("td:last-child a"),
    };
  })
  .sort((a, b) => a.end - a.start - (b.end - b.start));

let shown: Stretch | undefined;

function show(stretch: Stretch | undefined): void {
  if (stretch === shown) return;
  shown = stretch;
  fill(symbolLink, stretch?.name, stretch?.href);
  const place = stretch?.place;
  const label = place?.textContent?.replace(":", " ").replace("-", "–");
  fill(placeLink, label && `v1.1.1 ${label}`, place?.href);
}

function fill(
  link: HTMLAnchorElement | null | undefined,
  text: string | undefined,
  href: string | undefined,
): void {
  if (!link) return;
  link.hidden = !text;
  link.textContent = text ?? "";
  link.href = href ?? "";
}

function look(): void {
  if (!bar || !code) return;
  const { top, height } = code.getBoundingClientRect();
  const below = bar.getBoundingClientRect().bottom - top;
  const passed = Math.max(0, Math.floor(below / (height / lines)));
  const topmost = first + passed;
  const line = litInView() ?? topmost;
  show(stretches.find(({ start, end }) => start <= line && line <= end));
}

if (bar && code && symbolLink) {
  const lookSoon = onceAFrame(look);
  addEventListener("scroll", lookSoon, { passive: true });
  addEventListener("resize", lookSoon);
  for (const event of ["hashchange", "click", "load"]) {
    addEventListener(event, () => setTimeout(lookSoon));
  }
  lookSoon();
}
