/**
 * Scenarios: short scripts that a lesson shows, a test runs and a link can
 * carry. One statement a line; `#` begins a remark.
 *
 *     servers 3                     first lines: what the world is made of
 *     quirks torn-vote
 *     config maxAppendEntries 1
 *     cache 16                      a log cache in front of every disk
 *     pipeline 7                    requests that wait for their answers
 *     network 10                    every message takes 10 ms
 *     disk 2                        every write takes 2 ms
 *     timer s1 heartbeatTimer 1200  the next such timers of s1, in ms
 *     until leader s1
 *     partition s1 | s2 s3
 *     apply "x=1"
 *     run 500
 *     expect leader s2
 *
 * A line that cannot be understood is an error that names the line and says
 * what could stand there. An expectation that fails says what was the case.
 */

import { type Config, DefaultConfig } from "../config.ts";
import { type Server, ServerSuffrage } from "../configuration.ts";
import { getRPCHeader } from "../header.ts";
import type { RPCResponse } from "../ports.ts";
import { quirks as knownQuirks, type Quirk } from "../quirks.ts";
import { Channel } from "../runtime/channel.ts";
import type { Task } from "../runtime/task.ts";
import type { Failing } from "./disk.ts";
import type { MessageKind, MessageRule } from "./network.ts";
import { type SimServer, World, type WorldOptions } from "./world.ts";

/** A scenario that cannot be read, or an expectation that failed. */
export class ScenarioError extends Error {
  readonly line: number;
  readonly problem: string;
  /** As it was when the scenario stopped; none when it could not be read. */
  readonly world: World | undefined;
  /** The words of the condition that did not come true, if it was one. */
  readonly unmet: readonly string[] | undefined;

  constructor(line: number, statement: string, error: Error, world?: World) {
    super(`scenario line ${line}, "${statement}": ${error.message}`);
    this.line = line;
    this.problem = error.message;
    this.world = world;
    this.unmet = error instanceof Unmet ? error.condition : undefined;
  }
}

/** A condition did not come true; says what was the case in all servers. */
class Unmet extends Error {
  readonly condition: readonly string[];

  constructor(condition: readonly string[], world: World, before = "") {
    super(before + situation(world));
    this.condition = condition;
  }
}

interface Statement {
  readonly line: number;
  readonly text: string;
  readonly words: readonly string[];
}

/** Runs a scenario to its end and gives the world as it is then. */
export function runScenario(
  script: string,
  options: Partial<WorldOptions> = {},
): World {
  const statements = parse(script);
  const setting = statements.filter((s) => isSetting(s));
  const world = new World(worldOptions(setting, options));
  for (const statement of statements) {
    if (setting.includes(statement)) continue;
    try {
      perform(world, statement.words);
    } catch (error) {
      const { line, text } = statement;
      throw new ScenarioError(line, text, error as Error, world);
    }
  }
  return world;
}

