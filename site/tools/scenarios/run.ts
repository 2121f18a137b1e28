/**
 * Runs scenarios and says what happened in each, an event a line. A process of
 * its own, so that a change of raft/ is seen by the next run.
 *
 * Reads {name: script} as JSON, writes {name: {trace} or {error}}.
 */

import { runScenario } from "../../../raft/sim/scenario.ts";

let input = "";
for await (const part of process.stdin) input += part;
const scripts = JSON.parse(input) as Record<string, string>;

const told = Object.entries(scripts).map(([name, script]) => {
  try {
    const world = runScenario(script, { keepTrace: true });
    return [name, { trace: world.trace.lines }];
  } catch (error) {
    return [name, { error: (error as Error).message }];
  }
});
process.stdout.write(JSON.stringify(Object.fromEntries(told)));
