/**
 * Times our channels beside Go's on one core, in turns, so that a machine
 * that is busy for a while is busy for both. Quote the ratios: the absolute
 * numbers drift.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Pattern, patterns, perCpuSecond } from "./channels.ts";
import { median, printTable } from "./table.ts";

const ROUNDS = 7;
const SOURCE = join(import.meta.dirname, "go-channels", "main.go");

type Rates = Record<string, number>;

export function channelsBesideGo(): void {
  const folder = mkdtempSync(join(tmpdir(), "go-channels-"));
  try {
    const program = build(folder);
    for (const pattern of patterns) warmUp(pattern);
    const rounds = Array.from({ length: ROUNDS }, () => ({
      ours: ourRates(),
      gos: program ? goRates(program) : {},
    }));
    print(rounds);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Builds the Go side. Without Go there is none, and the reader is told. */
function build(folder: string): string | undefined {
  const program = join(folder, "go-channels");
  const env = { ...process.env, GO111MODULE: "off" };
  const { error, status, stderr } = spawnSync(
    "go",
    ["build", "-o", program, SOURCE],
    { env, encoding: "utf8" },
  );
  if (error) {
    console.log("go was not found: these are our channels alone.\n");
    return undefined;
  }
  if (status !== 0) throw new Error(`go build failed:\n${stderr}`);
  return program;
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

function spread(values: readonly number[]): string {
  if (values.length === 0) return "-";
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${short(median(values))} (${short(least)} to ${short(most)})`;
}

function short(value: number): string {
  return value.toPrecision(3);
}
