/**
 * How fast the simulated world goes: five servers, every invariant checked
 * after every event, 50 writes a second or none. The unit is a second of the
 * world in a second of one core.
 */
import { World } from "../../raft/sim/world.ts";
import { printTable, spread } from "./table.ts";

const ROUNDS = 5;
const SIMULATED_MS = 120_000;

export function simulatorSpeed(): void {
  const rows = [
    ["50 writes/s", 20],
    ["idle", 0],
  ].map(([name, everyMs]) => {
    const speeds: number[] = [];
    let events = 0;
    for (let round = -1; round < ROUNDS; round++) {
      const start = process.cpuUsage();
      events = simulate(everyMs as number);
      const { user, system } = process.cpuUsage(start);
      const speed = SIMULATED_MS / ((user + system) / 1000);
      if (round >= 0) speeds.push(speed);
    }
    return [name as string, String(events), spread(speeds)];
  });
  console.log(
    "\nThe simulator, five servers, every invariant on: seconds of the world " +
      `in a second\nof one core, median of ${ROUNDS} rounds (least to most).\n`,
  );
  printTable(["load", "events", "simulated : real"], rows);
}

/** The number of events in that time, with a write every so often. */
function simulate(everyMs: number): number {
  const world = new World({ seed: 1, servers: 5 });
  world.runUntil(() => world.leader() !== undefined);
  if (everyMs === 0) {
    world.run(SIMULATED_MS);
    return world.events;
  }
  for (let written = 0; world.now < SIMULATED_MS; written++) {
    const leader = world.leader();
    if (leader?.raft) world.apply(leader.id, `a=${written}`);
    world.run(everyMs);
  }
  return world.events;
}
