/**
 * A follower commits an entry that nobody has checked: v1.1.1's bound, and
 * ours, in the same run.
 *
 * s1 has an entry 3 that nobody else has. Its successor s2 sends its own
 * entry 3; s1's disk fails while it cuts the old one off. So s2 goes back one
 * entry too far, and its next request agrees with s1's log, says nothing of
 * entry 3, and shows a commit index beyond it.
 */

import type { Quirk } from "../../raft/quirks.ts";
import type { MessageRule } from "../../raft/sim/network.ts";
import { World } from "../../raft/sim/world.ts";
import type { Picture } from "../../site/tools/pictures/picture.ts";

/** Plays it: 10 ms a message, 2 ms a write, one entry a request. */
export function play(quirks: readonly Quirk[]): World {
  const w = new World({
    seed: 1,
    quirks,
    keepTrace: true,
    logLines: true,
    watch: ["I5"],
    config: { maxAppendEntries: 1 },
    network: { delayMs: [10, 10] },
    disk: { writeMs: [2, 2] },
  });
  w.fixTimers("s1", "heartbeatTimer", [1200]);
  w.fixTimers("s2", "heartbeatTimer", [1900, 1000]);
  w.fixTimers("s3", "heartbeatTimer", [1900, 1900]);
  w.runUntil(() => w.leader()?.id === "s1");
  w.run(266);

  w.network.rules = ["s2", "s3"].map((to) => noEntries("s1", to));
  w.apply("s1", "x=1"); // entry 3 of term 2, on s1 alone
  w.run(30);
  for (const { id } of w.servers) w.crash(id);
  w.network.rules = [];
  w.start("s2");
  w.start("s3");
  w.runUntil(() => w.leader()?.id === "s2");
  w.apply("s2", "x=2"); // entry 4 of term 3, behind s2's no-op
  w.runUntil(() => w.invariants.committed === 4);

  w.server("s1").disk.failNext(1, "delete");
  w.start("s1");
  w.apply("s2", "x=3");
  w.run(1500);
  return w;
}

function noEntries(from: string, to: string): MessageRule {
  return { kind: "AppendEntriesRequest", from, to, action: "drop" };
}

interface Step {
  readonly time: string;
  readonly from: string;
  readonly to: string;
  readonly what: string;
}

/** What passes between s2 and s1 from the cut that fails until s1 commits. */
function steps(w: World): Step[] {
  const all = w.trace.lines.flatMap(stepOf);
  const cut = all.findIndex(({ what }) => what.startsWith("cannot cut"));
  const begin = all.findLastIndex(({ from }, i) => i < cut && from === "s2");
  const end = all.findIndex(({ what }, i) => i > cut && /^commit/.test(what));
  const story = all.slice(begin, end + 1);
  // The trace shows the index at the end of an event, behind what it led to.
  const committed = story.pop() as Step;
  const applies = story.findIndex(({ what }) => what.startsWith("applies"));
  story.splice(applies < 0 ? story.length : applies, 0, committed);
  return story;
}

function stepOf(line: string): Step[] {
  const [, time = "", who = "", what = ""] =
    /^ *(\d+)\.\d+ (\S+) +(.*)$/.exec(line) ?? [];
  const step = (from: string, to: string, text: string) => [
    { time: `${time} ms`, from, to, what: text },
  ];
  const request = /^-> s1 +AppendEntries .* after (\d+).*\+(\d).*commit (\d)/;
  if (who === "s2") {
    const [, previous, count, commit] = request.exec(what) ?? [];
    if (count === undefined) return [];
    const entries =
      count === "0" ? "no entry" : `entry ${Number(previous) + 1}`;
    return step(
      "s2",
      "s1",
      `AppendEntries: ${entries} after ${previous}, commit ${commit}`,
    );
  }
  if (who !== "s1") return [];
  if (what.includes("Failed to clear")) {
    return step("s1", "s1", "cannot cut entry 3 off: the write fails");
  }
  const answer = /^-> s2 +(refused|stored)/.exec(what)?.[1];
  if (answer) return step("s1", "s2", answer);
  const applied = /^applies (\d+) "(.*)"/.exec(what);
  if (applied) return step("s1", "s1", `applies ${applied[1]}, ${applied[2]}`);
  const commit = /^is Follower, term 3, commit ([1-9]\d*)/.exec(what)?.[1];
  return commit ? step("s1", "s1", `commit index ${commit}`) : [];
}

export default function draw(): Picture {
  const theirs = steps(play(["commit-bound"]));
  const ours = steps(play([]));
  const last = ours.findLast(({ from, to }) => from === to)?.what ?? "";
  const lines = theirs.map(({ time, from, to, what }) => {
    if (from === to) return `Note over s1: ${time}, ${what}`;
    return `${from}${from === "s2" ? "->>" : "-->>"}${to}: ${time}, ${what}`;
  });
  const rows = (of: readonly Step[]) =>
    of.map(({ time, from, to, what }) => [time, from, to, what]);
  const head = ["time", "from", "to", "what"];
  return {
    title: "One entry too far back: what v1.1.1 commits, and what ours does",
    words:
      "s2 leads. Its entry 3 makes s1 cut off an entry of its own, and that " +
      "fails; the next request is about entry 2, and its commit index is " +
      "beyond entry 3. With v1.1.1's bound s1 commits, and applies, the " +
      `entry it should have cut. With ours: ${last}.`,
    mermaid: [
      "sequenceDiagram",
      "participant s2 as s2, leader",
      "participant s1",
      ...lines,
      `Note over s1: with our bound: ${last}`,
    ].join("\n"),
    tables: [
      { caption: "With the quirk commit-bound", head, rows: rows(theirs) },
      { caption: "With ours", head, rows: rows(ours) },
    ],
  };
}
