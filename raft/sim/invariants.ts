/**
 * What must be true of a cluster after every event, seen by an observer who
 * stands outside and sees all servers and disks at once.
 *
 * I1 Election Safety        one leader a term, and it is a voter
 * I2 Leader Append-Only     a leader never rewrites its own log
 * I3 Log Matching           same index and term: same entry, same past
 * I4 Leader Completeness    a leader has what older terms have committed;
 *                           nobody votes for a log that is behind its own
 * I5 State Machine Safety   one command an index, on every server
 * I6 Votes                  terms never fall; one vote a server and term
 * I7 Durable before said    a message shows only what is on disk
 * I8 Stored before counted  an acknowledged entry is on disk
 * I9 Commit                 never falls; on a majority; of the leader's term
 * I10 Apply                 committed, in order, no gap, no repeat
 * I11 Order                 snapshot <= applied <= commit <= last
 * I13 Once                 no command is applied at two indexes, every
 *                          question is answered, and a yes is true
 * I14 Lease                a leader without a majority's word steps down; a
 *                          verified leader had not been replaced before
 * I15 Memory mirrors disk   last entry and term; what the log cache gives out
 * I16 Progress             nextIndex in [1, last + 1]; what counts as stored
 *                          is on the follower's disk, and never grows less
 * I17 Messages              are not changed after they were sent
 *
 * Each looks only at what has changed, so that a check costs little. The rest
 * is judged at the end of a run, when all faults are over: see `healed`.
 *
 * I18 Last word             LeaderCh says at last what is true
 * I19 Agreement             logs and state machines are equal
 * I21 Rest                  no task is left over; that there is a leader again
 *                          in time is for the run itself to say
 */

import type {
  AppendEntriesRequest,
  Command,
  RequestVoteRequest,
  Response,
} from "../commands.ts";
import { voters } from "../configuration.ts";
import { type Log, LogType } from "../log.ts";
import type {
  FollowerReplication,
  LeaderState,
  RaftStruct,
} from "../raft_struct.ts";
import { keyCurrentTerm, keyLastVoteCand, keyLastVoteTerm } from "../stable.ts";
import { getCommitIndex, getCurrentTerm, getState } from "../state.ts";
import { decodeText } from "../util.ts";
import type { Disk, DiskWrite } from "./disk.ts";
import type { Message } from "./network.ts";

/** A broken promise, and who broke it. */
export interface Violation {
  readonly invariant: string;
  readonly server: string;
  readonly what: string;
}

/** What the observer sees of a server. `r` is undefined while it is down. */
export interface Observed {
  readonly id: string;
  readonly disk: Disk;
  readonly r: RaftStruct | undefined;
  readonly paused: boolean;
  /** How many of its milliseconds pass in one of the world's. */
  readonly clockRate?: number;
  /** Whether one of its timers is late. */
  late?(nowMs: number): boolean;
  /** What its state machine was given. */
  readonly applied?: { readonly commands: readonly string[] } | undefined;
}

/** What was true of a server after the last event. */
interface Memory {
  leaderTerm: number | undefined;
  durableTerm: number;
  commitIndex: number;
  applied: number;
  /** When the last request was sent that a peer has answered and accepted. */
  readonly heardMs: Map<string, number>;
  /** What the leader has counted as stored by each other server. */
  readonly matches: Map<string, number>;
  /** When the leader's loop began, and whether it surely has. */
  ledSinceMs: number;
  inLoop: boolean;
  /** When it was last paused, waiting for its disk or late. */
  hinderedMs: number;
}

