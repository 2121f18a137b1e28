/**
 * The worked run of lesson 9 drawn twice, time downwards: one request at a
 * time on the left, a pipeline on the right.
 */

import type { Picture } from "../../site/tools/pictures/picture.ts";
import { BEGIN, fourCommands, type Ladder, ladder } from "./09/run.ts";
import { drawing, end, middle, n, PHONE, text } from "./drawing/svg.ts";

const PANEL = PHONE / 2;
const TOP = 76;
const PER_MS = 7.6;
const LINE = 16;
/** Where the two servers stand in a panel. */
const LEADER = 90;
const FOLLOWER = 152;

const PANELS = [
  { title: "RPC mode", inFlight: 1 },
  { title: "a pipeline", inFlight: 8 },
] as const;

export default function draw(): Picture {
  const drawn = PANELS.map(({ title, inFlight }) => ({
    title,
    ladder: ladder(fourCommands(inFlight)),
  }));
  const endMs = Math.max(
    ...drawn.flatMap(({ ladder }) => ladder.commands.map((c) => c.appliedMs)),
  );
  const height = y(endMs) + 28;
  return {
    title: "The same four commands, request by request and by a pipeline",
    words: `${drawn.map(inWords).join(" ")} The follower s3 gets the same as s2.`,
    svg: drawing(
      PHONE,
      height,
      drawn.map(({ title, ladder }, i) =>
        panel(title, ladder, i * PANEL, height - 12),
      ),
    ),
    tables: drawn.flatMap(({ title, ladder }) => tables(title, ladder)),
  };
}

function y(timeMs: number): number {
  return TOP + (timeMs - BEGIN) * PER_MS;
}

function panel(
  title: string,
  { exchanges, commands }: Ladder,
  left: number,
  bottom: number,
): string {
  const leader = left + LEADER;
  const follower = left + FOLLOWER;
  return [
    text(left, 20, title),
    text(leader, 48, "s1 leads", "soft", middle),
    text(follower, 48, "s2", "soft", middle),
    `<path class="line" d="M${leader} 56V${n(bottom)}M${follower} 56V${n(bottom)}"/>`,
    ...exchanges.map((exchange) => {
      const { sentMs, arrivedMs, storedMs, answeredMs, entries } = exchange;
      return [
        arrow(leader, y(sentMs), follower, y(arrivedMs), "accent", ""),
        `<rect class="accent" x="${n(follower - 4)}" y="${n(y(arrivedMs))}" width="8" height="${n(y(storedMs) - y(arrivedMs))}"/>`,
        arrow(follower, y(storedMs), leader, y(answeredMs), "second", "5 4"),
        text(follower + 12, y(storedMs), `+${entries}`),
      ].join("");
    }),
    ...asked(commands, leader),
    ...applied(commands, leader),
  ].join("");
}

/** Each command on the left of the leader, when it was asked for. */
function asked(commands: Ladder["commands"], leader: number): string[] {
  return commands.map(
    ({ command, askedMs }) =>
      tick(leader, y(askedMs)) +
      text(
        leader - 12,
        y(askedMs) + 5,
        `${command}, ${askedMs - BEGIN} ms`,
        "ink",
        end,
      ),
  );
}

/** And how long each has waited when it is applied, one line a moment. */
function applied(commands: Ladder["commands"], leader: number): string[] {
  const moments = [...new Set(commands.map(({ appliedMs }) => appliedMs))];
  return moments.map((moment) => {
    const waits = commands
      .filter(({ appliedMs }) => appliedMs === moment)
      .map(({ askedMs }) => moment - askedMs);
    const lines = `after ${waits.join(", ")} ms`.split(/(?<=after \d+,) /);
    const words = lines.map((line, i) =>
      text(leader - 12, y(moment) + 5 + i * LINE, line, "soft", end),
    );
    return tick(leader, y(moment)) + words.join("");
  });
}

function tick(leader: number, at: number): string {
  return `<path class="line" d="M${leader - 6} ${n(at)}h12"/>`;
}

function arrow(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  className: string,
  dash: string,
): string {
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  const dashes = dash ? ` stroke-dasharray="${dash}"` : "";
  return (
    `<path class="${className} stroke" d="M${n(x1)} ${n(y1)}L${n(x2)} ${n(y2)}"${dashes}/>` +
    `<path class="${className}" d="M0 0l-9 -4v8z" transform="translate(${n(x2)} ${n(y2)}) rotate(${n(angle)})"/>`
  );
}

function inWords(drawn: { title: string; ladder: Ladder }): string {
  const { exchanges, commands } = drawn.ladder;
  const carried = exchanges.map(({ entries }) => entries).join(", ");
  const waits = commands.map((c) => c.appliedMs - c.askedMs).join(", ");
  return (
    `With ${drawn.title} ${exchanges.length} requests go to s2, with ` +
    `${carried} entries, and each costs it a write; the commands are ` +
    `applied ${waits} ms after they were asked for.`
  );
}

function tables(title: string, { exchanges, commands }: Ladder) {
  const after = (timeMs: number) => String(timeMs - BEGIN);
  return [
    {
      caption: `Requests to s2, ${title}: milliseconds after ${BEGIN}`,
      head: ["sent", "arrives", "stored", "answer arrives", "entries"],
      rows: exchanges.map((e) => [
        after(e.sentMs),
        after(e.arrivedMs),
        after(e.storedMs),
        after(e.answeredMs),
        String(e.entries),
      ]),
    },
    {
      caption: `Commands, ${title}: milliseconds after ${BEGIN}`,
      head: ["command", "asked", "applied by s1"],
      rows: commands.map((c) => [
        c.command,
        after(c.askedMs),
        after(c.appliedMs),
      ]),
    },
  ];
}
