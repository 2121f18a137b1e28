/** Which channel a bare name in the prose means. */

import book from "virtual:book";
import type { BookChannel } from "../tools/book/types.ts";
import { channelOf } from "../tools/engine/channel-name.ts";

export function channelNamed(name: string): BookChannel | undefined {
  return channelOf(book.channels, name);
}

/** Where it is declared: a field, or the line that makes a local one. */
export function declaredAt({ id, file, line, makers }: BookChannel): string {
  const maker = id.includes("/") ? makers[0] : undefined;
  return `/source/${file}/#L${maker?.line ?? line}`;
}
