/**
 * The way of a question, from VerifyLeader to the caller's answer: every
 * channel it crosses, every heartbeat it waits for, every vote.
 *
 * Nothing is typed in: the run is the lesson's own, up to the moment before
 * the cut, and each row is something that a channel, the network or the
 * question itself showed. Left out are the requests of the `replicate` tasks;
 * their answers count as well, and if one did here, that is an error.
 */

import type { AppendEntriesResponse } from "../../raft/commands.ts";
import { VerifyFuture } from "../../raft/future.ts";
import type { RaftStruct } from "../../raft/raft_struct.ts";
import { runningTask } from "../../raft/runtime/task.ts";
import { isHeartbeat, type Message } from "../../raft/sim/network.ts";
import { runScenario } from "../../raft/sim/scenario.ts";
import type { World, WorldPass } from "../../raft/sim/world.ts";
import type { Picture } from "../../site/tools/pictures/picture.ts";
import {
  type Row,
  type SequenceOptions,
  sequence,
  sequenceTable,
} from "./drawing/sequence.ts";
import { ms } from "./drawing/svg.ts";

/** How lessons/scenarios/10-two-clocks.txt begins. */
const opening = `
servers 3
network 10
disk 2
timer s1 heartbeatTimer 1200
timer s2 heartbeatTimer 1900 1080
timer s3 heartbeatTimer 1900 1200
timer s2 electionTimer 1000 1000
until leader s1
`;
const LEADS_MS = 766;

/** What became of a question. */
export interface Asked {
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly rows: readonly Row[];
  readonly world: World;
}

/** Asks s1 at 2000 ms, and watches until no heartbeat is under way. */
export function ask(): Asked {
  let watcher: Watcher | undefined;
  const world = runScenario(opening, {
    watch: [],
    onPass: (pass) => watcher?.passed(pass),
  });
  watcher = new Watcher(world);
  world.run(LEADS_MS);
  const question = watcher.ask();
  const { rows } = watcher;
  const done = () => question.responded && rows.every((row) => !open(row));
  if (!world.runUntil(done, 1000)) throw new Error("the question stays open");
  const firstBy = (name: string) =>
    rows.find(({ channel }) => channel === name)?.atMs ?? Number.NaN;
  return {
    askedMs: firstBy("verifyCh"),
    answeredMs: firstBy("future"),
    rows,
    world,
  };
}

/** Sent, and not taken yet. */
function open({ from, to, channel, arrivesMs }: Row): boolean {
  if (to === "") return true;
  return channel === "" && from !== to && arrivesMs === undefined;
}

class Watcher {
  readonly rows: Row[] = [];
  private readonly world: World;
  private question: VerifyFuture | undefined;
  private votes = 0;
  /** Whose answer has been counted last: a task of s1. */
  private counted = "run";
  private readonly toHeartbeats = new WeakSet<Message>();

  constructor(world: World) {
    this.world = world;
    this.watchMessages();
    this.watchCounting();
  }

  /** From here on everything is a row, and what was sent before and is open. */
  ask(): VerifyFuture {
    this.rows.splice(0, this.rows.length, ...this.rows.filter(open));
    const question = this.world.server("s1").raft?.VerifyLeader();
    if (!(question instanceof VerifyFuture)) throw new Error("s1 is down");
    this.question = question;
    return question;
  }

  /** A value crosses a channel. */
  passed({ server, kind, task, channel, to = "" }: WorldPass): void {
    const { question } = this;
    if (!question || server !== "s1") return;
    this.look();
    if (channel === "notifyCh") {
      if (kind === "send") this.add(task, to, channel, "send now");
      else this.taken(task);
    } else if (channel === "verifyCh" && kind === "send") {
      const isNew = task === "VerifyLeader";
      const what = isNew ? "the question" : "the question, decided";
      this.add(isNew ? "caller" : task, to, channel, what);
    } else if (channel === "future" && question.responded) {
      this.add(task, "caller", channel, question.failed ? "error" : "success");
    }
  }

  /** Whether the question has got a vote since the last look. */
  private look(): void {
    const { votes = 0, quorumSize = 0 } = this.question ?? {};
    if (votes === this.votes) return;
    this.votes = votes;
    const why = votes === 1 ? "its own vote" : "newer request";
    const what = `${why}: ${votes} of ${quorumSize} needed`;
    this.alone(this.counted, what, votes >= quorumSize);
  }

