/**
 * Many commands, and messages that are late or lost: upstream's fuzzy/ tests
 * under their names, in virtual time and with the same checks at the end:
 * one sender of entries a term, equal logs, equal state machines, and every
 * command that was answered in its place.
 *
 * Absent until their lessons: those about members and about handing over.
 */
import { describe, expect, test } from "vitest";
import type { Raft } from "../../raft/api.ts";
import type {
  AppendEntriesRequest,
  Command,
  RequestVoteRequest,
} from "../../raft/commands.ts";
import type { ServerAddress, ServerID } from "../../raft/configuration.ts";
import { InmemTransport } from "../../raft/inmem_transport.ts";
import { type Log, LogType } from "../../raft/log.ts";
import type { FSM } from "../../raft/ports.ts";
import { hash32, Random } from "../../raft/runtime/random.ts";
import { type Runtime, sleep } from "../../raft/runtime/runtime.ts";
import type { Task } from "../../raft/runtime/task.ts";
import { decodeText, encodeText } from "../../raft/util.ts";
import { Cluster } from "./cluster.ts";
import { atOnce } from "./one_server.ts";

/** Insists on order, and remembers everything in one number. */
class FuzzyFSM implements FSM {
  lastIndex = 0;
  lastTerm = 0;
  hash = 0;

  Apply({ index, term, data }: Log): undefined {
    if (index <= this.lastIndex || term < this.lastTerm) {
      const last = `${this.lastIndex}/${this.lastTerm}`;
      throw new Error(`${index}/${term} was applied after ${last}`);
    }
    this.lastIndex = index;
    this.lastTerm = term;
    this.hash = hash32(decodeText(data), this.hash);
  }

  Snapshot(): Error {
    return new Error("no test asks for it");
  }

  *Restore(): Task<Error | undefined> {
    return new Error("no test asks for it");
  }
}

/** A request under way, as a hook sees it. */
interface Way {
  readonly runtime: Runtime;
  readonly from: ServerID;
  readonly to: ServerID;
  readonly request: Command;
}

/** What a test does to the messages. An error loses one. */
interface Hooks {
  before?(way: Way): Task<Error | undefined>;
  after?(way: Way): Task<void>;
}

/** At most one server sends entries in a term, and names itself as leader. */
class OneSenderATerm {
  readonly faults: string[] = [];
  private readonly leaders = new Map<number, string>();

  look(from: string, { term, leader }: AppendEntriesRequest): void {
    const named = decodeText(leader);
    if (named !== from) this.faults.push(`${from} names ${named}`);
    const known = this.leaders.get(term) ?? named;
    this.leaders.set(term, known);
    if (known !== named) {
      this.faults.push(`${known} and ${named} both lead in term ${term}`);
    }
  }
}

class HookedTransport extends InmemTransport {
  private readonly hooks: Hooks;
  private readonly verifier: OneSenderATerm;
  private readonly way: Pick<Way, "runtime" | "from">;

  constructor(
    runtime: Runtime,
    id: string,
    hooks: Hooks,
    verifier: OneSenderATerm,
  ) {
    super(runtime, `${id}addr`);
    this.hooks = hooks;
    this.verifier = verifier;
    this.way = { runtime, from: id };
  }

  override *AppendEntries(
    id: ServerID,
    target: ServerAddress,
    request: AppendEntriesRequest,
  ) {
    this.verifier.look(this.LocalAddr(), request);
    const call = super.AppendEntries(id, target, request);
    return yield* this.hooked(id, request, call);
  }

  override *RequestVote(
    id: ServerID,
    target: ServerAddress,
    request: RequestVoteRequest,
  ) {
    const call = super.RequestVote(id, target, request);
    return yield* this.hooked(id, request, call);
  }

  private *hooked<R>(
    to: ServerID,
    request: Command,
    call: Task<R | Error>,
  ): Task<R | Error> {
    const way: Way = { ...this.way, to, request };
    const lost = yield* this.hooks.before?.(way) ?? nothing();
    if (lost) return lost;
    const answer = yield* call;
    yield* this.hooks.after?.(way) ?? nothing();
    return answer;
  }
}

