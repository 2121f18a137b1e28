/**
 * Small helpers that every floor may use: random timeouts, backoff, the two
 * wake-up idioms, bytes. Nothing here knows what a term or a log is.
 *
 * Modelled on HashiCorp Raft v1.1.1, util.go. MPL-2.0, see NOTICE.md.
 */

import type { Channel } from "./runtime/channel.ts";
import type { Timer } from "./runtime/clock.ts";
import { after, type Runtime } from "./runtime/runtime.ts";

/**
 * A timer between `minMs` and twice as much, or `undefined`, which no select
 * ever finds ready, when `minMs` is 0.
 *
 * Drawn in steps of a microsecond.
 *
 * Go: randomTimeout, util.go · Paper: §5.2
 */
export function randomTimeout(
  runtime: Runtime,
  minMs: number,
  name?: string,
): Timer | undefined {
  if (minMs === 0) return undefined;
  const extra = runtime.random.int(minMs * 1000, name) / 1000;
  return after(runtime, minMs + extra, name);
}

/**
 * Sets a flag that wakes one task: many calls before it wakes are one wake-up.
 *
 * The channel has room for one value, and the value says nothing.
 *
 * Go: asyncNotifyCh, util.go
 */
export function asyncNotifyCh(ch: Channel<void>): void {
  ch.trySend(undefined);
}

/**
 * Leaves the newest value in a channel that has room for one.
 *
 * Go: asyncNotifyBool, util.go
 * Differs: v1.1.1 drops the new value when nobody receives at that instant, so
 * the last one read can be the wrong one. Here it replaces the old (upstream
 * #384).
 */
export function overrideNotifyBool(ch: Channel<boolean>, value: boolean): void {
  if (ch.trySend(value)) return;
  ch.tryReceive();
  ch.trySend(value);
}

/**
 * How long to wait before try number `round`: `baseMs` twice, then double it
 * each round, until `limit` rounds.
 *
 * Go: backoff, util.go
 */
export function backoff(baseMs: number, round: number, limit: number): number {
  let delayMs = baseMs;
  for (let power = Math.min(round, limit); power > 2; power--) delayMs *= 2;
  return delayMs;
}

interface TextCodec {
  TextEncoder: new () => { encode(text: string): Uint8Array };
  TextDecoder: new () => { decode(bytes: Uint8Array): string };
}

const { TextEncoder, TextDecoder } = globalThis as unknown as TextCodec;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The UTF-8 bytes of a text. Go: none, `[]byte(text)`. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes. Go: none, `string(bytes)`. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Whether two byte strings are the same. Go: none, `bytes.Equal`. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
