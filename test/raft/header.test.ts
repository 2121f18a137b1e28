/** Which protocol versions a server understands. */
import { describe, expect, test } from "vitest";
import { DefaultConfig } from "../../raft/config.ts";
import { ErrUnsupportedProtocol } from "../../raft/errors.ts";
import { checkRPCHeader, getRPCHeader } from "../../raft/header.ts";
import type { RPC } from "../../raft/ports.ts";
import type { RaftStruct } from "../../raft/raft_struct.ts";
import { Channel } from "../../raft/runtime/channel.ts";

const server = { conf: DefaultConfig() } as RaftStruct;

function from(protocolVersion: number): RPC {
  return {
    command: { kind: "TimeoutNowRequest", rpcHeader: { protocolVersion } },
    respChan: new Channel("respChan", 1),
  };
}

describe("the header of a message", () => {
  test("says which protocol its sender speaks", () => {
    expect(getRPCHeader(server)).toEqual({ protocolVersion: 3 });
  });

  test("lets the same version and the one before it pass", () => {
    expect(checkRPCHeader(server, from(3))).toBeUndefined();
    expect(checkRPCHeader(server, from(2))).toBeUndefined();
  });

  test("refuses a version from the future", () => {
    expect(checkRPCHeader(server, from(4))).toBe(ErrUnsupportedProtocol);
  });

  test("refuses what is more than one version behind", () => {
    expect(checkRPCHeader(server, from(1))).toBe(ErrUnsupportedProtocol);
    expect(checkRPCHeader(server, from(0))).toBe(ErrUnsupportedProtocol);
    expect(checkRPCHeader(server, from(-1))).toBe(ErrUnsupportedProtocol);
  });

  test("no server understands less than version 0, however old it is", () => {
    for (const protocolVersion of [0, 1]) {
      const older = { conf: { ...DefaultConfig(), protocolVersion } };
      const check = (version: number) =>
        checkRPCHeader(older as RaftStruct, from(version));
      expect(check(0)).toBeUndefined();
      expect(check(-1)).toBe(ErrUnsupportedProtocol);
    }
  });
});