export class Invariants {
  private readonly servers: readonly Observed[];
  private readonly report: (violation: Violation) => void;
  private readonly now: () => number;
  private readonly leaders = new Map<number, string>();
  /** The newest term in which anybody has led. */
  private newestTerm = 0;
  private readonly senders = new Map<number, string>();
  private readonly votes = new Map<string, string>();
  /** The hash of the past of every entry ever written, by index and term. */
  private readonly pasts = new Map<string, number>();
  /** The hash of the past of every index ever committed. */
  private readonly chosen: number[] = [0];
  /** The term in which each index was committed. */
  private readonly chosenIn: number[] = [0];
  private readonly appliedCommands = new Map<number, string>();
  private readonly indexOfCommand = new Map<string, number>();
  /** The newest term in which a leader has committed anything. */
  newestCommitter = 0;
  private readonly memories = new Map<string, Memory>();

  constructor(
    servers: readonly Observed[],
    report: (violation: Violation) => void,
    now: () => number,
  ) {
    this.servers = servers;
    this.report = report;
    this.now = now;
  }

  /** A log cache has given out this entry. */
  read({ id, disk }: Observed, index: number, log: Log): void {
    if (disk.entry(index)?.term === log.term) return;
    const what = `${index}/${log.term}, which is not on its disk`;
    this.broken("I15", id, `reads ${what}`);
  }

  /** All faults are over, every server is up, and the last write is applied. */
  healed(): void {
    const [first] = this.servers;
    if (!first) return;
    for (const server of this.servers) {
      this.checkAgreement(server, first);
      this.checkLastWord(server);
      this.checkTasks(server);
    }
  }

  private checkAgreement(server: Observed, first: Observed): void {
    const { id, disk, applied } = server;
    const last = disk.lastIndex;
    if (last !== first.disk.lastIndex) {
      const others = `${first.id} at ${first.disk.lastIndex}`;
      this.broken("I19", id, `its log ends at ${last}, that of ${others}`);
    } else if (disk.chainAt(last) !== first.disk.chainAt(last)) {
      this.broken("I19", id, `has another log than ${first.id}`);
    }
    if (String(applied?.commands) !== String(first.applied?.commands)) {
      this.broken("I19", id, `has another state machine than ${first.id}`);
    }
  }

  private checkLastWord({ id, r }: Observed): void {
    const told = r?.leaderCh.values()[0];
    if (!r || told === undefined) return;
    const state = getState(r);
    if (told === (state === "Leader")) return;
    this.broken("I18", id, `is ${state} and has said leader: ${told}`);
  }

  /** Three of its own, and for each other server what a leader needs. */
  private checkTasks({ id, r }: Observed): void {
    const count = r?.runtime.process.tasks.size ?? 0;
    const most = 8 + 12 * this.servers.length;
    if (count > most) this.broken("I21", id, `has ${count} tasks`);
  }

  /** The question whether it leads, asked at that moment, got a yes. */
  verified({ id, r }: Observed, newestCommitter: number, askedMs = 0): void {
    if (!r) return;
    const term = getCurrentTerm(r);
    if (term < newestCommitter) {
      this.broken(
        "I14",
        id,
        `is verified in term ${term}, and a leader of term ` +
          `${newestCommitter} had committed before`,
      );
    }
    const heard = this.heardSince(id, r, askedMs, -1);
    if (2 * heard.length > voters(r.configurations.latest).length) return;
    const whom = heard.join(", ");
    this.broken("I14", id, `is verified, and since then heard only ${whom}`);
  }

  /** The voters that have accepted what this leader sent since then. */
  private heardSince(
    id: string,
    r: RaftStruct,
    sinceMs: number,
    atFirstMs: number,
  ): string[] {
    const { heardMs } = this.memory(id);
    return voters(r.configurations.latest)
      .filter((voter) => {
        const atMs = Math.max(heardMs.get(voter.address) ?? -1, atFirstMs);
        return voter.id === id || atMs >= sinceMs;
      })
      .map((voter) => voter.id);
  }

  /** An answer has come back: it renews a lease if it accepts its leader. */
  heard(
    leader: string,
    from: string,
    sentMs: number,
    response: Response,
  ): void {
    if (response.kind !== "AppendEntriesResponse") return;
    const memory = this.memory(leader);
    if (response.term !== memory.leaderTerm) return;
    const before = memory.heardMs.get(from) ?? 0;
    memory.heardMs.set(from, Math.max(before, sentMs));
  }

