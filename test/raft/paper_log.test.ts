/**
 * What the Raft paper says of the log, a test a sentence: the extended
 * version, §5.3 and §5.4, with the rules of Figure 2 and the promises of
 * Figure 3 that belong to them. A title gives the sentence in our words; where
 * v1.1.1 departs from the paper it says so, and the test holds what the code
 * does.
 *
 * Each test has three parts: a world, a run, a check, as in paper.test.ts.
 *
 * Absent: membership, snapshots.
 */
import { expect, test } from "vitest";
import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
} from "../../raft/commands.ts";
import type { Log } from "../../raft/log.ts";
import { kindOf } from "../../raft/sim/network.ts";
import type { World } from "../../raft/sim/world.ts";
import { keyCurrentTerm } from "../../raft/stable.ts";
import { decodeText } from "../../raft/util.ts";
import { entry, follower } from "./one_server.ts";
import {
  appendOf,
  commitOf,
  firstToRing,
  leads,
  ledByS1,
  record,
  type Sent,
  watching,
  world,
} from "./paper_world.ts";

/** A commit timeout that no test waits for: requests come with entries only. */
const quiet = { config: { commitTimeoutMs: 60_000 } };

/** s1 leads in term 2, entry 2 is on every disk, and nobody is at work. */
function settled(servers = 3, options = {}): World {
  const w = ledByS1(servers, options);
  w.run(150);
  return w;
}

/** Nothing but heartbeats comes from one server to some others. */
function silence(w: World, from: string, ...to: string[]): void {
  const kind = "AppendEntriesRequest";
  for (const id of to) {
    w.network.rules.push({ kind, from, to: id, action: "drop" });
  }
}

/** The log of a server, from entry 1 on. */
function logOf(w: World, id: string): Log[] {
  const { disk } = w.server(id);
  return Array.from(
    { length: disk.lastIndex },
    (_, i) => disk.entry(i + 1) as Log,
  );
}

const termsOf = (w: World, id: string) => logOf(w, id).map(({ term }) => term);

function appliedBy(w: World, id: string): readonly string[] {
  return w.server(id).applied?.commands ?? [];
}

/** Who has that entry, of that term, on its disk. */
function holders(w: World, index: number, term: number): string[] {
  return w.servers
    .filter(({ disk }) => disk.entry(index)?.term === term)
    .map(({ id }) => id);
}

/** The messages of replication: requests with who sent them to whom. */
function appends(sent: readonly Sent[], to?: string) {
  return sent.flatMap((one) => {
    const request = appendOf(one);
    return request && (to ?? one.to) === one.to ? [{ ...one, request }] : [];
  });
}

function refusals(sent: readonly Sent[], from?: string): Sent[] {
  return sent.filter(
    (one) =>
      one.message.kind === "AppendEntriesResponse" &&
      !one.message.success &&
      (from ?? one.from) === one.from,
  );
}

/**
 * Five servers, and a leader that is cut off again and again, with commands
 * that only it has. `look` sees the world after every event.
 */
function restless(seed: number, look: (w: World) => void): World {
  const w = world({ seed, servers: 5, keepTrace: true });
  const pass = (durationMs: number) => watching(w, durationMs, () => look(w));
  const leaders = () => w.servers.filter(({ id }) => leads(w, id));
  for (let round = 1; round <= 5; round++) {
    w.runUntil(() => w.leader() !== undefined);
    for (const { id } of leaders()) {
      for (const letter of ["a", "b", "c"]) w.apply(id, `${round}${letter}`);
    }
    pass(13 * round);
    const [leader] = leaders().map(({ id }) => id);
    if (leader) {
      const others = w.servers.filter(({ id }) => id !== leader);
      w.partition(
        [leader],
        others.map(({ id }) => id),
      );
      w.apply(leader, `${round}lost`);
      pass(4000);
    }
    for (const { id } of leaders()) w.apply(id, `${round}d`);
    pass(100);
    w.heal();
    pass(1500);
  }
  return w;
}

const everySeed = [1, 2, 3, 4];

