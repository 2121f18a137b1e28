/**
 * One mutant against the simulator, in a process of its own: plays seeds until
 * an invariant breaks or a run does not heal, and prints what it found.
 *
 *     MUTANT='{…}' node test/mutants/hunt.ts --seeds=1000 --seconds=60
 *
 * Odd seeds have three servers, even ones five. Node mutates the file while
 * it loads it. With `--situation` one world of situations.ts is played.
 */

import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { Quirk } from "../../raft/quirks.ts";
import { type Mutant, mutantOf, mutate, RAFT } from "./plugin.ts";
import type { situations } from "./situations.ts";

export interface Hunted {
  /** What caught the mutant: "I4", "heal", "crash". Absent: nothing. */
  readonly by?: string;
  readonly what: string;
  /** "seed 17 of 3 servers" */
  readonly place: string;
  readonly seconds: number;
}

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    seconds: { type: "string", default: "60" },
    quirk: { type: "string" },
    /** Which invariants may notice: "I4,I9"; without it, all. */
    watch: { type: "string" },
    situation: { type: "string" },
  },
});
const start = performance.now();
const elapsed = () => (performance.now() - start) / 1000;

async function main(): Promise<Hunted> {
  const mutant = mutantOf(process.env.MUTANT);
  if (mutant) loadMutated(mutant);
  const { situation } = values;
  if (situation === undefined) return huntBySeeds();
  return huntIn(situation as keyof typeof situations);
}

async function huntBySeeds(): Promise<Hunted> {
  const { runSwarm } = await import("../../raft/sim/swarm.ts");
  const quirks = values.quirk ? [values.quirk as Quirk] : [];
  const watch = values.watch?.split(",");
  let seed = 0;
  while (seed < Number(values.seeds) && elapsed() < Number(values.seconds)) {
    seed++;
    const servers = seed % 2 === 1 ? 3 : 5;
    const options = { seed, servers, quirks, ...(watch && { watch }) };
    const { violation, healed, world } = runSwarm(options);
    const place = `seed ${seed} of ${servers} servers`;
    if (violation) {
      const { invariant: by, server, what } = violation;
      return { by, what: `${server} ${what}`, place, seconds: elapsed() };
    }
    if (!healed && (watch?.includes("heal") ?? true)) {
      const states = world.servers.map((s) => `${s.id} ${s.state} ${s.term}`);
      const what = states.join(", ");
      return { by: "heal", what, place, seconds: elapsed() };
    }
  }
  return { what: "", place: `${seed} seeds`, seconds: elapsed() };
}

async function huntIn(situation: keyof typeof situations): Promise<Hunted> {
  const { situations } = await import("./situations.ts");
  const found = situations[situation]();
  return { ...found, place: situation, seconds: elapsed() };
}

function loadMutated(mutant: Mutant): void {
  const target = pathToFileURL(RAFT + mutant.file).href;
  registerHooks({
    load(url, context, nextLoad) {
      if (url !== target) return nextLoad(url, context);
      const source = readFileSync(fileURLToPath(url), "utf8");
      return {
        format: "module-typescript",
        source: mutate(source, mutant),
        shortCircuit: true,
      };
    },
  });
}

console.log(JSON.stringify(await main()));
