/**
 * Who belongs and who votes: upstream's configuration_test.go without the
 * changes, and the bytes that a configuration has in the log.
 */
import { describe, expect, test } from "vitest";
import {
  type Configuration,
  type Configurations,
  checkConfiguration,
  decodeConfiguration,
  encodeConfiguration,
  hasVote,
  type Server,
  ServerSuffrage,
} from "../../raft/configuration.ts";
import { type Log, LogType } from "../../raft/log.ts";
import { processConfigurationLogEntry } from "../../raft/raft.ts";
import type { RaftStruct } from "../../raft/raft_struct.ts";
import { nonvoter, staging, voter, voters } from "./servers.ts";

const sampleConfiguration: Configuration = {
  servers: [nonvoter("id0"), voter("id1"), staging("id2")],
};

/** A server that has read these entries, as far as configurations go. */
function configurationsAfter(...entries: readonly Log[]): Configurations {
  const none = { servers: [] };
  const configurations: Configurations = {
    committed: none,
    committedIndex: 0,
    latest: none,
    latestIndex: 0,
  };
  const r = { configurations } as unknown as RaftStruct;
  for (const entry of entries) processConfigurationLogEntry(r, entry);
  return configurations;
}

function configurationEntry(index: number, configuration: Configuration): Log {
  const data = encodeConfiguration(configuration);
  return { index, term: 1, type: LogType.Configuration, data };
}

describe("the configurations that a server keeps", () => {
  test("TestConfiguration_Configuration_Clone: a newer one leaves the older as it was", () => {
    const first = configurationsAfter(configurationEntry(1, voters(3)));
    const kept = first.latest;
    const r = { configurations: first } as unknown as RaftStruct;
    processConfigurationLogEntry(r, configurationEntry(2, voters(2)));
    expect(kept).toEqual(voters(3));
    expect(first.latest).toEqual(voters(2));
  });

  test("TestConfiguration_configurations_Clone: the committed one and the latest are apart", () => {
    const both = configurationsAfter(
      configurationEntry(1, voters(3)),
      configurationEntry(7, voters(2)),
    );
    expect(both).toEqual({
      committed: voters(3),
      committedIndex: 1,
      latest: voters(2),
      latestIndex: 7,
    });
    expect(both.latest.servers).not.toBe(both.committed.servers);
  });

  test("an entry of another type changes neither", () => {
    const data = encodeConfiguration(voters(2));
    const both = configurationsAfter(configurationEntry(1, voters(3)), {
      index: 2,
      term: 1,
      type: LogType.Command,
      data,
    });
    expect(both.latestIndex).toBe(1);
    expect(both.latest).toEqual(voters(3));
  });
});

describe("hasVote", () => {
  test("TestConfiguration_hasVote: only a voter has a vote", () => {
    expect(hasVote(sampleConfiguration, "id0")).toBe(false);
    expect(hasVote(sampleConfiguration, "id1")).toBe(true);
    expect(hasVote(sampleConfiguration, "id2")).toBe(false);
    expect(hasVote(sampleConfiguration, "someotherid")).toBe(false);
  });

  test("an address is not an ID", () => {
    expect(hasVote(sampleConfiguration, "id1addr")).toBe(false);
  });
});

describe("checkConfiguration", () => {
  const wrong = (...servers: Server[]) =>
    checkConfiguration({ servers })?.message;

  test("TestConfiguration_checkConfiguration: no voter, or an ID or address twice, is refused", () => {
    expect(wrong()).toContain("at least one voter");
    expect(wrong(nonvoter("id0"))).toContain("at least one voter");
    expect(wrong(nonvoter("id0"), voter("id1"))).toBeUndefined();
    expect(
      wrong(nonvoter("id0"), { ...voter("id0"), address: "addr1" }),
    ).toContain("duplicate ID");
    expect(
      wrong(nonvoter("id0"), { ...voter("id1"), address: "id0addr" }),
    ).toContain("duplicate address");
  });

  test("an ID must not be empty, and the error names the address", () => {
    const error = wrong(voter("id1"), { ...voter(""), address: "somewhere" });
    expect(error).toContain("empty ID");
    expect(error).toContain("somewhere");
  });

  test("an address must not be empty, and the error names the server", () => {
    const error = wrong(voter("id1"), { ...voter("id2"), address: "" });
    expect(error).toContain("empty address");
    expect(error).toContain("id2");
  });

  test("a staging server is no voter", () => {
    expect(wrong(staging("id0"))).toContain("at least one voter");
  });
});

