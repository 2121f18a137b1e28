/**
 * A follower commits an entry that nobody has checked: v1.1.1's bound, and
 * ours, in the same run.
 *
 * s1 has an entry 3 that nobody else has. Its successor s2 sends its own
 * entry 3; s1's disk fails while it cuts the old one off. So s2 goes back one
 * entry too far, and its next request agrees with s1's log, says nothing of
 * entry 3, and shows a commit index beyond it.
 *
 * `script` is lessons/scenarios/08-commit-bound.txt, word for word, which the
 * suite compares: a picture reads no files.
 */

import { runScenario } from "../../raft/sim/scenario.ts";
import type { World } from "../../raft/sim/world.ts";
import type { Picture } from "../../site/tools/pictures/picture.ts";

export const script = `# A follower commits an entry that nobody has checked.
quirks commit-bound             # v1.1.1's bound: the follower's own last entry
config maxAppendEntries 1       # one entry a request
servers 3
network 10                      # every message travels 10 ms
disk 2                          # every write takes 2 ms
timer s1 heartbeatTimer 1200    # s1 campaigns and wins term 2
timer s2 heartbeatTimer 1900 1000
timer s3 heartbeatTimer 1900 1900
until leader s1
run 266
drop AppendEntriesRequest s1 > *
apply "x=1"                     # entry 3 of term 2, on s1 alone
run 30
crash s1
crash s2
crash s3
deliver
restart s2
restart s3
until leader s2
apply "x=2"                     # entry 4 of term 3, behind the no-op of s2
until s2 commit 4
fail s1 delete                  # s1 cannot cut its entry 3 off ...
restart s1
apply "x=3"
run 1500
expect violation I5             # ... and applies it, where others have another
`;

/** Plays it, or the same without the quirk and what is expected of that. */
export function play({ quirk }: { readonly quirk: boolean }): World {
  const played = quirk ? script : script.replace(/^(quirks|expect) .*$/gm, "");
  return runScenario(played, { watch: ["I5"], logLines: true });
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
  const theirs = steps(play({ quirk: true }));
  const ours = steps(play({ quirk: false }));
  const last = ours.findLast(({ from, to }) => from === to)?.what ?? "";
  const lines = theirs.map(({ time, from, to, what }) => {
    const words = `${time}, ${what}`.replace(/(?<=ms,|:) /g, "<br/>");
    if (from === to) return `Note over s1: ${words}`;
    return `${from}${from === "s2" ? "->>" : "-->>"}${to}: ${words}`;
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
      `Note over s1: with our bound:<br/>${last}`,
    ].join("\n"),
    tables: [
      { caption: "With the quirk commit-bound", head, rows: rows(theirs) },
      { caption: "With ours", head, rows: rows(ours) },
    ],
  };
}
