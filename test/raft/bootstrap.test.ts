/**
 * The first step of a cluster, before its servers run: every check of
 * BootstrapCluster in v1.1.1's order, and what is left when a write fails.
 */
import { describe, expect, test } from "vitest";
import { BootstrapCluster, HasExistingState } from "../../raft/bootstrap.ts";
import { type Config, DefaultConfig } from "../../raft/config.ts";
import type { Configuration } from "../../raft/configuration.ts";
import { ErrCantBootstrap } from "../../raft/errors.ts";
import { LogType } from "../../raft/log.ts";
import type { SnapshotStore } from "../../raft/ports.ts";
import { FaultyStore } from "./faulty_store.ts";
import { KeptSnapshots } from "./kept_snapshots.ts";
import { atOnce, configurationEntry } from "./one_server.ts";
import { makeConfiguration, voters } from "./servers.ts";

const conf: Config = { ...DefaultConfig(), localID: "s1" };
const noSnapshots = new KeptSnapshots();
const aSnapshot = new KeptSnapshots({ index: 5, term: 1, content: "" });

function bootstrap(
  store: FaultyStore,
  configuration: Configuration = voters(3),
  snapshots: SnapshotStore = noSnapshots,
  config: Config = conf,
): Error | undefined {
  return atOnce(
    BootstrapCluster(config, store, store, snapshots, configuration),
  );
}

function hasState(store: FaultyStore, snapshots = noSnapshots) {
  return atOnce(HasExistingState(store, store, snapshots));
}

describe("BootstrapCluster", () => {
  test("writes term 1, and the configuration as entry 1 of it", () => {
    const store = new FaultyStore();
    expect(bootstrap(store)).toBeUndefined();
    expect(store.writes).toEqual(["SetUint64 CurrentTerm 1", "StoreLog 1"]);
    expect(atOnce(store.disk.GetLog(1))).toEqual(
      configurationEntry(1, 1, voters(3)),
    );
    expect(atOnce(store.disk.GetLog(1))).toHaveProperty(
      "type",
      LogType.Configuration,
    );
  });

  test("asks for a valid Config before anything else", () => {
    const store = new FaultyStore();
    const none = makeConfiguration([]);
    const nameless = { ...conf, localID: "" };
    const error = bootstrap(store, none, noSnapshots, nameless);
    expect(error?.message).toContain("localID cannot be empty");
    expect(store.calls).toEqual([]);
  });

  test("asks for a valid configuration before it looks at the disk", () => {
    const store = new FaultyStore();
    const error = bootstrap(store, makeConfiguration([]));
    expect(error?.message).toContain("at least one voter");
    expect(store.calls).toEqual([]);
  });

  test("refuses a server that has state, and writes nothing", () => {
    const store = new FaultyStore();
    bootstrap(store);
    store.calls = [];
    expect(bootstrap(store)).toBe(ErrCantBootstrap);
    expect(store.writes).toEqual([]);
  });

  test("refuses a server that has only a snapshot", () => {
    const store = new FaultyStore();
    expect(bootstrap(store, voters(3), aSnapshot)).toBe(ErrCantBootstrap);
  });

  test("says that it could not look for state", () => {
    const store = new FaultyStore();
    store.fail("LastIndex");
    expect(bootstrap(store)?.message).toBe(
      "failed to check for existing state: " +
        "failed to get last log index: broken disk",
    );
  });

  test("says that the term was not saved, and stores no entry", () => {
    const store = new FaultyStore();
    store.fail("SetUint64 CurrentTerm 1");
    expect(bootstrap(store)?.message).toBe(
      "failed to save current term: broken disk",
    );
    expect(hasState(store)).toBe(false);
  });

  test("says that the entry was not stored: the term is, and stands in the way", () => {
    const store = new FaultyStore();
    store.fail("StoreLog");
    expect(bootstrap(store)?.message).toBe(
      "failed to append configuration entry to log: broken disk",
    );
    expect(bootstrap(store)).toBe(ErrCantBootstrap);
  });
});

describe("HasExistingState", () => {
  test("finds nothing on a new disk", () => {
    expect(hasState(new FaultyStore())).toBe(false);
  });

  test("finds a term, and looks no further", () => {
    const store = new FaultyStore();
    atOnce(store.disk.SetUint64("CurrentTerm", 1));
    expect(hasState(store)).toBe(true);
    expect(store.calls).toEqual(["GetUint64 CurrentTerm"]);
  });

  test("finds an entry", () => {
    const store = new FaultyStore();
    atOnce(store.disk.StoreLog(configurationEntry(1, 1, voters(1))));
    expect(hasState(store)).toBe(true);
  });

  test("finds a snapshot", () => {
    expect(hasState(new FaultyStore(), aSnapshot)).toBe(true);
  });

  test("takes a term that was never set for none, by value or by error", () => {
    const store = new FaultyStore();
    store.GetUint64 = function* () {
      return new Error("not found");
    };
    expect(hasState(store)).toBe(false);
  });

  test("says what it could not read", () => {
    const fail = (call: string) => {
      const store = new FaultyStore();
      store.fail(call);
      return String(hasState(store));
    };
    expect(fail("GetUint64 CurrentTerm")).toBe(
      "Error: failed to read current term: broken disk",
    );
    expect(fail("LastIndex")).toBe(
      "Error: failed to get last log index: broken disk",
    );
    const unreadable = new KeptSnapshots();
    unreadable.failure = new Error("broken disk");
    expect(String(hasState(new FaultyStore(), unreadable))).toBe(
      "Error: failed to list snapshots: broken disk",
    );
  });
});
