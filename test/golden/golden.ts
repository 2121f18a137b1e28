/**
 * Golden traces: plain stories of a cluster, each a text file with a scenario
 * and, below a line of `=`, everything that happened when it was played. A
 * test plays it again and compares line by line.
 *
 * Lines that begin with `#` are remarks, above for the script and below for
 * the trace; they are not compared. A line `story` in the script says where
 * the trace begins; what comes before only leads there.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runScenario } from "../../raft/sim/scenario.ts";

/** A story as its file has it. */
export interface Golden {
  readonly script: string;
  /** The lines of the trace, with the remarks among them. */
  readonly recorded: readonly string[];
}

const FOLDER = import.meta.dirname;
const RULE = "=".repeat(76);

/** Every story that there is: "first-election". */
export function goldenNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".txt"))
    .map((file) => file.slice(0, -".txt".length))
    .sort();
}

export function readGolden(name: string): Golden {
  return parseGolden(readFileSync(fileOf(name), "utf8"));
}

export function parseGolden(text: string): Golden {
  const lines = text.trimEnd().split("\n");
  const rule = lines.findIndex((line) => /^=+$/.test(line));
  if (rule < 0) return { script: lines.join("\n"), recorded: [] };
  return {
    script: lines.slice(0, rule).join("\n"),
    recorded: lines.slice(rule + 1),
  };
}

/** Plays a script and gives the lines of its trace, from `story` on. */
export function play(script: string): string[] {
  const lines = script.split("\n");
  const at = lines.indexOf("story");
  const before = at < 0 ? "" : lines.slice(0, at).join("\n");
  const whole = lines.map((line) => (line === "story" ? "" : line)).join("\n");
  const from = at < 0 ? 0 : runScenario(before).trace.lines.length;
  return runScenario(whole).trace.lines.slice(from);
}

/** Says where a story goes another way than it was recorded, if it does. */
export function difference(
  name: string,
  { recorded }: Golden,
  played: readonly string[],
): string | undefined {
  const lines = recorded.filter((line) => !isRemark(line));
  const length = Math.max(lines.length, played.length);
  for (let i = 0; i < length; i++) {
    if (lines[i] === played[i]) continue;
    return [
      `test/golden/${name}.txt: another story from line ${i + 1} of the trace`,
      ...lines.slice(Math.max(0, i - 3), i).map((line) => `  ${line}`),
      ...some(lines, i).map((line) => `- ${line}`),
      ...some(played, i).map((line) => `+ ${line}`),
      "If this is what you wanted, read it, and then:",
      `    npm run golden -- --accept ${name}`,
    ].join("\n");
  }
  return undefined;
}

function some(lines: readonly string[], from: number): readonly string[] {
  const shown = lines.slice(from, from + 5);
  return shown.length > 0 ? shown : ["(the end)"];
}

/**
 * The new trace with the old remarks: each stands before the line that it
 * stood before, whatever the time there. Those whose line is gone come back
 * as `lost`.
 */
export function withRemarks(
  recorded: readonly string[],
  played: readonly string[],
): { readonly lines: string[]; readonly lost: string[] } {
  const lines = [...played];
  const lost: string[] = [];
  let remarks: string[] = [];
  let from = 0;
  for (const line of recorded) {
    if (isRemark(line)) {
      remarks.push(line);
      continue;
    }
    if (remarks.length === 0) continue;
    const at = lines.findIndex(
      (other, i) => i >= from && withoutTime(other) === withoutTime(line),
    );
    if (at < 0) lost.push(...remarks);
    else {
      lines.splice(at, 0, ...remarks);
      from = at + remarks.length;
    }
    remarks = [];
  }
  return { lines: [...lines, ...remarks], lost };
}

/** Records a story anew. Gives the remarks that have lost their place. */
export function accept(name: string): string[] {
  const { script, recorded } = readGolden(name);
  const { lines, lost } = withRemarks(recorded, play(script));
  const text = [script.trimEnd(), RULE, ...lines, ""].join("\n");
  writeFileSync(fileOf(name), text);
  return lost;
}

function isRemark(line: string): boolean {
  return line.startsWith("#") || line === "";
}

function withoutTime(line: string): string {
  return line.replace(/^ *[\d.]+ /, "");
}

function fileOf(name: string): string {
  return join(FOLDER, `${name}.txt`);
}
