/**
 * Who belongs to the cluster, and who has a vote.
 *
 * A configuration is itself an entry of the log, and it is in force as soon as
 * it is appended, committed or not. So a server keeps two: the latest one, and
 * the latest that is known to be committed, to fall back on.
 *
 * Absent until the lesson on membership: changes.
 *
 * Modelled on HashiCorp Raft v1.1.1, configuration.go. MPL-2.0.
 */

import { MsgpackReader, MsgpackWriter } from "./msgpack.ts";

/** Who a server is, whatever its address. Go: ServerID, configuration.go */
export type ServerID = string;

/** Where the transport reaches it. Go: ServerAddress, configuration.go */
export type ServerAddress = string;

/**
 * Whether a server's vote and its copy of the log count towards a majority.
 * The numbers stand in the log.
 *
 * Go: ServerSuffrage, configuration.go
 */
export const ServerSuffrage = {
  Voter: 0,
  /** Gets every entry and counts in no majority. */
  Nonvoter: 1,
  /** Written by no version of the library; read as a non-voter. */
  Staging: 2,
} as const;
export type ServerSuffrage =
  (typeof ServerSuffrage)[keyof typeof ServerSuffrage];

/** One member of the cluster. Go: Server, configuration.go */
export interface Server {
  readonly suffrage: ServerSuffrage;
  readonly id: ServerID;
  readonly address: ServerAddress;
}

/**
 * The members of the cluster. Never changed in place: a new one replaces it.
 *
 * Go: Configuration, configuration.go · Paper: §6
 */
export interface Configuration {
  readonly servers: readonly Server[];
}

/** What a server knows before it has seen any configuration. Go: none. */
export const emptyConfiguration: Configuration = { servers: [] };

/**
 * The two configurations that a server keeps. The latest one is in force for
 * elections and majorities; 0 as its index says that there is none yet.
 *
 * Owned by the main task.
 *
 * Go: configurations, configuration.go
 */
export interface Configurations {
  /** The newest one known to be committed, and its place in the log. */
  committed: Configuration;
  committedIndex: number;
  /** The newest one in the log or the snapshot. */
  latest: Configuration;
  latestIndex: number;
}

/**
 * Whether the server is a voter in this configuration.
 *
 * Go: hasVote, configuration.go
 */
export function hasVote(configuration: Configuration, id: ServerID): boolean {
  return voters(configuration).some((server) => server.id === id);
}

/**
 * The servers whose vote counts.
 *
 * Go: none, upstream repeats the loop.
 */
export function voters(configuration: Configuration): Server[] {
  return configuration.servers.filter(
    (server) => server.suffrage === ServerSuffrage.Voter,
  );
}

/**
 * Says what is wrong with a configuration: an empty or repeated ID or address,
 * or no voter at all.
 *
 * Go: checkConfiguration, configuration.go
 */
export function checkConfiguration(
  configuration: Configuration,
): Error | undefined {
  const ids = new Set<ServerID>();
  const addresses = new Set<ServerAddress>();
  for (const server of configuration.servers) {
    const { id, address } = server;
    if (id === "") {
      return new Error(`empty ID in configuration: server at "${address}"`);
    }
    if (address === "") {
      return new Error(`empty address in configuration: server "${id}"`);
    }
    if (ids.has(id)) {
      return new Error(`found duplicate ID in configuration: ${id}`);
    }
    if (addresses.has(address)) {
      return new Error(`found duplicate address in configuration: ${address}`);
    }
    ids.add(id);
    addresses.add(address);
  }
  if (voters(configuration).length === 0) {
    return new Error("need at least one voter in configuration");
  }
  return undefined;
}

/**
 * The bytes of a configuration in the log.
 *
 * Go: encodeConfiguration, configuration.go
 */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const { servers } = configuration;
  const out = new MsgpackWriter().map(1).text("Servers").array(servers.length);
  for (const { address, id, suffrage } of servers) {
    out.map(3).text("Address").text(address);
    out.text("ID").text(id).text("Suffrage").small(suffrage);
  }
  return out.done();
}

/**
 * The configuration that the bytes of an entry mean. Throws on other bytes: a
 * log that cannot be read must not be guessed at.
 *
 * Go: decodeConfiguration, configuration.go
 */
export function decodeConfiguration(bytes: Uint8Array): Configuration {
  const input = new MsgpackReader(bytes);
  const servers: Server[] = [];
  for (let fields = input.map(); fields > 0; fields--) {
    expectKey(input.text(), ["Servers"]);
    for (let left = input.array(); left > 0; left--) {
      servers.push(decodeServer(input));
    }
  }
  return { servers };
}

function decodeServer(input: MsgpackReader): Server {
  let suffrage: ServerSuffrage = ServerSuffrage.Voter;
  let id = "";
  let address = "";
  for (let fields = input.map(); fields > 0; fields--) {
    const key = input.text();
    expectKey(key, ["Address", "ID", "Suffrage"]);
    if (key === "Address") address = input.text();
    else if (key === "ID") id = input.text();
    else suffrage = input.small() as ServerSuffrage;
  }
  return { suffrage, id, address };
}

function expectKey(key: string, known: readonly string[]): void {
  if (known.includes(key)) return;
  throw new Error(
    `configuration: unknown field "${key}", expected ${known.join(" or ")}`,
  );
}
