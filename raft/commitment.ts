/**
 * When is an entry committed? When a majority of the voters has it on disk,
 * and it is of the leader's own term. This file decides that, and nothing
 * else does: one number per voter, sorted, and the one in the middle.
 *
 * Modelled on HashiCorp Raft v1.1.1, commitment.go. MPL-2.0, see NOTICE.md.
 */

import { type Configuration, type ServerID, voters } from "./configuration.ts";
import type { Channel } from "./runtime/channel.ts";
import { asyncNotifyCh } from "./util.ts";

/**
 * What a leader knows of its voters' logs, and what follows from it.
 *
 * Go: commitment, commitment.go · Paper: §5.3, §5.4.2
 */
export class Commitment {
  /** The last index known to be on the disk of each voter, ourself included. */
  private matchIndexes = new Map<ServerID, number>();
  private commitIndex = 0;
  /** Woken when the commit index has grown. */
  private readonly commitCh: Channel<void>;
  /**
   * The first index of this leader's term. Entries before it are committed
   * only together with one from here on: counting copies is not enough for an
   * entry of an older term (the paper's Figure 8).
   */
  readonly startIndex: number;

  /** Go: newCommitment, commitment.go */
  constructor(
    commitCh: Channel<void>,
    configuration: Configuration,
    startIndex: number,
  ) {
    this.commitCh = commitCh;
    this.startIndex = startIndex;
    for (const { id } of voters(configuration)) this.matchIndexes.set(id, 0);
  }

  /**
   * Counts by a new set of voters from now on. Who stays keeps its number.
   *
   * Go: (*commitment).setConfiguration, commitment.go
   */
  setConfiguration(configuration: Configuration): void {
    const old = this.matchIndexes;
    this.matchIndexes = new Map(
      voters(configuration).map(({ id }) => [id, old.get(id) ?? 0]),
    );
    this.recalculate();
  }

  /** Go: (*commitment).getCommitIndex, commitment.go */
  getCommitIndex(): number {
    return this.commitIndex;
  }

  /** The last index known to be on a voter's disk, 0 if none. Go: none. */
  matchIndex(server: ServerID): number {
    return this.matchIndexes.get(server) ?? 0;
  }

  /**
   * A server has every entry up to `matchIndex` on its disk. Numbers that are
   * not news, and servers without a vote, change nothing.
   *
   * Go: (*commitment).match, commitment.go
   */
  match(server: ServerID, matchIndex: number): void {
    const known = this.matchIndexes.get(server);
    if (known === undefined || matchIndex <= known) return;
    this.matchIndexes.set(server, matchIndex);
    this.recalculate();
  }

  /**
   * Five voters at 9, 9, 7, 6, 4: sorted 4 6 7 9 9, the middle is 7, and three
   * of five have it. Four voters: the lower middle, which three have.
   *
   * Go: (*commitment).recalculate, commitment.go · Paper: §5.3, §5.4.2
   */
  private recalculate(): void {
    if (this.matchIndexes.size === 0) return;
    const matched = [...this.matchIndexes.values()].sort((a, b) => a - b);
    const quorumMatchIndex = matched[(matched.length - 1) >> 1] as number;
    if (
      quorumMatchIndex > this.commitIndex &&
      quorumMatchIndex >= this.startIndex
    ) {
      this.commitIndex = quorumMatchIndex; // committed from this line on
      asyncNotifyCh(this.commitCh);
    }
  }
}
