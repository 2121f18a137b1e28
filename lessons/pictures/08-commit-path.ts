/**
 * The way of one entry, from Apply to the client's answer and on to the
 * followers: every channel it crosses, every message, every write.
 *
 * Nothing is typed in: the run is the lesson's own, and each row is something
 * that a channel, a disk, the network or the leader's numbers showed. Left out
 * are heartbeats and what happens inside the network.
 */

import { World, type WorldPass } from "../../raft/sim/world.ts";
import type { Picture } from "../../site/tools/pictures/picture.ts";

/** One row: who to whom, by which channel if any. Alone: `from` is `to`. */
export interface Row {
  readonly from: string;
  readonly to: string;
  readonly channel: string;
  readonly what: string;
  readonly atMs: number;
  /** When a message was there, and how many rows there were by then. */
  arrivesMs?: number;
  arrivesAfter?: number;
  /** The commit index has moved: this is where the entry is committed. */
  readonly decides?: boolean;
}

/** The run of lessons/scenarios/08-one-entry.txt, up to the client's call. */
export function play(onPass?: (pass: WorldPass) => void): World {
  const w = new World({
    seed: 1,
    keepTrace: true,
    watch: [],
    ...(onPass && { onPass }),
  });
  w.network.options.delayMs = [10, 10];
  for (const { disk } of w.servers) disk.options.writeMs = [2, 2];
  w.fixTimers("s1", "heartbeatTimer", [1200]);
  w.runUntil(() => w.leader()?.id === "s1");
  w.run(266);
  w.server("s3").disk.options.writeMs = [12, 12];
  return w;
}

/**
 * Hands s1 an entry, and watches it until every server has applied it and no
 * message is on its way.
 */
export function record(): Row[] {
  let watcher: Watcher | undefined;
  const w = play((pass) => watcher?.passed(pass));
  watcher = new Watcher(w);
  w.apply("s1", "x=1");
  w.runUntil(() => {
    watcher?.look();
    return (
      w.servers.every((s) => s.applied?.commands.includes("x=1")) &&
      watcher.rows.every((row) => !isMessage(row) || arrived(row))
    );
  }, 1000);
  return watcher.rows;
}

/** Between two servers, not through a channel of one. */
function isMessage({ from, to, channel }: Row): boolean {
  return from !== to && channel === "";
}

function arrived(row: Row): boolean {
  return row.arrivesMs !== undefined;
}

class Watcher {
  readonly rows: Row[] = [];
  private readonly w: World;
  private readonly heard = new Map<string, number>();
  private decided = 0;
  private readonly commits = new Map<string, number>();
  private readonly answersHeartbeat = new Set<string>();
  private seen: number;

  constructor(w: World) {
    this.w = w;
    this.seen = w.trace.lines.length;
    this.lookAtNumbers();
    this.lookAtCommits();
    this.rows.length = 0;
  }

  /** A value crosses a channel. */
  passed(pass: WorldPass): void {
    if (pass.kind === "receive") return;
    const ends = endsOf(pass);
    if (!ends) return;
    this.look();
    const [from, to, what] = ends;
    this.add(from, to, pass.channel, what);
  }

  /** What the trace and the numbers have shown since the last look. */
  look(): void {
    for (const line of this.w.trace.lines.slice(this.seen)) this.read(line);
    this.seen = this.w.trace.lines.length;
    this.lookAtNumbers();
    this.lookAtCommits();
  }

  private add(from: string, to: string, channel: string, what: string): void {
    this.rows.push({ from, to, channel, what, atMs: this.w.now });
  }

  private alone(who: string, what: string): void {
    this.add(who, who, "", what);
  }

  private lookAtNumbers(): void {
    const { w } = this;
    const commitment = w.server("s1").r?.leaderState?.commitment;
    if (!commitment) return;
    const ids = w.servers.map(({ id }) => id);
    for (const id of ids) {
      const number = commitment.matchIndex(id);
      if (this.heard.get(id) === number) continue;
      this.heard.set(id, number);
      const numbers = ids.map((one) => commitment.matchIndex(one)).join(" ");
      const committed = commitment.getCommitIndex();
      const who = id === "s1" ? "run" : `replicate ${id}`;
      this.rows.push({
        from: who,
        to: who,
        channel: "",
        what: `match: ${numbers}, so ${committed} is committed`,
        atMs: w.now,
        decides: committed > this.decided,
      });
      this.decided = committed;
    }
  }

