/**
 * Colours for code: every line of a file as HTML, each token in a span whose
 * class is one letter. What the letters look like is styles/code.css's affair,
 * so that a theme is a few variables and a page stays small.
 *
 * A file is always coloured whole, because a line in the middle of a comment
 * cannot know it.
 */

import {
  createHighlighter,
  type Highlighter,
  type ThemeRegistration,
} from "shiki";

/** Each class, and the scopes that get it. */
const palette = {
  c: ["comment", "punctuation.definition.comment"],
  s: ["string", "punctuation.definition.string", "constant.character.escape"],
  n: ["constant.numeric", "constant.language", "support.constant"],
  k: [
    "keyword",
    "storage",
    "variable.language.this",
    "keyword.operator.expression",
    "keyword.operator.new",
  ],
  t: [
    "entity.name.type",
    "entity.other.inherited-class",
    "support.type",
    "support.class",
    "storage.type.numeric.go",
    "storage.type.string.go",
    "storage.type.boolean.go",
  ],
  f: ["entity.name.function", "support.function"],
} as const;

const classes = Object.keys(palette);

/** A theme whose colours are the numbers of our classes. */
const theme: ThemeRegistration = {
  name: "classes",
  type: "light",
  fg: "#000000",
  bg: "#ffffff",
  settings: [
    { settings: { foreground: "#000000", background: "#ffffff" } },
    {
      scope: ["meta.template.expression", "storage.type.function.arrow"],
      settings: { foreground: "#000000" },
    },
    ...Object.entries(palette).map(([, scope], i) => ({
      scope: [...scope],
      settings: { foreground: `#00000${i + 1}` },
    })),
  ],
};

let highlighter: Promise<Highlighter> | undefined;
const known = new Map<string, Promise<string[]>>();

/** The HTML of each line of `code`; a file that did not change is not redone. */
export function highlightLines(
  code: string,
  language: "typescript" | "go" = "typescript",
): Promise<string[]> {
  const key = `${language} ${code}`;
  const lines = known.get(key) ?? colour(code, language);
  known.set(key, lines);
  return lines;
}

async function colour(
  code: string,
  language: "typescript" | "go",
): Promise<string[]> {
  highlighter ??= createHighlighter({
    themes: [theme],
    langs: ["typescript", "go"],
  });
  const { codeToTokensBase } = await highlighter;
  return codeToTokensBase(code, { lang: language, theme }).map(lineHtml);
}

interface Token {
  readonly content: string;
  readonly color?: string;
}

function lineHtml(tokens: readonly Token[]): string {
  const runs: { kind: string; text: string }[] = [];
  for (const { content, color } of tokens) {
    const kind = /^\s*$/.test(content) ? undefined : classOf(color);
    const last = runs.at(-1);
    if (last && (kind === undefined || kind === last.kind)) {
      last.text += content;
    } else {
      runs.push({ kind: kind ?? "", text: content });
    }
  }
  return runs.map(runHtml).join("");
}

function runHtml({ kind, text }: { kind: string; text: string }): string {
  const safe = escapeHtml(text);
  return kind === "" ? safe : `<span class=${kind}>${safe}</span>`;
}

function classOf(color: string | undefined): string {
  return classes[Number(color?.slice(-1) ?? 0) - 1] ?? "";
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
