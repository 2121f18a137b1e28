/**
 * The paper's Figure 7: a new leader of term 8 and six followers, each with a
 * log of another kind. All seven are servers of one world, and every row of
 * the picture is a request that was sent in it.
 *
 * The suite of lesson 7 runs the same world.
 */

import { ServerSuffrage } from "../../raft/configuration.ts";
import { type Log, LogType } from "../../raft/log.ts";
import { World, type WorldOptions } from "../../raft/sim/world.ts";
import { encodeText } from "../../raft/util.ts";
import type {
  Picture,
  PictureTable,
} from "../../site/tools/pictures/picture.ts";
import { middle, text } from "./drawing/svg.ts";

/** The logs of the figure, by the terms of their entries. */
export const figure7 = {
  L: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6],
  a: [1, 1, 1, 4, 4, 5, 5, 6, 6],
  b: [1, 1, 1, 4],
  c: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
  d: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
  e: [1, 1, 1, 4, 4, 4, 4],
  f: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
} as const;

/** What all seven end with: the log of L, and the first entry of term 8. */
export const leaderLog: readonly number[] = [...figure7.L, 8];

export type Name = keyof typeof figure7;

/** The six that have to be repaired. */
export const followers = ["a", "b", "c", "d", "e", "f"] as const;
export type FollowerName = (typeof followers)[number];

