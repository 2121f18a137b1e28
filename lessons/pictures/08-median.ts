/**
 * The ladder of the match indexes: five voters' numbers in order, the one in
 * the middle, and what `Commitment` makes of it, call by call; then four
 * voters. The calls are the example; every number after them is counted by
 * raft/ itself.
 */

import { Commitment } from "../../raft/commitment.ts";
import { ServerSuffrage } from "../../raft/configuration.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import type { Picture } from "../../site/tools/pictures/picture.ts";
import { drawing, end, PHONE, rect, text } from "./drawing/svg.ts";

/** This leader's first entry, in the example. */
const START_INDEX = 8;

type Call = readonly [id: string, index: number];

const five = ["s1", "s2", "s3", "s4", "s5"];
/** Each of these is a row of the ladder: what was counted before it. */
const rungs: readonly (readonly [string, readonly string[], Call[]])[] = [
  ["first answers", five, calls("s1 9, s2 9, s3 7, s4 6, s5 4")],
  ["s4 answers", five, calls("s4 8")],
  ["s3 answers", five, calls("s3 9")],
  ["four voters", five.slice(0, 4), calls("s1 9, s2 9, s3 7, s4 8")],
];

function calls(words: string): Call[] {
  return words.split(", ").map((word) => {
    const [id = "", index] = word.split(" ");
    return [id, Number(index)];
  });
}

interface Rung {
  readonly what: string;
  readonly calls: readonly Call[];
  /** The voters with their numbers, lowest first. */
  readonly sorted: readonly Call[];
  /** What a majority has, whatever its term. */
  readonly held: number;
  readonly committed: number;
}

export function climb(): Rung[] {
  let voters: readonly string[] = [];
  let counting = make(five, 1);
  let leading = make(five, START_INDEX);
  return rungs.map(([what, ids, made]) => {
    if (ids !== voters) {
      counting = make(ids, 1);
      leading = make(ids, START_INDEX);
      voters = ids;
    }
    for (const [id, index] of made) {
      counting.match(id, index);
      leading.match(id, index);
    }
    const numbers = ids.map((id): Call => [id, leading.matchIndex(id)]);
    return {
      what,
      calls: made,
      sorted: numbers.sort(([, a], [, b]) => a - b),
      held: counting.getCommitIndex(),
      committed: leading.getCommitIndex(),
    };
  });
}

function make(ids: readonly string[], startIndex: number): Commitment {
  const servers = ids.map((id) => ({
    suffrage: ServerSuffrage.Voter,
    id,
    address: id,
  }));
  return new Commitment(new Channel("commitCh", 1), { servers }, startIndex);
}

const CELL = PHONE / 5;
const GAP = 6;
const BOX = 34;
const RUNG = 86;

function rows(ladder: readonly Rung[]): string {
  return drawing(PHONE, 28 + ladder.length * RUNG - GAP, [
    text(0, 16, "voters, lowest match index first", "soft"),
    ...ladder.map((rung, i) => row(rung, 28 + i * RUNG)),
  ]);
}

/** What happens and what follows, and the voters below it. */
function row({ what, sorted, held, committed }: Rung, top: number): string {
  const chosen = sorted.findLastIndex(
    ([, number], i) => number === held && i <= (sorted.length - 1) / 2,
  );
  const y = top + 28;
  const cells = sorted.map(([id, number], i) => {
    const x = i * CELL;
    const kind = i === chosen ? "accent stroke" : "fill";
    const style = { weight: i === chosen ? 700 : 400, size: 17 };
    return (
      rect(x + 1, y, CELL - GAP, BOX, kind) +
      text(x + 10, y + 22, id, "soft") +
      text(x + 42, y + 23, String(number), "ink", style)
    );
  });
  const verdict =
    committed === held ? `${held} is committed` : `${held} is below startIndex`;
  return [
    text(0, top + 18, what, "ink", { weight: 600 }),
    text(PHONE - GAP, top + 18, verdict, "ink", end),
    ...cells,
  ].join("");
}

export default function draw(): Picture {
  const ladder = climb();
  return {
    title: `The middle of the match indexes; startIndex is ${START_INDEX}`,
    words:
      "Each row shows the voters by their match indexes, lowest first, with " +
      "a frame around the one that recalculate takes: the third of five, the " +
      "second of four. From that one to the right stands a majority.",
    svg: rows(ladder),
    tables: [
      {
        caption: "The same, counted by Commitment",
        head: ["calls of match", "in order", "a majority holds", "committed"],
        rows: ladder.map(({ calls, sorted, held, committed }) => [
          calls.map((call) => call.join(" ")).join(", "),
          sorted.map(([, number]) => number).join(" "),
          String(held),
          String(committed),
        ]),
      },
    ],
  };
}
