/**
 * A disk that refuses one entry, and a cache in front of it: the same run with
 * v1.1.1's order of the two, cache first, and with ours.
 *
 * s2 leads term 2 and falls when s1 has its first entry and the disk of s3 has
 * refused it. Then s1 leads, with the vote of s3. The suite of lesson 7 runs
 * the same world.
 */

import type { Log } from "../../raft/log.ts";
import {
  type SimServer,
  World,
  type WorldOptions,
} from "../../raft/sim/world.ts";
import type {
  Picture,
  PictureTable,
} from "../../site/tools/pictures/picture.ts";
import { drawing, middle, PHONE, text } from "./drawing/svg.ts";

/** The write that begins with this entry fails, once. */
export function failStoring(
  { disk }: SimServer,
  index: number,
): { failed: boolean } {
  const told = { failed: false };
  const store = disk.StoreLogs.bind(disk);
  disk.StoreLogs = (logs) => {
    if (!told.failed && logs[0]?.index === index) {
      told.failed = true;
      disk.failNext(1);
    }
    return store(logs);
  };
  return told;
}

/** The world at the moment when the disk of s3 has refused entry 2. */
export function failedStore(options: Partial<WorldOptions> = {}): World {
  const world = new World({
    seed: 1,
    keepTrace: true,
    watch: [],
    network: { delayMs: [10, 10] },
    disk: { writeMs: [2, 2] },
    logCache: 16,
    ...options,
  });
  world.fixTimers("s2", "heartbeatTimer", [1000]);
  world.fixTimers("s1", "heartbeatTimer", [1300, 1300]);
  world.fixTimers("s1", "electionTimer", [1300]);
  world.fixTimers("s3", "heartbeatTimer", [1900, 1100]);
  const write = failStoring(world.server("s3"), 2);
  world.runUntil(() => write.failed && world.server("s1").disk.lastIndex === 2);
  world.crash("s2");
  return world;
}

/** Goes on until s1 leads and knows its first entry to be committed. */
export function untilCommitted(world: World): void {
  world.runUntil(() => world.server("s1").raft?.CommitIndex() === 3, 10_000);
}

/** What s3 has at a moment, by index and term; "" is nothing. */
interface Moment {
  readonly atMs: number;
  readonly what: string;
  readonly disk: readonly string[];
  readonly read: readonly string[];
}

const indexes = [1, 2, 3];

function moment(world: World, what: string): Moment {
  const { disk, r } = world.server("s3");
  const read = indexes.map((index) => {
    const done = r?.logs.GetLog(index).next();
    return done?.done ? name(done.value) : "";
  });
  const stored = indexes.map((index) => name(disk.entry(index)));
  return { atMs: world.now, what, disk: stored, read };
}

function name(log: Log | Error | undefined): string {
  if (log === undefined || log instanceof Error) return "";
  return `${log.index}/${log.term}`;
}

function moments(options: Partial<WorldOptions>): Moment[] {
  const world = failedStore(options);
  const told = [moment(world, "the disk has refused 2/2")];
  let verdict: string | undefined;
  world.runUntil(() => {
    const [, said] =
      / s3 +-> s1 +(stored|refused)/.exec(world.trace.lines.join("\n")) ?? [];
    verdict = said;
    return verdict !== undefined;
  }, 10_000);
  const answer = verdict === "stored" ? "accepted" : "refused";
  told.push(moment(world, `s1 asks after 2/2: ${answer}`));
  untilCommitted(world);
  const copies = world.servers.filter(
    ({ disk }) => disk.chainAt(3) === world.server("s1").disk.chainAt(3),
  );
  told.push(
    moment(world, `s1 commits 3; its log is on ${copies.length} of 3 disks`),
  );
  return told;
}

export default function draw(): Picture {
  const both = [
    {
      title: "v1.1.1: cache first",
      moments: moments({ quirks: ["cache-before-store"] }),
    },
    { title: "ours: disk first", moments: moments({}) },
  ];
  return {
    title: "A write that failed, with the cache filled before and after it",
    words:
      "s3 at three moments of the same run, twice. With the cache filled " +
      "first, entry 2/2 can be read though no disk of s3 has it, so the " +
      "check of the previous entry passes and 3/4 is stored behind a hole. " +
      "With the disk first the check fails, and s1 sends 2/2 again.",
    svg: storiesOf(both),
    tables: both.map(table),
  };
}

interface Story {
  readonly title: string;
  readonly moments: readonly Moment[];
}

function table({ title, moments }: Story): PictureTable {
  const shown = (entries: readonly string[]) =>
    entries.map((entry) => entry || "none").join(" ");
  return {
    caption: `s3, ${title}`,
    head: ["at", "what", "on disk", "GetLog reads"],
    rows: moments.map(({ atMs, what, disk, read }) => [
      `${atMs}\u00a0ms`,
      what,
      shown(disk),
      shown(read),
    ]),
  };
}

const box = 42;
const diskAt = 0;
const readAt = 180;
const wordsAt = 62;

function storiesOf(stories: readonly Story[]): string {
  const parts: string[] = [];
  let y = 20;
  const say = (x: number, words: string, kind = "ink") => {
    parts.push(text(x, y, words, kind, { size: 13 }));
  };
  for (const { title, moments } of stories) {
    parts.push(text(0, y - 4, title, "ink", { weight: 600 }));
    y += 20;
    say(diskAt, "on the disk of s3", "soft");
    say(readAt, "read by GetLog (! not stored)", "soft");
    y += 24;
    for (const { atMs, what, disk, read } of moments) {
      say(0, `${atMs} ms`, "soft");
      say(wordsAt, what);
      y += 8;
      parts.push(boxes(disk, disk, diskAt, y), boxes(read, disk, readAt, y));
      y += 48;
    }
    y += 20;
  }
  return drawing(PHONE, y - 38, parts);
}

/** Dashed: nothing there. Thick and marked: read, and not on the disk. */
function boxes(
  entries: readonly string[],
  disk: readonly string[],
  left: number,
  y: number,
): string {
  return entries
    .map((entry, i) => {
      const x = left + i * box;
      const ghost = entry !== "" && disk[i] === "";
      const kind = ghost ? "warn stroke" : entry === "" ? "line" : "fill";
      const dashes = entry === "" ? ' stroke-dasharray="3 3"' : "";
      const words = `${entry}${ghost ? "!" : ""}`;
      return (
        `<rect x="${x + 1}" y="${y}" width="${box - 3}" height="26" rx="2" ` +
        `class="${kind}"${dashes}/>` +
        text(x + box / 2, y + 18, words, "ink", { size: 13, ...middle })
      );
    })
    .join("");
}
