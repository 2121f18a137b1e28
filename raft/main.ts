/**
 * A program that uses the library: three servers in one process, one command,
 * and a look at what every server makes of it. Run `npx node raft/main.ts`.
 *
 * A real program has one server a process, a transport that crosses a network
 * and stores that outlive it. The calls are the same.
 */

import {
  BootstrapCluster,
  DefaultConfig,
  decodeText,
  encodeText,
  type FSM,
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
} from "./index.ts";
import { printLine } from "./runtime/runtime.ts";

/** A state machine that remembers the last command. Go: none, an example. */
class LastCommand implements FSM {
  last = "";

  Apply(log: Log): string {
    this.last = decodeText(log.data);
    return this.last;
  }

  Snapshot(): Error {
    return new Error("this example takes no snapshots");
  }

  *Restore(): Task<Error | undefined> {
    return new Error("this example takes no snapshots");
  }
}

/**
 * Makes three servers, waits for a leader, has it apply one command, and says
 * what each server has. Go: none, an example.
 */
export function* main(
  runtime: Runtime,
  print: (line: string) => void,
): Task<void> {
  const transports = connected(runtime, ["s1", "s2", "s3"]);
  const servers: Raft[] = [];
  for (const transport of transports) {
    servers.push(yield* startServer(runtime, transport, transports));
  }
  const leader = yield* electedLeader(runtime, servers);
  const future = leader.Apply(encodeText("x=1"), 1000);
  const error = yield* future.wait();
  print(error ? error.message : `${leader} applied ${future.Response()}`);
  yield* sleep(runtime, 200);
  for (const raft of servers) {
    print(`${raft} has ${(raft.r.fsm as LastCommand).last}`);
    yield* raft.Shutdown().wait();
  }
}

/** Bootstraps one server and starts it. Go: none, an example. */
function* startServer(
  runtime: Runtime,
  transport: InmemTransport,
  all: readonly InmemTransport[],
): Task<Raft> {
  const conf = {
    ...DefaultConfig(),
    localID: transport.LocalAddr(),
    logLevel: "OFF" as const,
    runtime,
  };
  const servers = all.map((peer) => ({
    suffrage: ServerSuffrage.Voter,
    id: peer.LocalAddr(),
    address: peer.LocalAddr(),
  }));
  const store = NewInmemStore();
  const snaps = NewInmemSnapshotStore();
  yield* BootstrapCluster(conf, store, store, snaps, { servers });
  const raft = yield* NewRaft(
    conf,
    new LastCommand(),
    store,
    store,
    snaps,
    transport,
  );
  if (raft instanceof Error) throw raft;
  return raft;
}

/** Looks ten times a second who leads. Go: none, an example. */
function* electedLeader(
  runtime: Runtime,
  servers: readonly Raft[],
): Task<Raft> {
  for (;;) {
    const leader = servers.find((raft) => raft.State() === "Leader");
    if (leader) return leader;
    yield* sleep(runtime, 100);
  }
}

function connected(
  runtime: Runtime,
  addresses: readonly string[],
): InmemTransport[] {
  const transports = addresses.map((a) => new InmemTransport(runtime, a));
  for (const from of transports) {
    for (const to of transports) from.Connect(to.LocalAddr(), to);
  }
  return transports;
}

if ((import.meta as { main?: boolean }).main) {
  const runtime = realRuntime("main", 1);
  await promised(runtime, "main", main(runtime, printLine));
}
