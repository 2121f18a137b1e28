/** Scripts of scenarios and exercises, as HTML. */

/**
 * A remark behind a statement is wrapped together with the blanks before it:
 * where the screen is too narrow, it stands on a line of its own, see
 * styles/names.css. What is copied stays the script.
 */
export function remarksHtml(escaped: string): string {
  return escaped
    .replace(/^( *)(#.*)$/gm, "$1<span class=c>$2</span>")
    .replace(
      /(?<=\S)( +)(#.*)$/gm,
      "<span class=remark>$1<span class=c>$2</span></span>",
    );
}

/** Events of a trace one below the other, without the blanks before them all. */
export function traceText(events: readonly string[]): string {
  const blanks = Math.min(...events.map((event) => event.search(/\S|$/)));
  return events.map((event) => event.slice(blanks)).join("\n");
}
