/**
 * The paper's Figure 8 as a run. `script` is lessons/scenarios/08-figure-8.txt,
 * word for word, which the suite compares: a picture reads no files.
 */

import { runScenario } from "../../../raft/sim/scenario.ts";
import type { World, WorldOptions } from "../../../raft/sim/world.ts";

export const script = `# The paper's Figure 8 in its terms, 2 to 5. Entry 1 is on every disk before.
servers 5
network 10                      # every message travels 10 ms
disk 2                          # every write takes 2 ms
timer s1 heartbeatTimer 1200 1900 1000  # s1 campaigns first, and in (c)
timer s1 electionTimer 1900 1000
timer s5 heartbeatTimer 1900 1000 1900 1000  # s5 does in (b) and in (d)
timer s5 electionTimer 1900 1000
timer s2 heartbeatTimer 1999 1999 1900 1900  # the others only vote
timer s3 heartbeatTimer 1900 1900 1900 1900
timer s4 heartbeatTimer 1900 1900 1900 1900

# (a) s1 leads term 2, and its entry 2 reaches s2 alone.
drop AppendEntriesRequest s1 > s3
drop AppendEntriesRequest s1 > s4
drop AppendEntriesRequest s1 > s5
until leader s1
run 36
expect s2 last 2/2             # index 2, of term 2
crash s1

# (b) s3 and s4 make s5 the leader of term 3; its entry 2 stays its own.
drop AppendEntriesRequest s5 > *
until leader s5
run 4
expect s5 last 2/3
crash s5

# (c) s1 is back, in term 4. Its old entry 2 reaches s3 too: three of five.
deliver
drop AppendEntriesRequest s1 > s4
restart s1
until leader s1
expect s1 term 4
run 30
delay AppendEntriesRequest s1 > s3 400  # entry 3 is long on its way to s3
run 20
expect s3 last 2/2

# (d) Power fails and s1 stays away. s5 asks again, and s3 and s4 say yes.
crash s1
crash s2
crash s3
crash s4
restart s5
run 900
restart s2
restart s3
restart s4
until s5 Leader
expect s5 term 5
run 80
expect s3 last 3/5
`;

/** (a) to (d): the script up to the crash that ends the step. (e) is below. */
export type Step = "a" | "b" | "c" | "d" | "e";

/** The world at the end of a step of the figure. */
export function at(step: Step, options: Partial<WorldOptions> = {}): World {
  return runScenario(scriptOf(step), options);
}

function scriptOf(step: Step): string {
  if (step === "d") return script;
  if (step === "e") return scriptOfE();
  const next = { a: "b", b: "c", c: "d" }[step];
  const [before = ""] = script.split(`# (${next})`);
  return before.replace(/crash s\d\s*$/, "");
}

/**
 * (e): as in (c), but s1 stays up until entry 3, of its own term, is on three
 * of five. Then power fails as in (d).
 */
function scriptOfE(): string {
  const [upToC = "", d = ""] = script.split("# (d)");
  const [failure = ""] = d.split("until s5 Leader");
  return `${upToC}run 450\n# ${failure}until leader\nrun 100`;
}