  private lookAtCommits(): void {
    for (const { id, raft } of this.w.servers) {
      const index = raft?.CommitIndex() ?? 0;
      if (this.commits.get(id) === index) continue;
      this.commits.set(id, index);
      this.alone(id === "s1" ? "run" : id, `commit index ${index}`);
    }
  }

  /** A line of the trace: a write, an Apply, a message. */
  private read(line: string): void {
    const [, who = "", what = ""] = /^ *\S+ (\S*) +(.*)$/.exec(line) ?? [];
    const stored = /^stores (\d+)/.exec(what)?.[1];
    if (stored) this.alone(who === "s1" ? "run" : who, `stores ${stored}`);
    const applied = /^applies (\d+)/.exec(what)?.[1];
    if (applied) {
      this.alone(who === "s1" ? "runFSM" : who, `applies ${applied}`);
    }
    const [, way, peer = "", message = ""] =
      /^(->|<-) (\S+) +(.*)$/.exec(what) ?? [];
    if (way === "->") this.sent(who, peer, message);
    if (way === "<-") this.arrived(who, peer, message);
  }

  private sent(from: string, to: string, message: string): void {
    if (from === "s1") {
      const [, after, count, commit] =
        /after (\d+)\S* \+(\d) commit (\d+)/.exec(message) ?? [];
      if (!count) return; // a heartbeat
      const entry = count === "0" ? "no entry" : `entry ${Number(after) + 1}`;
      const what = `AppendEntries: ${entry}, commit ${commit}`;
      this.add(`replicate ${to}`, to, "", what);
    } else if (!this.answersHeartbeat.delete(from)) {
      this.add(from, `replicate ${from}`, "", "success");
    }
  }

  private arrived(at: string, from: string, message: string): void {
    if (message.startsWith("heartbeat")) {
      this.answersHeartbeat.add(at); // and is answered at once
      return;
    }
    const [sender, receiver] =
      at === "s1" ? [from, `replicate ${from}`] : [`replicate ${at}`, at];
    const waits = this.rows.find(
      (row) =>
        isMessage(row) &&
        !arrived(row) &&
        row.from === sender &&
        row.to === receiver,
    );
    if (!waits) return;
    waits.arrivesMs = this.w.now;
    waits.arrivesAfter = this.rows.length;
  }
}

/** From, to and what, of the passes that are shown. */
function endsOf(pass: WorldPass): [string, string, string] | undefined {
  const { server, task, channel, to = "" } = pass;
  if (server !== "s1") {
    if (channel === "rpcCh") return [server, server, `${task} to ${to}`];
    if (channel === "fsmMutateCh") return [server, server, `${task} to ${to}`];
    if (channel === "respChan" && task === "run") {
      return [server, server, `${task} to ${to}`];
    }
    return undefined;
  }
  switch (channel) {
    case "applyCh":
      return ["client", to, "the entry and its future"];
    case "triggerCh":
      return [task, to, "there is something to send"];
    case "commitCh":
      return [task, to, "the commit index has moved"];
    case "fsmMutateCh":
      return [task, to, "the entry and its future"];
    case "future":
      return [task, "client", "answered"];
    default:
      return undefined;
  }
}

// The drawing: a lane for each task or server, time from top to bottom. The
// lanes of the leader stand close, so that a narrow screen begins with them.

const LANES: Readonly<Record<string, number>> = {
  client: 62,
  run: 130,
  runFSM: 218,
  "replicate s2": 285,
  "replicate s3": 362,
  s2: 500,
  s3: 640,
};
const WIDTH = 716;
const HEAD = 64;
const ROW = 24;
const SECOND_LINE = 15;
/** Between two rows of different times: here a message is on its way. */
const PAUSE = 16;

const x = (who: string) => LANES[who] ?? 0;
const ms = (at: number) => at.toFixed(1).replace(/\.0$/, "");

/** What is drawn at one height: a row, or only the arrival of a message. */
interface Place {
  readonly row?: Row;
  readonly atMs: number;
  readonly y: number;
}

