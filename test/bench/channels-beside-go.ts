/**
 * Times our channels beside Go's on one core, in turns, so that a machine
 * that is busy for a while is busy for both. Quote the ratios: the absolute
 * numbers drift.
 */
import { spawnSync } from "node:child_process";
import { type Pattern, patterns, perCpuSecond } from "./channels.ts";
import { withGoProgram } from "./go-program.ts";
import { printTable, spread } from "./table.ts";

const ROUNDS = 7;

type Rates = Record<string, number>;

export function channelsBesideGo(): void {
  withGoProgram("go-channels", (program) => {
    for (const pattern of patterns) warmUp(pattern);
    const rounds = Array.from({ length: ROUNDS }, () => ({
      ours: ourRates(),
      gos: program ? goRates(program) : {},
    }));
    print(rounds);
  });
}

/** Lets the engine compile what it will run, as in a server that is up. */
function warmUp(pattern: Pattern): void {
  perCpuSecond(pattern, pattern.count / 5);
}

function ourRates(): Rates {
  return Object.fromEntries(
    patterns.map((pattern) => [pattern.name, perCpuSecond(pattern)]),
  );
}

function goRates(program: string): Rates {
  const env = { ...process.env, GOMAXPROCS: "1" };
  const { status, stdout } = spawnSync(program, { env, encoding: "utf8" });
  if (status !== 0) throw new Error("the Go side failed");
  const lines = stdout.trim().split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [name, rate] = line.split(" ");
      return [name, Number(rate)];
    }),
  );
}

function print(rounds: readonly { ours: Rates; gos: Rates }[]): void {
  const rows = patterns.map(({ name, unit }) => {
    const ours = rounds.map((round) => round.ours[name] as number);
    const gos = rounds.flatMap((round) => round.gos[name] ?? []);
    const ratios = gos.map((rate, i) => (ours[i] as number) / rate);
    return [name, unit, millions(ours), millions(gos), spread(ratios)];
  });
  console.log(
    `Channels, millions in a second of CPU: median of ${ROUNDS} rounds ` +
      "(least to most).\nRatio: ours to Go's, round by round.\n",
  );
  printTable(["pattern", "counted", "ours", "Go", "ratio"], rows);
}

function millions(rates: readonly number[]): string {
  return spread(rates.map((rate) => rate / 1e6));
}
