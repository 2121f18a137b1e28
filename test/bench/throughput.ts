/**
 * Three servers in one process, in memory: how many commands a second clients
 * get answered, ours and Go's in turns. Go runs on every core it finds, ours
 * on one.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { withGoProgram } from "./go-program.ts";
import { printTable, spread } from "./table.ts";

const ROUNDS = 5;
const MS = 2000;
const CLIENTS = [1, 64, 1024];
const OURS = join(import.meta.dirname, "inmem.ts");

export function throughputBesideGo(): void {
  withGoProgram("go-inmem", (program) => {
    const rows = CLIENTS.map((clients) => {
      const asked = [String(clients), String(MS)];
      const ours: number[] = [];
      const gos: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        ours.push(perSecond(process.execPath, [OURS, ...asked]));
        if (program) gos.push(perSecond(program, asked));
      }
      const ratios = gos.map((rate, i) => (ours[i] as number) / rate);
      return [String(clients), spread(ours), spread(gos), spread(ratios)];
    });
    console.log(
      "\nThree servers in one process, in memory, commands of 64 bytes:\n" +
        `answered in a second, median of ${ROUNDS} rounds (least to most).\n` +
        "Go: HashiCorp Raft as Debian packages it. Ratio: ours to Go's, " +
        "round by round.\n",
    );
    printTable(["clients", "ours", "Go", "ratio"], rows);
  });
}

function perSecond(program: string, args: readonly string[]): number {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${program} failed:\n${stderr}`);
  return Number(stdout);
}
