/**
 * Who hands what to whom, drawn from rows that a run has given: a lane for
 * each task or server, time from top to bottom.
 *
 * A level arrow or a hook is a value in a channel; an arrow that slants begins
 * where something is sent and ends where it is taken, and answers are dashed.
 * A box is what somebody did alone.
 */

import type { PictureTable } from "../../../site/tools/pictures/picture.ts";
import { arrow, drawing, end, head, middle, ms, rect, text } from "./svg.ts";

/** One row: who to whom, by which channel if any. Alone: `from` is `to`. */
export interface Row {
  readonly from: string;
  to: string;
  readonly channel: string;
  readonly what: string;
  readonly atMs: number;
  /** When what was sent was taken, and how many rows there were by then. */
  arrivesMs?: number;
  arrivesAfter?: number;
  /** An answer to another row. */
  readonly answers?: boolean;
  /** What the picture is about: it gets a frame. */
  readonly decides?: boolean;
}

export interface SequenceOptions {
  /** Everybody, from left to right, and where each stands. */
  readonly lanes: Readonly<Record<string, number>>;
  readonly width: number;
  /** Those that belong together, in a frame. */
  readonly group: {
    readonly title: string;
    readonly first: string;
    readonly last: string;
  };
  /** What of a row is written in the drawing, line by line. */
  readonly words: (row: Row) => readonly string[];
}

export function sequence(
  rows: readonly Row[],
  options: SequenceOptions,
): string {
  return new Sequence(rows, options).drawing();
}

/** The same in a table. */
export function sequenceTable(rows: readonly Row[]): PictureTable {
  return {
    caption: "The same, row by row",
    head: ["ms", "who", "to whom", "channel", "what"],
    rows: rows.map(tableRow),
  };
}

function tableRow(row: Row): string[] {
  const { from, to, channel, what, atMs, arrivesMs } = row;
  const there = arrivesMs === undefined ? "" : ` (there at ${ms(arrivesMs)})`;
  return [ms(atMs), from, to === from ? "" : to, channel, what + there];
}

/** Whether it takes its time from one to the other. */
function travels({ from, to, arrivesMs }: Row): boolean {
  return from !== to && arrivesMs !== undefined;
}

const HEAD = 64;
const ROW = 24;
const SECOND_LINE = 15;
/** Between two rows of different times: here a message is on its way. */
const PAUSE = 16;

/** What is drawn at one height: a row, or only the end of an arrow. */
interface Place {
  readonly row?: Row;
  readonly atMs: number;
  readonly y: number;
}

/** Lines first and words last, so that no line runs through a word. */
interface Drawn {
  readonly lines: string;
  readonly words: string;
}

class Sequence {
  private readonly rows: readonly Row[];
  private readonly options: SequenceOptions;
  private readonly places: Place[] = [];
  /** Where the arrow of a row ends, if it slants. */
  private readonly ends = new Map<Row, number>();
  private bottom = HEAD;

  constructor(rows: readonly Row[], options: SequenceOptions) {
    this.rows = rows;
    this.options = options;
    for (let i = 0; i <= rows.length; i++) {
      for (const row of rows) {
        if (row.arrivesAfter !== i || this.meets(row)) continue;
        this.ends.set(row, this.put(row.arrivesMs ?? 0).y - 4);
      }
      const next = rows[i];
      if (!next) continue;
      const { y } = this.put(next.atMs, next);
      for (const row of rows) {
        if (this.meets(row) === next) this.ends.set(row, y - 15);
      }
    }
  }

  drawing(): string {
    const { lanes, width, group } = this.options;
    const height = this.bottom + HEAD;
    const left = this.x(group.first) - 40;
    const right = this.x(group.last) + 35;
    const drawn = this.places.map((place) => this.drawnAt(place));
    const title = (y: number) =>
      text((left + right) / 2, y, group.title, "soft", middle);
    return drawing(width, height, [
      rect(left, 6, right - left, height - 12, "line", "2 4"),
      ...Object.values(lanes).map((x) => lane(x, HEAD, height - HEAD)),
      ...this.times(),
      ...drawn.map(({ lines }) => lines),
      ...drawn.map(({ words }) => words),
      title(22),
      ...heads(lanes, 42),
      ...heads(lanes, height - HEAD + 18),
      title(height - 14),
    ]);
  }

