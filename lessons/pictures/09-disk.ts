/**
 * What a slower disk costs: committed entries a second against the time of a
 * write, with one request in flight, with two and with 128.
 */

import type { Picture } from "../../site/tools/pictures/picture.ts";
import { CLIENTS, measure } from "./09/measure.ts";
import { sweep } from "./09/sweep.ts";

export default function draw(): Picture {
  const { svg, tables, crossing } = sweep(
    "a follower's write, in milliseconds; the leader's takes half of it",
    [0.25, 0.5, 1, 2, 4, 8, 16],
    (inFlight, writeMs) =>
      measure({
        inFlight,
        roundTripMs: 5,
        leaderWriteMs: [writeMs / 2, writeMs / 2],
        followerWriteMs: [writeMs, writeMs],
      }),
  );
  return {
    title: "Committed entries a second, by the time of a write",
    words:
      `${CLIENTS} clients in a closed loop, 5 ms a round trip. The slower the ` +
      `disk, the more it costs to send many small requests. ${crossing}`,
    svg,
    tables,
  };
}