  /** The highest index that any server ever knew to be committed. */
  get committed(): number {
    return this.chosen.length - 1;
  }

  /** The highest index that was committed in an older term than this. */
  private committedBefore(term: number): number {
    let index = this.committed;
    while (index > 0 && (this.chosenIn[index] as number) >= term) index--;
    return index;
  }

  /** After every event. */
  check(): void {
    for (const server of this.servers) this.checkServer(server);
  }

  /** This server has started: what was in its memory is gone. */
  started({ id, r }: Observed): void {
    const memory = this.memory(id);
    memory.commitIndex = 0;
    memory.applied = r?.vars.lastSnapshotIndex ?? 0;
    memory.leaderTerm = undefined;
  }

  /** A write of this server is durable. */
  wrote({ id, disk, r }: Observed, write: DiskWrite): void {
    const leads = r !== undefined && getState(r) === "Leader";
    if (write.kind === "delete" && leads && write.max >= disk.lastIndex) {
      this.broken("I2", id, `the leader deletes from ${write.min}`);
    }
    if (write.kind === "store") {
      for (const log of write.logs) this.stored(id, disk, log, leads);
    }
    if (write.kind === "set" && write.key === keyCurrentTerm) {
      const memory = this.memory(id);
      const term = write.value as number;
      if (term < memory.durableTerm) {
        this.broken("I6", id, `term ${memory.durableTerm} becomes ${term}`);
      }
      memory.durableTerm = term;
    }
  }

  /** This server sends a message. */
  sent({ id, disk }: Observed, to: string, message: Message): void {
    deepFreeze(message);
    const term = disk.number(keyCurrentTerm);
    switch (message.kind) {
      case "AppendEntriesRequest":
        this.one("I1", this.senders, message.term, id, "sends AppendEntries");
        this.durableTerm(id, message.term, term);
        break;
      case "RequestVoteRequest":
        this.durableTerm(id, message.term, term);
        break;
      case "RequestVoteResponse":
        this.durableTerm(id, message.term, term);
        if (message.granted) this.granted(id, disk, to, message.term);
        break;
      case "AppendEntriesResponse":
        this.durableTerm(id, message.term, term);
        break;
    }
  }

  /** This server answers a request; the answer is about to be sent. */
  answered(server: Observed, request: Command, response: Response): void {
    if (
      request.kind === "AppendEntriesRequest" &&
      response.kind === "AppendEntriesResponse" &&
      response.success
    ) {
      this.acknowledged(server, request);
    }
    if (
      request.kind === "RequestVoteRequest" &&
      response.kind === "RequestVoteResponse" &&
      response.granted
    ) {
      this.upToDate(server, request);
    }
  }

  private acknowledged(
    { id, disk }: Observed,
    request: AppendEntriesRequest,
  ): void {
    for (const { index, term } of request.entries) {
      if (disk.entry(index)?.term === term) continue;
      this.broken("I8", id, `acknowledges ${index}/${term}, not on its disk`);
    }
  }

  /**
   * The election restriction, when a vote is given for the first time, and
   * while it can still elect anybody: a request that is late or comes twice
   * finds a log that has grown since the vote went to disk.
   */
  private upToDate({ id, disk }: Observed, request: RequestVoteRequest): void {
    if (this.votes.has(`${id} ${request.term}`)) return;
    if (this.leaders.has(request.term)) return;
    const { lastLogIndex, lastLogTerm } = request;
    const index = disk.lastIndex;
    const term = disk.entry(index)?.term ?? 0;
    const behind =
      term > lastLogTerm || (term === lastLogTerm && index > lastLogIndex);
    if (!behind) return;
    this.broken(
      "I4",
      id,
      `has ${index}/${term} and votes for a log that ends at ` +
        `${lastLogIndex}/${lastLogTerm}`,
    );
  }

