/**
 * What a page says of a run: which lines hold and which do not; or, before it
 * can run, which need an answer.
 */

import type { Verdict } from "./judge.ts";

export function verdictWords({
  answered,
  holds,
  wrong,
  right,
  problem,
}: Verdict): string {
  if (holds) return "It holds, to the last line.";
  const [first, ...others] = wrong;
  if (!answered) {
    const verb = others.length === 1 ? "needs" : "need";
    const more = `${lines(others)} ${verb} an answer too.`;
    const missing = `Nothing has run yet. Line ${first}: ${problem}.`;
    return others.length === 0 ? missing : `${missing} ${more}`;
  }
  const said = [`It does not hold. Line ${first}: ${problem}.`];
  if (others.length > 0) {
    const verb = others.length === 1 ? "does" : "do";
    said.push(`${lines(others)} ${verb} not hold either.`);
  }
  if (right.length > 0) {
    said.push(`${lines(right)} ${right.length === 1 ? "holds" : "hold"}.`);
  }
  return said.join(" ");
}

/** "Line 13", "Lines 13, 15 and 16" */
function lines(numbers: readonly number[]): string {
  const last = numbers.at(-1);
  if (numbers.length === 1) return `Line ${last}`;
  return `Lines ${numbers.slice(0, -1).join(", ")} and ${last}`;
}
