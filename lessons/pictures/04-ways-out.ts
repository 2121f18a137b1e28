/**
 * Every way into a candidacy and out of it, as it was seen in unscripted runs,
 * with what led to it and how often.
 *
 * Two things are watched on each server. What its main task takes: a vote, a
 * request, or the word that a timer has rung, which the server says itself.
 * And which loop `run` calls then: each says so when it begins. Where one loop
 * is followed by another, or by itself, the last thing taken is the cause. A
 * shutdown begins no loop; it closes a channel. A candidacy that still lasts
 * when its run ends has taken no way out, and is counted as such.
 *
 * The list below is the lesson's. A way of it that no run takes, or a way that
 * is not in it, is an error: the lesson would be wrong, or these runs too few.
 */

import type { RPC } from "../../raft/ports.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { World, type WorldPass } from "../../raft/sim/world.ts";
import type { Picture } from "../../site/tools/pictures/picture.ts";
import {
  arrow,
  drawing,
  end,
  head,
  middle,
  PHONE,
  rect,
  text,
} from "./drawing/svg.ts";

/** From, to, and why. */
type Way = readonly [from: string, to: string, why: string];

export const WAYS: readonly Way[] = [
  ["Follower", "Candidate", "heartbeat timer"],
  ["Candidate", "Leader", "votes of a majority"],
  ["Candidate", "Candidate", "election timer, term + 1"],
  ["Candidate", "Follower", "answer with a newer term"],
  ["Candidate", "Follower", "AppendEntries, term >= mine"],
  ["Candidate", "Follower", "RequestVote, newer term"],
  ["Candidate", "Shutdown", "Shutdown is called"],
];

const RUNS = 40;
const CUTS = 6;

export interface Taken {
  /** How often each way was taken, by its words; "from > to: why". */
  readonly counts: Map<string, number>;
  /** Candidacies that lasted to the end of their run. */
  readonly lasting: number;
}

export function taken(runs = RUNS): Taken {
  const counts = new Map<string, number>();
  const count = (way: string) => counts.set(way, (counts.get(way) ?? 0) + 1);
  let lasting = 0;
  for (let seed = 1; seed <= runs; seed++) lasting += play(seed, count);
  return { counts, lasting };
}

export function nameOf([from, to, why]: Way): string {
  return `${from} > ${to}: ${why}`;
}

/**
 * Server after server is cut off; in the end a candidate is shut down. Gives
 * the number of those that are candidates then.
 */
function play(seed: number, count: (way: string) => void): number {
  let watcher: Watcher | undefined;
  const w = new World({
    seed,
    keepTrace: true,
    logLines: true,
    network: { delayMs: [20, 150], lossRate: 0.05 },
    onPass: (pass) => watcher?.passed(pass),
  });
  watcher = new Watcher(w, count);
  const random = w.stream("cuts");
  const ids = w.servers.map(({ id }) => id);
  for (let cut = 0; cut < CUTS; cut++) {
    const alone = random.pick(ids);
    w.partition(
      [alone],
      ids.filter((id) => id !== alone),
    );
    w.run(1500 + random.int(1500));
    w.heal();
    w.run(500);
  }
  shutDownACandidate(w);
  watcher.read();
  const [violation] = w.violations;
  if (violation) throw new Error(`seed ${seed}: ${violation.what}`);
  return watcher.candidates();
}

function shutDownACandidate(w: World): void {
  const candidate = () => w.servers.find((s) => s.state === "Candidate");
  w.runUntil(() => candidate() !== undefined, 6000);
  const found = candidate();
  if (!found) return;
  function* program(): Task<void> {
    found?.raft?.Shutdown();
  }
  w.driver.scheduler.go(found.process, "the program", program());
  w.run(100);
}

/** What is known of a server. */
interface Seen {
  role: string;
  term: number;
  /** The last thing that its main task took. */
  took: string;
  /** The votes for it in this round. */
  votes: number;
}

class Watcher {
  private readonly w: World;
  private readonly count: (way: string) => void;
  private readonly seen = new Map<string, Seen>();
  private lines = 0;

  constructor(w: World, count: (way: string) => void) {
    this.w = w;
    this.count = count;
    for (const { id } of w.servers) {
      this.seen.set(id, { role: "", term: 0, took: "", votes: 0 });
    }
  }

