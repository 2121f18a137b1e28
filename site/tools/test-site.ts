/**
 * `npm run test:site`: looks at the built site as its readers will, in a real
 * browser. Builds it first when it is stale. Without a browser the checks that
 * need none still run and the rest is said to be missing, which in CI is a
 * failure. Some of them: `npm run test:site -- walk links`.
 */

import { browserPath, launch } from "./browser.ts";
import { basePath, buildIfStale, DIST, pagesOf } from "./built.ts";
import { accessibility } from "./checks/accessibility.ts";
import { addresses } from "./checks/addresses.ts";
import { answers } from "./checks/answers.ts";
import { card } from "./checks/card.ts";
import {
  type BuiltSite,
  type Check,
  type Outcome,
  unseen,
} from "./checks/check.ts";
import { colours } from "./checks/colours.ts";
import { drawings, onAPhone } from "./checks/drawings.ts";
import { excerpts } from "./checks/excerpts.ts";
import { exercises } from "./checks/exercises.ts";
import { folds } from "./checks/folds.ts";
import { forced } from "./checks/forced.ts";
import { glued } from "./checks/glued.ts";
import { keys } from "./checks/keys.ts";
import { layout } from "./checks/layout.ts";
import { lighthouse } from "./checks/lighthouse.ts";
import { links } from "./checks/links.ts";
import { mentions } from "./checks/mentions.ts";
import { names } from "./checks/names.ts";
import { notKept } from "./checks/not-kept.ts";
import { offline } from "./checks/offline.ts";
import { pages } from "./checks/pages.ts";
import { progress } from "./checks/progress.ts";
import { questions } from "./checks/questions.ts";
import { search } from "./checks/search.ts";
import { served } from "./checks/served.ts";
import { tree } from "./checks/tree.ts";
import { walk } from "./checks/walk.ts";
import { loaded, weight } from "./checks/weight.ts";
import { serve } from "./serve.ts";

const checks: readonly Check[] = [
  links,
  weight,
  loaded,
  pages,
  excerpts,
  drawings,
  onAPhone,
  names,
  mentions,
  card,
  layout,
  walk,
  addresses,
  folds,
  tree,
  keys,
  progress,
  notKept,
  exercises,
  questions,
  answers,
  search,
  offline,
  glued,
  colours,
  forced,
  lighthouse,
  served,
  accessibility,
];

async function main(): Promise<number> {
  if (!buildIfStale()) return 1;
  const server = await serve(DIST, basePath(), 0);
  const found = await browserPath();
  const browser = found instanceof Error ? undefined : await launch(found);
  const site: BuiltSite = {
    dist: DIST,
    url: server.url,
    base: basePath(),
    pages: pagesOf(DIST),
  };
  const wanted = process.argv.slice(2);
  const chosen = checks.filter(
    ({ name }) =>
      wanted.length === 0 || wanted.some((word) => name.includes(word)),
  );
  let failed = 0;
  for (const check of chosen) {
    if (check.needsBrowser && !browser) continue;
    failed += await report(check, () => check.run(site, browser));
  }
  await browser?.close();
  server.close();
  if (found instanceof Error) {
    const missing = chosen.filter(({ needsBrowser }) => needsBrowser);
    const names = missing.map(({ name }) => name).join("; ");
    console.log(`not run  ${names}\n         ${found.message}`);
    if (process.env.CI) failed += missing.length;
  }
  return failed === 0 ? 0 : 1;
}

/** One that cannot go on stops by itself, and not with all the others. */
function stopped(error: Error): Outcome {
  return { checked: "stopped", looked: {}, faults: [String(error.stack)] };
}

async function report(
  { name }: Check,
  run: () => ReturnType<Check["run"]>,
): Promise<number> {
  const started = performance.now();
  const outcome = await run().catch(stopped);
  const { checked } = outcome;
  const faults = [...unseen(outcome), ...outcome.faults];
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const word = faults.length === 0 ? "ok" : "FAILED";
  console.log(`${word.padEnd(8)} ${name}: ${checked} (${seconds} s)`);
  for (const fault of faults.slice(0, 40)) console.log(`         ${fault}`);
  if (faults.length > 40) {
    console.log(`         and ${faults.length - 40} more`);
  }
  return faults.length === 0 ? 0 : 1;
}

process.exitCode = await main();
