/**
 * Runs a module in a process of its own, so that a change of raft/ is seen by
 * the next run: JSON goes in, and by name comes out what became of each.
 */

import { spawnSync } from "node:child_process";

export type Told<T> = Record<string, T & { readonly error?: string }>;

/** When the process fails, every name gets the same error. */
export function runApart<T>(
  runner: string,
  input: unknown,
  names: readonly string[],
  failed: string,
): Told<T> {
  if (names.length === 0) return {};
  const { stdout, stderr, status } = spawnSync(process.execPath, [runner], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    timeout: 120_000,
  });
  if (status === 0) return JSON.parse(stdout) as Told<T>;
  const error = `${failed}:\n${stderr}`;
  return Object.fromEntries(names.map((name) => [name, { error }])) as Told<T>;
}
