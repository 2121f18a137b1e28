/** The little of HTML that the checks read from a page's file. */

import { readFileSync } from "node:fs";
import path from "node:path";

export interface Page {
  readonly text: string;
  readonly ids: ReadonlySet<string>;
  /** Ids that stand twice. */
  readonly twice: readonly string[];
  /** href and src, as written. */
  readonly links: readonly string[];
  /** What a reader can click. */
  readonly anchors: readonly Anchor[];
}

export interface Anchor {
  readonly href: string;
  /** The language that it says it leads to, or is in. */
  readonly language: string;
}

export function fileOfPage(dist: string, page: string): string {
  const file = page.endsWith(".html") ? page : `${page}index.html`;
  return path.join(dist, file);
}

export function readPage(file: string): Page {
  const text = readFileSync(file, "utf8");
  const markup = text
    .replace(/<script\b([^>]*)>[\s\S]*?<\/script>/g, "<script$1>")
    .replace(/<style\b[\s\S]*?<\/style>/g, "")
    .replace(/<!--[\s\S]*?-->/g, "");
  const ids = new Set<string>();
  const twice: string[] = [];
  const links: string[] = [];
  const anchors: Anchor[] = [];
  for (const [tag] of markup.matchAll(/<[a-zA-Z][^<>]*>/g)) {
    const id = attribute(tag, "id");
    if (id !== undefined) {
      if (ids.has(id)) twice.push(id);
      ids.add(id);
    }
    const link = attribute(tag, "href") ?? attribute(tag, "src");
    if (link !== undefined && !/^<(svg|use|image)\b/.test(tag)) {
      links.push(withoutEntities(link));
    }
    if (link !== undefined && /^<a\s/.test(tag)) {
      const language = attribute(tag, "hreflang") ?? attribute(tag, "lang");
      anchors.push({ href: withoutEntities(link), language: language ?? "" });
    }
  }
  return { text, ids, twice, links, anchors };
}

function attribute(tag: string, name: string): string | undefined {
  const pattern = new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`);
  const match = pattern.exec(tag);
  return match ? (match[1] ?? match[2] ?? match[3]) : undefined;
}

function withoutEntities(text: string): string {
  return text
    .replaceAll("&#38;", "&")
    .replaceAll("&amp;", "&")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'");
}