/** One request to a follower, and what came of it. */
export interface Round {
  readonly answeredMs: number;
  /** The first entry that it may carry. */
  readonly nextIndex: number;
  readonly prevTerm: number;
  /** How many entries it carries. */
  readonly sent: number;
  readonly accepted: boolean;
  /** The follower's last index, as it says in the answer. */
  readonly lastLog: number;
  readonly deleted: readonly [number, number] | undefined;
  /** The follower's log by its terms. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** The world of the figure at the moment before L campaigns. */
export function figure7World(options: Partial<WorldOptions> = {}): World {
  const names = Object.keys(figure7) as Name[];
  const world = new World({
    seed: 7,
    servers: names.map((id) => ({
      suffrage: ServerSuffrage.Voter,
      id,
      address: id,
    })),
    network: { delayMs: [10, 10] },
    disk: { writeMs: [2, 2] },
    keepTrace: true,
    ...options,
  });
  for (const id of names) {
    const terms = figure7[id];
    const CurrentTerm = id === "L" ? 7 : (terms.at(-1) ?? 0);
    const { disk } = world.server(id);
    disk.preset({ CurrentTerm }, terms.map(entry).slice(1));
    world.fixTimers(id, "heartbeatTimer", [id === "L" ? 1000 : 1900]);
  }
  world.network.rules.push({
    kind: "Heartbeat",
    from: undefined,
    to: undefined,
    action: "drop",
  });
  return world;
}

function entry(term: number, i: number): Log {
  const index = i + 1;
  const data = encodeText(`${index}/${term}`);
  return { index, term, type: LogType.Command, data };
}

/** The log on a server's disk, by its terms. */
export function termsOf(world: World, id: string): number[] {
  const { disk } = world.server(id);
  return Array.from(
    { length: disk.lastIndex },
    (_, i) => disk.entry(i + 1)?.term ?? 0,
  );
}

/** Whether every follower has the log of L, the entry of term 8 included. */
export function healed(world: World): boolean {
  const wanted = leaderLog.join(" ");
  return followers.every((id) => termsOf(world, id).join(" ") === wanted);
}

/** Makes the hint of every answer worthless: as if followers did not give it. */
export function withoutHint(world: World): void {
  world.runUntil(() => world.server("L").up);
  const trans = world.server("L").r?.trans;
  if (!trans) throw new Error("L is not up");
  const ask = trans.AppendEntries.bind(trans);
  trans.AppendEntries = function* (id, address, request) {
    const answer = yield* ask(id, address, request);
    if (answer instanceof Error) return answer;
    return { ...answer, lastLog: Number.MAX_SAFE_INTEGER };
  };
}

type Rounds = Record<FollowerName, Round[]>;

const request = / L +-> (\w) +AppendEntries term 8 after (\d+)\/(\d+) \+(\d+)/;
const answer = / L +<- (\w) +(stored|refused) term 8 last (\d+)/;
const deletion = / (\w) +deletes (\d+) to (\d+)/;

/** Lets the world run until all are equal; the requests, by their follower. */
export function heal(world: World): Rounds {
  const rounds: Rounds = { a: [], b: [], c: [], d: [], e: [], f: [] };
  const open = new Map<string, Round>();
  let seen = 0;
  const look = () => {
    const { lines } = world.trace;
    for (; seen < lines.length; seen++) {
      const line = lines[seen] as string;
      const sent = request.exec(line);
      if (sent && Number(sent[2]) < leaderLog.length) {
        const [, id = "", prev, prevTerm, count] = sent;
        const before = termsOf(world, id);
        open.set(id, {
          answeredMs: 0,
          nextIndex: Number(prev) + 1,
          prevTerm: Number(prevTerm),
          sent: Number(count),
          accepted: false,
          lastLog: 0,
          deleted: undefined,
          before,
          after: before,
        });
      }
      const [, cutter = "", from, to] = deletion.exec(line) ?? [];
      const cut = open.get(cutter);
      if (cut) {
        open.set(cutter, { ...cut, deleted: [Number(from), Number(to)] });
      }
      const [, id = "", verdict, lastLog] = answer.exec(line) ?? [];
      const asked = open.get(id);
      if (!asked) continue;
      rounds[id as FollowerName].push({
        ...asked,
        answeredMs: world.now,
        accepted: verdict === "stored",
        lastLog: Number(lastLog),
        after: termsOf(world, id),
      });
      open.delete(id);
    }
    return healed(world) && open.size === 0;
  };
  world.runUntil(look, 2000);
  return rounds;
}

/** How many requests are sent until one is accepted. */
export function untilAccepted(rounds: readonly Round[]): number {
  return rounds.findIndex(({ accepted }) => accepted) + 1;
}

export default function draw(): Picture {
  const world = figure7World();
  const rounds = heal(world);
  const blind = figure7World();
  withoutHint(blind);
  const blindRounds = heal(blind);
  if (!healed(world) || !healed(blind)) throw new Error("it does not heal");
  const counts = (all: Rounds) => followers.map((id) => untilAccepted(all[id]));
  const withHint = counts(rounds);
  const without = counts(blindRounds);
  return {
    title: "The six followers of Figure 7, request by request",
    words:
      `L has just been elected for term 8. Its log has the terms ` +
      `${figure7.L.join(" ")}; its first own entry, 11/8, is being written. ` +
      `Until a request is accepted the followers a to f are asked ` +
      `${withHint.join(", ")} times; without the follower's last index in ` +
      `the answer it would be ${without.join(", ")} times. Each table below ` +
      `is one follower; its last row is the request that brings entry 11.`,
    svg: drawing(rounds, withHint, without),
    tables: followers.map((id) => table(id, rounds[id])),
  };
}

/** "10/6", or "none" before the first entry. */
function previous({ nextIndex, prevTerm }: Round): string {
  return nextIndex === 1 ? "none" : `${nextIndex - 1}/${prevTerm}`;
}

function span(first: number, last: number): string {
  return first === last ? `${first}` : `${first} to ${last}`;
}

function carried({ nextIndex, sent }: Round): string {
  return sent === 0 ? "none" : span(nextIndex, nextIndex + sent - 1);
}

function verdict(round: Round): string {
  const { accepted, nextIndex, before, lastLog, deleted } = round;
  if (accepted) {
    if (round.sent === 0) return "accepted, nothing to store";
    return deleted ? `${span(...deleted)} deleted, stored` : "stored";
  }
  const at = nextIndex - 1;
  if (at > before.length) return `refused: the log ends at ${lastLog}`;
  return `refused: entry ${at} has term ${before[at - 1]}`;
}

function table(id: FollowerName, rounds: readonly Round[]): PictureTable {
  return {
    caption: `Follower ${id}, at first ${figure7[id].join(" ")}`,
    head: ["answer at", "nextIndex", "previous", "entries", "answer", "log"],
    rows: rounds.map((round) => [
      `${round.answeredMs}\u00a0ms`,
      `${round.nextIndex}`,
      previous(round),
      carried(round),
      verdict(round),
      round.after.join("\u00a0"),
    ]),
  };
}

// The drawing. A row is a log; the boxes of one column have the same index.

const left = 34;
const box = 25;
const row = 27;
const words = left + 12 * box + 10;

function drawing(
  rounds: Rounds,
  withHint: readonly number[],
  without: readonly number[],
): string {
  const parts: string[] = [];
  let y = 18;
  const say = (x: number, words: string, kind = "ink") => {
    parts.push(text(x, y, words, kind, { size: 13 }));
  };
  say(
    0,
    "A box is an entry, with its term; the boxes of a column have the same",
  );
  y += 18;
  say(0, "index. Dashed: not what L has there. Thick: new in this round. The");
  y += 18;
  say(
    0,
    "arrow is nextIndex. 9/6 + 10: the entry before, then the entries sent.",
  );
  y += 28;
  leaderLog.forEach((_, i) => {
    say(left + i * box + (i < 9 ? 9 : 5), `${i + 1}`, "soft");
  });
  y += 8;
  parts.push(boxes(leaderLog, undefined, y));
  y += 17;
  say(0, "L");
  say(words, "the leader; 11/8 is its first own entry");
  y += row - 17;
  followers.forEach((id, i) => {
    y += 28;
    const n = withHint[i];
    say(0, id);
    say(
      left,
      `${n} ${n === 1 ? "request" : "requests"} until one is accepted, ` +
        `${without[i]} if the answers did not give the last index`,
      "soft",
    );
    y += 8;
    parts.push(boxes(figure7[id], undefined, y));
    y += 17;
    say(words, "at first", "soft");
    y += row - 17;
    for (const round of rounds[id]) {
      y += 9;
      parts.push(boxes(round.after, round, y));
      y += 17;
      say(words, `${previous(round)} + ${carried(round)}: ${verdict(round)}`);
      y += row - 17;
    }
  });
  return (
    `<svg viewBox="0 0 604 ${y + 8}" style="max-width: 45rem" ` +
    `xmlns="http://www.w3.org/2000/svg">` +
    `${parts.join("")}</svg>`
  );
}

function boxes(
  terms: readonly number[],
  round: Round | undefined,
  y: number,
): string {
  const style = { size: 13, ...middle };
  const parts = terms.map((term, i) => {
    const x = left + i * box;
    const foreign = leaderLog[i] !== term;
    const fresh = round !== undefined && round.before[i] !== term;
    const kind = fresh ? "accent stroke" : foreign ? "line" : "fill";
    const dashes = foreign ? ' stroke-dasharray="3 3"' : "";
    return (
      `<rect x="${x + 1}" y="${y}" width="${box - 2}" height="24" rx="2" ` +
      `class="${kind}"${dashes}/>` +
      text(x + box / 2, y + 17, `${term}`, foreign ? "soft" : "ink", style)
    );
  });
  if (round) {
    const x = left + (round.nextIndex - 1) * box + box / 2;
    parts.push(`<path d="M${x - 5} ${y - 8}h10l-5 6z" class="accent"/>`);
  }
  return parts.join("");
}
