/**
 * The header that every message carries, and its check.
 *
 * Modelled on HashiCorp Raft v1.1.1, raft.go. MPL-2.0, see NOTICE.md.
 */

import type { RPCHeader } from "./commands.ts";
import { ProtocolVersionMax, ProtocolVersionMin } from "./config.ts";
import { ErrUnsupportedProtocol } from "./errors.ts";
import type { RPC } from "./ports.ts";
import type { RaftStruct } from "./raft_struct.ts";

/** Go: (*Raft).getRPCHeader, raft.go */
export function getRPCHeader(r: RaftStruct): RPCHeader {
  return { protocolVersion: r.conf.protocolVersion };
}

/**
 * Refuses a sender whose protocol is unknown, or more than one version behind.
 *
 * Go: (*Raft).checkRPCHeader, raft.go
 */
export function checkRPCHeader(r: RaftStruct, rpc: RPC): Error | undefined {
  const { protocolVersion } = rpc.command.rpcHeader;
  const understood =
    protocolVersion >= ProtocolVersionMin &&
    protocolVersion <= ProtocolVersionMax;
  const recent = protocolVersion >= r.conf.protocolVersion - 1;
  return understood && recent ? undefined : ErrUnsupportedProtocol;
}