  /** The state machine of this server is given an entry. */
  applied(
    { id, disk, r }: Observed,
    log: Log,
    text = decodeText(log.data),
  ): void {
    const memory = this.memory(id);
    if (log.index <= memory.applied) {
      this.broken("I10", id, `applies ${log.index} after ${memory.applied}`);
    }
    for (let i = memory.applied + 1; i < log.index; i++) {
      if (disk.entry(i)?.type !== LogType.Command) continue;
      this.broken("I10", id, `applies ${log.index} and leaves out ${i}`);
    }
    if (r && log.index > getCommitIndex(r)) {
      this.broken("I10", id, `applies ${log.index}, which is not committed`);
    }
    memory.applied = log.index;
    const command = `${log.term} ${text}`;
    this.appliedOnce(id, log.index, text);
    const others = this.appliedCommands.get(log.index);
    if (others === undefined) this.appliedCommands.set(log.index, command);
    else if (others !== command) {
      this.broken(
        "I5",
        id,
        `applies "${command}" at ${log.index}, others "${others}"`,
      );
    }
  }

  /** A client was told that its command was applied at that index. */
  told(id: string, index: number, text: string): void {
    const command = this.appliedCommands.get(index);
    if (command?.slice(command.indexOf(" ") + 1) === text) return;
    const instead = command === undefined ? "nothing" : `"${command}"`;
    this.broken("I13", id, `says "${text}" at ${index}, applied is ${instead}`);
  }

  /** Commands of the clients are all different, but for the reads. */
  private appliedOnce(id: string, index: number, text: string): void {
    if (text.startsWith("?")) return;
    const before = this.indexOfCommand.get(text);
    if (before === undefined) this.indexOfCommand.set(text, index);
    else if (before !== index) {
      this.broken("I13", id, `applies "${text}" at ${before} and ${index}`);
    }
  }

  private checkServer(server: Observed): void {
    const { id, disk, r, paused } = server;
    const memory = this.memory(id);
    if (!r || getState(r) === "Shutdown") return;
    const hindered =
      paused || disk.busy || (server.late?.(this.now()) ?? false);
    if (hindered) memory.hinderedMs = this.now();
    this.checkLeader(id, disk, r, memory);
    if (r.leaderState && getState(r) === "Leader") {
      if (!hindered) memory.inLoop = true;
      else if (!memory.inLoop) memory.ledSinceMs = this.now();
      this.checkLease(id, r, memory, server.clockRate ?? 1);
      this.checkProgress(id, disk, r, r.leaderState, memory);
    }
    this.checkCommit(id, disk, r, memory);
    if (!disk.busy && !paused) this.checkMirror(id, disk, r);
  }

  private checkLeader(
    id: string,
    disk: Disk,
    r: RaftStruct,
    memory: Memory,
  ): void {
    if (getState(r) !== "Leader") {
      memory.leaderTerm = undefined;
      return;
    }
    const term = getCurrentTerm(r);
    if (memory.leaderTerm === term) return;
    memory.leaderTerm = term;
    memory.heardMs.clear();
    memory.matches.clear();
    memory.ledSinceMs = this.now();
    memory.inLoop = false;
    this.one("I1", this.leaders, term, id, "leads");
    this.newestTerm = Math.max(this.newestTerm, term);
    const { latest } = r.configurations;
    if (!voters(latest).some((server) => server.id === id)) {
      this.broken("I1", id, `leads term ${term} and is not a voter`);
    }
    const last = this.committedBefore(term);
    if (disk.chainAt(last) !== this.chosen[last]) {
      this.broken(
        "I4",
        id,
        `leads term ${term} without committed entry ${last}`,
      );
    }
  }

