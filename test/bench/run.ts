/**
 * `npm run bench` runs every benchmark; `npm run bench channels` runs the
 * one that is named. Benchmarks report and never fail: what has to hold on
 * every machine is counted in tests.
 */
import { channelsBesideGo } from "./channels-beside-go.ts";
import { simulatorSpeed } from "./simulator.ts";
import { throughputBesideGo } from "./throughput.ts";

const benchmarks: Record<string, () => void | Promise<void>> = {
  channels: channelsBesideGo,
  throughput: throughputBesideGo,
  simulator: simulatorSpeed,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(
    `no benchmark is named ${unknown.join(", ")}; ` +
      `there are: ${Object.keys(benchmarks).join(", ")}`,
  );
  process.exit(1);
}
for (const [name, run] of Object.entries(benchmarks)) {
  if (asked.length === 0 || asked.includes(name)) await run();
}
