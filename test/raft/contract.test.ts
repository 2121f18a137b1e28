/**
 * Who keeps which contract. An implementation of a port gets its line here,
 * and every clause is proved on it.
 */
import { InmemSnapshotStore } from "../../raft/inmem_snapshot.ts";
import { InmemStore } from "../../raft/inmem_store.ts";
import { InmemTransport } from "../../raft/inmem_transport.ts";
import { Random } from "../../raft/runtime/random.ts";
import { Disk } from "../../raft/sim/disk.ts";
import { Network } from "../../raft/sim/network.ts";
import { logStoreContract } from "./contract/log_store.ts";
import { snapshotStoreContract } from "./contract/snapshot_store.ts";
import { stableStoreContract } from "./contract/stable_store.ts";
import type { Subject } from "./contract/subject.ts";
import { type Ends, transportContract } from "./contract/transport.ts";
import { virtualTime } from "./virtual.ts";

function inVirtualTime<Port>(port: Port): Subject<Port> {
  const { run } = virtualTime();
  return { port, run };
}

function simulatedDisk(): Subject<Disk> {
  const { driver, run } = virtualTime();
  const options = { writeMs: [1, 5], errorRate: 0 } as const;
  const port = new Disk(options, driver.clock, new Random(1), () => {});
  return { port, run };
}

function inmemTransports(): Subject<Ends> {
  const { runtime, run } = virtualTime();
  const here = new InmemTransport(runtime, "here");
  const there = new InmemTransport(runtime, "there");
  here.Connect("there", there);
  there.Connect("here", here);
  return { port: { runtime, here, there, gone: "gone" }, run };
}

function simulatedNetwork(): Subject<Ends> {
  const { driver, runtime, run } = virtualTime();
  const calm = {
    delayMs: [1, 3],
    tailRate: 0,
    lossRate: 0,
    duplicateRate: 0,
    timeoutMs: 50,
    pipelineDepth: 2,
  } as const;
  const blind = {
    sent() {},
    arrived() {},
    lost() {},
    answered() {},
    heard() {},
  };
  const network = new Network(calm, driver.clock, new Random(1), blind);
  const here = network.plugIn(runtime, "here");
  const there = network.plugIn(runtime, "there");
  return { port: { runtime, here, there, gone: "gone" }, run };
}

logStoreContract("InmemStore", () => inVirtualTime(new InmemStore()));
logStoreContract("the simulator's disk", simulatedDisk);

stableStoreContract("InmemStore", () => inVirtualTime(new InmemStore()));
stableStoreContract("the simulator's disk", simulatedDisk);

snapshotStoreContract("InmemSnapshotStore", () =>
  inVirtualTime(new InmemSnapshotStore()),
);

transportContract("InmemTransport", inmemTransports);
transportContract("the simulator's network", simulatedNetwork);