/** The paper's Figure 7: s1 is the leader to be, s2 to s7 are (a) to (f). */
const figure7: Readonly<Record<string, readonly number[]>> = {
  s1: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6],
  s2: [1, 1, 1, 4, 4, 5, 5, 6, 6],
  s3: [1, 1, 1, 4],
  s4: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
  s5: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
  s6: [1, 1, 1, 4, 4, 4, 4],
  s7: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
};

/** s1 has just been elected in term 8; and all that is sent from the start. */
function ledInFigure7(): { w: World; sent: Sent[] } {
  const w = firstToRing(["s1"], 7, { keepTrace: true });
  for (const [id, terms] of Object.entries(figure7)) {
    const logs = terms.map((term, i) => entry(i + 1, term)).slice(1);
    w.server(id).disk.preset({ [keyCurrentTerm]: 7 }, logs);
  }
  const sent = record(w);
  w.runUntil(() => leads(w, "s1"));
  return { w, sent };
}

// §5.3: a command on its way.

test("§5.3: a leader makes a command the last entry of its log, with its own term", () => {
  const w = settled();

  w.apply("s1", "x=1");
  w.run(5);

  const last = logOf(w, "s1").at(-1) as Log;
  expect(last).toMatchObject({ index: 3, term: 2 });
  expect(decodeText(last.data)).toBe("x=1");
});

test("§5.3: it sends the new entry to all other servers at the same moment", () => {
  const w = settled(5, quiet);
  const sent = record(w);

  w.apply("s1", "x=1");
  w.run(50);

  const first = appends(sent);
  expect(first.map(({ to }) => to).sort()).toEqual(["s2", "s3", "s4", "s5"]);
  expect(new Set(first.map(({ at }) => at)).size).toBe(1);
  for (const { request } of first) {
    expect(request.entries.map(({ index }) => index)).toEqual([3]);
  }
});

test("§5.3: once a majority has the entry, it is applied, and the client gets the state machine's answer", () => {
  const w = settled(5);
  silence(w, "s1", "s4", "s5");
  const before = new Set<number>();

  const future = w.apply("s1", "x=1");
  w.runUntil(() => {
    if (!future.responded) before.add(appliedBy(w, "s1").length);
    return future.responded;
  });

  expect(holders(w, 3, 2)).toEqual(["s1", "s2", "s3"]);
  expect(appliedBy(w, "s1")).toEqual(["x=1"]);
  expect(future.Response()).toBe(1);
  expect([...before]).toEqual([0]);
});

test("§5.3: without a majority nothing is applied and nobody is answered", () => {
  const w = settled(5);
  silence(w, "s1", "s3", "s4", "s5");

  const future = w.apply("s1", "x=1");
  w.run(20_000);

  expect(leads(w, "s1")).toBe(true);
  expect(holders(w, 3, 2)).toEqual(["s1", "s2"]);
  expect(future.responded).toBe(false);
  expect(w.servers.flatMap(({ id }) => appliedBy(w, id))).toEqual([]);
});

test("§5.3: who is down, slow or out of reach is asked for ever, long after the client was answered, until it has everything", () => {
  const obstacles: Record<string, (w: World) => () => void> = {
    down: (w) => {
      w.crash("s3");
      return () => w.start("s3");
    },
    slow: (w) => {
      w.server("s3").disk.options = { writeMs: [3000, 3000], errorRate: 0 };
      return () => {};
    },
    "out of reach": (w) => {
      silence(w, "s1", "s3");
      return () => {
        w.network.rules = [];
      };
    },
  };
  for (const [name, obstruct] of Object.entries(obstacles)) {
    const w = settled();
    const remove = obstruct(w);

    const futures = ["a", "b", "c"].map((command) => w.apply("s1", command));
    w.run(1000);
    const answered = futures.map(({ responded }) => responded);
    w.run(60_000);
    remove();
    w.run(15_000);

    expect(answered, name).toEqual([true, true, true]);
    expect(logOf(w, "s3"), name).toEqual(logOf(w, "s1"));
    expect(appliedBy(w, "s3"), name).toEqual(["a", "b", "c"]);
  }
});

