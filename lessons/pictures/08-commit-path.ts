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
  /** When a message was there. */
  arrivesMs?: number;
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

/** Hands s1 an entry, and watches it until every server has applied it. */
export function record(): Row[] {
  let watcher: Watcher | undefined;
  const w = play((pass) => watcher?.passed(pass));
  watcher = new Watcher(w);
  w.apply("s1", "x=1");
  w.runUntil(() => {
    watcher?.look();
    return w.servers.every((s) => s.applied?.commands.includes("x=1"));
  }, 1000);
  return watcher.rows;
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
        row.channel === "" &&
        row.arrivesMs === undefined &&
        row.from === sender &&
        row.to === receiver,
    );
    if (waits) waits.arrivesMs = this.w.now;
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

// The drawing: a lane for each task or server, time from top to bottom.

const LANES = [
  "client",
  "run",
  "runFSM",
  "replicate s2",
  "replicate s3",
  "s2",
  "s3",
];
const LEFT = 78;
const LANE = 102;
const TOP = 62;
const ROW = 27;
const WIDTH = LEFT + (LANES.length - 1) * LANE + 64;

const x = (who: string) => LEFT + LANES.indexOf(who) * LANE;
const ms = (at: number) => at.toFixed(1).replace(/\.0$/, "");

function drawing(rows: readonly Row[]): string {
  const height = TOP + rows.length * ROW + 12;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" xmlns="http://www.w3.org/2000/svg">`,
    `<rect x="${x("run") - 48}" y="6" width="${4 * LANE - 6}" ` +
      `height="${height - 12}" class="line" stroke-dasharray="2 4"/>`,
    text(x("runFSM") + LANE / 2, 22, "tasks of s1, the leader", "soft"),
    ...LANES.map(
      (who) =>
        text(x(who), 44, who, "ink", 600) +
        `<line x1="${x(who)}" y1="52" x2="${x(who)}" y2="${height - 8}" ` +
        'class="line" stroke-opacity="0.4"/>',
    ),
    ...rows.map((row, i) => {
      const y = TOP + i * ROW + 18;
      const again = ms(rows[i - 1]?.atMs ?? 0) === ms(row.atMs);
      const time = again ? "" : text(2, y, ms(row.atMs), "soft", 400, "start");
      return time + drawn(row, y);
    }),
    "</svg>",
  ].join("\n");
}

function drawn(row: Row, y: number): string {
  const { from, to, channel, what } = row;
  if (from !== to) {
    const dashes = what === "success" ? ' stroke-dasharray="5 3"' : "";
    return (
      text((x(from) + x(to)) / 2, y - 3, channel || what, "ink") +
      arrow(x(from), x(to), y + 3, dashes)
    );
  }
  if (channel === "") return note(x(from), y, row);
  const loop = `M${x(from)} ${y - 10} h12 v10 h-12`;
  return (
    `<path d="${loop}" class="line"/>${head(x(from), y, 1)}` +
    text(x(from) - 6, y - 2, channel, "ink", 400, "end")
  );
}

function arrow(from: number, to: number, y: number, dashes: string): string {
  return (
    `<line x1="${from}" y1="${y}" x2="${to}" y2="${y}" class="line"${dashes}/>` +
    head(to, y, from < to ? -1 : 1)
  );
}

/** The point of an arrow; it comes from the right if `side` is 1. */
function head(at: number, y: number, side: 1 | -1): string {
  const back = at + 7 * side;
  return `<path d="M${at} ${y} L${back} ${y - 4} L${back} ${y + 4} Z" class="ink"/>`;
}

function note(at: number, y: number, { what, decides }: Row): string {
  const width = 7 * what.length + 8;
  const left = Math.min(at - width / 2, WIDTH - width - 2);
  return (
    `<rect x="${left}" y="${y - 15}" width="${width}" height="21" ` +
    `class="fill"/>${decides ? frame(left, y, width) : ""}` +
    text(left + width / 2, y, what, "ink", decides ? 600 : 400)
  );
}

function frame(left: number, y: number, width: number): string {
  return (
    `<rect x="${left}" y="${y - 15}" width="${width}" height="21" ` +
    'class="accent stroke"/>'
  );
}

function text(
  at: number,
  y: number,
  words: string,
  style: string,
  weight = 400,
  anchor = "middle",
): string {
  return (
    `<text x="${at}" y="${y}" class="${style}" font-size="14" ` +
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
      "Time runs down, in milliseconds. An arrow is a value in a channel, " +
      "with the channel's name, or a message between servers; a box is a " +
      "write, a count or an Apply, and the framed one is where the entry is " +
      `committed. The channels, in order: ${channels.join(", ")}.`,
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
