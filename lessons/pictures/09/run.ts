/**
 * The worked run of lesson 9, once request by request and once by a pipeline:
 * lessons/scenarios/09-four-commands.txt, word for word where it counts (the
 * suite compares the two). What happened is read from the trace.
 */

import { runScenario } from "../../../raft/sim/scenario.ts";
import type { World } from "../../../raft/sim/world.ts";

export const FOUR_COMMANDS = `
servers 3
network 10
disk 2
timer s1 heartbeatTimer 1200
timer s2 heartbeatTimer 1900
timer s3 heartbeatTimer 1900
until leader s1
run 166
apply "x=1"
run 5
apply "x=2"
run 5
apply "x=3"
run 5
apply "x=4"
run 31
expect s1 applied x=4
expect committed 6
`;

/** When the first command is asked for, in milliseconds. */
export const BEGIN = 1400;

export interface Exchange {
  readonly sentMs: number;
  readonly arrivedMs: number;
  readonly storedMs: number;
  readonly answeredMs: number;
  readonly entries: number;
}

export interface CommandTimes {
  readonly command: string;
  readonly askedMs: number;
  readonly appliedMs: number;
}

export interface Ladder {
  readonly exchanges: readonly Exchange[];
  readonly commands: readonly CommandTimes[];
}

/** The world after the run. `inFlight` 1 is RPC mode. */
export function fourCommands(inFlight: number): World {
  return runScenario(FOUR_COMMANDS, {
    watch: [],
    network: { pipelineDepth: inFlight - 1, timeoutMs: 60_000 },
  });
}

/** What s1 and s2 said to each other from BEGIN on, and when s1 applied. */
export function ladder(world: World): Ladder {
  const lines = world.trace.lines.filter((line) => at(line) >= BEGIN);
  const times = (pattern: RegExp) =>
    lines.filter((line) => pattern.test(line)).map(at);
  const requests = lines.filter((line) =>
    / s1 +-> s2 +AppendEntries .*\+[1-9]/.test(line),
  );
  const arrived = times(/ s2 +<- s1 +AppendEntries .*\+[1-9]/);
  const answers = answersOf(lines, arrived);
  const commands = ["x=1", "x=2", "x=3", "x=4"].map((command) => ({
    command,
    askedMs: times(new RegExp(` s1 +is asked to apply "${command}"`))[0] ?? 0,
    appliedMs: times(new RegExp(` s1 +applies \\d+ "${command}"`))[0] ?? 0,
  }));
  return {
    commands,
    exchanges: requests.map((line, i) => ({
      sentMs: at(line),
      arrivedMs: arrived[i] ?? 0,
      storedMs: answers[i]?.sentMs ?? 0,
      answeredMs: answers[i]?.heardMs ?? 0,
      entries: Number(/\+(\d+)/.exec(line)?.[1]),
    })),
  };
}

/** The answer to a request leaves with the write, not with a heartbeat. */
function answersOf(lines: readonly string[], arrived: readonly number[]) {
  const stores = lines
    .filter((line) => / s2 +stores /.test(line))
    .map(at)
    .filter((time, i, all) => all.indexOf(time) === i);
  const heard = lines
    .filter((line) => / s1 +<- s2 +stored /.test(line))
    .map(at);
  return arrived.map((_, i) => {
    const sentMs = stores[i] ?? 0;
    return { sentMs, heardMs: heard.find((time) => time >= sentMs + 10) ?? 0 };
  });
}

function at(line: string): number {
  return Number(line.slice(0, 12));
}
