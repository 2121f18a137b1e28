/**
 * What a longer way costs: committed entries a second against the round trip,
 * with one request in flight, with two and with 128.
 */

import type { Picture } from "../../site/tools/pictures/picture.ts";
import { CLIENTS, measure, slowFollowers } from "./09/measure.ts";
import { sweep } from "./09/sweep.ts";

export default function draw(): Picture {
  const { svg, tables, crossing } = sweep(
    "round trip between two servers, in milliseconds",
    [0.5, 1, 2, 5, 10, 20, 50, 100],
    (inFlight, roundTripMs) => measure(slowFollowers(inFlight, roundTripMs)),
  );
  return {
    title: "Committed entries a second, by the round trip",
    words:
      `${CLIENTS} clients in a closed loop; a write takes the leader 2 ms and ` +
      "a follower 4 ms. With one request in flight the rate falls as the way " +
      `grows; with 128 it falls much less, from a lower place. ${crossing}`,
    svg,
    tables,
  };
}
