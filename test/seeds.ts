// Plays a block of seeds of the simulator in several processes, and says what
// became of them:
//
//     npm run seeds -- --seeds 5000 --servers 5
//     npm run seeds -- --quirks commit-bound --watch I5
//
// Without a quirk a broken invariant, a cluster that does not heal, or one
// seed in twenty that commits fewer than 50 entries is a failure.

import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type Quirk, quirks } from "../raft/quirks.ts";
import { replayCommand, runSwarm } from "../raft/sim/swarm.ts";

const options = {
  from: { type: "string", default: "1" },
  seeds: { type: "string", default: "1000" },
  servers: { type: "string", default: "5" },
  quirks: { type: "string", default: "" },
  watch: { type: "string" },
  "faults-ms": { type: "string" },
  processes: { type: "string" },
  /** Which part of the block to play: what a process is started with. */
  part: { type: "string" },
} as const;

const { values } = parseArgs({ options });

/** What became of a part of the block. */
interface Played {
  readonly committed: number[];
  readonly broken: string[];
  readonly unhealed: string[];
  readonly struck: Record<string, number>;
  seconds: number;
  events: number;
}

const nothing = (): Played => ({
  committed: [],
  broken: [],
  unhealed: [],
  struck: {},
  seconds: 0,
  events: 0,
});

async function main(): Promise<number> {
  const named = values.quirks.split(",").filter((name) => name !== "");
  const unknown = named.find((name) => !Object.hasOwn(quirks, name));
  if (unknown !== undefined) {
    const known = Object.keys(quirks).join(", ");
    console.error(`there is no quirk "${unknown}"; there are ${known}`);
    return 1;
  }
  for (const name of ["from", "seeds", "servers"] as const) {
    if (Number(values[name]) >= 1) continue;
    console.error(`--${name} takes a number, and not "${values[name]}"`);
    return 1;
  }
  if (values.part !== undefined) {
    console.log(JSON.stringify(play(named as Quirk[], values.part)));
    return 0;
  }
  const start = performance.now();
  const count = Number(values.processes ?? availableParallelism());
  const parts = Array.from({ length: count }, (_, i) => `${i}/${count}`);
  const all = (await Promise.all(parts.map(inProcess))).reduce(together);
  const good = report(all, (performance.now() - start) / 1000);
  return good || named.length > 0 ? 0 : 1;
}

/** Every `of`th seed, beginning with the one at `place`. */
function play(named: readonly Quirk[], part: string): Played {
  const [place = 0, of = 1] = part.split("/").map(Number);
  const played = nothing();
  const first = Number(values.from);
  const last = first + Number(values.seeds) - 1;
  for (let seed = first + place; seed <= last; seed += of) {
    const swarm = {
      seed,
      servers: Number(values.servers),
      quirks: named,
      ...(values.watch && { watch: values.watch.split(",") }),
      ...(values["faults-ms"] && { faultsMs: Number(values["faults-ms"]) }),
    };
    const { violation, healed, ...outcome } = runSwarm(swarm);
    const again = replayCommand(swarm);
    if (violation) {
      const { invariant, server, what } = violation;
      played.broken.push(`${invariant} ${server} ${what}\n    ${again}`);
    } else if (!healed) played.unhealed.push(again);
    played.committed.push(outcome.committed);
    played.seconds += outcome.simulatedMs / 1000;
    played.events += outcome.events;
    for (const [name, times] of outcome.struck) {
      played.struck[name] = (played.struck[name] ?? 0) + times;
    }
  }
  return played;
}

function inProcess(part: string): Promise<Played> {
  const args = [...process.argv.slice(1), `--part=${part}`];
  return new Promise((resolve, reject) => {
    const large = { maxBuffer: 1 << 28 };
    execFile(process.execPath, args, large, (error, stdout) => {
      if (error) reject(error);
      else resolve(JSON.parse(stdout) as Played);
    });
  });
}

function together(a: Played, b: Played): Played {
  const struck = { ...a.struck };
  for (const [name, times] of Object.entries(b.struck)) {
    struck[name] = (struck[name] ?? 0) + times;
  }
  return {
    committed: [...a.committed, ...b.committed],
    broken: [...a.broken, ...b.broken],
    unhealed: [...a.unhealed, ...b.unhealed],
    struck,
    seconds: a.seconds + b.seconds,
    events: a.events + b.events,
  };
}

/** Prints everything. False when the block is not as it should be. */
function report(all: Played, wallSeconds: number): boolean {
  const { committed, broken, unhealed, struck, seconds, events } = all;
  const count = committed.length;
  for (const one of broken) console.log(`VIOLATES ${one}`);
  for (const one of unhealed) console.log(`DOES NOT HEAL\n    ${one}`);
  console.log("\nfaults, and how often each has struck:");
  const byName = Object.entries(struck).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, times] of byName) {
    console.log(`${`${times}`.padStart(8)}  ${name}`);
  }
  console.log("\nentries committed in a seed:");
  const edges = [0, 1, 20, 50, 100, 200, 500, Number.POSITIVE_INFINITY];
  for (const [i, least] of edges.slice(0, -1).entries()) {
    const next = edges[i + 1] as number;
    const within = committed.filter((c) => c >= least && c < next).length;
    const range = next === Number.POSITIVE_INFINITY ? "more" : `${next - 1}`;
    const share = ((100 * within) / count).toFixed(1).padStart(5);
    console.log(`${share} %  ${least} to ${range}`);
  }
  const busy = committed.filter((c) => c >= 50).length / count;
  console.log(
    `\n${count} seeds: ${broken.length} violations, ` +
      `${unhealed.length} not healed, ` +
      `${(100 * busy).toFixed(1)} % commit 50 entries or more`,
  );
  console.log(
    `${Math.round(seconds)} s simulated in ${Math.round(wallSeconds)} s, ` +
      `${Math.round(seconds / wallSeconds)} to one; ` +
      `${(events / 1e6).toFixed(1)} million events`,
  );
  return broken.length === 0 && unhealed.length === 0 && busy >= 0.95;
}

process.exitCode = await main();