function* nothing(): Task<undefined> {
  return undefined;
}

interface Applied {
  readonly index: number;
  readonly data: string;
}

/** Five servers with upstream's default times. */
function fuzzyCluster(seed: number, hooks: (random: Random) => Hooks) {
  const verifier = new OneSenderATerm();
  const random = new Random(seed).stream("fuzzy");
  const hooked = hooks(random);
  const c = new Cluster<FuzzyFSM>({
    peers: 5,
    seed,
    conf: {
      heartbeatTimeoutMs: 1000,
      electionTimeoutMs: 1000,
      leaderLeaseTimeoutMs: 500,
      commitTimeoutMs: 50,
    },
    makeFSM: () => new FuzzyFSM(),
    makeTransport: (runtime, id) =>
      new HookedTransport(runtime, id, hooked, verifier),
  });
  const applied: Applied[] = [];
  let made = 0;

  /** The leader of the newest term. */
  const leader = (): Raft => {
    const leaders = () => c.rafts.filter((raft) => raft.State() === "Leader");
    c.until("a leader", () => leaders().length > 0, 60_000);
    const newest = (a: Raft, b: Raft) => b.CurrentTerm() - a.CurrentTerm();
    return leaders().sort(newest)[0] as Raft;
  };

  /** Hands so many commands to the leader, and does not wait. */
  const applySome = (count: number) => {
    const raft = leader();
    return Array.from({ length: count }, () => {
      const data = `${++made}:${random.uint32()}`;
      return { data, future: raft.Apply(encodeText(data), 1000) };
    });
  };

  /** Notes which of them have been applied. */
  const check = (some: ReturnType<typeof applySome>) => {
    for (const { data, future } of some) {
      if (future.responded && !future.failed) {
        applied.push({ index: future.Index(), data });
      }
    }
  };

  return {
    c,
    random,
    leader,
    applySome,
    check,
    /** Applies so many commands, a hundred at a time. */
    applyN(count: number): void {
      for (let left = count; left > 0; left -= 100) {
        const some = applySome(Math.min(100, left));
        c.until(
          "answers",
          () => some.every(({ future }) => future.responded),
          60_000,
        );
        check(some);
      }
    },
    /** Lets everybody catch up, and compares everything. */
    verify(): void {
      const last = leader().LastIndex();
      const upToDate = () =>
        c.rafts.every((raft) => raft.AppliedIndex() >= last);
      c.until("everybody is up to date", upToDate, 600_000);
      expect(verifier.faults).toEqual([]);
      verifyLogs(c, applied);
      const machines = c.fsms.map(({ lastIndex, lastTerm, hash }) =>
        [lastIndex, lastTerm, hash].join(),
      );
      expect(new Set(machines).size).toBe(1);
      c.close();
    },
    applied,
  };
}

/** Equal logs, terms that never fall, every answered command in its place. */
function verifyLogs(
  { stores }: Cluster<FuzzyFSM>,
  applied: readonly Applied[],
): void {
  const logs = stores.map((store) => {
    const last = atOnce(store.LastIndex());
    return Array.from({ length: last }, (_, i) => {
      const log = atOnce(store.GetLog(i + 1));
      if (log instanceof Error) throw log;
      return log;
    });
  });
  const [first = [], ...others] = logs.map((log) =>
    log.map(({ term, type, data }) => `${term} ${type} ${decodeText(data)}`),
  );
  for (const other of others) expect(other).toEqual(first);
  const terms = (logs[0] as Log[]).map(({ term }) => term);
  expect(terms).toEqual(terms.toSorted((a, b) => a - b));
  for (const { index, data } of applied) {
    const found = logs[0]?.[index - 1];
    expect(found?.type).toBe(LogType.Command);
    expect(decodeText(found?.data as Uint8Array)).toBe(data);
  }
}

