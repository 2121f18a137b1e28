/**
 * The repository's rules over itself, after TigerBeetle's tidy.zig. Each rule
 * is a function in test/tidy/; here it is proved to hold, and proved able to
 * fail by an example that breaks it.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { example, raftCode } from "./tidy/code.ts";
import { namesOfThisMachine, repositoryFiles } from "./tidy/files.ts";
import { cycles, type Floors, wrongFloors } from "./tidy/floors.ts";
import { hostUses, inexactMath } from "./tidy/host.ts";
import { lostTasks } from "./tidy/tasks.ts";
import {
  longLines,
  machineNames,
  noHeader,
  noOrigin,
  quirkLeaks,
  type UpstreamSymbol,
  unknownOrigins,
} from "./tidy/text.ts";

/** raft/ reads bottom-up. A new file gets its line here. */
const floors: Floors = {
  // Tasks, channels, clocks: knows no Raft.
  "runtime/": 0,
  // Words: types and pure functions.
  "commands.ts": 1,
  "config.ts": 1,
  "configuration.ts": 1,
  "errors.ts": 1,
  "log.ts": 1,
  "logger.ts": 1,
  "msgpack.ts": 1,
  "ports.ts": 1,
  "stable.ts": 1,
  "util.ts": 1,
  // Parts.
  "commitment.ts": 2,
  "future.ts": 2,
  "inmem_snapshot.ts": 2,
  "inmem_store.ts": 2,
  "inmem_transport.ts": 2,
  "log_cache.ts": 2,
  "observer.ts": 2,
  "state.ts": 2,
  // The state of one server.
  "header.ts": 3,
  "raft_struct.ts": 3,
  // The tasks beside the main one.
  "bootstrap.ts": 4,
  "differs.ts": 4,
  "fsm.ts": 4,
  "replication.ts": 4,
  "snapshot.ts": 4,
  // The main task, and what v1.1.1 does there.
  "quirks.ts": 5,
  "raft.ts": 5,
  // What an application sees.
  "api.ts": 6,
  "index.ts": 6,
  // An example of an application; what only Node can do.
  "main.ts": 7,
  "disk/": 7,
  "net/": 7,
  // Whole servers.
  "kv/": 8,
  "sim/": 8,
};

const raft = raftCode();

describe("raft/", () => {
  test("stands on floors: no file imports from above", () => {
    expect(wrongFloors(raft, floors)).toEqual([]);
  });

  test("has no import cycle", () => {
    expect(cycles(raft)).toEqual([]);
  });

  test("reaches for time, chance and the host through runtime/ only", () => {
    expect(hostUses(raft)).toEqual([]);
  });

  test("calculates nothing that engines round differently", () => {
    expect(inexactMath(raft)).toEqual([]);
  });

  test("runs every task that it makes", () => {
    expect(lostTasks(raft)).toEqual([]);
  });

  test("knows of quirks in differs.ts, quirks.ts and NewRaft only", () => {
    expect(quirkLeaks(raft)).toEqual([]);
  });

  test("has lines of at most 80 columns", () => {
    expect(longLines(raft)).toEqual([]);
  });

  test("opens every file with a comment", () => {
    expect(noHeader(raft)).toEqual([]);
  });

  test("says of every exported function and class where it comes from", () => {
    expect(noOrigin(raft)).toEqual([]);
  });

  test("cites only Go names that v1.1.1 has", () => {
    expect(unknownOrigins(raft, upstreamSymbols())).toEqual([]);
  });
});

test("the repository names no registry and no path of one machine", () => {
  expect(machineNames(repositoryFiles(), namesOfThisMachine())).toEqual([]);
});

function upstreamSymbols(): UpstreamSymbol[] {
  const table = new URL("upstream-v1.1.1.json", import.meta.url);
  return JSON.parse(readFileSync(table, "utf8")).symbols;
}