  /** A value crosses a channel. */
  passed(pass: WorldPass): void {
    const { kind, server, channel } = pass;
    const run = kind === "send" ? pass.to : pass.task;
    if (kind === "close" && channel === "shutdownCh") {
      this.read();
      this.of(server).took = "Shutdown is called";
      this.becomes(server, "Shutdown");
    } else if (kind !== "close" && run === "run") {
      this.read();
      this.takes(server, channel, pass.value);
    }
  }

  /** What the servers have said since the last look. */
  read(): void {
    const { lines } = this.w.trace;
    for (; this.lines < lines.length; this.lines++) {
      const [, id = "", said = ""] =
        /^ *\S+ (\S+) +\[[A-Z]+\] (.*)$/.exec(lines[this.lines] ?? "") ?? [];
      if (said) this.says(id, said);
    }
  }

  candidates(): number {
    const seen = [...this.seen.values()];
    return seen.filter(({ role }) => role === "Candidate").length;
  }

  private of(id: string): Seen {
    return this.seen.get(id) as Seen;
  }

  private takes(id: string, channel: string, value: unknown): void {
    const seen = this.of(id);
    const { term } = this.w.server(id);
    if (channel === "voteCh") {
      const vote = value as { term: number; granted: boolean };
      if (vote.term > term) seen.took = "answer with a newer term";
      else seen.took = vote.granted ? "vote" : "refusal";
      if (vote.granted && vote.term === term) seen.votes++;
    } else if (channel === "rpcCh") {
      seen.took = requestIn(term, value as RPC);
    } else {
      seen.took = channel;
    }
  }

  private says(id: string, said: string): void {
    const seen = this.of(id);
    const [, role] = /^entering (\w+) state/.exec(said) ?? [];
    if (/^Heartbeat timeout/.test(said)) seen.took = "heartbeat timer";
    if (/^Election timeout/.test(said)) seen.took = "election timer";
    if (role) this.becomes(id, role, Number(/term=(\d+)/.exec(said)?.[1]));
  }

  private becomes(id: string, role: string, term = 0): void {
    const seen = this.of(id);
    const way: Way = [seen.role, role, this.why(seen, role, term)];
    if (way.includes("Candidate")) this.count(nameOf(way));
    Object.assign(seen, { role, term, votes: 0 });
  }

  /** The last thing taken, in the words of the list if it is in the list. */
  private why(seen: Seen, role: string, term: number): string {
    const { took, votes } = seen;
    if (role === "Leader" && took === "vote") {
      const majority = 2 * votes > this.w.servers.length;
      return majority ? "votes of a majority" : `${votes} votes`;
    }
    if (took === "election timer") return `${took}, term + ${term - seen.term}`;
    return took;
  }
}

function requestIn(term: number, { command }: RPC): string {
  switch (command.kind) {
    case "AppendEntriesRequest":
      return `AppendEntries, ${command.term >= term ? "term >= mine" : "old"}`;
    case "RequestVoteRequest":
      return `RequestVote, ${command.term > term ? "newer term" : "not newer"}`;
    default:
      return command.kind;
  }
}

/** The ways of the list, each with how often it was seen. */
export function seenWays(counts: ReadonlyMap<string, number>) {
  const listed = WAYS.map(nameOf);
  const unlisted = [...counts.keys()].filter((way) => !listed.includes(way));
  const missing = listed.filter((way) => !counts.get(way));
  if (unlisted.length > 0 || missing.length > 0) {
    const names = (ways: string[]) => ways.join("; ") || "none";
    throw new Error(
      `ways that are not listed: ${names(unlisted)}. ` +
        `Listed ways that were not taken: ${names(missing)}.`,
    );
  }
  return WAYS.map((way) => ({ way, times: counts.get(nameOf(way)) ?? 0 }));
}

const BOX = 78;
const LEFT = BOX;
const RIGHT = PHONE - BOX;
const ROW = 48;
const TOP = 34;
/** How far the way from a candidacy to the next leads outside. */
const LOOP = { width: 40, height: 26 };

type SeenWay = ReturnType<typeof seenWays>[number];

/** The box at the other end of the way. */
function otherEnd({ way: [from, to] }: SeenWay): string {
  return from === "Candidate" ? to : from;
}