test("§5.3: with a majority up a command takes one round of messages, and slow followers cost nothing", () => {
  const w = settled(5, quiet);
  for (const id of ["s4", "s5"]) {
    w.server(id).disk.options = { writeMs: [400, 400], errorRate: 0 };
  }

  const start = w.now;
  const future = w.apply("s1", "x=1");
  w.runUntil(() => future.responded);

  const [ownWrite, there, itsWrite, back] = [2, 10, 2, 10];
  expect(w.now - start).toBeCloseTo(ownWrite + there + itsWrite + back);
});

test("§5.3: a majority is enough to go on, and less is not", () => {
  const outcomes = [1, 2, 3, 4].map((down) => {
    const w = settled(5);
    for (const { id } of w.servers.slice(5 - down)) w.crash(id);
    const future = w.apply("s1", "x=1");
    w.run(5000);
    return future.responded && !future.failed;
  });

  expect(outcomes).toEqual([true, true, false, false]);
});

// §5.3: entries and commits.

test("§5.3: an entry holds the term in which a leader took it, and its place is its index", () => {
  const leaderAt = new Map<string, number>();
  const w = restless(1, ({ servers }) => {
    for (const { id, state, term } of servers) {
      if (state === "Leader") leaderAt.set(id, term);
    }
  });

  for (const { id } of w.servers) {
    const log = logOf(w, id);
    expect(log.map(({ index }) => index)).toEqual(log.map((_, i) => i + 1));
    const terms = log.map(({ term }) => term);
    expect(terms).toEqual(terms.toSorted((a, b) => a - b));
    expect(new Set(terms).size).toBeGreaterThan(4);
  }
  const [s1] = w.servers;
  expect(termsOf(w, s1?.id as string).at(-1)).toBe(
    Math.max(...leaderAt.values()),
  );
});

test("§5.3: what is committed survives a crash of all servers, and each that is up executes it in the end", () => {
  const w = settled();

  const future = w.apply("s1", "x=1");
  w.runUntil(() => future.responded);
  for (const { id } of w.servers) w.crash(id);
  for (const { id } of w.servers) w.start(id);
  w.run(10_000);

  for (const { id } of w.servers) expect(appliedBy(w, id)).toEqual(["x=1"]);
});

test("§5.3: an entry is committed when its leader has it on a majority, whoever that is", () => {
  const outcomes: string[] = [];
  const expected: string[] = [];
  for (let servers = 1; servers <= 6; servers++) {
    for (let have = 1; have <= servers; have++) {
      const w = firstToRing(["s1"], servers);
      const rest = w.servers.slice(have).map(({ id }) => id);
      silence(w, "s1", ...rest);

      w.run(3000);

      const committed = commitOf(w, "s1") >= 2;
      outcomes.push(`${have} of ${servers} ${committed}`);
      expected.push(`${have} of ${servers} ${2 * have > servers}`);
    }
  }
  expect(outcomes).toEqual(expected);
});

test("§5.3: with an entry everything before it is committed, entries of earlier leaders too", () => {
  const w = settled();
  silence(w, "s1", "s2", "s3");
  w.apply("s1", "a");
  w.run(20);
  w.crash("s1");
  w.network.rules = [];
  w.fixTimers("s1", "heartbeatTimer", [1010]);
  w.start("s1");
  const commits: number[] = [];

  watching(w, 10_000, () => {
    const commit = commitOf(w, "s1");
    if (commit > 0 && commit !== commits.at(-1)) commits.push(commit);
  });

  const term = w.server("s1").term;
  expect(termsOf(w, "s1")).toEqual([1, 2, 2, term]);
  expect(commits).toEqual([4]);
  for (const { id } of w.servers) expect(appliedBy(w, id)).toEqual(["a"]);
});

