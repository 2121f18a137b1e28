/**
 * A chart of lines as SVG, on logarithmic axes, without a browser. Colour is
 * never alone: every line has its dashes, its marks and its name at its end.
 */

import { type ScaleLogarithmic, scaleLog } from "d3-scale";
import { drawing, end, middle, n, PHONE, text } from "../drawing/svg.ts";

export interface Line {
  readonly name: string;
  /** Pairs of a place on the x axis and a value. */
  readonly points: readonly (readonly [number, number])[];
}

export interface ChartOptions {
  readonly xLabel: string;
  readonly yLabel: string;
  /** Where the x axis has its ticks. */
  readonly xTicks: readonly number[];
  /** What stands there, if not the number. */
  readonly xText?: (value: number) => string;
  /** Draw a ring around the highest point of each line. */
  readonly markHighest?: boolean;
  readonly lines: readonly Line[];
}

const LEFT = 50;
const RIGHT = 256;
const TOP = 34;
const BOTTOM = 276;
const LINE = 18;

/** How the lines differ: class, dashes, shape of the marks. */
const STYLES = [
  { stroke: "accent stroke", fill: "accent", dash: "", mark: circle },
  { stroke: "second stroke", fill: "second", dash: "7 4", mark: square },
  { stroke: "third stroke", fill: "third", dash: "2 4", mark: diamond },
  { stroke: "line stroke", fill: "soft", dash: "10 4 2 4", mark: triangle },
] as const;

export function lineChart(options: ChartOptions): string {
  const { lines, xTicks } = options;
  const values = lines.flatMap(({ points }) => points.map(([, y]) => y));
  const x = scaleLog()
    .domain([Math.min(...xTicks), Math.max(...xTicks)])
    .range([LEFT + 10, RIGHT - 10]);
  const y = scaleLog()
    .domain([Math.min(...values) * 0.85, Math.max(...values) * 1.15])
    .range([BOTTOM, TOP]);
  const ends = apart(
    lines.map(({ points }) => y(points.at(-1)?.[1] ?? 1)),
    17,
  );
  return drawing(PHONE, BOTTOM + 36 + linesOf(options.xLabel).length * LINE, [
    ...yAxis(options, y),
    ...xAxis(options, x),
    ...lines.map((line, i) => drawLine(line, i, ends[i] ?? 0, options, x, y)),
  ]);
}

type Scale = (value: number) => number;

function drawLine(
  { name, points }: Line,
  i: number,
  nameY: number,
  { markHighest }: ChartOptions,
  x: Scale,
  y: Scale,
): string {
  const style = STYLES[i % STYLES.length] ?? STYLES[0];
  const places = points.map(([px, py]) => [x(px), y(py)] as const);
  const path = places.map(([px, py]) => `${n(px)},${n(py)}`).join(" ");
  const highest = points.reduce((a, b) => (b[1] > a[1] ? b : a));
  const ring = `<circle class="line" cx="${n(x(highest[0]))}" cy="${n(y(highest[1]))}" r="9"/>`;
  return [
    `<polyline class="${style.stroke}" points="${path}"${style.dash ? ` stroke-dasharray="${style.dash}"` : ""}/>`,
    ...places.map(([px, py]) => style.mark(px, py, style.fill)),
    markHighest ? ring : "",
    style.mark(RIGHT + 9, nameY, style.fill),
    text(RIGHT + 18, nameY + 5, name),
  ].join("");
}

function yAxis({ yLabel }: ChartOptions, y: ScaleLogarithmic<number, number>) {
  const [low = 1, high = 10] = y.domain();
  return [
    text(0, TOP - 16, yLabel, "soft"),
    ...oneTwoFive(low, high).map(
      (value) =>
        `<path class="fill" d="M${LEFT} ${n(y(value))}H${RIGHT}"/>` +
        text(LEFT - 6, y(value) + 5, grouped(value), "soft", end),
    ),
  ];
}

function xAxis({ xLabel, xTicks, xText }: ChartOptions, x: Scale): string[] {
  return [
    `<path class="line" d="M${LEFT} ${BOTTOM}H${RIGHT}"/>`,
    ...xTicks.map(
      (value) =>
        `<path class="line" d="M${n(x(value))} ${BOTTOM}v5"/>` +
        text(x(value), BOTTOM + 21, (xText ?? String)(value), "soft", middle),
    ),
    ...linesOf(xLabel).map((words, i) =>
      text(PHONE / 2, BOTTOM + 46 + i * LINE, words, "soft", middle),
    ),
  ];
}

/** What stands behind a semicolon has a line of its own. */
function linesOf(words: string): string[] {
  return words.split(/(?<=;) /);
}

/** 1, 2, 5, 10, 20 … between two values. */
function oneTwoFive(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); ; power++) {
    for (const digit of [1, 2, 5]) {
      const value = digit * 10 ** power;
      if (value > high) return ticks;
      if (value >= low) ticks.push(value);
    }
  }
}

/** Moves places that are too close to one another, and keeps their order. */
function apart(places: readonly number[], least: number): number[] {
  const order = places.map((_, i) => i);
  order.sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const moved = [...places];
  for (const [rank, i] of order.entries()) {
    const above = order[rank - 1];
    if (above === undefined) continue;
    moved[i] = Math.max(moved[i] ?? 0, (moved[above] ?? 0) + least);
  }
  const tooLow = Math.max(0, Math.max(...moved) - BOTTOM);
  return moved.map((place) => place - tooLow);
}

/** 12345 as 12,345. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

function circle(x: number, y: number, fill: string): string {
  return `<circle class="${fill}" cx="${n(x)}" cy="${n(y)}" r="4"/>`;
}

function square(x: number, y: number, fill: string): string {
  return `<rect class="${fill}" x="${n(x - 4)}" y="${n(y - 4)}" width="8" height="8"/>`;
}

function diamond(x: number, y: number, fill: string): string {
  return `<path class="${fill}" d="M${n(x)} ${n(y - 5.5)}l5.5 5.5l-5.5 5.5l-5.5 -5.5z"/>`;
}

function triangle(x: number, y: number, fill: string): string {
  return `<path class="${fill}" d="M${n(x)} ${n(y - 5)}l5 9h-10z"/>`;
}
