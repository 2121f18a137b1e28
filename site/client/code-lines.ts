/**
 * Lines of the source with a text in them. What is typed may be Go: `==`, `!=`,
 * `:=`, `nil`, an `if` without parentheses, fields with a capital letter, and
 * spaces or none around signs.
 */

/** By file, the texts of its lines. */
export type Lines = Readonly<Record<string, readonly string[]>>;

export interface CodeLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** Without what Go and TypeScript write differently. */
  readonly plain: string;
}

export function codeLines(files: Lines): CodeLine[] {
  return Object.entries(files).flatMap(([file, texts]) =>
    texts.map((text, at) => ({
      file,
      line: at + 1,
      text: text.trim(),
      plain: plainCode(text),
    })),
  );
}

/** What has the very text comes first. */
export function linesWith(
  all: readonly CodeLine[],
  wanted: string,
): CodeLine[] {
  const exact = all.filter(({ text }) => text.includes(wanted));
  const same = all.filter(sameAs(wanted));
  return [...new Set([...exact, ...same])];
}

/** Before a bracket a word has ended: `if v {` is not `if (voters…`. */
function sameAs(wanted: string): (line: CodeLine) => boolean {
  const plain = plainCode(wanted);
  const ended = /[(){};]\s*$/.test(wanted);
  return (line) => {
    const [, ...rests] = plain === "" ? [] : line.plain.split(plain);
    return rests.some((rest) => !ended || !/^\w/.test(rest));
  };
}

/** Brackets, braces and semicolons stand elsewhere, or are not there at all. */
function plainCode(text: string): string {
  return text
    .replace(/([=!]=)=/g, "$1")
    .replace(/:=/g, "=")
    .replace(/\b(nil|null)\b/g, "undefined")
    .replace(/[(){};]/g, " ")
    .replace(/\s*(\W)\s*/g, "$1")
    .trim()
    .toLowerCase();
}
