/**
 * What was the case where a condition did not come true, as far as it is about
 * this condition: what the next line asks for is not told.
 */

import { lastEntry } from "../../../raft/sim/scenario.ts";
import type { World } from "../../../raft/sim/world.ts";

/** "s1 is in term 2", of `s1 term 5`. */
export function was(world: World, [first = "", second]: readonly string[]) {
  if (first === "leader" || (first === "no" && second === "leader")) {
    const leader = world.leader();
    return leader ? `${leader.id} leads` : "no server leads";
  }
  const server = world.servers.find(({ id }) => id === first);
  if (!server) return "it did not come true";
  switch (second) {
    case "term":
      return `${first} is in term ${server.term}`;
    case "commit":
      return `${first} has commit index ${server.raft?.CommitIndex() ?? 0}`;
    case "last":
      return `the last entry of ${first} is ${lastEntry(server)}`;
    case "vote":
      return `${first} voted for ${server.lastVote || "nobody"} last`;
    case "applied":
    case "verified":
      return `${first} has not ${second} it`;
    default:
      return `${first} is ${server.state}`;
  }
}
