/**
 * What a seed leaves behind, as one line to compare: in another process, in a
 * browser. So it uses nothing but raft/.
 */

import { runSwarm } from "../../../raft/sim/swarm.ts";

/** "17 of 3 servers: 0f8a91c2 after 2410 events", a line a seed. */
export function hashesOf(first: number, last: number): string[] {
  const lines: string[] = [];
  for (let seed = first; seed <= last; seed++) {
    const servers = seed % 2 === 1 ? 3 : 5;
    const { hash, events } = runSwarm({ seed, servers });
    lines.push(`${seed} of ${servers} servers: ${hash} after ${events} events`);
  }
  return lines;
}
