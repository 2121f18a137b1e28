/** Time from left to right: bars, marks and the axis below them. */

import { line, middle, n, rect, text } from "./svg.ts";

const small = { size: 13 };

export interface TimelineOptions {
  readonly fromMs: number;
  readonly toMs: number;
  /** Where the first moment stands, and how far off the last. */
  readonly left: number;
  readonly width: number;
}

export class Timeline {
  private readonly options: TimelineOptions;

  constructor(options: TimelineOptions) {
    this.options = options;
  }

  x(atMs: number): number {
    const { fromMs, toMs, left, width } = this.options;
    const part = (atMs - fromMs) / (toMs - fromMs);
    return Number(n(left + part * width));
  }

  bar(fromMs: number, toMs: number, y: number, kind: string): string {
    return rect(this.x(fromMs), y - 3, this.x(toMs) - this.x(fromMs), 6, kind);
  }

  /** A moment, and its words beside it: before it if `anchor` is "end". */
  mark(
    atMs: number,
    y: number,
    words: string,
    below: number,
    anchor: "start" | "end" = "start",
  ): string {
    const x = this.x(atMs);
    const aside = anchor === "end" ? -3 : 3;
    const style = { ...small, anchor };
    return (
      line(x, y - 9, x, y + 9) +
      text(x + aside, y + below, words, "soft halo", style)
    );
  }

  axis(y: number, ticksMs: readonly number[]): string {
    const { left, width } = this.options;
    const ticks = ticksMs.map((tick) => {
      const x = this.x(tick);
      const style = { ...small, ...middle };
      return (
        line(x, y, x, y + 6) + text(x, y + 20, `${tick} ms`, "soft", style)
      );
    });
    return line(left, y, left + width, y) + ticks.join("");
  }
}

/** Words above a bar, or anywhere else. */
export function label(x: number, y: number, words: string, kind = "ink") {
  return text(x, y, words, `${kind} halo`, small);
}

/** A time in words, to the millisecond. */
export function whole(atMs: number): string {
  return String(Math.round(atMs));
}