test("§5.3: every request of replication carries the highest index that the leader knows to be committed", () => {
  const w = ledByS1();
  const sent = record(w);

  for (let i = 0; i < 20; i++) {
    w.apply("s1", `c${i}`);
    w.run(30);
  }

  const told = appends(sent);
  expect(told.length).toBeGreaterThan(20);
  for (const { request, commit } of told) {
    expect(request.leaderCommitIndex).toBe(commit);
  }
});

test("§5.3: a follower learns by that what is committed, and then applies it, in the order of the log", () => {
  const w = settled(3, quiet);
  const seen = new Set<string>();

  for (const command of ["a", "b", "c"]) {
    w.apply("s1", command);
    watching(w, 50, () => {
      seen.add(`${commitOf(w, "s2")} ${appliedBy(w, "s2").join("")}`);
    });
  }

  expect([...seen]).toEqual(["0 ", "2 ", "3 a", "4 ab"]);
  expect(commitOf(w, "s1")).toBe(5);
});

// §5.3: the Log Matching Property.

test("§5.3, Figure 3, Log Matching: entries with the same index and term hold the same command", () => {
  for (const seed of everySeed) {
    const commands = new Map<string, string>();
    const w = restless(seed, ({ servers }) => {
      for (const { disk } of servers) {
        const last = disk.entry(disk.lastIndex) as Log;
        const place = `${last.index}/${last.term}`;
        const command = decodeText(last.data);
        expect(commands.get(place) ?? command, place).toBe(command);
        commands.set(place, command);
      }
    });

    const lost = [...commands.values()].filter((c) => c.endsWith("lost"));
    expect(lost.length, "commands that nobody else has").toBeGreaterThan(2);
    expect(w.leader()).toBeDefined();
  }
});

test("§5.3, Figure 3, Log Matching: where two logs have one entry in common, everything before it is the same", () => {
  for (const seed of everySeed) {
    let looks = 0;
    let apart = 0;
    restless(seed, (w) => {
      if (++looks % 50 > 0) return;
      const logs = w.servers.map(({ id }) => logOf(w, id));
      for (const [i, one] of logs.entries()) {
        for (const other of logs.slice(i + 1)) {
          const common = one.findLastIndex(
            ({ index, term }) => other[index - 1]?.term === term,
          );
          expect(other.slice(0, common)).toEqual(one.slice(0, common));
          if (common + 1 < Math.min(one.length, other.length)) apart++;
        }
      }
    });
    expect(apart, "pairs of logs that disagree").toBeGreaterThan(0);
  }
});

test("§5.3: a request names the entry right before its own, by index and term", () => {
  const { w, sent } = ledInFigure7();

  w.run(2000);
  w.apply("s1", "x=1");
  w.run(500);

  const log = [0, ...termsOf(w, "s1")];
  const requests = appends(sent).map(({ request }) => request);
  expect(requests.length).toBeGreaterThan(20);
  for (const { entries, prevLogEntry, prevLogTerm } of requests) {
    expect(prevLogTerm).toBe(log[prevLogEntry]);
    const indexes = entries.map(({ index }) => index);
    expect(indexes).toEqual(indexes.map((_, i) => prevLogEntry + 1 + i));
  }
});

test("§5.3: who does not have that entry refuses the new ones, whatever they are", () => {
  const cases = [
    { prevLogEntry: 4, prevLogTerm: 2 },
    { prevLogEntry: 3, prevLogTerm: 1 },
    { prevLogEntry: 3, prevLogTerm: 3 },
    { prevLogEntry: 2, prevLogTerm: 2 },
  ];
  for (const previous of cases) {
    const server = follower({ log: [1, 1, 2], term: 3 });
    const entries = [entry(previous.prevLogEntry + 1, 3)];

    const { success } = server.append({ term: 3, ...previous, entries });

    expect(success).toBe(false);
    expect(server.log).toEqual([1, 1, 2]);
  }
});

test("§5.3: as long as nothing goes wrong nobody refuses", () => {
  for (const seed of everySeed) {
    const w = world({ seed, servers: 5 });
    const sent = record(w);

    w.runUntil(() => w.leader() !== undefined);
    for (let i = 0; i < 50; i++) {
      w.apply(w.leader()?.id as string, `c${i}`);
      w.run(i);
    }
    w.run(200);

    expect(refusals(sent)).toEqual([]);
    for (const { id } of w.servers) expect(appliedBy(w, id)).toHaveLength(50);
  }
});

