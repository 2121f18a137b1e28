/**
 * The paper's Figure 8: what the five logs hold at the end of each step, with
 * the leader's numbers where it counts. Read from the disks and from the
 * leader of the lesson's run.
 */

import { Commitment } from "../../raft/commitment.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import type { World } from "../../raft/sim/world.ts";
import type { Picture } from "../../site/tools/pictures/picture.ts";
import { at, type Step } from "./08/figure_8.ts";
import { drawing, PHONE, rect, text } from "./drawing/svg.ts";

const IDS = ["s1", "s2", "s3", "s4", "s5"];
const STEPS: readonly Step[] = ["a", "b", "c", "d", "e"];

interface Column {
  readonly step: Step;
  readonly leader: string;
  /** For each server the terms of its entries, and whether it is up. */
  readonly logs: readonly { readonly terms: number[]; readonly up: boolean }[];
  /** The last index that the leader knows of on each, and what follows. */
  readonly numbers: string;
  readonly committed: number;
  /** What counting alone would commit: the same numbers, no startIndex. */
  readonly counted: number;
}

function column(step: Step): Column {
  const w = at(step);
  const leader = w.leader();
  const leads = leader?.r?.leaderState;
  if (!leader || !leads) throw new Error(`(${step}) has no leader`);
  const { commitment } = leads;
  return {
    step,
    leader: `${leader.id} leads term ${leader.term}`,
    logs: IDS.map((id) => ({
      terms: termsOf(w, id),
      up: w.server(id).up,
    })),
    numbers: IDS.map((id) => commitment.matchIndex(id)).join(" "),
    committed: commitment.getCommitIndex(),
    counted: withoutStartIndex(commitment, w),
  };
}

function termsOf(w: World, id: string): number[] {
  const { disk } = w.server(id);
  return Array.from(
    { length: disk.lastIndex },
    (_, i) => disk.entry(i + 1)?.term ?? 0,
  );
}

function withoutStartIndex(commitment: Commitment, w: World): number {
  const { latest } = w.leader()?.r?.configurations ?? { latest: undefined };
  if (!latest) return 0;
  const counting = new Commitment(new Channel("commitCh", 1), latest, 0);
  for (const id of IDS) counting.match(id, commitment.matchIndex(id));
  return counting.getCommitIndex();
}

const small = { size: 13 };
const CELL = 20;
/** Three columns side by side, and the others below them. */
const ABREAST = 3;
const WIDTH = PHONE / ABREAST;
const ROW = 30;
const TOP = 50;
const HEIGHT = TOP + IDS.length * ROW + 78;

function panels(columns: readonly Column[]): string {
  return drawing(
    PHONE,
    Math.ceil(columns.length / ABREAST) * HEIGHT - 32,
    columns.map((one, i) => {
      const top = Math.floor(i / ABREAST) * HEIGHT;
      return panel(one, (i % ABREAST) * WIDTH, top);
    }),
  );
}

function panel(one: Column, left: number, top: number): string {
  const { step, leader, logs, numbers, committed, counted } = one;
  const below = top + TOP + IDS.length * ROW + 16;
  return [
    text(left, top + 18, `(${step})`, "ink", { weight: 700 }),
    text(left, top + 38, leader, "ink"),
    ...logs.map(({ terms, up }, i) => {
      const y = top + TOP + i * ROW;
      return [
        text(left, y + 17, IDS[i] as string, up ? "ink" : "soft"),
        ...terms.map((term, k) => box(left + 22 + k * CELL, y, term, up)),
        up
          ? ""
          : text(
              left + 26 + terms.length * CELL,
              y + 17,
              "down",
              "soft",
              small,
            ),
      ].join("");
    }),
    text(left, below, `match ${numbers}`, "soft"),
    text(left, below + 20, `commits ${committed || "nothing"}`, "ink"),
    counted === committed
      ? ""
      : text(left, below + 40, `by counting: ${counted}`, "soft"),
  ].join("");
}

/** A box: accent for the entry the figure is about, index 2 of term 2. */
function box(x: number, y: number, term: number, up: boolean): string {
  const style = term === 2 ? "accent stroke" : "fill";
  return (
    rect(x + 1, y + 1, CELL - 3, CELL - 2, style, up ? "" : "3 3") +
    text(x + 6, y + 17, String(term), up ? "ink" : "soft")
  );
}

export default function draw(): Picture {
  const columns = STEPS.map(column);
  return {
    title: "Figure 8: the term of each entry, on five disks",
    words:
      "Each column is the end of a step, each line a log, each box an entry " +
      "with its term; a frame marks the entry of term 2. In (c) the leader " +
      "commits nothing, though by counting copies alone entry 2 would be. In " +
      "(d) that entry is gone from every server that is up; in (e), which " +
      "follows (c) instead, it is on all of them.",
    svg: panels(columns),
    tables: [
      {
        caption: "The entries' terms, the match indexes and what is committed",
        head: ["", ...IDS, "match indexes", "committed", "by counting alone"],
        rows: columns.map((one) => [
          `(${one.step}) ${one.leader}`,
          ...one.logs.map(
            ({ terms, up }) => terms.join(" ") + (up ? "" : ", down"),
          ),
          one.numbers,
          String(one.committed || "nothing"),
          String(one.counted || "nothing"),
        ]),
      },
    ],
  };
}
