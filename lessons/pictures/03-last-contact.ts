/**
 * The same two timers of a follower, and a last contact one millisecond later:
 * when it forgets its leader. Two runs of s2, all of whose figures are read
 * from it; `lastContact` is also what the suite of lesson 3 makes its claim
 * about.
 */

import { DefaultConfig } from "../../raft/config.ts";
import type { World } from "../../raft/sim/world.ts";
import type { Picture } from "../../site/tools/pictures/picture.ts";
import { alone, append, ask, runtimeOf } from "./03/alone.ts";
import { drawing, ms, PHONE } from "./drawing/svg.ts";
import { label, Timeline } from "./drawing/timeline.ts";

/** One run of `heartbeatTimer`, from where it was started. */
interface Timer {
  readonly startedMs: number;
  readonly runsMs: number;
}

/** A timer that has rung, and how long s2 had then heard nothing. */
interface Ring extends Timer {
  readonly atMs: number;
  readonly silenceMs: number;
}

/** What a run was like. */
export interface LastContact {
  readonly contactMs: number;
  readonly forgottenMs: number;
  readonly rings: readonly Ring[];
}

/** s2 hears s1 once more, and then no more. */
export function lastContact(atMs: number): LastContact {
  const w = alone("s2");
  w.fixTimers("s2", "heartbeatTimer", [1298, 1999]);
  const timers = noteTimers(w, "s2");
  w.run(atMs);
  ask(w, "s2", append);
  const r = runtimeOf(w.server("s2"));
  const { lastContactMs: contactMs, leader } = r;
  if (contactMs === undefined || leader !== "s1") {
    throw new Error("s2 has not heard s1");
  }
  if (!w.runUntil(() => r.leader === "", 10_000)) {
    throw new Error("s2 never forgets s1");
  }
  const rings = timers.slice(1).map(({ startedMs: atMs }, i) => ({
    ...(timers[i] as Timer),
    atMs,
    silenceMs: atMs - contactMs,
  }));
  return { contactMs, forgottenMs: w.now, rings };
}

/** Each timer as it is started: one when the role begins, one at each ring. */
function noteTimers(w: World, id: string): Timer[] {
  const started: Timer[] = [];
  const { timers } = w.server(id);
  const draw = timers.int.bind(timers);
  timers.int = (below, purpose) => {
    const extra = draw(below, purpose);
    if (purpose === "heartbeatTimer") {
      const runsMs = DefaultConfig().heartbeatTimeoutMs + extra / 1000;
      started.push({ startedMs: w.now, runsMs });
    }
    return extra;
  };
  return started;
}

const PANEL = 188;
const TIMERS = 56;
const SILENCE = 122;
const LEFT = 50;
const WIDTH = PHONE - LEFT;

const time = new Timeline({ fromMs: 0, toMs: 3500, left: LEFT, width: WIDTH });

function panel(run: LastContact, top: number): string {
  const { contactMs, forgottenMs, rings } = run;
  const y = { timers: top + TIMERS, silence: top + SILENCE };
  const silent = `silent for ${ms(forgottenMs - contactMs)} ms`;
  return [
    label(0, top + 18, `s2: last contact at ${ms(contactMs)} ms`),
    label(0, y.timers + 4, "timer"),
    label(0, y.silence + 4, "silence"),
    ...rings.map((ring) => timer(ring, y.timers)),
    time.bar(contactMs, forgottenMs, y.silence, "second"),
    label(time.x(contactMs) + 6, y.silence - 9, silent),
    time.mark(contactMs, y.silence, "hears s1", 24),
    ...rings.map((ring) => looks(ring, run, y.silence)),
  ].join("\n");
}

function timer({ startedMs, runsMs, atMs }: Ring, y: number): string {
  return (
    time.bar(startedMs, atMs, y, "accent") +
    label(time.x(startedMs) + 6, y - 9, `runs ${ms(runsMs)} ms`) +
    time.mark(atMs, y, `rings, ${ms(atMs)}`, 24, "end")
  );
}

/** What s2 finds when its timer rings. */
function looks(ring: Ring, { forgottenMs }: LastContact, y: number): string {
  const { atMs, silenceMs } = ring;
  return atMs === forgottenMs
    ? time.mark(atMs, y, "forgets s1", 40, "end")
    : time.mark(atMs, y, `only ${ms(silenceMs)} ms: goes on`, 24);
}

export default function draw(): Picture {
  const runs = [300, 301].map(lastContact);
  return {
    title: "The same timers, and a last contact one millisecond later",
    words: runs.map(inWords).join(" "),
    svg: drawing(PHONE, runs.length * PANEL + 36, [
      ...runs.map((run, i) => panel(run, i * PANEL)),
      time.axis(runs.length * PANEL + 4, [0, 1000, 2000, 3000]),
    ]),
    tables: [
      {
        caption: "Each ring of a timer of s2, in milliseconds",
        head: ["last contact", "timer runs", "rings at", "silence", "s2"],
        rows: runs.flatMap((run) =>
          run.rings.map(({ runsMs, atMs, silenceMs }) => [
            ms(run.contactMs),
            ms(runsMs),
            ms(atMs),
            ms(silenceMs),
            atMs === run.forgottenMs ? "forgets s1" : "goes on",
          ]),
        ),
      },
    ],
  };
}

function inWords({ contactMs, forgottenMs, rings }: LastContact): string {
  const at = rings.map(({ atMs }) => ms(atMs)).join(" and at ");
  return (
    `After a last contact at ${ms(contactMs)} ms the timer of s2 rings at ` +
    `${at} ms, and s1 is forgotten at ${ms(forgottenMs)} ms, ` +
    `${ms(forgottenMs - contactMs)} ms later.`
  );
}
