/** The break of a claim, with a link to the lines that it changes. */

import book from "virtual:book";
import type { BookClaim } from "../tools/book/types.ts";
import { breakHtml } from "./break.ts";
import { lineLabel, sourceHref } from "./href.ts";
import { escapeHtml } from "./text.ts";
import type { Language } from "./words.ts";

/** Empty when there is none, or while it stands nowhere. */
export function claimBreakHtml(
  { break: change, broken }: BookClaim,
  language: Language,
): string {
  if (!change || !broken) return "";
  const { file, range } = broken;
  const begins = book.files[file]?.lines[range.start - 1] ?? "";
  const name = book.symbols[change.in]?.name ?? "";
  const place =
    `<a href="${sourceHref(file, range.start, range.end)}">` +
    `<code>${escapeHtml(name)}</code>, ` +
    `${file} ${lineLabel(range.start, range.end)}</a>`;
  return breakHtml(change, begins.search(/\S|$/), place, language);
}