describe("the rule on floors catches", () => {
  const table = { "runtime/": 0, "log.ts": 1, "raft.ts": 5, "net/": 7 };

  test("an import from above, of a type too", () => {
    const code = example({
      "log.ts": 'import type { Raft } from "./raft.ts";',
      "raft.ts": 'export { Log } from "./log.ts";',
    });
    expect(wrongFloors(code, table)).toEqual([
      "log.ts:1: floor 1 imports raft.ts from floor 5",
    ]);
  });

  test("an import from runtime/ upwards", () => {
    const code = example({
      "runtime/new.ts": 'import "../log.ts";',
      "log.ts": "",
    });
    expect(wrongFloors(code, table)).toEqual([
      "runtime/new.ts:1: floor 0 imports log.ts from floor 1",
    ]);
  });

  test("a file that is not in the table", () => {
    expect(wrongFloors(example({ "new.ts": "" }), table)).toEqual([
      "new.ts: stands on no floor; add it to the table in test/tidy.test.ts",
    ]);
  });

  test("a package, but not in the folders for Node", () => {
    const code = example({
      "log.ts": 'import "node:fs";',
      "net/tcp.ts": 'import "node:net";',
    });
    expect(wrongFloors(code, table)).toEqual([
      "log.ts:1: imports node:fs from outside of raft/",
    ]);
  });

  test("a cycle of three files", () => {
    const code = example({
      "a.ts": 'import "./b.ts";',
      "b.ts": 'import "./c.ts";',
      "c.ts": 'import "./a.ts";',
    });
    expect(cycles(code)).toEqual(["a.ts > b.ts > c.ts > a.ts"]);
  });
});

describe("the rule on the host catches", () => {
  const faults = (text: string, path = "example.ts") =>
    hostUses(example({ [path]: text }));

  test.each([
    ["Date", "export const now = Date.now();"],
    ["Math.random", "export const x = Math.random();"],
    ["setTimeout", "setTimeout(() => {}, 1);"],
    ["setInterval", "setInterval(() => {}, 1);"],
    ["performance", "export const now = performance.now();"],
    ["Promise.race", "export const p = Promise.race([]);"],
    ["process", "export const { env } = process;"],
    ["console", 'console.log("hello");'],
    ["console", "export const tools = { console };"],
    ["globalThis", "export const g = globalThis;"],
  ])("%s", (name, text) => {
    expect(faults(text)).toEqual([
      `example.ts:1: ${name} is the host's: go through runtime/`,
    ]);
  });

  test("nothing in runtime/", () => {
    expect(faults("Date.now();", "runtime/example.ts")).toEqual([]);
  });

  test("no member, parameter or label of such a name", () => {
    const text = `
      interface Runtime { process: string; console?: string }
      export function name(runtime: Runtime, process: string): object {
        return { console: runtime.process, performance: 1, process };
      }`;
    expect(faults(text)).toEqual([]);
  });

  test.each([
    ["Math.log", "export const x = Math.log(2);"],
    ["Math.exp", "export const x = Math.exp(2);"],
    ["Math.pow", "export const x = Math.pow(2, 0.5);"],
    ["Math.pow", "export const x = 2 ** 0.5;"],
  ])("%s, which engines round differently", (name, text) => {
    const code = example({ "runtime/example.ts": text });
    expect(inexactMath(code)).toEqual([
      `runtime/example.ts:1: ${name} may differ between engines`,
    ]);
  });

  test("no exact calculation", () => {
    const text = "export const x = Math.floor(Math.max(1, 2) * 3);";
    expect(inexactMath(example({ "example.ts": text }))).toEqual([]);
  });
});

describe("the rule on lost tasks catches", () => {
  const faults = (body: string) =>
    lostTasks(
      example({
        "example.ts": `
import type { Channel } from "./runtime/channel.ts";
import { go, sleep, type Runtime } from "./runtime/runtime.ts";
import { select } from "./runtime/select.ts";
import type { Task } from "./runtime/task.ts";
declare const r: Runtime;
declare const ch: Channel<number>;
declare const ready: boolean;
declare function persist(): Task<void>;
declare function each(act: (n: number) => void): void;
declare function handler(act: (n: number) => Task<void>): void;
export function* run(): Task<unknown> {
${body}
}
`,
      }),
    ).map((line) => line.replace(/ makes a task .*/, ""));

  test.each([
    ["a call as a statement", "persist();", "persist(…)"],
    ["an operation of a channel", "ch.send(1);", "ch.send(…)"],
    ["a select", "select({ ch });", "select(…)"],
    ["a plain yield", "yield persist();", "persist(…)"],
    ["a task kept in a variable", "const t = persist();", "persist(…)"],
    ["a task that a task returns", "return persist();", "persist(…)"],
    ["a callback nobody runs", "each(() => persist());", "persist(…)"],
    ["a task under void", "void persist();", "persist(…)"],
    ["one branch", "ready ? persist() : undefined;", "persist(…)"],
    ["a test of a task", "if (persist()) return;", "persist(…)"],
  ])("%s", (_, body, call) => {
    expect(faults(body)).toEqual([`example.ts:13: ${call}`]);
  });

  test.each([
    ["under yield*", "yield* persist();"],
    ["under yield*, as a value", "const n: number = yield* ch.receive();"],
    ["under yield*, in a branch", "yield* (ready ? persist() : ch.send(1));"],
    ["returned under yield*", "return yield* persist();"],
    ["in go", 'go(r, "name", persist());'],
    ["in scheduler.go", 'r.scheduler.go(r.process, "name", sleep(r, 1));'],
    ["in a callback that hands it on", "handler(() => persist());"],
    ["in a function that hands it on", "const f = () => persist(); f;"],
  ])("no task %s", (_, body) => {
    expect(faults(body)).toEqual([]);
  });
});