// §5.3: repair.

test("§5.3, Figure 7: a new leader makes every follower's log its own, whatever is missing there or too much", () => {
  const { w } = ledInFigure7();

  w.run(2000);

  const whole = [...(figure7.s1 as number[]), 8];
  for (const { id } of w.servers) {
    expect(termsOf(w, id), id).toEqual(whole);
    expect(logOf(w, id)).toEqual(logOf(w, "s1"));
    expect(commitOf(w, id), id).toBe(11);
  }
});

test("§5.3, Figure 7: what a follower has in common with the leader stays, what comes after it goes", () => {
  const { w } = ledInFigure7();

  w.run(2000);

  const deleted = w.trace.lines.flatMap((line) => {
    const found = /(s\d) +deletes (.*)/.exec(line);
    return found ? `${found[1]} ${found[2]}` : [];
  });
  expect(deleted.sort()).toEqual([
    "s4 11 to 11",
    "s5 11 to 12",
    "s6 6 to 7",
    "s7 4 to 11",
  ]);
});

test("§5.3: a leader begins with the entry behind its last one, for every follower", () => {
  const { w, sent } = ledInFigure7();
  const next = [...(w.server("s1").r?.leaderState?.replState.values() ?? [])];

  w.run(10);

  expect(next.map(({ nextIndex }) => nextIndex)).toEqual(Array(6).fill(11));
  const first = appends(sent).map(({ request }) => request);
  expect(first).toHaveLength(6);
  for (const { prevLogEntry, prevLogTerm } of first) {
    expect([prevLogEntry, prevLogTerm]).toEqual([10, 6]);
  }
});

test("§5.3: each refusal moves it back, until the logs meet; from then on nothing is refused", () => {
  const { w, sent } = ledInFigure7();

  w.run(2000);

  const asked = (id: string) =>
    appends(sent, id).map(({ request }) => request.prevLogEntry);
  const backwards = [10, 9, 8, 7, 6, 5, 4, 3];
  expect(asked("s7").slice(0, 8)).toEqual(backwards);
  expect(refusals(sent, "s7")).toHaveLength(7);
  for (const id of ["s2", "s3", "s4", "s5", "s6", "s7"]) {
    const last = refusals(sent, id).at(-1)?.at ?? 0;
    const after = sent.filter(
      ({ at, from, message }) =>
        from === id && at > last && message.kind === "AppendEntriesResponse",
    );
    const successes = after.map(
      ({ message }) => (message as AppendEntriesResponse).success,
    );
    expect(new Set(successes), id).toEqual(new Set([true]));
  }
});

test("§5.3 departs: a follower says where its log ends, and a shorter one is asked there at once", () => {
  const { w, sent } = ledInFigure7();

  w.run(2000);

  const asked = (id: string) =>
    appends(sent, id).map(({ request }) => request.prevLogEntry);
  expect(asked("s3").slice(0, 2)).toEqual([10, 4]);
  expect(asked("s2").slice(0, 2)).toEqual([10, 9]);
  expect(asked("s6").slice(0, 4)).toEqual([10, 7, 6, 5]);
});

test("§5.3: a new leader does nothing of its own to repair logs: it appends, and they converge", () => {
  const { w, sent } = ledInFigure7();

  w.run(2000);

  const ofLeader = sent.filter(({ state }) => state === "Leader");
  const kinds = new Set(ofLeader.map(({ message }) => kindOf(message)));
  expect([...kinds].sort()).toEqual(["AppendEntriesRequest", "Heartbeat"]);
  for (const { id } of w.servers) expect(logOf(w, id)).toEqual(logOf(w, "s1"));
});

