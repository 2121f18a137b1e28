/**
 * The corner of MessagePack that configurations are written in: the bytes of
 * each kind, and what the reader says of bytes that are none.
 */
import { describe, expect, test } from "vitest";
import { MsgpackReader, MsgpackWriter } from "../../raft/msgpack.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const read = (...bytes: number[]) => new MsgpackReader(Uint8Array.from(bytes));

describe("MsgpackWriter", () => {
  test("a map and a short array have their size in one byte", () => {
    expect(hex(new MsgpackWriter().map(3).array(15).done())).toBe("839f");
  });

  test("an array of sixteen and more has its length in two more bytes", () => {
    expect(hex(new MsgpackWriter().array(16).done())).toBe("dc0010");
    expect(hex(new MsgpackWriter().array(300).done())).toBe("dc012c");
  });

  test("a text is raw bytes with the shortest length that holds them", () => {
    const head = (n: number) =>
      hex(new MsgpackWriter().text("x".repeat(n)).done()).slice(0, -2 * n);
    expect(hex(new MsgpackWriter().text("").done())).toBe("a0");
    expect(head(31)).toBe("bf");
    expect(head(32)).toBe("da0020");
    expect(head(65_535)).toBe("daffff");
    expect(head(65_536)).toBe("db00010000");
  });

  test("a text is counted in bytes, not in letters", () => {
    expect(hex(new MsgpackWriter().text("é").done())).toBe("a2c3a9");
  });

  test("a small number is its own byte", () => {
    expect(hex(new MsgpackWriter().small(0).small(127).done())).toBe("007f");
  });
});

describe("MsgpackReader", () => {
  test("reads values one after the other", () => {
    const input = read(0x81, 0xa2, 0x49, 0x44, 0x92, 0x05, 0xa0);
    expect(input.map()).toBe(1);
    expect(input.text()).toBe("ID");
    expect(input.array()).toBe(2);
    expect(input.small()).toBe(5);
    expect(input.text()).toBe("");
  });

  test("reads nil as an empty array", () => {
    expect(read(0xc0).array()).toBe(0);
  });

  test("reads the long form of a short text", () => {
    expect(read(0xda, 0, 1, 0x78).text()).toBe("x");
    expect(read(0xdb, 0, 0, 0, 1, 0x78).text()).toBe("x");
  });

  test("says what it wanted and at which byte", () => {
    const after = read(0x01, 0xc0);
    after.small();
    const wrong: [() => unknown, string][] = [
      [() => read().map(), "more bytes was expected at byte 0"],
      [() => read(0xc0).map(), "a map was expected at byte 0"],
      [() => read(0x81).array(), "an array was expected at byte 0"],
      [() => read(0xdc, 0).array(), "more bytes was expected at byte 2"],
      [() => read(0xc0).text(), "a string was expected at byte 0"],
      [() => read(0xa2, 0x78).text(), "a longer string was expected at byte 1"],
      [() => read(0xda, 0).text(), "more bytes was expected at byte 2"],
      [
        () => read(0xdb, 255, 255, 255, 255, 1).text(),
        "a longer string was expected at byte 5",
      ],
      [
        () => read(0x80).small(),
        "a number from 0 to 127 was expected at byte 0",
      ],
      [() => after.small(), "a number from 0 to 127 was expected at byte 1"],
    ];
    for (const [attempt, error] of wrong) {
      expect(attempt).toThrow(new Error(`msgpack: ${error}`));
    }
  });
});