describe("the rule on quirks catches", () => {
  test("an import", () => {
    const text = 'import { persistVote } from "./quirks.ts";';
    expect(quirkLeaks(example({ "raft.ts": text }))).toEqual([
      "raft.ts:1: imports quirks.ts, which only api.ts may",
    ]);
  });

  test("an if", () => {
    const text = 'if (r.conf.quirks.includes("x")) step();';
    expect(quirkLeaks(example({ "raft.ts": text }))).toEqual([
      "raft.ts:1: quirks: only NewRaft, differs.ts and quirks.ts know",
    ]);
  });

  test("api.ts outside of NewRaft", () => {
    const text = `import { quirks } from "./quirks.ts";
export function NewRaft() { return quirks; }
export function Apply() { return quirks; }`;
    expect(quirkLeaks(example({ "api.ts": text }))).toEqual([
      "api.ts:3: quirks: only NewRaft, differs.ts and quirks.ts know",
    ]);
  });
});

describe("the rules on text catch", () => {
  test("a line of 81 columns, and count an umlaut as one", () => {
    const text = `//${"ä".repeat(78)}\n//${"x".repeat(79)}\n`;
    expect(longLines(example({ "example.ts": text }))).toEqual([
      "example.ts:2: 81 columns, and 80 fit",
    ]);
  });

  test("a file without a header", () => {
    const code = example({ "bad.ts": "export {};", "good.ts": "/** Ends. */" });
    expect(noHeader(code)).toEqual([
      "bad.ts: does not open with a header comment",
    ]);
  });

  test("an exported function or class without an origin", () => {
    const text = `
/** Runs. Go: (*Raft).run, raft.go */
export function good(): void {}
/** Runs. */
export function* bad(): Generator<void> {}
export class Worse {}
function own(): void {}
own;`;
    expect(noOrigin(example({ "raft.ts": text }))).toEqual([
      'raft.ts:5: bad: its doc comment has no line "Go: …"',
      'raft.ts:6: Worse: its doc comment has no line "Go: …"',
    ]);
  });

  test("a Go name that v1.1.1 does not have, or not in that file", () => {
    const upstream = [{ name: "(*Raft).run", file: "raft.go" }];
    const text = `
/** Go: (*Raft).run, raft.go · Paper: §5.2 */
/** Go: (*Raft).run, api.go */
/**
 * Go: (*Raft).run, (*Raft).walk, raft.go · Task: run
 */
/** Go: none, the zero value of Gone, gone.go */`;
    const code = example({ "raft.ts": text });
    expect(unknownOrigins(code, upstream)).toEqual([
      "raft.ts:3: v1.1.1 has no (*Raft).run in api.go",
      "raft.ts:5: v1.1.1 has no (*Raft).walk in raft.go",
    ]);
  });

  test("a registry and a path of one machine", () => {
    const files = [
      { path: "a.md", text: `see ${"registry"}.example.org\nfine` },
      { path: "b.md", text: `fine\nlives in /${"home"}/me/raft` },
    ];
    const found = machineNames(files, namesOfThisMachine());
    expect(found.map((line) => line.replace(/ names .*/, ""))).toEqual([
      "a.md:1:",
      "b.md:2:",
    ]);
  });
});
