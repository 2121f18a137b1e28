// Plays one seed of the simulator again, and shows what happened:
//
//     npm run replay -- 17 --servers 3
//     npm run replay -- 130 --servers 5 --quirks torn-vote --last 40
//
// Every line is one event: the time in milliseconds, the server, what it did.
// `--all` shows every line, `--logs` the servers' log lines among them.

import { parseArgs } from "node:util";
import { type Quirk, quirks } from "../raft/quirks.ts";
import { type Outcome, runSwarm } from "../raft/sim/swarm.ts";

const options = {
  servers: { type: "string", default: "3" },
  quirks: { type: "string", default: "" },
  watch: { type: "string" },
  "faults-ms": { type: "string" },
  last: { type: "string", default: "200" },
  all: { type: "boolean", default: false },
  logs: { type: "boolean", default: false },
} as const;

function main(): number {
  const { values, positionals } = parseArgs({
    options,
    allowPositionals: true,
  });
  const seed = Number(positionals[0]);
  const servers = Number(values.servers);
  const named = values.quirks.split(",").filter((name) => name !== "");
  const unknown = named.find((name) => !Object.hasOwn(quirks, name));
  if (positionals.length !== 1 || !Number.isInteger(seed)) {
    console.error("say which seed: npm run replay -- 17 --servers 3");
    return 1;
  }
  if (!Number.isInteger(servers) || servers < 1) {
    console.error(`--servers takes a number, and not "${values.servers}"`);
    return 1;
  }
  if (unknown !== undefined) {
    const known = Object.keys(quirks).join(", ");
    console.error(`there is no quirk "${unknown}"; there are ${known}`);
    return 1;
  }
  const outcome = runSwarm({
    seed,
    servers,
    quirks: named as Quirk[],
    keepTrace: true,
    logLines: values.logs,
    ...(values.watch && { watch: values.watch.split(",") }),
    ...(values["faults-ms"] && { faultsMs: Number(values["faults-ms"]) }),
  });
  const { lines } = outcome.world.trace;
  const shown = values.all ? lines : lines.slice(-Number(values.last));
  if (shown.length < lines.length) {
    console.log(`... ${lines.length - shown.length} lines before (--all)`);
  }
  for (const line of shown) console.log(line);
  console.log(`\n${summary(outcome)}`);
  return outcome.violation === undefined && outcome.healed ? 0 : 1;
}

function summary(outcome: Outcome): string {
  const { seed, hash, events, simulatedMs, committed, elections } = outcome;
  const figures =
    `seed ${seed}: ${events} events in ${(simulatedMs / 1000).toFixed(1)} s, ` +
    `${elections} elections, ${committed} entries committed, hash ${hash}`;
  return `${figures}\n${verdict(outcome)}`;
}

function verdict({ violation, healed }: Outcome): string {
  if (violation) {
    const { invariant, server, what } = violation;
    return `VIOLATES ${invariant}: ${server} ${what}`;
  }
  if (healed) return "no invariant broken, and the cluster has healed";
  return "no invariant broken, but the cluster DOES NOT HEAL";
}

process.exitCode = main();
