/** Which channel a bare name in the prose means. */

import book from "virtual:book";
import type { BookChannel } from "../tools/book/types.ts";

/** Fields of a server and of a request: what every task there speaks of. */
const SHARED = ["raft_struct.ts", "ports.ts"];

/**
 * The one of this name; of several, the one that a server's own tasks share;
 * else the one that somebody calls so, `voteCh` for `respCh`.
 */
export function channelNamed(name: string): BookChannel | undefined {
  const named = book.channels.filter((channel) => channel.name === name);
  const shared = named.filter(({ file }) => SHARED.includes(file));
  const called = book.channels.filter(({ aliases }) => aliases.includes(name));
  return [named, shared, called].find((some) => some.length === 1)?.[0];
}

/** Where it is declared: a field, or the line that makes a local one. */
export function declaredAt({ id, file, line, makers }: BookChannel): string {
  const maker = id.includes("/") ? makers[0] : undefined;
  return `/source/${file}/#L${maker?.line ?? line}`;
}
