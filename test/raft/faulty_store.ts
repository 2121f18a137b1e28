/**
 * A disk that does what a test says: a call fails, or waits until the test
 * lets it go on. What is durable stands in `disk`, and outlives the server.
 *
 * A call is named by its text, from the beginning: "StoreLogs" is the next
 * call of that name, "GetLog 3" the next one for that index.
 */
import { InmemStore } from "../../raft/inmem_store.ts";
import type { Log } from "../../raft/log.ts";
import type { LogStore, StableStore } from "../../raft/ports.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import type { Task } from "../../raft/runtime/task.ts";

interface Fault {
  readonly call: string;
  readonly act: "fail" | "hold before" | "hold after";
  readonly hold: Hold;
  /** It strikes at the call that counts this down to 0. */
  left: number;
}

/** A call that waits. */
export class Hold {
  /** Whether the call has come and waits, or has waited. */
  reached = false;
  private readonly gate = new Channel<void>("hold");

  *wait(): Task<void> {
    this.reached = true;
    if (!this.gate.closed) yield* this.gate.receive();
  }

  release(): void {
    this.gate.close();
  }
}

export class FaultyStore implements LogStore, StableStore {
  readonly disk: InmemStore;
  /** Every call so far: "StoreLogs 4-6", "SetUint64 CurrentTerm 5". */
  calls: string[] = [];
  private faults: Fault[] = [];

  constructor(disk = new InmemStore()) {
    this.disk = disk;
  }

  /** The next such call, or the nth from now, fails and changes nothing. */
  fail(call: string, nth = 1): void {
    this.faults.push({ call, act: "fail", left: nth, hold: new Hold() });
  }

  /** The next such call waits before it does anything. */
  hold(call: string): Hold {
    return this.held(call, "hold before");
  }

  /** The next such call does its work, and waits before it says so. */
  holdAfter(call: string): Hold {
    return this.held(call, "hold after");
  }

  /** The calls that change the disk. */
  get writes(): string[] {
    return this.calls.filter((call) => /^(Store|Delete|Set)/.test(call));
  }

  private held(call: string, act: Fault["act"]): Hold {
    const hold = new Hold();
    this.faults.push({ call, act, left: 1, hold });
    return hold;
  }

  /** What strikes at this call. */
  private faultOf(call: string): Fault | undefined {
    const fault = this.faults.find(({ call: named }) =>
      `${call} `.startsWith(`${named} `),
    );
    if (!fault || --fault.left > 0) return undefined;
    this.faults = this.faults.filter((one) => one !== fault);
    return fault;
  }

  private *through<T>(call: string, work: Task<T>): Task<T | Error> {
    this.calls.push(call);
    const fault = this.faultOf(call);
    if (fault?.act === "fail") return new Error("broken disk");
    if (fault?.act === "hold before") yield* fault.hold.wait();
    const result = yield* work;
    if (fault?.act === "hold after") yield* fault.hold.wait();
    return result;
  }

  *FirstIndex(): Task<number | Error> {
    return yield* this.through("FirstIndex", this.disk.FirstIndex());
  }

  *LastIndex(): Task<number | Error> {
    return yield* this.through("LastIndex", this.disk.LastIndex());
  }

  *GetLog(index: number): Task<Log | Error> {
    return yield* this.through(`GetLog ${index}`, this.disk.GetLog(index));
  }

  *StoreLog(log: Log): Task<Error | undefined> {
    const call = `StoreLog ${log.index}`;
    return yield* this.through(call, this.disk.StoreLog(log));
  }

  *StoreLogs(logs: readonly Log[]): Task<Error | undefined> {
    const call = `StoreLogs ${logs[0]?.index}-${logs.at(-1)?.index}`;
    return yield* this.through(call, this.disk.StoreLogs(logs));
  }

  *DeleteRange(min: number, max: number): Task<Error | undefined> {
    const call = `DeleteRange ${min}-${max}`;
    return yield* this.through(call, this.disk.DeleteRange(min, max));
  }

  *Set(key: string, value: Uint8Array): Task<Error | undefined> {
    return yield* this.through(`Set ${key}`, this.disk.Set(key, value));
  }

  *Get(key: string): Task<Uint8Array | Error> {
    return yield* this.through(`Get ${key}`, this.disk.Get(key));
  }

  *SetUint64(key: string, value: number): Task<Error | undefined> {
    const call = `SetUint64 ${key} ${value}`;
    return yield* this.through(call, this.disk.SetUint64(key, value));
  }

  *GetUint64(key: string): Task<number | Error> {
    return yield* this.through(`GetUint64 ${key}`, this.disk.GetUint64(key));
  }
}
