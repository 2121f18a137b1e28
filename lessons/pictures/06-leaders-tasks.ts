/**
 * The tasks of a live leader: who started whom, and what each is parked on.
 *
 * The run is that of scenarios/06-slow-disk.txt up to 1800 ms, when s2 has
 * been writing x=1 for 288 ms: once as it is, and once with a pipeline.
 */

import { type Server, ServerSuffrage } from "../../raft/configuration.ts";
import type { RunningTask } from "../../raft/runtime/task.ts";
import { namedServers, World } from "../../raft/sim/world.ts";
import type { Picture } from "../../site/tools/pictures/picture.ts";
import { drawing, line, PHONE, text } from "./drawing/svg.ts";

/** One task, as it stands: `answer` is what it is parked on. */
export interface LeadersTask {
  readonly name: string;
  readonly parent: string;
  readonly parkedOn: readonly string[];
}

/** `run` of s1 and everything under it, each task behind its parent. */
export function leadersTasks(pipelineDepth: number): LeadersTask[] {
  const world = slowDisk(pipelineDepth);
  const tasks = [...world.server("s1").process.tasks];
  const run = tasks.find(({ name }) => name === "run") as RunningTask;
  const under = (task: RunningTask): RunningTask[] => [
    task,
    ...tasks
      .filter(({ parent }) => parent === task)
      .sort((a, b) => a.name.localeCompare(b.name))
      .flatMap(under),
  ];
  return under(run).map((task) => ({
    name: task.name,
    parent: task === run ? "" : (task.parent?.name ?? ""),
    parkedOn: task.parkedOn(),
  }));
}

function slowDisk(pipelineDepth: number): World {
  const nonvoter: Server = {
    id: "s4",
    address: "s4",
    suffrage: ServerSuffrage.Nonvoter,
  };
  const world = new World({
    seed: 1,
    servers: [...namedServers(3), nonvoter],
    network: { delayMs: [10, 10], pipelineDepth },
    disk: { writeMs: [2, 2] },
  });
  world.fixTimers("s1", "heartbeatTimer", [1200]);
  world.fixTimers("s2", "heartbeatTimer", [1900]);
  world.fixTimers("s3", "heartbeatTimer", [1900]);
  world.run(1500);
  world.server("s2").disk.options.writeMs = [400, 400];
  for (const command of ["x=1", "y=2", "z=3"]) {
    world.apply("s1", command);
    world.run(100);
  }
  return world;
}

export default function draw(): Picture {
  const plain = leadersTasks(0);
  const pipelined = leadersTasks(2);
  return {
    title: "The leader's tasks at 1800 ms, while s2 writes x=1",
    words:
      `One request at a time, run has ${plain.length - 1} tasks under it: a ` +
      "replicate task for each other server, and under each of these a " +
      `heartbeat task. With a pipeline there are ${pipelined.length - 1}: ` +
      "each replicate task has started a pipelineDecode task as well, and " +
      "the transport has added a decodeResponses task.",
    svg: trees([
      ["one request at a time", plain],
      ["with a pipeline that has room for two requests", pipelined],
    ]),
    tables: [
      table("One request at a time", plain),
      table("With a pipeline that has room for two requests", pipelined),
    ],
  };
}

const lineHeight = 17;
const indent = 16;
const names = 16;
const channels = 186;
/** How many letters fit beside the names. */
const letters = 26;

function trees(
  panels: readonly (readonly [string, readonly LeadersTask[]])[],
): string {
  const parts: string[] = [];
  let y = 0;
  for (const [title, tasks] of panels) {
    y += 26;
    parts.push(text(0, y, title, "soft"));
    parts.push(line(0, y + 8, PHONE, y + 8));
    y += 26;
    parts.push(text(channels, y, "parked on any of", "soft"));
    y += 6;
    y = tree(tasks, y, parts) + 16;
  }
  parts.push(dot(names - 9, y + 8));
  parts.push(
    text(names, y + 13, "waits for s2, or for room behind it", "soft"),
  );
  return drawing(PHONE, y + 22, parts);
}

/** One task a row, each joined to its parent. Gives where the tree ends. */
function tree(
  tasks: readonly LeadersTask[],
  top: number,
  parts: string[],
): number {
  const middles = new Map<string, { x: number; y: number }>();
  let y = top;
  for (const task of tasks) {
    const lines = wrapped(task.parkedOn.map(shown).join(", "));
    const parent = middles.get(task.parent);
    const x = parent ? parent.x + indent : names;
    const middle = y + 14;
    if (parent) {
      const stem = parent.x + 5;
      parts.push(line(stem, parent.y + 7, stem, middle));
      parts.push(line(stem, middle, x - 4, middle));
    }
    middles.set(task.name, { x, y: middle });
    if (held(task)) parts.push(dot(channels - 9, middle));
    parts.push(text(x, middle + 5, task.name));
    for (const [i, content] of lines.entries()) {
      const at = middle + 5 + i * lineHeight;
      parts.push(text(channels, at, content, "soft"));
    }
    y += lines.length * lineHeight + 8;
  }
  return y;
}

/** Whether the task is in the middle of something, and not at its select. */
function held({ parkedOn }: LeadersTask): boolean {
  return parkedOn.some((operation) => /^send|^receive answer$/.test(operation));
}

function shown(operation: string): string {
  return operation.replace(/^receive /, "").replace(/^send /, "room in ");
}

function wrapped(list: string): string[] {
  const lines = [""];
  for (const word of list.split(" ")) {
    const last = lines.at(-1) as string;
    if (last.length + word.length < letters)
      lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines.map((content) => content.trim());
}

function dot(x: number, y: number): string {
  return `<circle cx="${x}" cy="${y}" r="4" class="accent"/>`;
}

function table(caption: string, tasks: readonly LeadersTask[]) {
  return {
    caption,
    head: ["task", "started by", "parked on"],
    rows: tasks.map(({ name, parent, parkedOn }) => [
      name,
      parent === "" ? "NewRaft" : parent,
      parkedOn.join(", "),
    ]),
  };
}
