/**
 * Several servers on in-memory transports and one virtual clock, with the
 * helpers of upstream's testing.go under their names. What upstream waits for
 * by the wall clock passes here in no time, and the same way for each seed.
 */
import { expect } from "vitest";
import { NewRaft, type Raft } from "../../raft/api.ts";
import { BootstrapCluster } from "../../raft/bootstrap.ts";
import { type Config, DefaultConfig } from "../../raft/config.ts";
import {
  type Configuration,
  type ServerAddress,
  ServerSuffrage,
} from "../../raft/configuration.ts";
import type { Future } from "../../raft/future.ts";
import { InmemSnapshotStore } from "../../raft/inmem_snapshot.ts";
import { InmemStore } from "../../raft/inmem_store.ts";
import { InmemTransport } from "../../raft/inmem_transport.ts";
import type { Log } from "../../raft/log.ts";
import { type Observation, Observer } from "../../raft/observer.ts";
import type { FSM } from "../../raft/ports.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import { Random } from "../../raft/runtime/random.ts";
import { type Runtime, VirtualDriver } from "../../raft/runtime/runtime.ts";
import { type Failure, Process, type Task } from "../../raft/runtime/task.ts";
import { getCurrentTerm, type RaftState } from "../../raft/state.ts";
import { decodeText } from "../../raft/util.ts";
import { finish, passTime } from "./virtual.ts";

/** No wait of a test is longer. Upstream: longstopTimeout. */
const LONGSTOP_MS = 5000;

/** Upstream's inmemConfig. */
const inmemConfig: Partial<Config> = {
  heartbeatTimeoutMs: 50,
  electionTimeoutMs: 50,
  leaderLeaseTimeoutMs: 50,
  commitTimeoutMs: 5,
  logLevel: "OFF",
};

/** Keeps the commands in order. Upstream: MockFSM. */
export class MockFSM implements FSM {
  readonly logs: string[] = [];

  Apply(log: Log): unknown {
    this.logs.push(decodeText(log.data));
    return this.logs.length;
  }

  Snapshot(): Error {
    return new Error("no test asks for it");
  }

  *Restore(): Task<Error | undefined> {
    return new Error("no test asks for it");
  }
}

export interface ClusterOptions<F extends FSM> {
  readonly peers: number;
  readonly seed: number;
  readonly bootstrap?: boolean;
  readonly conf?: Partial<Config>;
  readonly makeFSM: (runtime: Runtime) => F;
  readonly makeTransport?: (runtime: Runtime, id: string) => InmemTransport;
}

export class Cluster<F extends FSM = MockFSM> {
  readonly conf: Config;
  readonly driver: VirtualDriver;
  readonly rafts: Raft[] = [];
  readonly stores: InmemStore[] = [];
  readonly trans: InmemTransport[] = [];
  readonly fsms: F[] = [];
  readonly processes: Process[] = [];
  /** The errors that no task caught. A test that leaves one has failed. */
  readonly failures: Failure[] = [];
  /** Every server of the cluster, as a voter. */
  readonly configuration: Configuration;
  private readonly observations = new Channel<Observation>("seen", 1024);

  constructor(options: ClusterOptions<F>) {
    this.conf = { ...DefaultConfig(), ...inmemConfig, ...options.conf };
    const random = new Random(options.seed);
    this.driver = new VirtualDriver({
      random: random.stream("scheduler"),
      onFailure: (failure) => this.failures.push(failure),
    });
    const ids = Array.from({ length: options.peers }, (_, i) => `s${i + 1}`);
    this.configuration = {
      servers: ids.map((id) => ({
        suffrage: ServerSuffrage.Voter,
        id,
        address: `${id}addr`,
      })),
    };
    const runtimes = ids.map((id) => {
      const process = new Process(id);
      this.processes.push(process);
      return this.driver.runtime(process, random.stream(id));
    });
    const { makeTransport = inmem } = options;
    for (const [i, runtime] of runtimes.entries()) {
      this.stores.push(new InmemStore());
      this.trans.push(makeTransport(runtime, ids[i] as string));
      this.fsms.push(options.makeFSM(runtime));
    }
    this.fullyConnect();
    for (const [i, runtime] of runtimes.entries()) {
      const localID = ids[i] as string;
      this.start(i, { ...this.conf, localID, runtime }, options.bootstrap);
    }
  }

  private start(i: number, conf: Config, bootstrap = true): void {
    const store = this.stores[i] as InmemStore;
    const snaps = new InmemSnapshotStore();
    const { configuration } = this;
    const fsm = this.fsms[i] as F;
    const trans = this.trans[i] as InmemTransport;
    function* start(): Task<Raft | Error> {
      if (bootstrap) {
        yield* BootstrapCluster(conf, store, store, snaps, configuration);
      }
      return yield* NewRaft(conf, fsm, store, store, snaps, trans);
    }
    const raft = this.run(start());
    if (raft instanceof Error) throw raft;
    const wanted = ({ kind }: Observation) =>
      kind === "RaftState" || kind === "RequestVote";
    raft.RegisterObserver(new Observer(this.observations, false, wanted));
    this.rafts.push(raft);
  }

  get now(): number {
    return this.driver.clock.now();
  }

  /** Runs a task to its end. */
  run<T>(body: Task<T>): T {
    return finish(this.driver, new Process("test"), body);
  }

