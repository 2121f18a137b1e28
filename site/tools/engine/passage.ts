// The identity of a passage: its lesson, its kind, the address and the text it
// is bound to. Rewriting its words, or moving it within the lesson, keeps it;
// binding it to other code makes it a new one, which nobody has attested.

import { createHash } from "node:crypto";
import type { ExcerptRequest, OnRequest, PassageKind } from "./types.ts";

/** "note-3f9a2c81": the element's id on the lesson's page. */
export function anchorOf(
  kind: PassageKind,
  excerpt: ExcerptRequest | undefined,
  { on, to }: OnRequest = {},
  test?: string,
): string {
  const part = on === undefined ? [excerpt?.from, excerpt?.to] : [on, to];
  const named = [excerpt?.of, ...part, test].map((one) => squeeze(one ?? ""));
  const hash = createHash("sha256").update(named.join("\0")).digest("hex");
  return `${kind}-${hash.slice(0, 8)}`;
}

/** "04-elect-self/note-3f9a2c81": its name in lessons/attested.json. */
export function idOf(slug: string, anchor: string): string {
  return `${slug}/${anchor}`;
}

/** Tells apart passages of one lesson that are bound to the same text. */
export class Anchors {
  private readonly taken = new Map<string, number>();

  take(anchor: string): string {
    const times = (this.taken.get(anchor) ?? 0) + 1;
    this.taken.set(anchor, times);
    return times === 1 ? anchor : `${anchor}-${times}`;
  }
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
