// Plays the golden stories again, and records one anew on purpose:
//
//     npm run golden
//     npm run golden -- --accept first-election
//
// One name at a time: read what has changed before you accept it.

import { parseArgs } from "node:util";
import { accept, difference, goldenNames, play, readGolden } from "./golden.ts";

const { values } = parseArgs({ options: { accept: { type: "string" } } });

function main(): number {
  if (values.accept !== undefined) return acceptOne(values.accept);
  let different = 0;
  for (const name of goldenNames()) {
    const golden = readGolden(name);
    const told = difference(name, golden, play(golden.script));
    console.log(told ?? `test/golden/${name}.txt: as recorded`);
    if (told !== undefined) different++;
  }
  return different === 0 ? 0 : 1;
}

function acceptOne(name: string): number {
  const known = goldenNames();
  if (!known.includes(name)) {
    console.error(`there is no story "${name}"; there are ${known.join(", ")}`);
    return 1;
  }
  const lost = accept(name);
  console.log(`recorded test/golden/${name}.txt; read it: git diff`);
  if (lost.length > 0) {
    console.log("these remarks stood beside lines that are gone:");
    for (const line of lost) console.log(`  ${line}`);
  }
  return 0;
}

process.exitCode = main();
