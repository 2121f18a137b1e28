/**
 * The card of a marked line: every passage that speaks of the line, lesson by
 * lesson. The mark itself leads to the narrowest of them.
 */

import type { Subject } from "./card.ts";
import { baseOf, loadPassages, passagesOn, type Spoken } from "./data.ts";
import { blockOf, lineAt, numberOf } from "./lines.ts";
import { anchor, element } from "./parts.ts";
import { lessonName, words } from "./words.ts";

export function markAt(
  target: EventTarget | null,
): HTMLAnchorElement | undefined {
  const mark = target instanceof Element ? target.closest("a.mark") : null;
  return mark instanceof HTMLAnchorElement && lineAt(mark) ? mark : undefined;
}

/** Everything is loaded before the card opens. */
export async function ofMark(mark: HTMLElement): Promise<Subject> {
  const { names = "" } = blockOf(mark).dataset;
  const line = numberOf(lineAt(mark) as HTMLElement);
  const spoken = passagesOn(await loadPassages(names), line);
  // The title would say the same once more.
  mark.removeAttribute("title");
  return {
    element: mark,
    label: words.explainedLine(line),
    contents: () => [
      element("p", "card-line", words.explainedLine(line)),
      list(spoken, line, baseOf(names)),
    ],
  };
}

function list(
  spoken: readonly Spoken[],
  line: number,
  base: string,
): HTMLElement {
  const all = element("dl");
  for (const lesson of new Set(spoken.map(({ title }) => title))) {
    const own = spoken.filter(({ title }) => title === lesson);
    all.append(element("dt", "", lessonName(lesson, own[0]?.number ?? 0)));
    all.append(...own.map((passage) => row(passage, line, base)));
  }
  return all;
}

/** In the passage's own words: a line may have five of them. */
function row(passage: Spoken, line: number, base: string): HTMLElement {
  const { kind, start, end, route, proof } = passage;
  const row = element("dd");
  const what = words.passage(kind, start, end);
  const link = anchor(base + route, passage.words ?? what);
  if (passage.words !== undefined) {
    const own = start === line && end === line;
    row.append(element("span", "", `${own ? words.kind(kind) : what}: `));
  }
  row.append(link);
  if (proof) row.append(", ", anchor(base + proof, words.proof));
  return row;
}