test("§5.3, Figure 3, Leader Append-Only: a leader neither overwrites nor deletes what is in its log", () => {
  for (const seed of everySeed) {
    const ledWith = new Map<string, number[]>();
    let grown = 0;
    restless(seed, (w) => {
      for (const { id, state, term } of w.servers) {
        if (state !== "Leader") continue;
        const key = `${id} ${term}`;
        const before = ledWith.get(key) ?? [];
        const now = termsOf(w, id);
        if (now.length === before.length) continue;
        expect(now.slice(0, before.length)).toEqual(before);
        ledWith.set(key, now);
        grown++;
      }
    });
    expect(grown).toBeGreaterThan(10);
  }
});

// Figure 2, AppendEntries.

test("Figure 2, AppendEntries 3: an entry with another term is deleted, with all that follow it", () => {
  const server = follower({ log: [1, 1, 2, 2, 2], term: 3 });

  server.append({
    term: 3,
    prevLogEntry: 2,
    prevLogTerm: 1,
    entries: [entry(3, 3)],
  });

  expect(server.log).toEqual([1, 1, 3]);
});

test("Figure 2, AppendEntries 4: what is there already is not written again, and what follows it stays", () => {
  const server = follower({ log: [1, 1, 2, 2, 2], term: 2 });
  const previous = { prevLogEntry: 1, prevLogTerm: 1 };

  const entries = [entry(2, 1), entry(3, 2)];
  const { success } = server.append({ term: 2, ...previous, entries });

  expect(success).toBe(true);
  expect(server.log).toEqual([1, 1, 2, 2, 2]);
});

test("Figure 2, AppendEntries 5: a follower commits what the leader has, and nothing beyond the last new entry", () => {
  const commits = [1, 3, 4, 9].map((leaderCommitIndex) => {
    const server = follower({ log: [1, 1, 2, 2, 2], term: 2 });
    const previous = { prevLogEntry: 2, prevLogTerm: 1 };
    const entries = [entry(3, 2)];
    server.append({ term: 2, ...previous, entries, leaderCommitIndex });
    return server.commitIndex;
  });

  expect(commits).toEqual([1, 3, 3, 3]);
});

// §5.4.1: what a new leader has.

test("§5.4.1: entries flow one way, from leaders to followers", () => {
  let sent: Sent[] = [];
  restless(1, (w) => {
    if (sent.length === 0) sent = record(w);
  });

  const carrying = sent.filter(({ message }) => "entries" in message);
  expect(carrying.length).toBeGreaterThan(100);
  const states = new Set(carrying.map(({ state }) => state));
  expect(states).toEqual(new Set(["Leader"]));
});

test("§5.4.1: a new leader has every entry that was committed before, from the moment it is elected", () => {
  for (const seed of everySeed) {
    const committed: number[] = [];
    const elected = new Set<string>();
    restless(seed, (w) => {
      for (const { id, state, term, disk } of w.servers) {
        if (state === "Leader" && !elected.has(`${id} ${term}`)) {
          elected.add(`${id} ${term}`);
          committed.forEach((past, i) => {
            expect(disk.chainAt(i + 1), `entry ${i + 1}`).toBe(past);
          });
        }
        for (let i = committed.length + 1; i <= commitOf(w, id); i++) {
          committed.push(disk.chainAt(i) as number);
        }
      }
    });
    expect(elected.size).toBeGreaterThan(4);
    expect(committed.length).toBeGreaterThanOrEqual(10);
  }
});

test("§5.4.1: of any majority somebody has the committed entry, and does not vote for a log without it", () => {
  const w = settled(5);
  silence(w, "s1", "s4", "s5");
  const future = w.apply("s1", "x=1");
  w.runUntil(() => future.responded);
  w.crash("s1");
  for (const id of ["s4", "s5"]) {
    w.fixTimers(id, "heartbeatTimer", [1010, 1010]);
    w.fixTimers(id, "electionTimer", [1100, 1100, 1100]);
  }
  const sent = record(w);

  w.runUntil(() => w.leader() !== undefined);

  const votesFor = (id: string) =>
    sent.filter(
      ({ to, message }) =>
        to === id && message.kind === "RequestVoteResponse" && message.granted,
    );
  const asked = sent.filter(({ message }) => kindOf(message) === voteRequest);
  expect(asked.map(({ from }) => from)).toContain("s4");
  for (const id of ["s4", "s5"]) {
    const voters = new Set(votesFor(id).map(({ from }) => from));
    expect(voters.has("s2") || voters.has("s3")).toBe(false);
  }
  expect(["s2", "s3"]).toContain(w.leader()?.id);
});