  /**
   * Steps down within the lease and a check interval, counted from when that
   * was sent which a majority has answered. Not while its main task is asleep
   * or waits for the disk, and a little later when it has.
   */
  private checkLease(
    id: string,
    r: RaftStruct,
    memory: Memory,
    clockRate: number,
  ): void {
    const now = this.now();
    if (now - memory.hinderedMs < 100) return;
    const limitMs = r.conf.leaderLeaseTimeoutMs / clockRate + 50;
    const { ledSinceMs } = memory;
    const heard = this.heardSince(id, r, now - limitMs, ledSinceMs);
    if (2 * heard.length > voters(r.configurations.latest).length) return;
    const names = heard.join(", ");
    this.broken("I14", id, `still leads, and has heard only of ${names}`);
  }

  /** What the leader believes of its followers' logs is true. */
  private checkProgress(
    id: string,
    disk: Disk,
    r: RaftStruct,
    { replState, commitment }: LeaderState,
    { matches }: Memory,
  ): void {
    const own = commitment.matchIndex(id);
    if (own > disk.lastIndex) {
      const what = `counts its own ${own}, on disk is ${disk.lastIndex}`;
      this.broken("I8", id, what);
    }
    const last = Math.max(r.vars.lastLogIndex, disk.lastIndex);
    for (const s of replState.values()) {
      if (s.nextIndex < 1 || s.nextIndex > last + 1) {
        const next = `entry ${s.nextIndex}, last ${last}`;
        this.broken("I16", id, `would send ${s.peer.id} ${next}`);
      }
      const matched = commitment.matchIndex(s.peer.id);
      const before = matches.get(s.peer.id) ?? 0;
      if (matched < before) {
        const what = `counts ${matched} for ${s.peer.id}, and ${before} before`;
        this.broken("I16", id, what);
      }
      matches.set(s.peer.id, matched);
      const follower = this.servers.find((one) => one.id === s.peer.id);
      if (this.newer(s) || !follower || matched === 0) continue;
      if (follower.disk.chainAt(matched) !== disk.chainAt(matched)) {
        this.broken("I16", id, `counts ${matched} for ${s.peer.id}`);
      }
    }
  }

  /** Whether there has been a leader after this one. */
  private newer(s: FollowerReplication): boolean {
    return this.newestTerm > s.currentTerm;
  }

  private checkCommit(
    id: string,
    disk: Disk,
    r: RaftStruct,
    memory: Memory,
  ): void {
    const commit = getCommitIndex(r);
    const { lastApplied, lastLogIndex, lastSnapshotIndex } = r.vars;
    const last = Math.max(lastLogIndex, lastSnapshotIndex);
    if (commit < memory.commitIndex) {
      this.broken("I9", id, `commit ${memory.commitIndex} becomes ${commit}`);
    }
    if (
      lastSnapshotIndex > lastApplied ||
      lastApplied > Math.max(commit, lastSnapshotIndex) ||
      commit > last
    ) {
      this.broken(
        "I11",
        id,
        `snapshot ${lastSnapshotIndex}, applied ${lastApplied}, ` +
          `commit ${commit}, last ${last}`,
      );
    }
    if (commit > memory.commitIndex) {
      const term = getCurrentTerm(r);
      if (getState(r) === "Leader") {
        this.checkQuorum(id, disk, r, commit);
        this.newestCommitter = Math.max(this.newestCommitter, term);
      }
      this.choose(id, disk, memory.commitIndex, commit, term);
    }
    memory.commitIndex = commit;
  }

  /** The leader has found a majority: is it there? */
  private checkQuorum(
    id: string,
    disk: Disk,
    r: RaftStruct,
    commit: number,
  ): void {
    const electorate = voters(r.configurations.latest).map((v) => v.id);
    const holders = this.servers.filter(
      (server) =>
        electorate.includes(server.id) &&
        server.disk.chainAt(commit) === disk.chainAt(commit),
    );
    if (2 * holders.length <= electorate.length) {
      this.broken(
        "I9",
        id,
        `commits ${commit}, which ${holders.length} of ` +
          `${electorate.length} voters have`,
      );
    }
    const term = disk.entry(commit)?.term;
    if (term !== getCurrentTerm(r)) {
      this.broken("I9", id, `commits ${commit} of term ${term} by counting`);
    }
  }

