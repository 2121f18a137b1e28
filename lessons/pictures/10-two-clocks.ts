/**
 * Two clocks: how long an old leader leads, and when a new one can be elected.
 *
 * One script is run twice. s1 leads; its last requests reach the others at
 * about 2000 ms, their answers are slow, and nothing that s1 sends afterwards
 * arrives. In the first run the lease is counted from when a request was sent,
 * in the second, as in v1.1.1, from when its answer came.
 *
 * `slowAnswers` is also what the suite of lesson 10 makes its claims about.
 */

import type { Quirk } from "../../raft/quirks.ts";
import { runScenario } from "../../raft/sim/scenario.ts";
import type { SimServer, World } from "../../raft/sim/world.ts";
import type { Picture } from "../../site/tools/pictures/picture.ts";
import { drawing, line, PHONE, rect } from "./drawing/svg.ts";
import { label, Timeline, whole } from "./drawing/timeline.ts";

const opening = `
servers 3
network 10
disk 2
timer s1 heartbeatTimer 1200
timer s2 heartbeatTimer 1900 1250
timer s3 heartbeatTimer 1900 1900
until leader s1
run 766
delay AppendEntriesResponse s2 > s1 450
delay AppendEntriesResponse s3 > s1 900
run 140
cut s1 > s2
cut s1 > s3
crash s3
restart s3
`;
/** When s3 restarts and s1 can send no more: where the opening ends. */
const CUT_MS = 2140;
/** When the last answer has come, s1 is cut off from both sides. */
const CUT_OFF_MS = 3040;
const END_MS = 3700;

/** A request of s1 that was answered. */
export interface Answered {
  readonly by: string;
  readonly sentMs: number;
  readonly heardMs: number;
}

/** What the run was like. */
export interface Clocks {
  readonly answered: readonly Answered[];
  /** When s2 last heard s1. */
  readonly lastContactMs: number;
  /** When s2's timer rang, and when it led. */
  readonly candidateMs: number;
  readonly ledMs: number;
  /** When s1 stopped leading. */
  readonly stoppedMs: number;
  readonly world: World;
}

/** The run, with the quirks named. */
export function slowAnswers(
  quirks: readonly Quirk[],
  watch: readonly string[] = [],
): Clocks {
  const world = runScenario(opening, {
    quirks,
    watch,
    network: { timeoutMs: 10_000 },
  });
  const [s1, s2] = world.servers as [SimServer, SimServer, SimServer];
  const lastContactMs = s2.r?.lastContactMs ?? 0;
  const answered = noteAnswers(world);
  const when = new Map<string, number>();
  const note = (what: string, is: boolean) => {
    if (is && !when.has(what)) when.set(what, world.now);
  };
  world.runUntil(() => {
    note("stopped", s1.state !== "Leader");
    note("candidate", s2.state === "Candidate");
    note("led", s2.state === "Leader");
    if (world.now >= CUT_OFF_MS && !when.has("cut off")) {
      note("cut off", true);
      world.partition(["s1"], ["s2", "s3"]);
    }
    return world.now >= END_MS;
  }, END_MS - world.now);
  return {
    answered,
    lastContactMs,
    candidateMs: when.get("candidate") ?? Number.NaN,
    ledMs: when.get("led") ?? Number.NaN,
    stoppedMs: when.get("stopped") ?? Number.NaN,
    world,
  };
}

function noteAnswers({ network, driver }: World): Answered[] {
  const answered: Answered[] = [];
  const heard = network.heard.bind(network);
  network.heard = (by, from, sentMs, response) => {
    if (by === "s1" && response?.kind === "AppendEntriesResponse") {
      answered.push({ by: from, sentMs, heardMs: driver.clock.now() });
    }
    heard(by, from, sentMs, response);
  };
  return answered;
}

// The drawing. One panel a run, one lane a server, time from left to right.

const FROM_MS = 1950;
const LEFT = 24;
const WIDTH = PHONE - LEFT - 10;
const PANEL = 224;
const LANES = { s1: 62, s2: 122, s3: 182 } as const;

const time = new Timeline({
  fromMs: FROM_MS,
  toMs: END_MS,
  left: LEFT,
  width: WIDTH,
});