describe("the bytes of a configuration", () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

  const twoNodes: Configuration = {
    servers: [
      { suffrage: ServerSuffrage.Voter, id: "n0", address: "127.0.0.1:1000" },
      {
        suffrage: ServerSuffrage.Nonvoter,
        id: "n1",
        address: "127.0.0.1:1001",
      },
    ],
  };

  // Written by v1.1.1 with go-msgpack 0.5.5.
  const ofTwoNodes =
    "81a7536572766572739283a741646472657373ae3132372e302e302e313a31303030" +
    "a24944a26e30a853756666726167650083a741646472657373ae3132372e302e302e" +
    "313a31303031a24944a26e31a8537566667261676501";

  test("they are those that v1.1.1 writes, all 90 of them", () => {
    expect(hex(encodeConfiguration(twoNodes))).toBe(ofTwoNodes);
    expect(encodeConfiguration(twoNodes)).toHaveLength(90);
  });

  test("those that v1.1.1 writes are read", () => {
    expect(decodeConfiguration(bytes(ofTwoNodes))).toEqual(twoNodes);
  });

  test("a configuration without servers is read, nil or empty", () => {
    const none = { servers: [] };
    expect(decodeConfiguration(bytes("81a753657276657273c0"))).toEqual(none);
    expect(decodeConfiguration(bytes("81a75365727665727390"))).toEqual(none);
  });

  test("TestConfiguration_encodeDecodeConfiguration: a configuration comes back equal", () => {
    const encoded = encodeConfiguration(sampleConfiguration);
    expect(decodeConfiguration(encoded)).toEqual(sampleConfiguration);
  });

  test("sixteen servers and more come back equal", () => {
    for (const n of [15, 16, 300]) {
      const decoded = decodeConfiguration(encodeConfiguration(voters(n)));
      expect(decoded).toEqual(voters(n));
    }
  });

  test("names of every length and script come back equal", () => {
    for (const id of ["", "x".repeat(31), "x".repeat(32), "服务器-№1 🚀"]) {
      const one = { servers: [{ ...voter("s1"), id }] };
      expect(decodeConfiguration(encodeConfiguration(one))).toEqual(one);
    }
  });

  test("a name too long for 16 bits comes back equal", () => {
    const one = { servers: [{ ...voter("s1"), id: "x".repeat(70_000) }] };
    expect(decodeConfiguration(encodeConfiguration(one))).toEqual(one);
  });

  test("fields may come in any order", () => {
    const turned =
      "81a7536572766572739183a8537566667261676501a24944a26e30" +
      "a741646472657373a161";
    expect(decodeConfiguration(bytes(turned))).toEqual({
      servers: [{ suffrage: 1, id: "n0", address: "a" }],
    });
  });

  test("an unknown field is an error that names it", () => {
    expect(() => decodeConfiguration(bytes("81a24869c0"))).toThrow(
      'unknown field "Hi"',
    );
  });

  test("every beginning of valid bytes is refused, and the place is told", () => {
    const whole = bytes(ofTwoNodes);
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeConfiguration(whole.subarray(0, length))).toThrow(
        new RegExp(`^msgpack: .* at byte ${placeOf(whole, length)}$`),
      );
    }
  });

  test("bytes of another kind are refused, and the place is told", () => {
    const wrong: [string, RegExp][] = [
      ["c0", /a map was expected at byte 0/],
      ["8101", /a string was expected at byte 1/],
      ["81a75365727665727381", /an array was expected at byte 9/],
      ["81a75365727665727391c0", /a map was expected at byte 10/],
      ["81a7536572766572739181a24944c0", /a string was expected at byte 14/],
      [
        "81a7536572766572739181a85375666672616765ff",
        /a number from 0 to 127 was expected at byte 20/,
      ],
    ];
    for (const [text, error] of wrong) {
      expect(() => decodeConfiguration(bytes(text))).toThrow(error);
    }
  });
});

/**
 * Where reading stops when only `length` bytes are there: at the first missing
 * byte, or at the first byte of the text that is cut.
 */
function placeOf(whole: Uint8Array, length: number): number {
  for (let at = 0; at < length; ) {
    const head = whole[at] as number;
    const isText = (head & 0xe0) === 0xa0;
    const next = at + 1 + (isText ? head & 0x1f : 0);
    if (next > length) return at + 1;
    at = next;
  }
  return length;
}