  /** Remembers what is committed at each index; it can be only one thing. */
  private choose(
    id: string,
    disk: Disk,
    from: number,
    to: number,
    term: number,
  ): void {
    for (let index = from + 1; index <= to; index++) {
      const past = disk.chainAt(index);
      if (past === undefined) return; // I11 has said it
      const chosen = this.chosen[index];
      if (chosen === undefined) {
        this.chosen[index] = past;
        this.chosenIn[index] = term;
      } else if (chosen !== past) {
        this.broken("I5", id, `commits another entry at ${index} than others`);
      }
    }
  }

  private checkMirror(id: string, disk: Disk, r: RaftStruct): void {
    const { lastLogIndex, lastLogTerm, currentTerm } = r.vars;
    const durable = disk.entry(disk.lastIndex)?.term ?? 0;
    if (lastLogIndex !== disk.lastIndex || lastLogTerm !== durable) {
      this.broken(
        "I15",
        id,
        `last entry in memory ${lastLogIndex}/${lastLogTerm}, ` +
          `on disk ${disk.lastIndex}/${durable}`,
      );
    }
    if (currentTerm !== disk.number(keyCurrentTerm)) {
      this.broken(
        "I15",
        id,
        `term in memory ${currentTerm}, on disk ${disk.number(keyCurrentTerm)}`,
      );
    }
  }

  private stored(id: string, disk: Disk, log: Log, leads: boolean): void {
    const past = disk.chainAt(log.index) as number;
    const key = `${log.index}/${log.term}`;
    const known = this.pasts.get(key);
    if (known === undefined) this.pasts.set(key, past);
    else if (known !== past) {
      this.broken("I3", id, `another entry ${key} than others have`);
    }
    const term = this.memory(id).leaderTerm;
    if (leads && term !== undefined && log.term !== term) {
      this.broken("I2", id, `leads term ${term} and stores ${key}`);
    }
  }

  private granted(id: string, disk: Disk, to: string, term: number): void {
    const vote = disk.bytes(keyLastVoteCand);
    const durable =
      disk.number(keyLastVoteTerm) === term &&
      vote !== undefined &&
      decodeText(vote) === to;
    if (!durable) {
      this.broken("I7", id, `grants ${to} term ${term} before it is on disk`);
    }
    this.one("I6", this.votes, `${id} ${term}`, to, "has the vote");
  }

  private durableTerm(id: string, shown: number, durable: number): void {
    if (shown <= durable) return;
    this.broken("I7", id, `shows term ${shown}, on disk is ${durable}`);
  }

  /** Only one server may stand under this key. */
  private one<K>(
    invariant: string,
    known: Map<K, string>,
    key: K,
    id: string,
    what: string,
  ): void {
    const other = known.get(key);
    if (other === undefined) known.set(key, id);
    else if (other !== id) {
      this.broken(invariant, id, `${what}, term ${key}, and so did ${other}`);
    }
  }

  private memory(id: string): Memory {
    let memory = this.memories.get(id);
    if (!memory) {
      memory = {
        leaderTerm: undefined,
        durableTerm: 0,
        commitIndex: 0,
        applied: 0,
        heardMs: new Map(),
        matches: new Map(),
        ledSinceMs: 0,
        inLoop: false,
        hinderedMs: 0,
      };
      this.memories.set(id, memory);
    }
    return memory;
  }

  private broken(invariant: string, server: string, what: string): void {
    this.report({ invariant, server, what });
  }
}

/** Makes a message that is changed later an error at the place of change. */
function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (ArrayBuffer.isView(value) || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
}
