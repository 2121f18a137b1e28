/** Short texts with `names` in backquotes, as HTML. */

import { THREAD, threadAddress } from "../tools/pointers.ts";

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

export function proseHtml(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>");
}

/** The same, with #123 as a link to upstream's thread of that number. */
export function proseWithThreads(text: string): string {
  return proseHtml(text).replace(
    THREAD,
    (said, number: string) => `<a href="${threadAddress(number)}">${said}</a>`,
  );
}

/** Backquotes do not belong in a title or a description. */
export function plain(text: string): string {
  return text.replaceAll("`", "");
}

/** A long name with places where it may be broken: `leaderLoop|Commit`. */
export function breakable(name: string): string {
  if (name.length < LONG) return escapeHtml(name);
  return escapeHtml(
    name.replace(/([a-z\d])(?=[A-Z])|(\.)/g, "$1$2\u{1F}"),
  ).replaceAll("\u{1F}", "<wbr>");
}

const LONG = 14;
