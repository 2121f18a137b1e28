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
