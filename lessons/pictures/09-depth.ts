/**
 * How many requests in flight are best: committed entries a second against
 * their number, for four distances. Each point is a run of its own.
 */

import type { Picture } from "../../site/tools/pictures/picture.ts";
import { grouped, lineChart } from "./09/chart.ts";
import {
  CLIENTS,
  DEPTHS,
  type Measured,
  measure,
  slowFollowers,
} from "./09/measure.ts";

const ROUND_TRIPS = [0.5, 5, 20, 100];

interface Row {
  readonly roundTripMs: number;
  readonly measured: readonly Measured[];
}

export default function draw(): Picture {
  const rows = ROUND_TRIPS.map((roundTripMs) => ({
    roundTripMs,
    measured: DEPTHS.map((n) => measure(slowFollowers(n, roundTripMs))),
  }));
  return {
    title: "Committed entries a second, by how many requests are in flight",
    words:
      `${CLIENTS} clients in a closed loop; a write takes the leader 2 ms and ` +
      "a follower 4 ms. One in flight is RPC mode. Of the powers of two a ring " +
      `marks the best on each line: ${rows.map(best).join("; ")}. The second ` +
      "table says why: the more are in flight, the fewer entries share a write.",
    svg: lineChart({
      xLabel: "requests in flight to one follower, at most",
      yLabel: "committed entries a second of virtual time",
      xTicks: DEPTHS,
      markHighest: true,
      lines: rows.map(({ roundTripMs, measured }) => ({
        name: `RTT ${roundTripMs} ms`,
        points: measured.map((m, i) => [DEPTHS[i] ?? 0, m.committedPerSecond]),
      })),
    }),
    tables: [
      table("Committed entries a second", rows, (m) =>
        grouped(m.committedPerSecond),
      ),
      table("Entries in a request, on average", rows, (m) =>
        m.entriesPerRequest.toFixed(0),
      ),
    ],
  };
}

function best({ roundTripMs, measured }: Row): string {
  const rates = measured.map((m) => m.committedPerSecond);
  const highest = Math.max(...rates);
  const at = DEPTHS[rates.indexOf(highest)];
  return (
    `at ${roundTripMs} ms a round trip the best is ${at} in flight with ` +
    `${grouped(highest)} a second, and 128 in flight commit ` +
    grouped(rates.at(-1) ?? 0)
  );
}

function table(
  caption: string,
  rows: readonly Row[],
  text: (measured: Measured) => string,
) {
  return {
    caption,
    head: ["round trip", ...DEPTHS.map((n) => `${n} in flight`)],
    rows: rows.map(({ roundTripMs, measured }) => [
      `${roundTripMs} ms`,
      ...measured.map(text),
    ]),
  };
}
