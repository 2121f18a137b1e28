/**
 * Draws the pictures of the lessons from runs of raft/. A process of its own,
 * so that a change of raft/ is seen by the next run.
 *
 * Reads the names of modules as JSON, writes {module: {picture} or {error}}.
 */

import { pathToFileURL } from "node:url";

let input = "";
for await (const part of process.stdin) input += part;
const modules = JSON.parse(input) as string[];

const drawn: Record<string, unknown> = {};
for (const module of modules) {
  try {
    const { default: draw } = await import(pathToFileURL(module).href);
    drawn[module] = { picture: draw() };
  } catch (error) {
    drawn[module] = { error: (error as Error).stack ?? String(error) };
  }
}
process.stdout.write(JSON.stringify(drawn));