  /** Waits for the answer of a future: its error, or none. */
  error(future: Future): Error | undefined {
    this.until("the future is answered", () => future.responded);
    return this.run(future.wait());
  }

  pass(durationMs: number): void {
    passTime(this.driver, durationMs);
  }

  /** Goes on until something has happened, for `limitMs` at most. */
  until(what: string, happened: () => boolean, limitMs = LONGSTOP_MS): void {
    const limit = this.now + limitMs;
    this.driver.scheduler.run();
    while (!happened()) {
      if (this.now > limit || !this.driver.step()) {
        throw new Error(`waited in vain: ${what}`);
      }
    }
  }

  /** Who is in that state, and the highest term of all. */
  pollState(state: RaftState): { inState: Raft[]; highestTerm: number } {
    return {
      inState: this.rafts.filter((raft) => raft.State() === state),
      highestTerm: Math.max(...this.rafts.map(({ r }) => getCurrentTerm(r))),
    };
  }

  /**
   * Who is in that state once the cluster is quiet: nobody has changed role
   * or asked for a vote for as long as an election may take.
   */
  getInState(state: RaftState): Raft[] {
    const { heartbeatTimeoutMs, electionTimeoutMs, commitTimeoutMs } =
      this.conf;
    const longest = Math.max(heartbeatTimeoutMs, electionTimeoutMs);
    const quietMs = 2 * longest + commitTimeoutMs;
    let quietSince = this.now;
    this.until(`a stable state, for who is ${state}`, () => {
      while (this.observations.tryReceive()) quietSince = this.now;
      const { highestTerm } = this.pollState(state);
      return highestTerm > 0 && this.now - quietSince >= quietMs;
    });
    return this.pollState(state).inState;
  }

  /** The one leader of a quiet cluster. */
  leader(): Raft {
    const leaders = this.getInState("Leader");
    expect(leaders.map(String)).toHaveLength(1);
    return leaders[0] as Raft;
  }

  /** Everybody but the leader, in a quiet cluster. */
  followers(): Raft[] {
    const followers = this.getInState("Follower");
    expect(followers.map(String)).toHaveLength(this.rafts.length - 1);
    return followers;
  }

  /** Connects every transport with every other. */
  fullyConnect(): void {
    for (const from of this.trans) {
      for (const to of this.trans) {
        if (from !== to) from.Connect(to.LocalAddr(), to);
      }
    }
  }

  /** Cuts one server off, in both directions. */
  disconnect(address: ServerAddress): void {
    for (const transport of this.trans) {
      if (transport.LocalAddr() === address) transport.DisconnectAll();
      else transport.Disconnect(address);
    }
  }

  /** Keeps the far ones connected, and cuts them off from all others. */
  partition(far: readonly ServerAddress[]): void {
    for (const from of this.trans) {
      for (const to of this.trans) {
        const [a, b] = [from.LocalAddr(), to.LocalAddr()];
        if (far.includes(a) !== far.includes(b)) from.Disconnect(b);
      }
    }
  }

  indexOf(raft: Raft): number {
    return this.rafts.indexOf(raft);
  }

  transOf(raft: Raft): InmemTransport {
    return this.trans[this.indexOf(raft)] as InmemTransport;
  }

  fsmOf(raft: Raft): F {
    return this.fsms[this.indexOf(raft)] as F;
  }

  /** Everybody thinks that this one leads. */
  ensureLeader(address: ServerAddress): void {
    expect(this.rafts.map((raft) => raft.Leader())).toEqual(
      this.rafts.map(() => address),
    );
  }

  /** Waits until every state machine has had so many commands. */
  waitForReplication(this: Cluster<MockFSM>, commands: number): void {
    this.until(`${commands} commands on every server`, () =>
      this.fsms.every((fsm) => fsm.logs.length === commands),
    );
  }

  /** Waits until every state machine has had the same commands. */
  ensureSame(this: Cluster<MockFSM>): void {
    const commands = () => this.fsms.map((fsm) => fsm.logs.join("\n"));
    this.until(
      "the same commands on every server",
      () => new Set(commands()).size === 1,
    );
  }

  /** Shuts everybody down, and looks whether anything went wrong. */
  close(): void {
    for (const future of this.rafts.map((raft) => raft.Shutdown())) {
      expect(this.error(future)).toBeUndefined();
    }
    expect(this.failures.map(({ error }) => String(error))).toEqual([]);
    const left = this.processes.flatMap(({ tasks }) => [...tasks]);
    expect(left.map(({ name }) => name)).toEqual([]);
  }
}

function inmem(runtime: Runtime, id: string): InmemTransport {
  return new InmemTransport(runtime, `${id}addr`);
}

/** A cluster that knows its configuration. Upstream: MakeCluster. */
export function makeCluster(
  peers: number,
  seed: number,
  conf: Partial<Config> = {},
): Cluster {
  return new Cluster({ peers, seed, conf, makeFSM: () => new MockFSM() });
}

/** A cluster of blank servers. Upstream: MakeClusterNoBootstrap. */
export function makeClusterNoBootstrap(peers: number, seed: number): Cluster {
  const makeFSM = () => new MockFSM();
  return new Cluster({ peers, seed, bootstrap: false, makeFSM });
}