function panel(clocks: Clocks, title: string, top: number): string {
  const { stoppedMs, ledMs, candidateMs, lastContactMs } = clocks;
  const y = (lane: keyof typeof LANES) => top + LANES[lane];
  const both = stoppedMs > ledMs;
  return [
    label(LEFT, top + 16, title),
    both ? overlap(ledMs, stoppedMs, top) : "",
    ...Object.keys(LANES).map((id) =>
      label(4, y(id as keyof typeof LANES) + 4, id),
    ),
    ...clocks.answered.map((one) => request(one, top)),
    time.bar(FROM_MS, stoppedMs, y("s1"), "accent"),
    label(LEFT, y("s1") - 9, "leads term 2"),
    time.mark(
      stoppedMs,
      y("s1"),
      `stops, ${whole(stoppedMs)}`,
      -12,
      both ? "end" : "start",
    ),
    time.bar(lastContactMs, candidateMs, y("s2"), "fill"),
    label(time.x(2140), y("s2") - 9, "has heard nothing since"),
    time.mark(lastContactMs, y("s2"), `hears s1, ${whole(lastContactMs)}`, 24),
    time.bar(candidateMs, ledMs, y("s2"), "third"),
    time.mark(
      candidateMs,
      y("s2"),
      `campaigns, ${whole(candidateMs)}`,
      24,
      "end",
    ),
    time.bar(ledMs, END_MS, y("s2"), "second"),
    label(time.x(ledMs) + 4, y("s2") - 9, "leads term 3"),
    time.bar(FROM_MS, END_MS, y("s3"), "fill"),
    time.mark(CUT_MS, y("s3"), `restarts, ${whole(CUT_MS)}`, 24),
    label(time.x(ledMs) + 4, y("s3") - 9, "has voted for s2"),
  ].join("\n");
}

/** There in a straight line, and back in a broken one. */
function request({ by, sentMs, heardMs }: Answered, top: number): string {
  if (sentMs < FROM_MS) return "";
  const from = top + LANES.s1;
  const to = top + LANES[by as keyof typeof LANES];
  const arrived = time.x(sentMs + 10);
  return (
    line(time.x(sentMs), from, arrived, to) +
    line(arrived, to, time.x(heardMs), from, "4 3")
  );
}

function overlap(fromMs: number, toMs: number, top: number): string {
  const x = time.x(fromMs);
  const words = `two lead: ${whole(toMs - fromMs)} ms`;
  return (
    rect(x, top + 24, time.x(toMs) - x, LANES.s2 - 18, "warn stroke", "5 3") +
    label(x, top + 20, words)
  );
}

export default function draw(): Picture {
  const ours = slowAnswers([]);
  const theirs = slowAnswers(["heartbeat-renews-lease"]);
  const svg = drawing(PHONE, 2 * PANEL + 36, [
    panel(ours, "counted from the sending of a request", 0),
    panel(theirs, "v1.1.1: counted from its answer", PANEL),
    time.axis(2 * PANEL + 4, [2000, 2500, 3000, 3500]),
  ]);
  const both = whole(theirs.stoppedMs - theirs.ledMs);
  const last = Math.max(...ours.answered.map((one) => one.heardMs));
  return {
    title: "Two clocks: the lease of s1, and the silence of s2",
    words:
      `s2 hears s1 for the last time at ${whole(ours.lastContactMs)} ms, ` +
      `campaigns at ${whole(ours.candidateMs)} ms and leads at ` +
      `${whole(ours.ledMs)} ms. Answers reach s1 until ${whole(last)} ms. ` +
      "Counted from the sending of the requests, s1 stops at " +
      `${whole(ours.stoppedMs)} ms. Counted from the answers it stops at ` +
      `${whole(theirs.stoppedMs)} ms, and for ${both} ms two servers lead.`,
    svg,
    tables: [
      answers(ours, "counted from the sending"),
      answers(theirs, "v1.1.1"),
    ],
  };
}

function answers(clocks: Clocks, caption: string) {
  return {
    caption: `What s1 is answered: ${caption}`,
    head: ["by", "sent, ms", "answer at s1, ms"],
    rows: clocks.answered.map(({ by, sentMs, heardMs }) => [
      by,
      whole(sentMs),
      whole(heardMs),
    ]),
  };
}
