/**
 * Observers watch a server: its role, its leader, its peers, the votes it is
 * asked for.
 *
 * Modelled on HashiCorp Raft v1.1.1, observer.go. MPL-2.0, see NOTICE.md.
 */

import type { RequestVoteRequest } from "./commands.ts";
import type { Server, ServerAddress } from "./configuration.ts";
import type { Channel } from "./runtime/channel.ts";
import { go, type Runtime } from "./runtime/runtime.ts";
import type { Task } from "./runtime/task.ts";
import type { RaftState } from "./state.ts";

/**
 * What was observed.
 *
 * Go: Observation, observer.go
 */
export type Observation =
  | { readonly kind: "RaftState"; readonly state: RaftState }
  | LeaderObservation
  | PeerObservation
  | { readonly kind: "RequestVote"; readonly request: RequestVoteRequest };

/**
 * The leader that this server knows has changed; "" is none.
 *
 * Go: LeaderObservation, observer.go
 * Differs: the address can be read; v1.1.1 does not export it (upstream #357).
 */
export interface LeaderObservation {
  readonly kind: "Leader";
  readonly leader: ServerAddress;
}

/** Replication to a peer began or ended. Go: PeerObservation, observer.go */
export interface PeerObservation {
  readonly kind: "Peer";
  readonly peer: Server;
  readonly removed: boolean;
}

/** Says which observations an observer wants. Go: FilterFn, observer.go */
export type FilterFn = (observation: Observation) => boolean;

/**
 * Somebody who watches. A blocking observer gets everything, the others what
 * their channel has room for at that moment.
 *
 * Go: Observer, observer.go
 * Differs: a blocking observer waits on a task of its own; in v1.1.1 it stops
 * the main task in the middle of a change of role.
 */
export class Observer {
  private readonly channel: Channel<Observation>;
  private readonly blocking: boolean;
  private readonly filter: FilterFn | undefined;
  private readonly pending: Observation[] = [];
  private observed = 0;
  private dropped = 0;

  /** Go: NewObserver, observer.go */
  constructor(
    channel: Channel<Observation>,
    blocking: boolean,
    filter?: FilterFn,
  ) {
    this.channel = channel;
    this.blocking = blocking;
    this.filter = filter;
  }

  /** Go: (*Observer).GetNumObserved, observer.go */
  GetNumObserved(): number {
    return this.observed;
  }

  /** Go: (*Observer).GetNumDropped, observer.go */
  GetNumDropped(): number {
    return this.dropped;
  }

  /** Go: none, the body of the loop in observe. */
  take(runtime: Runtime, observation: Observation): void {
    if (this.filter && !this.filter(observation)) return;
    if (this.blocking) {
      this.pending.push(observation);
      if (this.pending.length === 1) go(runtime, "observer", this.deliver());
    } else if (this.channel.trySend(observation)) this.observed++;
    else this.dropped++;
  }

  private *deliver(): Task<void> {
    for (let next = this.pending[0]; next; next = this.pending[0]) {
      yield* this.channel.send(next);
      this.observed++;
      this.pending.shift();
    }
  }
}
