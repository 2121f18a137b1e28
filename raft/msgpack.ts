/**
 * The corner of MessagePack that a configuration in the log needs, byte for
 * byte as go-msgpack 0.5.5 writes it: maps with sorted keys, `raw` strings.
 *
 * Absent: every other type. The messages of the wire have their own codec.
 */

import { decodeText, encodeText } from "./util.ts";

const FIXMAP = 0x80;
const FIXARRAY = 0x90;
const FIXRAW = 0xa0;
const NIL = 0xc0;
const RAW16 = 0xda;
const RAW32 = 0xdb;
const ARRAY16 = 0xdc;

/** Writes values one after the other. Go: none, go-msgpack's encoder. */
export class MsgpackWriter {
  private readonly bytes: number[] = [];

  /** A map of at most 15 fields; its keys and values follow. */
  map(size: number): this {
    this.bytes.push(FIXMAP | size);
    return this;
  }

  array(length: number): this {
    if (length < 16) this.bytes.push(FIXARRAY | length);
    else this.push(ARRAY16, length, 2);
    return this;
  }

  text(text: string): this {
    const raw = encodeText(text);
    if (raw.length < 32) this.bytes.push(FIXRAW | raw.length);
    else if (raw.length <= 0xffff) this.push(RAW16, raw.length, 2);
    else this.push(RAW32, raw.length, 4);
    for (const byte of raw) this.bytes.push(byte);
    return this;
  }

  /** A whole number from 0 to 127. */
  small(value: number): this {
    this.bytes.push(value);
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }

  /** A head, and a length in so many bytes, the highest first. */
  private push(head: number, length: number, bytes: number): void {
    this.bytes.push(head);
    for (let byte = bytes - 1; byte >= 0; byte--) {
      this.bytes.push((length >>> (8 * byte)) & 0xff);
    }
  }
}

/**
 * Reads values one after the other. Throws an `Error` that says at which byte
 * the input is not what was asked for. Go: none, go-msgpack's decoder.
 */
export class MsgpackReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  map(): number {
    return this.fixed(FIXMAP, 0x0f, "a map");
  }

  /** The length of an array; nil is an empty one. */
  array(): number {
    const head = this.peek();
    if (head === NIL) {
      this.at++;
      return 0;
    }
    if (head === ARRAY16) {
      this.at++;
      return this.uint(2);
    }
    return this.fixed(FIXARRAY, 0x0f, "an array");
  }

  text(): string {
    const head = this.peek();
    let length: number;
    if (head === RAW16 || head === RAW32) {
      this.at++;
      length = this.uint(head === RAW16 ? 2 : 4);
    } else length = this.fixed(FIXRAW, 0x1f, "a string");
    if (this.at + length > this.bytes.length) this.fail("a longer string");
    this.at += length;
    return decodeText(this.bytes.subarray(this.at - length, this.at));
  }

  small(): number {
    return this.fixed(0, 0x7f, "a number from 0 to 127");
  }

  /** A number of so many bytes, the highest first. */
  private uint(bytes: number): number {
    let value = 0;
    for (let left = bytes; left > 0; left--) {
      value = value * 256 + this.peek();
      this.at++;
    }
    return value;
  }

  private fixed(kind: number, mask: number, wanted: string): number {
    const head = this.peek();
    if ((head & ~mask) !== kind) this.fail(wanted);
    this.at++;
    return head & mask;
  }

  private peek(): number {
    return this.bytes[this.at] ?? this.fail("more bytes");
  }

  private fail(wanted: string): never {
    throw new Error(`msgpack: ${wanted} was expected at byte ${this.at}`);
  }
}