/** Votes of some servers that take one to two seconds longer. */
function slow(voters: readonly ServerID[], when: "before" | "after") {
  return (random: Random): Hooks => {
    function* nap({ runtime, to, request }: Way): Task<undefined> {
      const isVote = request.kind === "RequestVoteRequest";
      if (!isVote || !voters.includes(to)) return;
      yield* sleep(runtime, 1000 + random.int(1000));
    }
    return { [when]: nap };
  };
}

/** Ten times the leader is cut off with none to three others. */
function leaderPartitions(seed: number): void {
  /** Servers of different groups do not reach one another. */
  const groups = new Map<string, number>();
  const fuzzy = fuzzyCluster(seed, () => ({
    *before({ from, to }) {
      const apart = (groups.get(from) ?? 0) !== (groups.get(to) ?? 0);
      return apart ? new Error(`${to} is out of reach`) : undefined;
    },
  }));
  const { c, random } = fuzzy;
  const given: ReturnType<typeof fuzzy.applySome> = [];
  /** Hands out five commands twice a second. */
  const apply = (durationMs: number) => {
    for (let ms = 0; ms < durationMs; ms += 500) {
      given.push(...fuzzy.applySome(5));
      c.pass(500);
    }
  };
  for (let round = 1; round <= 10; round++) {
    const others = c.rafts.filter((raft) => raft !== fuzzy.leader());
    const cut = [fuzzy.leader(), ...random.shuffle(others)];
    for (const raft of cut.slice(0, 1 + random.int(4))) {
      groups.set(raft.r.localID, round);
    }
    apply(4000);
    const draw = random.int(10);
    if (draw >= 1 && draw < 4) groups.clear();
    else if (draw >= 4) {
      for (const [id, group] of groups) {
        if (group === round) groups.delete(id);
      }
    }
    apply(5000);
  }
  groups.clear();
  apply(10_000);
  c.until(
    "every command is answered",
    () => given.every(({ future }) => future.responded),
    60_000,
  );
  fuzzy.check(given);
  expect(fuzzy.applied.length).toBeGreaterThan(100);
  fuzzy.verify();
}

/** So many commands, each of which must be applied. */
function appliesAll(
  count: number,
  seed: number,
  hooks: Parameters<typeof fuzzyCluster>[1],
): void {
  const fuzzy = fuzzyCluster(seed, hooks);
  fuzzy.applyN(count);
  expect(fuzzy.applied).toHaveLength(count);
  fuzzy.verify();
}

describe("five servers", () => {
  test("TestRaft_NoIssueSanity: apply ten thousand commands when nothing goes wrong", () => {
    appliesAll(10_000, 1, () => ({}));
  });

  test("TestRaft_SlowSendVote: ask two for their votes one to two seconds late", () => {
    appliesAll(10_000, 2, slow(["s1", "s2"], "before"));
  });

  test("TestRaft_SlowRecvVote: hear the votes of three one to two seconds late", () => {
    appliesAll(10_000, 3, slow(["s2", "s4", "s5"], "after"));
  });

  test("TestRaft_LeaderPartitions: lose their leader to a partition ten times", () => {
    leaderPartitions(4);
  });
});

/** One run says little: the same with other draws, and fewer commands. */
describe("five servers in thirty other runs", () => {
  const seeds = Array.from({ length: 30 }, (_, i) => 101 + i);

  test("when nothing goes wrong", () => {
    for (const seed of seeds) appliesAll(200, seed, () => ({}));
  });

  test("when two are asked late", () => {
    const hooks = slow(["s1", "s2"], "before");
    for (const seed of seeds) appliesAll(200, seed, hooks);
  });

  test("when three are heard late", () => {
    const hooks = slow(["s2", "s4", "s5"], "after");
    for (const seed of seeds) appliesAll(200, seed, hooks);
  });

  test("when their leader is cut off", () => {
    for (const seed of seeds) leaderPartitions(seed);
  }, 60_000);
});
