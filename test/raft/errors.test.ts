/** The error values: their texts are v1.1.1's, and applications know them. */
import { describe, expect, test } from "vitest";
import * as errors from "../../raft/errors.ts";
import * as library from "../../raft/index.ts";

describe("the error values", () => {
  test("have upstream's texts", () => {
    const texts = Object.entries(errors)
      .filter(([, value]) => value instanceof Error)
      .map(([name, value]) => [name, (value as Error).message]);
    expect(Object.fromEntries(texts)).toEqual({
      ErrNotLeader: "node is not the leader",
      ErrLeadershipLost: "leadership lost while committing log",
      ErrRaftShutdown: "raft is already shutdown",
      ErrEnqueueTimeout: "timed out enqueuing operation",
      ErrUnsupportedProtocol:
        "operation not supported with current protocol version",
      ErrCantBootstrap: "bootstrap only works on new clusters",
      ErrNotVoter: "node is not a voter",
      ErrPipelineReplicationNotSupported: "pipeline replication not supported",
      ErrPipelineShutdown: "append pipeline closed",
      ErrLogNotFound: "log not found",
      ErrKeyNotFound: "not found",
    });
  });

  test("are the very values that an application imports", () => {
    expect(library.ErrNotLeader).toBe(errors.ErrNotLeader);
    expect(library.ErrLogNotFound).toBe(errors.ErrLogNotFound);
  });
});

describe("isNotFound", () => {
  test("goes by the text, whatever store made the error", () => {
    expect(errors.isNotFound(errors.ErrKeyNotFound)).toBe(true);
    expect(errors.isNotFound(new Error("not found"))).toBe(true);
  });

  test("takes no other error for it", () => {
    expect(errors.isNotFound(errors.ErrLogNotFound)).toBe(false);
    expect(errors.isNotFound(new Error("Not Found"))).toBe(false);
    expect(errors.isNotFound(new Error("disk not found"))).toBe(false);
  });
});