interface Layout {
  readonly places: readonly Place[];
  /** Where a message's arrow ends. */
  readonly ends: ReadonlyMap<Row, number>;
  readonly height: number;
}

function layOut(rows: readonly Row[]): Layout {
  const places: Place[] = [];
  const ends = new Map<Row, number>();
  let bottom = HEAD;
  const put = (atMs: number, row?: Row): Place => {
    const before = places.at(-1);
    if (before && ms(before.atMs) !== ms(atMs)) bottom += PAUSE;
    const place = { atMs, y: bottom + 18, ...(row && { row }) };
    places.push(place);
    bottom += ROW + (linesOf(row).length - 1) * SECOND_LINE;
    return place;
  };
  for (let i = 0; i <= rows.length; i++) {
    const come = rows.filter(
      (row) => row.arrivesAfter === i && !meets(rows, row),
    );
    for (const row of come) ends.set(row, put(row.arrivesMs ?? 0).y - 4);
    const next = rows[i];
    if (!next) continue;
    const { y } = put(next.atMs, next);
    for (const row of rows)
      if (meets(rows, row) === next) ends.set(row, y - 15);
  }
  return { places, ends, height: bottom + HEAD };
}

/** The row in which a message's receiver takes it up, in the same instant. */
function meets(rows: readonly Row[], message: Row): Row | undefined {
  const { to, arrivesMs, arrivesAfter } = message;
  if (arrivesAfter === undefined) return undefined;
  return rows
    .slice(arrivesAfter)
    .find(({ from, atMs }) => from === to && atMs === arrivesMs);
}

/** The words of a row, in the lines in which they are drawn. */
function linesOf(row: Row | undefined): string[] {
  if (!row) return [""];
  if (row.channel) return [row.channel];
  return row.what.split(/(?<=^AppendEntries): |(?<=,) (?=so )/);
}

function drawing(rows: readonly Row[]): string {
  const { places, ends, height } = layOut(rows);
  const left = x("run") - 40;
  const right = x("replicate s3") + 35;
  const drawn = places.map((place) => drawnAt(place, ends));
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" xmlns="http://www.w3.org/2000/svg">`,
    `<rect x="${left}" y="6" width="${right - left}" ` +
      `height="${height - 12}" class="line" stroke-dasharray="2 4"/>`,
    ...Object.keys(LANES).map(
      (who) =>
        `<line x1="${x(who)}" y1="${HEAD}" x2="${x(who)}" ` +
        `y2="${height - HEAD}" class="line" stroke-opacity="0.4"/>`,
    ),
    ...times(places),
    ...drawn.map(({ lines }) => lines),
    ...drawn.map(({ words }) => words),
    text((left + right) / 2, 22, "tasks of s1, the leader", "soft"),
    ...heads(42),
    ...heads(height - HEAD + 18),
    text((left + right) / 2, height - 14, "tasks of s1, the leader", "soft"),
    "</svg>",
  ].join("\n");
}

/** Who is who, above the lanes and again below them. */
function heads(y: number): string[] {
  return Object.keys(LANES).map((who) => {
    const words = who.split(" ");
    return words.length === 1
      ? text(x(who), y + 7, who, "ink", { weight: 600 })
      : stacked(x(who), y, words, "ink", { weight: 600 });
  });
}

/** Each time once, where it begins. */
function times(places: readonly Place[]): string[] {
  return places.flatMap(({ atMs, y }, i) => {
    const before = places[i - 1];
    if (before && ms(before.atMs) === ms(atMs)) return [];
    return text(2, y, ms(atMs), "soft", { anchor: "start" });
  });
}

/** Lines first and words last, so that no line runs through a word. */
interface Drawn {
  readonly lines: string;
  readonly words: string;
}

function drawnAt({ row, y }: Place, ends: ReadonlyMap<Row, number>): Drawn {
  if (!row) return { lines: "", words: "" };
  if (isMessage(row)) return message(row, y, ends.get(row) ?? y);
  if (row.from === row.to) return row.channel ? loop(row, y) : note(row, y);
  const [from, to] = [x(row.from), x(row.to)];
  return {
    lines: arrow(from, y + 3, to, y + 3),
    words: text((from + to) / 2, y - 2, row.channel, "ink halo"),
  };
}

