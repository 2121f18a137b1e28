/** When is an entry committed? Upstream's commitment_test.go, and more. */
import { describe, expect, test } from "vitest";
import { Commitment } from "../../raft/commitment.ts";
import type { Configuration } from "../../raft/configuration.ts";
import { Channel } from "../../raft/runtime/channel.ts";
import { makeConfiguration, nonvoter, staging, voters } from "./servers.ts";

function newCommitment(configuration: Configuration, startIndex: number) {
  const commitCh = new Channel<void>("commitCh", 1);
  const c = new Commitment(commitCh, configuration, startIndex);
  /** Whether the commit index was announced since the last look. */
  const notified = () => commitCh.tryReceive() !== undefined;
  return { c, notified };
}

describe("commitment", () => {
  test("TestCommitment_setVoters: who stays among the voters keeps its index", () => {
    const { c, notified } = newCommitment(
      makeConfiguration(["a", "b", "c"]),
      0,
    );
    c.match("a", 10);
    c.match("b", 20);
    c.match("c", 30);
    expect(c.getCommitIndex()).toBe(20);
    expect(notified()).toBe(true);
    c.setConfiguration(makeConfiguration(["c", "d", "e"]));
    c.match("e", 40);
    expect(c.getCommitIndex()).toBe(30);
    expect(notified()).toBe(true);
  });

  test("a voter that was away has lost its index", () => {
    const { c } = newCommitment(makeConfiguration(["a", "b", "c"]), 0);
    c.match("a", 10);
    c.setConfiguration(makeConfiguration(["b", "c"]));
    c.setConfiguration(makeConfiguration(["a", "b", "c"]));
    c.match("b", 10);
    expect(c.getCommitIndex()).toBe(0);
  });

  test("TestCommitment_match_max: an index smaller than the known one is ignored", () => {
    const { c } = newCommitment(voters(5), 4);
    c.match("s1", 8);
    c.match("s2", 8);
    c.match("s2", 1);
    c.match("s3", 8);
    expect(c.getCommitIndex()).toBe(8);
  });

  test("TestCommitment_match_nonVoting: who is no voter commits nothing", () => {
    const { c, notified } = newCommitment(voters(5), 4);
    c.match("s1", 8);
    c.match("s2", 8);
    c.match("s3", 8);
    expect(notified()).toBe(true);
    c.match("s90", 10);
    c.match("s91", 10);
    c.match("s92", 10);
    expect(c.getCommitIndex()).toBe(8);
    expect(notified()).toBe(false);
  });

  test("a non-voter and a staging server in the configuration do not count", () => {
    const { servers } = makeConfiguration(["s1", "s2", "s3"]);
    const { c } = newCommitment(
      { servers: [...servers, nonvoter("n1"), staging("n2")] },
      1,
    );
    c.match("s1", 5);
    c.match("n1", 5);
    c.match("n2", 5);
    expect(c.getCommitIndex()).toBe(0);
    c.match("s2", 5);
    expect(c.getCommitIndex()).toBe(5);
  });

  test("TestCommitment_recalculate: five, then three, then four voters", () => {
    const { c, notified } = newCommitment(voters(5), 0);
    c.match("s1", 30);
    c.match("s2", 20);
    expect([c.getCommitIndex(), notified()]).toEqual([0, false]);
    c.match("s3", 10);
    expect([c.getCommitIndex(), notified()]).toEqual([10, true]);
    c.match("s4", 15);
    expect([c.getCommitIndex(), notified()]).toEqual([15, true]);

    c.setConfiguration(voters(3));
    expect([c.getCommitIndex(), notified()]).toEqual([20, true]);

    c.setConfiguration(voters(4));
    c.match("s2", 25);
    expect([c.getCommitIndex(), notified()]).toEqual([20, false]);
    c.match("s4", 23);
    expect([c.getCommitIndex(), notified()]).toEqual([23, true]);
  });

  test("of two voters both must have the entry", () => {
    const { c } = newCommitment(voters(2), 1);
    c.match("s1", 5);
    expect(c.getCommitIndex()).toBe(0);
    c.match("s2", 3);
    expect(c.getCommitIndex()).toBe(3);
  });

  test("TestCommitment_recalculate_startIndex: nothing before the leader's own term", () => {
    const { c, notified } = newCommitment(voters(5), 4);
    c.match("s1", 3);
    c.match("s2", 3);
    c.match("s3", 3);
    expect([c.getCommitIndex(), notified()]).toEqual([0, false]);
    c.match("s1", 4);
    c.match("s2", 4);
    c.match("s3", 4);
    expect([c.getCommitIndex(), notified()]).toEqual([4, true]);
  });

  test("the commit index never falls, whatever voters come", () => {
    const { c, notified } = newCommitment(voters(1), 1);
    c.match("s1", 9);
    expect(notified()).toBe(true);
    c.setConfiguration(voters(3));
    expect([c.getCommitIndex(), notified()]).toEqual([9, false]);
  });

  test("TestCommitment_noVoterSanity: without voters nothing is committed", () => {
    const { c, notified } = newCommitment(makeConfiguration([]), 4);
    c.match("s1", 10);
    c.setConfiguration(makeConfiguration([]));
    c.match("s1", 10);
    expect([c.getCommitIndex(), notified()]).toEqual([0, false]);

    c.setConfiguration(voters(1));
    c.match("s1", 10);
    expect([c.getCommitIndex(), notified()]).toEqual([10, true]);

    c.setConfiguration(makeConfiguration([]));
    c.match("s1", 20);
    expect([c.getCommitIndex(), notified()]).toEqual([10, false]);
  });

  test("TestCommitment_singleVoter: a single voter commits at once", () => {
    const { c, notified } = newCommitment(voters(1), 4);
    c.match("s1", 10);
    expect([c.getCommitIndex(), notified()]).toEqual([10, true]);
    c.setConfiguration(voters(1));
    expect(notified()).toBe(false);
    c.match("s1", 12);
    expect([c.getCommitIndex(), notified()]).toEqual([12, true]);
  });

  test("two advances before anybody looks are one signal", () => {
    const { c, notified } = newCommitment(voters(1), 1);
    c.match("s1", 1);
    c.match("s1", 2);
    expect([notified(), notified()]).toEqual([true, false]);
  });
});