/** Candidate on the right, the others on the left, and a row for each way. */
function diagram(ways: readonly SeenWay[]): string {
  const others = [...new Set(ways.map(otherEnd))];
  const rows = others.flatMap((other) =>
    ways.filter((way) => otherEnd(way) === other),
  );
  const boxes = others.map((other) => {
    const first = rows.findIndex((way) => otherEnd(way) === other);
    const count = rows.filter((way) => otherEnd(way) === other).length;
    return other === "Candidate" ? "" : box(other, 0, first, count);
  });
  return drawing(PHONE, TOP + rows.length * ROW, [
    text(PHONE / 2, 16, counted(), "soft", middle),
    ...boxes,
    box("Candidate", RIGHT, 0, rows.length),
    ...rows.map((way, i) => drawnWay(way, TOP + i * ROW + ROW / 2 - 2)),
  ]);
}

function box(role: string, x: number, row: number, rows: number): string {
  const top = TOP + row * ROW;
  const height = rows * ROW - 8;
  const shape = rect(x + 1, top, BOX - 2, height, "fill");
  const y = top + height / 2 + 5;
  return shape + text(x + BOX / 2, y, role, "ink", middle);
}

/** Its cause above the arrow, and below how often it was taken. */
function drawnWay({ way: [from, to, why], times }: SeenWay, y: number): string {
  const often = `${times} times`;
  if (from === to) return loop(y, why, often);
  const x = (LEFT + RIGHT) / 2;
  const [start, stop] = from === "Candidate" ? [RIGHT, LEFT] : [LEFT, RIGHT];
  return (
    arrow(start, y, stop, y) +
    text(x, y - 5, why, "ink", middle) +
    text(x, y + 16, often, "soft", middle)
  );
}

/** Out of Candidate and back into it. */
function loop(y: number, why: string, often: string): string {
  const { width, height } = LOOP;
  const r = height / 2;
  const x = RIGHT - LOOP.width - 8;
  return (
    `<path class="line" d="M${RIGHT} ${y - r}h${r - width}` +
    `a${r} ${r} 0 0 0 0 ${height}h${width - r}"/>` +
    head(RIGHT, y + r, Math.PI) +
    text(x, y - 3, why, "ink", end) +
    text(x, y + 16, often, "soft", end)
  );
}

function counted(): string {
  return `counted in ${RUNS} runs of three servers`;
}

const sum = (ways: readonly SeenWay[]) =>
  ways.reduce((total, { times }) => total + times, 0);

export default function draw(): Picture {
  const { counts, lasting } = taken();
  const ways = seenWays(counts);
  const out = ways.filter(({ way: [from] }) => from === "Candidate");
  const begun = sum(ways.filter(({ way: [, to] }) => to === "Candidate"));
  const ended = sum(out);
  if (begun !== ended + lasting) {
    throw new Error(`${begun} candidacies: ${ended} ended, ${lasting} did not`);
  }
  const list = out.map(({ way: [, to, why], times }) => {
    const where = to === "Candidate" ? "to Candidate again" : `to ${to}`;
    return `${times} times ${where} (${why})`;
  });
  return {
    title: `Every way out of a candidacy: how often each was taken, ${counted()}`,
    words:
      `In ${RUNS} unscripted runs of three servers ${begun} candidacies have ` +
      `begun and ${ended} have ended: ${list.join(", ")}. The other ` +
      `${lasting} had not ended when their run did. Messages take 20 to 150 ms, ` +
      `and one in twenty is lost; ${CUTS} times a run one server is cut off, ` +
      "and in the end a candidate is shut down. Nobody hands over, so each first round " +
      "begins with a heartbeat timer. How often each way is taken depends on " +
      "the runs; a way that is not listed here would have stopped the build.",
    svg: diagram(ways),
    tables: [
      {
        caption: "The ways in and out, and how often they were seen",
        head: ["from", "to", "why", "times"],
        rows: ways.map(({ way, times }) => [...way, String(times)]),
      },
      {
        caption: "The candidacies, each in one term",
        head: ["begun", "ended", "not ended when the run did"],
        rows: [[begun, ended, lasting].map(String)],
      },
    ],
  };
}