/** The statements of a script. Quoted words may contain blanks. */
function parse(script: string): Statement[] {
  return script.split("\n").flatMap((whole, i) => {
    const text = whole.replace(/#.*$/, "").trim();
    if (text === "") return [];
    const words = text.match(/"[^"]*"|\S+/g) ?? [];
    return [{ line: i + 1, text, words: words.map(unquoted) }];
  });
}

function unquoted(word: string): string {
  return word.replace(/^"(.*)"$/, "$1");
}

const settings = [
  "servers",
  "quirks",
  "seed",
  "unbootstrapped",
  "config",
  "cache",
  "pipeline",
];

function isSetting({ words }: Statement): boolean {
  return settings.includes(words[0] as string);
}

function worldOptions(
  statements: readonly Statement[],
  options: Partial<WorldOptions>,
): WorldOptions {
  let result: WorldOptions = { seed: 1, keepTrace: true, ...options };
  for (const { line, text, words } of statements) {
    const [what, ...rest] = words;
    try {
      if (what === "servers") result = { ...result, servers: servers(rest) };
      if (what === "quirks") result = { ...result, quirks: quirks(rest) };
      if (what === "unbootstrapped")
        result = { ...result, bootstrapped: false };
      if (what === "seed" && options.seed === undefined) {
        result = { ...result, seed: number(rest[0]) };
      }
      if (what === "config") {
        result = { ...result, config: { ...result.config, ...limit(rest) } };
      }
      if (what === "cache") result = { ...result, logCache: number(rest[0]) };
      if (what === "pipeline") {
        const pipelineDepth = number(rest[0]);
        result = { ...result, network: { ...result.network, pipelineDepth } };
      }
    } catch (error) {
      throw new ScenarioError(line, text, error as Error);
    }
  }
  return result;
}

/** `3`, or `s1 s2 s3:nonvoter`. */
function servers(words: readonly string[]): number | Server[] {
  const [first = ""] = words;
  if (/^\d+$/.test(first)) return Number(first);
  return words.map((word) => {
    const [id = "", suffrage = "voter"] = word.split(":");
    return {
      id,
      address: id,
      suffrage:
        suffrage === "nonvoter"
          ? ServerSuffrage.Nonvoter
          : ServerSuffrage.Voter,
    };
  });
}

function quirks(words: readonly string[]): Quirk[] {
  for (const word of words) {
    if (!(word in knownQuirks)) throw unknown("quirk", word, knownQuirks);
  }
  return words as Quirk[];
}

/** `maxAppendEntries 1`: a number of the configuration. */
function limit([name = "", value]: readonly string[]): Partial<Config> {
  const numbers = Object.entries(DefaultConfig()).filter(
    ([, one]) => typeof one === "number",
  );
  const known = Object.fromEntries(numbers);
  if (!(name in known)) throw unknown("setting", name, known);
  return { [name]: number(value) };
}

type Verb = (world: World, words: readonly string[]) => void;

const verbs: Record<string, Verb> = {
  /** `run 500` */
  run: (world, [ms]) => world.run(number(ms)),
  /** `until leader s1 within 5000` */
  until: (world, words) => {
    const at = words.indexOf("within");
    const condition = at < 0 ? words : words.slice(0, at);
    const withinMs = at < 0 ? 60_000 : number(words[at + 1]);
    const holds = conditionOf(world, condition);
    if (world.runUntil(holds, withinMs) || holds()) return;
    throw new Unmet(condition, world, `not within ${withinMs} ms; `);
  },
  /** `expect no leader`, `expect violation I1` */
  expect: (world, words) => {
    if (!conditionOf(world, words)()) throw new Unmet(words, world);
  },
  /** `apply "x=1"` to the leader, `apply s2 "x=1"` */
  apply: (world, words) => {
    const command = words.at(-1) ?? "";
    const id = words.length > 1 ? words[0] : world.leader()?.id;
    if (id === undefined) throw new Error("there is no leader to ask");
    world.apply(id, command);
  },
  /** `partition s1 | s2 s3` */
  partition: (world, words) => {
    const groups = words.join(" ").split("|");
    world.partition(...groups.map((g) => serverIDs(world, g)));
  },
  /** `cut s1 > s2`: one way only */
  cut: (world, [from, , to]) => world.cut(idOf(world, from), idOf(world, to)),
  heal: (world) => world.heal(),
  /** `crash s1`, `crash s1 after LastVoteTerm` */
  crash: (world, [id, after, key]) => {
    if (after === undefined) world.crash(idOf(world, id));
    else world.server(idOf(world, id)).crashAfter = key ?? "";
  },
  restart: (world, [id]) => world.start(idOf(world, id)),
  pause: (world, [id]) => world.pause(idOf(world, id)),
  resume: (world, [id]) => world.resume(idOf(world, id)),
  /** `network 10`, `network 5 20` */
  network: (world, [least, most = least]) => {
    world.network.options.delayMs = [number(least), number(most)];
  },
  /** `disk 2`, `disk s1 50` */
  disk: (world, words) => {
    const ms = number(words.at(-1));
    const ids =
      words.length > 1
        ? [idOf(world, words[0])]
        : world.servers.map((server) => server.id);
    for (const id of ids) world.server(id).disk.options.writeMs = [ms, ms];
  },
  /** `fail s1`, `fail s1 delete`: its next write, of any kind or of that. */
  fail: (world, [id, kind = "any"]) => {
    if (!(kind in failing)) throw unknown("kind of write", kind, failing);
    world.server(idOf(world, id)).disk.failNext(1, kind as Failing);
  },
  /** `timeout 300`: how long who asks waits for an answer */
  timeout: (world, [ms]) => {
    world.network.options.timeoutMs = number(ms);
  },
  /** `campaign s2`: at once, as if told to with TimeoutNow */
  campaign: (world, [id]) => {
    const server = world.server(idOf(world, id));
    go(world, server, "campaign", timeoutNow(server));
  },
  /** `verify s1`: does it still lead? */
  verify: (world, [id]) => {
    const server = world.server(idOf(world, id));
    go(world, server, "verify", verifying(world, server));
  },
  /** `timer s1 electionTimer 1200 1500` */
  timer: (world, [id, name = "", ...times]) => {
    world.fixTimers(idOf(world, id), name, times.map(number));
  },
  /** `drop RequestVoteResponse s2 > s1`; `*` is any server */
  drop: (world, [kind, from, , to]) => {
    world.network.rules.push(rule(world, kind, from, to, "drop"));
  },
  /** `delay RequestVoteResponse s2 > s1 700` */
  delay: (world, [kind, from, , to, ms]) => {
    const delayMs = number(ms);
    world.network.rules.push(rule(world, kind, from, to, { delayMs }));
  },
  /** No `drop` and no `delay` any more. */
  deliver: (world) => {
    world.network.rules = [];
  },
};

const failing: Record<Failing, true> = {
  any: true,
  set: true,
  store: true,
  delete: true,
  "store after delete": true,
};

/** Starts a task among those of a server. */
function go(
  world: World,
  { process }: SimServer,
  name: string,
  body: Task<void>,
): void {
  world.driver.scheduler.go(process, name, body);
}

function* timeoutNow({ raft }: SimServer): Task<void> {
  if (!raft) return;
  const respChan = new Channel<RPCResponse>("respChan", 1);
  const rpcHeader = getRPCHeader(raft.r);
  const command = { kind: "TimeoutNowRequest", rpcHeader } as const;
  yield* raft.r.rpcCh.send({ command, respChan });
}

/** Who has been told that it leads, when it was last asked. */
const verified = new WeakSet<SimServer>();

function* verifying(world: World, server: SimServer): Task<void> {
  const { raft } = server;
  if (!raft) return;
  verified.delete(server);
  const { newestCommitter } = world.invariants;
  const askedMs = world.now;
  const error = yield* raft.VerifyLeader().wait();
  world.note(server.id, error ? `is told: ${error.message}` : "is verified");
  if (error) return;
  verified.add(server);
  world.invariants.verified(server, newestCommitter, askedMs);
}

function perform(world: World, words: readonly string[]): void {
  const [verb = "", ...rest] = words;
  const act = verbs[verb];
  if (!act) throw unknown("statement", verb, verbs);
  act(world, rest);
}

type Condition = () => boolean;

/**
 * `leader`, `leader s1`, `no leader`, `s1 Candidate`, `s1 term 3`,
 * `s1 commit 2` or more, `s1 commit exactly 2`, `s1 last 5/3` for index 5 of
 * term 3, `s1 vote s2` for the vote on its disk, `s1 applied x=1`,
 * `s1 verified`, `committed 3` or more, `violation I1`.
 */
function conditionOf(world: World, words: readonly string[]): Condition {
  const [first = "", second = "", third = "", fourth = ""] = words;
  if (first === "leader") {
    if (second === "") return () => world.leader() !== undefined;
    const id = idOf(world, second);
    return () => world.leader()?.id === id;
  }
  if (first === "no" && second === "leader") {
    return () => world.leader() === undefined;
  }
  if (first === "no" && second === "violation") {
    return () => world.violations.length === 0;
  }
  if (first === "violation") {
    return () => world.violations.some((v) => v.invariant === second);
  }
  if (first === "committed") {
    return () => world.invariants.committed >= number(second);
  }
  const server = world.server(first);
  switch (second) {
    case "term":
      return () => server.term === number(third);
    case "commit": {
      const commitIndex = () => server.raft?.CommitIndex() ?? 0;
      if (third !== "exactly") return () => commitIndex() >= number(third);
      return () => commitIndex() === number(fourth);
    }
    case "last":
      return () => lastEntry(server) === third;
    case "verified":
      return () => verified.has(server);
    case "vote":
      return () => server.lastVote === third;
    case "applied":
      return () => server.applied?.commands.includes(third) ?? false;
    case "Follower":
    case "Candidate":
    case "Leader":
    case "Shutdown":
    case "Down":
      return () => server.state === second;
    default:
      throw new Error(
        `"${words.join(" ")}" is no condition; after a server stand ` +
          "term, commit, last, vote, applied, verified, Follower, " +
          "Candidate, Leader or Down",
      );
  }
}

const kinds: Record<MessageKind, true> = {
  Heartbeat: true,
  AppendEntriesRequest: true,
  AppendEntriesResponse: true,
  RequestVoteRequest: true,
  RequestVoteResponse: true,
  TimeoutNowRequest: true,
  TimeoutNowResponse: true,
};

function rule(
  world: World,
  kind: string | undefined,
  from: string | undefined,
  to: string | undefined,
  action: MessageRule["action"],
): MessageRule {
  if (!kind || !(kind in kinds)) throw unknown("message", kind ?? "", kinds);
  const any = (id: string | undefined) =>
    id === "*" ? undefined : idOf(world, id);
  return {
    kind: kind as MessageKind,
    from: any(from),
    to: any(to),
    action,
  };
}

function idOf(world: World, word: string | undefined): string {
  if (word === undefined) throw new Error("a server is missing");
  return world.server(word).id;
}

function serverIDs(world: World, words: string): string[] {
  return words
    .trim()
    .split(/\s+/)
    .map((word) => idOf(world, word));
}

/** Index and term of the last entry on its disk: `5/3`. */
export function lastEntry({ disk }: SimServer): string {
  const { lastIndex } = disk;
  return `${lastIndex}/${disk.entry(lastIndex)?.term ?? 0}`;
}

function number(word: string | undefined): number {
  const value = Number(word);
  if (word === undefined || Number.isNaN(value)) {
    throw new Error(`"${word ?? ""}" is not a number`);
  }
  return value;
}

function unknown(what: string, word: string, known: object): Error {
  const names = Object.keys(known).join(", ");
  return new Error(`unknown ${what} "${word}"; there are ${names}`);
}

/** `s1 Leader term 2, s2 Down term 1` */
function situation(world: World): string {
  const servers = world.servers.map(
    (s) =>
      `${s.id} ${s.state} term ${s.term} commit ${s.raft?.CommitIndex() ?? 0}`,
  );
  const broken = world.violations.map((v) => `${v.invariant}: ${v.what}`);
  return [...servers, ...broken].join("; ");
}