const voteRequest = "RequestVoteRequest";

// §5.4.2: entries of earlier terms.

test("§5.4.2: what its leader could not commit, a later leader that has it finishes", () => {
  const w = settled(5);
  silence(w, "s1", "s3", "s4", "s5");
  const future = w.apply("s1", "x=1");
  w.run(30);
  expect(holders(w, 3, 2)).toEqual(["s1", "s2"]);
  w.crash("s1");
  w.network.rules = [];
  onlyWins(w, "s2");

  w.runUntil(() => leads(w, "s2"));
  w.run(500);

  expect(future.responded && !future.failed).toBe(false);
  for (const id of ["s2", "s3", "s4", "s5"]) {
    expect(appliedBy(w, id)).toEqual(["x=1"]);
  }
});

/** Nobody else's request for votes arrives. */
function onlyWins(w: World, id: string): void {
  for (const { id: from } of w.servers) {
    if (from === id) continue;
    const kind = voteRequest;
    w.network.rules.push({ kind, from, to: undefined, action: "drop" });
  }
}

/**
 * The paper's Figure 8 at (c): s1 leads again, its entry 3 of term 2 is on s1,
 * s2 and s3, and s5 has another entry there, of a term in between. No entry of
 * s1's new term has left it.
 */
function figure8(): World {
  const w = settled(5, { config: { maxAppendEntries: 1 } });
  silence(w, "s1", "s3", "s4", "s5");
  w.apply("s1", "a");
  w.run(30);
  w.crash("s1");
  w.network.rules = [];
  silence(w, "s5", "s2", "s3", "s4");
  const noVote = { from: "s5", to: "s2", action: "drop" } as const;
  w.network.rules.push({ kind: voteRequest, ...noVote });
  onlyWins(w, "s5");
  w.runUntil(() => w.server("s5").disk.lastIndex === 3);
  w.crash("s5");
  w.network.rules = [];
  silence(w, "s1", "s4");
  onlyWins(w, "s1");
  w.start("s1");
  w.runUntil(() => leads(w, "s1"));
  w.runUntil(() => holders(w, 3, 2).length === 3);
  return w;
}

test("§5.4.2, Figure 8: an entry of an earlier term is not committed by being on a majority", () => {
  const w = figure8();
  const commit = commitOf(w, "s1");
  silence(w, "s1", "s2", "s3");

  w.run(5000);

  expect(leads(w, "s1")).toBe(true);
  expect(holders(w, 3, 2)).toEqual(["s1", "s2", "s3"]);
  expect(commitOf(w, "s1")).toBe(commit);
  expect(w.servers.flatMap(({ id }) => appliedBy(w, id))).toEqual([]);
});

test("§5.4.2, Figure 8 (d): it may still be overwritten, by a leader whose last entry is newer", () => {
  const w = figure8();
  silence(w, "s1", "s2", "s3");
  w.crash("s1");
  w.network.rules = [];
  onlyWins(w, "s5");
  w.start("s5");

  w.runUntil(() => leads(w, "s5"));
  w.start("s1");
  w.run(5000);

  expect(leads(w, "s5")).toBe(true);
  expect(holders(w, 3, 2)).toEqual([]);
  for (const { id } of w.servers) expect(logOf(w, id)).toEqual(logOf(w, "s5"));
});

