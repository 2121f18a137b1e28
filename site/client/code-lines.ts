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
  const plain = plainCode(wanted);
  const exact = all.filter(({ text }) => text.includes(wanted));
  const same = all.filter((one) => one.plain.includes(plain));
  return [...new Set([...exact, ...same])];
}

function plainCode(text: string): string {
  return text
    .replace(/([=!]=)=/g, "$1")
    .replace(/:=/g, "=")
    .replace(/\b(nil|null)\b/g, "undefined")
    .replace(/\b(if|for|switch) *\(/g, "$1 ")
    .replace(/\) *\{\s*$/, "{")
    .replace(/\s*(\W)\s*/g, "$1")
    .trim()
    .toLowerCase();
}
