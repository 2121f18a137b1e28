/** Configurations for tests, named as upstream's tests name them. */
import {
  type Configuration,
  type Server,
  ServerSuffrage,
} from "../../raft/configuration.ts";

/** The server "s1" can be reached at "s1addr": the two are never mixed up. */
export function voter(id: string): Server {
  return { suffrage: ServerSuffrage.Voter, id, address: `${id}addr` };
}

export function nonvoter(id: string): Server {
  return { ...voter(id), suffrage: ServerSuffrage.Nonvoter };
}

export function staging(id: string): Server {
  return { ...voter(id), suffrage: ServerSuffrage.Staging };
}

export function makeConfiguration(ids: readonly string[]): Configuration {
  return { servers: ids.map(voter) };
}

/** The voters s1 to sn. */
export function voters(n: number): Configuration {
  return makeConfiguration(Array.from({ length: n }, (_, i) => `s${i + 1}`));
}
