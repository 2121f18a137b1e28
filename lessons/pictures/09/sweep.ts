/** A chart over one condition, with a line for each of three depths. */

import type { Picture } from "../../../site/tools/pictures/picture.ts";
import { grouped, lineChart } from "./chart.ts";
import type { Measured } from "./measure.ts";

const SHALLOW_TO_DEEP = [1, 2, 128] as const;

export function sweep(
  xLabel: string,
  places: readonly number[],
  measureAt: (inFlight: number, place: number) => Measured,
) {
  const lines = SHALLOW_TO_DEEP.map((inFlight) => ({
    inFlight,
    rates: places.map((place) => measureAt(inFlight, place).committedPerSecond),
  }));
  const tables: Picture["tables"] = [
    {
      caption: "Committed entries a second",
      head: ["milliseconds", ...lines.map((l) => `${l.inFlight} in flight`)],
      rows: places.map((place, i) => [
        String(place),
        ...lines.map(({ rates }) => grouped(rates[i] ?? 0)),
      ]),
    },
  ];
  return {
    tables,
    crossing: crossing(places, lines[0]?.rates ?? [], lines[2]?.rates ?? []),
    svg: lineChart({
      xLabel,
      yLabel: "committed entries a second of virtual time",
      xTicks: places,
      lines: lines.map(({ inFlight, rates }) => ({
        name: `${inFlight} in flight`,
        points: rates.map((rate, i) => [places[i] ?? 0, rate]),
      })),
    }),
  };
}

/** Where 128 in flight are better than one, in words. */
function crossing(
  places: readonly number[],
  one: readonly number[],
  many: readonly number[],
): string {
  const better = places.filter((_, i) => (many[i] ?? 0) > (one[i] ?? 0));
  if (better.length === 0) return "128 in flight are nowhere better than one.";
  return `128 in flight are better than one at ${better.join(", ")} ms.`;
}