test("§5.4.2, Figure 8 (e): once an entry of the leader's own term is on a majority, the earlier one is safe with it", () => {
  const w = figure8();
  const term = w.server("s1").term;

  w.runUntil(() => commitOf(w, "s1") >= 4);
  const had = holders(w, 4, term);
  w.crash("s1");
  w.network.rules = [];
  w.start("s5");
  w.fixTimers("s5", "heartbeatTimer", [1010, 1010]);
  w.run(15_000);

  expect(had).toEqual(expect.arrayContaining(["s1", "s2", "s3"]));
  expect(w.leader()?.id).not.toBe("s5");
  for (const { id } of w.servers.slice(1)) {
    expect(appliedBy(w, id), id).toEqual(["a"]);
  }
});

test("§5.4.2: not even an entry on every server counts, if it is of an earlier term", () => {
  const w = settled(3);
  silence(w, "s1", "s2", "s3");
  w.apply("s1", "a");
  w.run(20);
  w.crash("s1");
  w.network.rules = [];
  onlyWins(w, "s1");
  w.start("s1");
  w.runUntil(() => leads(w, "s1"));
  const carry = w.network.carry.bind(w.network);
  const { term } = w.server("s1");
  w.network.carry = (from, to, message, ...rest) => {
    const { entries = [] } = message as Partial<AppendEntriesRequest>;
    if (entries.some((one) => one.term === term)) return;
    carry(from, to, message, ...rest);
  };

  w.run(10_000);

  expect(leads(w, "s1")).toBe(true);
  expect(commitOf(w, "s1")).toBeLessThan(3);
  expect(holders(w, 4, term)).toEqual(["s1"]);
});

test("§5.4.2: an entry keeps its term when a later leader sends it on", () => {
  const { w, sent } = ledInFigure7();

  w.run(2000);

  const carried = appends(sent).flatMap(({ request }) => request.entries);
  const terms = new Map(carried.map(({ index, term }) => [index, term]));
  expect(new Set(terms.values()).size).toBeGreaterThan(3);
  for (const [index, term] of terms) {
    expect(term).toBe([...(figure7.s1 as number[]), 8][index - 1]);
  }
  expect(termsOf(w, "s3")).toEqual([1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 8]);
});

// §5.4.3: the argument.

test("§5.4.3: who has voted in a newer term takes nothing from an older leader any more", () => {
  const server = follower({ log: [1], term: 3 });
  server.append({ term: 3, prevLogEntry: 1, prevLogTerm: 1 });

  const { granted } = server.vote({ term: 4, leadershipTransfer: true });
  const late = server.append({
    term: 3,
    prevLogEntry: 1,
    prevLogTerm: 1,
    entries: [entry(2, 3)],
  });

  expect(granted).toBe(true);
  expect(late).toMatchObject({ success: false, term: 4 });
  expect(server.log).toEqual([1]);
});

test("§5.4.3, Figure 3, State Machine Safety: at one index all servers apply one command, in one order", () => {
  for (const seed of everySeed) {
    let longest: readonly string[] = [];
    const w = restless(seed, ({ servers }) => {
      for (const { applied } of servers) {
        const commands = applied?.commands ?? [];
        const common = Math.min(commands.length, longest.length);
        expect(commands.slice(0, common)).toEqual(longest.slice(0, common));
        if (commands.length > longest.length) longest = [...commands];
      }
    });
    expect(longest.length).toBeGreaterThanOrEqual(10);
    for (const { id } of w.servers) expect(appliedBy(w, id)).toEqual(longest);
  }
});

test("§5.4.3: what a server applies is committed, and its log up to there is a leader's", () => {
  for (const seed of everySeed) {
    const ledBy = new Map<number, string>();
    const seen = new Map<string, number>();
    restless(seed, (w) => {
      for (const { id, state, term } of w.servers) {
        if (state === "Leader") ledBy.set(term, id);
      }
      for (const { id, term, disk, raft } of w.servers) {
        const applied = raft?.AppliedIndex() ?? 0;
        if (seen.get(id) === applied) continue;
        seen.set(id, applied);
        expect(applied).toBeLessThanOrEqual(commitOf(w, id));
        const leader = ledBy.get(term) as string;
        if (w.server(leader).term !== term) continue;
        expect(disk.chainAt(applied)).toBe(
          w.server(leader).disk.chainAt(applied),
        );
      }
    });
  }
});