  private x(who: string): number {
    const x = this.options.lanes[who];
    if (x === undefined) throw new Error(`there is no lane for "${who}"`);
    return x;
  }

  private put(atMs: number, row?: Row): Place {
    const before = this.places.at(-1);
    if (before && ms(before.atMs) !== ms(atMs)) this.bottom += PAUSE;
    const place = { atMs, y: this.bottom + 18, ...(row && { row }) };
    this.places.push(place);
    const lines = row ? this.words(row).length : 1;
    this.bottom += ROW + (lines - 1) * SECOND_LINE;
    return place;
  }

  /** What the receiver does with it alone, in the same instant. */
  private meets({ to, arrivesMs, arrivesAfter }: Row): Row | undefined {
    if (arrivesAfter === undefined) return undefined;
    return this.rows
      .slice(arrivesAfter)
      .find(
        (row) => row.from === to && row.to === to && row.atMs === arrivesMs,
      );
  }

  private words(row: Row): readonly string[] {
    return row.channel ? [row.channel] : this.options.words(row);
  }

  /** Each time once, where it begins. */
  private times(): string[] {
    return this.places.flatMap(({ atMs, y }, i) => {
      const before = this.places[i - 1];
      if (before && ms(before.atMs) === ms(atMs)) return [];
      return text(2, y, ms(atMs), "soft");
    });
  }

  private drawnAt({ row, y }: Place): Drawn {
    if (!row) return { lines: "", words: "" };
    if (travels(row)) return this.slanting(row, y);
    if (row.from === row.to)
      return row.channel ? this.loop(row, y) : this.note(row, y);
    const [from, to] = [this.x(row.from), this.x(row.to)];
    return {
      lines: arrow(from, y + 3, to, y + 3),
      words: text((from + to) / 2, y - 2, row.channel, "ink halo", middle),
    };
  }

  /** From where it is sent to where it arrives; its words at the start. */
  private slanting(row: Row, y: number): Drawn {
    const [from, to] = [this.x(row.from), this.x(row.to)];
    const words = this.words(row);
    const start = y + 3 + (words.length - 1) * SECOND_LINE;
    const right = from < to;
    return {
      lines: arrow(
        from,
        start,
        to,
        this.ends.get(row) ?? y,
        row.answers ? "5 3" : "",
      ),
      words: right
        ? stacked(from + 5, y - 2, words, "ink halo")
        : stacked(from - 5, y - 2, words, "ink halo", end),
    };
  }

  /** A channel within one server. */
  private loop({ from, channel }: Row, y: number): Drawn {
    const x = this.x(from);
    const path = `M${x} ${y - 10} h12 v10 h-12`;
    return {
      lines: `<path d="${path}" class="line"/>${head(x, y, 0)}`,
      words: text(x - 6, y - 1, channel, "ink halo", end),
    };
  }

  /** A box around what somebody has done alone. */
  private note(row: Row, y: number): Drawn {
    const words = this.words(row);
    const longest = Math.max(...words.map(({ length }) => length));
    const weight = row.decides ? 600 : 400;
    const width = (row.decides ? 6.6 : 6.4) * longest + 10;
    const height = 20 + (words.length - 1) * SECOND_LINE;
    const x = this.x(row.from);
    const box = (kind: string) =>
      rect(x - width / 2, y - 15, width, height, kind);
    return {
      lines: "",
      words:
        box("fill") +
        (row.decides ? box("accent stroke") : "") +
        stacked(x, y, words, "ink", { weight, ...middle }),
    };
  }
}

/** Who is who, above the lanes and again below them. */
function heads(lanes: SequenceOptions["lanes"], y: number): string[] {
  const style = { weight: 600, ...middle };
  return Object.entries(lanes).map(([who, x]) => {
    const words = who.split(" ");
    return stacked(x, words.length === 1 ? y + 7 : y, words, "ink", style);
  });
}

function lane(x: number, top: number, bottom: number): string {
  return (
    `<line x1="${x}" y1="${top}" x2="${x}" y2="${bottom}" class="line" ` +
    'stroke-opacity="0.4"/>'
  );
}

function stacked(
  x: number,
  y: number,
  lines: readonly string[],
  kind: string,
  style = {},
): string {
  return lines
    .map((words, i) => text(x, y + i * SECOND_LINE, words, kind, style))
    .join("");
}
