// Which channel a bare name in the prose means. The pages ask it of the book,
// the check of the source; so that both say the same, it stands here.
//
// Absent: how a channel is found in the source. That is channels.ts.

/** What is asked of a channel to choose one by its bare name. */
export interface NamedChannel {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Where its field or function stands. */
  readonly file: string;
}

/** Fields of a server and of a request: what every task there speaks of. */
const SHARED = ["raft_struct.ts", "ports.ts"];

/**
 * The one of this name; of several, the one that a server's own tasks share;
 * else the one that somebody calls so, `voteCh` for `respCh`.
 */
export function channelOf<T extends NamedChannel>(
  all: readonly T[],
  name: string,
): T | undefined {
  const named = all.filter((channel) => channel.name === name);
  const shared = named.filter(({ file }) => SHARED.includes(file));
  const called = all.filter(({ aliases }) => aliases.includes(name));
  return [named, shared, called].find((some) => some.length === 1)?.[0];
}
