// Says everything in which the lessons and the source disagree, and exits
// with 1 if there is anything. The build and CI run it.
//
//     node site/tools/check.ts [directory of the repository]

import { check } from "./engine/check.ts";
import { sayFault } from "./engine/fault.ts";

const root = process.argv[2] ?? process.cwd();
const faults = check(root);

for (const found of faults) console.error(`${sayFault(found)}\n`);
if (faults.length > 0) {
  const files = new Set(faults.map(({ file }) => file)).size;
  console.error(`${faults.length} faults in ${files} files`);
  process.exitCode = 1;
} else {
  console.log("every address, name, citation and claim of the lessons holds");
}
