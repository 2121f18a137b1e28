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
import {
  type Row,
  type SequenceOptions,
  sequence,
  sequenceTable,
} from "./drawing/sequence.ts";

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
      this.rows.push({
        from,
        to: `replicate ${from}`,
        channel: "",
        what: "success",
        answers: true,
        atMs: this.w.now,
      });
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

// The lanes of the leader stand close, so that a narrow screen begins with
// them.

const LAYOUT: SequenceOptions = {
  lanes: {
    client: 62,
    run: 130,
    runFSM: 218,
    "replicate s2": 285,
    "replicate s3": 362,
    s2: 500,
    s3: 640,
  },
  width: 716,
  group: {
    title: "tasks of s1, the leader",
    first: "run",
    last: "replicate s3",
  },
  words: ({ what }) => what.split(/(?<=^AppendEntries): |(?<=,) (?=so )/),
};

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
    svg: sequence(rows, LAYOUT),
    tables: [sequenceTable(rows)],
  };
}
