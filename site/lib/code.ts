/**
 * Lines of raft/ as HTML. Each begins with a link that carries its true
 * number: the number is drawn by CSS, so that copying code copies code only.
 */

/** What a file's lines are made of: source, or a suite. */
type Lines = {
  readonly lines: readonly string[];
  readonly html: readonly string[];
};

export interface LineOptions {
  /** Columns of shared indent to leave out. */
  readonly indent?: number;
  /** An id, so that an address can end in #L10. */
  readonly id?: boolean;
  /** Where the number leads. */
  readonly link: string;
  readonly classes?: string;
  /** Further HTML between number and code. */
  readonly margin?: string;
  /** Attributes of the line. */
  readonly data?: string;
}

export function lineHtml(
  file: Lines,
  number: number,
  { indent = 0, id, link, classes, margin = "", data = "" }: LineOptions,
): string {
  const code = (file.html[number - 1] ?? "").slice(
    indentOf(file, number, indent),
  );
  const kind = classes ? `"line ${classes}"` : "line";
  const anchor = id ? ` id=L${number}` : "";
  return (
    `<span class=${kind}${anchor}${data}>` +
    `<a href="${link}" data-n=${number} aria-label="line ${number}"></a>` +
    `${margin}${code}\n</span>`
  );
}

/** Never more than the line has: an empty line has no indent to lose. */
function indentOf(file: Lines, number: number, indent: number): number {
  const text = file.lines[number - 1] ?? "";
  return Math.min(indent, text.length - text.trimStart().length);
}