/** Slants from where it is sent to where it arrives; its words at the start. */
function message(row: Row, y: number, end: number): Drawn {
  const [from, to] = [x(row.from), x(row.to)];
  const words = linesOf(row);
  const start = y + 3 + (words.length - 1) * SECOND_LINE;
  const right = from < to;
  const anchor = right ? "start" : "end";
  const at = from + (right ? 5 : -5);
  const dashes = row.what === "success" ? ' stroke-dasharray="5 3"' : "";
  return {
    lines: arrow(from, start, to, end, dashes),
    words: stacked(at, y - 2, words, "ink halo", { anchor }),
  };
}

/** A channel within one server. */
function loop({ from, channel }: Row, y: number): Drawn {
  const path = `M${x(from)} ${y - 10} h12 v10 h-12`;
  return {
    lines: `<path d="${path}" class="line"/>${head(x(from), y, 0)}`,
    words: text(x(from) - 6, y - 1, channel, "ink halo", { anchor: "end" }),
  };
}

/** A box around what somebody has done alone. */
function note(row: Row, y: number): Drawn {
  const words = linesOf(row);
  const longest = Math.max(...words.map(({ length }) => length));
  const weight = row.decides ? 600 : 400;
  const width = (row.decides ? 6.6 : 6.4) * longest + 10;
  const height = 20 + (words.length - 1) * SECOND_LINE;
  const box = (style: string) =>
    `<rect x="${x(row.from) - width / 2}" y="${y - 15}" width="${width}" ` +
    `height="${height}" class="${style}"/>`;
  return {
    lines: "",
    words:
      box("fill") +
      (row.decides ? box("accent stroke") : "") +
      stacked(x(row.from), y, words, "ink", { weight }),
  };
}

function arrow(
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
  dashes = "",
): string {
  const angle = Math.atan2(fromY - toY, fromX - toX);
  return (
    `<line x1="${fromX}" y1="${fromY}" x2="${toX}" y2="${toY}" ` +
    `class="line"${dashes}/>${head(toX, toY, angle)}`
  );
}

/** The point of an arrow that comes from this direction; 0: from the right. */
function head(at: number, y: number, angle: number): string {
  const turn = Math.round((angle * 180) / Math.PI);
  return (
    `<path d="M0 0 L7 -4 L7 4 Z" class="ink" ` +
    `transform="translate(${at} ${y}) rotate(${turn})"/>`
  );
}

interface Style {
  readonly weight?: number;
  readonly anchor?: string;
}

function stacked(
  at: number,
  y: number,
  lines: readonly string[],
  classes: string,
  style: Style = {},
): string {
  return lines
    .map((line, i) => text(at, y + i * SECOND_LINE, line, classes, style))
    .join("");
}

function text(
  at: number,
  y: number,
  words: string,
  classes: string,
  { weight = 400, anchor = "middle" }: Style = {},
): string {
  return (
    `<text x="${at}" y="${y}" class="${classes}" font-size="14" ` +
    `font-weight="${weight}" text-anchor="${anchor}">${words}</text>`
  );
}

function tableRow(row: Row): string[] {
  const { from, to, channel, what, atMs, arrivesMs } = row;
  const there = arrivesMs === undefined ? "" : ` (there at ${ms(arrivesMs)})`;
  return [ms(atMs), from, to === from ? "" : to, channel, what + there];
}

export default function draw(): Picture {
  const rows = record();
  const crossed = [...new Set(rows.map(({ channel }) => channel))];
  const channels = crossed.filter((channel) => channel !== "");
  return {
    title: "One entry, from Apply to the client's answer, and to the followers",
    words:
      "Time runs down, in milliseconds. A level arrow or a hook is a value in " +
      "a channel, with the channel's name. A slanting arrow is a message " +
      "between servers: it begins where it is sent and ends where it " +
      "arrives; answers are dashed. A box is a write, a count or an Apply, " +
      "and the framed one is where the entry is committed. The channels, in " +
      `order: ${channels.join(", ")}.`,
    svg: drawing(rows),
    tables: [
      {
        caption: "The same, row by row",
        head: ["ms", "who", "to whom", "channel", "what"],
        rows: rows.map(tableRow),
      },
    ],
  };
}