  /** A flag that was left in its channel is taken by this task. */
  private taken(task: string): void {
    const flags = this.rows.filter(({ to }) => to === "");
    const [flag] = flags;
    if (!flag || flags.length > 1) throw new Error("whose flag is it?");
    flag.to = task;
    this.add(task, task, "notifyCh", "the flag is taken");
  }

  private watchMessages(): void {
    const { network } = this.world;
    const carry = network.carry.bind(network);
    network.carry = (from, to, message, arrive, way) => {
      const row = this.sent(from, to, message);
      const arrives: typeof arrive = (target) => {
        if (row) this.arrived(row);
        arrive(target);
      };
      carry(from, to, message, arrives, way);
    };
    const answered = network.answered.bind(network);
    network.answered = (by, request, response) => {
      if (isHeartbeat(request)) this.toHeartbeats.add(response);
      answered(by, request, response);
    };
  }

  /** The row of a heartbeat, or of an answer to one. */
  private sent(from: string, to: string, message: Message): Row | undefined {
    if (message.kind === "AppendEntriesRequest" && isHeartbeat(message)) {
      return this.add(`heartbeat ${to}`, to, "", "heartbeat");
    }
    if (!this.toHeartbeats.has(message)) return undefined;
    const { success } = message as AppendEntriesResponse;
    const what = success ? "success" : "refused";
    return this.add(from, `heartbeat ${from}`, "", what, { answers: true });
  }

  private arrived(row: Row): void {
    row.arrivesMs = this.world.now;
    row.arrivesAfter = this.rows.length;
  }

  /** Every answer is asked whether it counts. */
  private watchCounting(): void {
    const r = this.world.server("s1").r as RaftStruct;
    const { countsAsLeader } = r.behaviour;
    const watched: typeof countsAsLeader = (s, asked, sent) => {
      const counts = countsAsLeader(s, asked, sent);
      const task = runningTask()?.name ?? "";
      if (counts) this.counted = task;
      else if (task.startsWith("heartbeat")) {
        this.alone(task, "older request: not counted");
      }
      return counts;
    };
    const behaviour = { ...r.behaviour, countsAsLeader: watched };
    Object.assign(r, { behaviour });
  }

  private alone(who: string, what: string, decides = false): void {
    this.add(who, who, "", what, { decides });
  }

  private add(
    from: string,
    to: string,
    channel: string,
    what: string,
    more: Partial<Row> = {},
  ): Row {
    const row = { from, to, channel, what, atMs: this.world.now, ...more };
    this.rows.push(row);
    return row;
  }
}

const LAYOUT: SequenceOptions = {
  lanes: {
    caller: 66,
    run: 146,
    "heartbeat s2": 252,
    "heartbeat s3": 366,
    s2: 520,
    s3: 660,
  },
  width: 720,
  group: {
    title: "tasks of s1, the leader",
    first: "run",
    last: "heartbeat s3",
  },
  words: ({ what }) => what.split(": "),
};

export default function draw(): Picture {
  const { askedMs, answeredMs, rows } = ask();
  const inTime = one(rows, ({ decides }) => decides === true);
  const older = one(rows, ({ what }) => what.startsWith("older request"));
  const flag = one(rows, (row) => row.channel !== "" && row.from === row.to);
  const late = one(rows, ({ answers, arrivesMs = 0 }) => {
    return answers === true && arrivesMs > answeredMs;
  });
  return {
    title: "The way of a question",
    words:
      "Time runs down, in milliseconds. A level arrow is a value that is put " +
      "into a channel, a hook one that has waited there and is taken. A " +
      "slanting arrow is a message; answers are dashed. s1 is asked at " +
      `${ms(askedMs)} ms, and the caller has its answer at ` +
      `${ms(answeredMs)} ms, by the vote of s1 itself and one that comes to ` +
      `${inTime.from}. To ${older.from} an answer comes at ` +
      `${ms(older.atMs)} ms, to an older request, and does not count; its ` +
      `flag stays in notifyCh until ${ms(flag.atMs)} ms. The next ` +
      `answer of ${late.from} comes at ${ms(late.arrivesMs ?? 0)} ms, when ` +
      "the question has been answered.",
    svg: sequence(rows, LAYOUT),
    tables: [sequenceTable(rows)],
  };
}

/** The only row of its kind. */
function one(rows: readonly Row[], is: (row: Row) => boolean): Row {
  const [row, ...more] = rows.filter(is);
  if (!row || more.length > 0) throw new Error(`it is not one row: ${is}`);
  return row;
}
