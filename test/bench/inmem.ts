/**
 * Three servers in one process, in memory, and clients that each wait for
 * their answer before they ask again. The other side of go-inmem/main.go.
 *
 *     node test/bench/inmem.ts <clients> <milliseconds>
 *
 * It prints how many commands were answered in a second.
 */
import {
  after,
  BootstrapCluster,
  DefaultConfig,
  type FSM,
  go,
  InmemTransport,
  type Log,
  NewInmemSnapshotStore,
  NewInmemStore,
  NewRaft,
  promised,
  type Raft,
  type Runtime,
  realRuntime,
  ServerSuffrage,
  sleep,
  type Task,
} from "../../raft/index.ts";

class Count implements FSM {
  applied = 0;

  Apply(_: Log): number {
    return ++this.applied;
  }

  Snapshot(): Error {
    return new Error("this program takes no snapshots");
  }

  *Restore(): Task<undefined> {
    return undefined;
  }
}

function* startServers(runtime: Runtime): Task<Raft[]> {
  const transports = ["s1", "s2", "s3"].map(
    (address) => new InmemTransport(runtime, address),
  );
  const members = transports.map((transport) => ({
    suffrage: ServerSuffrage.Voter,
    id: transport.LocalAddr(),
    address: transport.LocalAddr(),
  }));
  const servers: Raft[] = [];
  for (const transport of transports) {
    for (const other of transports) {
      transport.Connect(other.LocalAddr(), other);
    }
    const store = NewInmemStore();
    const snaps = NewInmemSnapshotStore();
    const conf = {
      ...DefaultConfig(),
      localID: transport.LocalAddr(),
      logLevel: "OFF" as const,
      runtime,
    };
    yield* BootstrapCluster(conf, store, store, snaps, { servers: members });
    const fsm = new Count();
    const raft = yield* NewRaft(conf, fsm, store, store, snaps, transport);
    if (raft instanceof Error) throw raft;
    servers.push(raft);
  }
  return servers;
}

function* measure(runtime: Runtime, clients: number, ms: number): Task<number> {
  const servers = yield* startServers(runtime);
  let leader: Raft | undefined;
  while (!leader) {
    yield* sleep(runtime, 10);
    leader = servers.find((raft) => raft.State() === "Leader");
  }
  let answered = 0;
  let stopped = false;
  const command = new Uint8Array(64);
  function* client(raft: Raft): Task<void> {
    while (!stopped) {
      const error = yield* raft.Apply(command, 0).wait();
      if (error) throw error;
      answered++;
    }
  }
  for (let i = 0; i < clients; i++) go(runtime, "client", client(leader));
  yield* after(runtime, ms / 4).receive();
  const before = answered;
  const start = runtime.clock.now();
  yield* after(runtime, ms).receive();
  const perSecond =
    ((answered - before) * 1000) / (runtime.clock.now() - start);
  stopped = true;
  return perSecond;
}

const [clients, ms] = process.argv.slice(2).map(Number);
const runtime = realRuntime("inmem", 1);
console.log(
  await promised(
    runtime,
    "measure",
    measure(runtime, clients ?? 64, ms ?? 2000),
  ),
);
process.exit(0);
