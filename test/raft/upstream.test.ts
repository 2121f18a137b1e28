/**
 * Guarantees that each of upstream's tests whose code is here has a test of
 * ours that bears its name. What has no code yet, or never will have, says so
 * in test/upstream-v1.1.1.json by its status.
 */
import { describe, expect, test } from "vitest";
import {
  mapOfUpstream,
  misnamed,
  ourTests,
  titlesIn,
  type UpstreamTest,
  unmapped,
  upstreamTests,
} from "./upstream.ts";

const ours = ourTests();

describe("upstream's tests", () => {
  test("each that can be had now has one of ours", () => {
    expect(unmapped(upstreamTests, ours)).toEqual([]);
  });

  test("a title names no other", () => {
    expect(misnamed(upstreamTests, ours)).toEqual([]);
  });

  test("a name stands at the head of one test, not of two", () => {
    const twice = [...mapOfUpstream(ours)].filter(([, own]) => own.length > 1);
    expect(twice.map(([name]) => name)).toEqual([]);
  });
});

describe("the map", () => {
  const upstream: UpstreamTest[] = [
    { name: "TestA", file: "a_test.go", line: 1, status: "now" },
    { name: "TestB", file: "a_test.go", line: 2, status: "now" },
    { name: "TestC", file: "a_test.go", line: 3, status: "later" },
  ];

  const read = (text: string) => titlesIn("x.test.ts", text);

  test("misses a test that none of ours names", () => {
    const own = read('test("TestA: holds", () => {}); test("TestBee: no")');
    expect(unmapped(upstream, own)).toEqual(["a_test.go: TestB"]);
  });

  test("asks for nothing that comes later", () => {
    const own = read(
      'test("TestA: x", f); describe("d", () => {\n' +
        '  test("TestB: y", f);\n});',
    );
    expect(unmapped(upstream, own)).toEqual([]);
    expect(own.at(-1)?.place).toBe("x.test.ts:2");
  });

  test("does not count what does not run", () => {
    const skipped = read(
      'test.skip("TestA: x", f); // test("TestB: y", f);\n' +
        "const text = 'test(\"TestB: y\", f)';",
    );
    expect(unmapped(upstream, skipped)).toHaveLength(2);
  });

  test("finds titles that name nothing of upstream's, or something for later", () => {
    const own = read('test("TestZ: x", f); test("TestC: y", f); test("z", f);');
    expect(misnamed(upstream, own)).toEqual([
      "x.test.ts:1: TestZ: x",
      "x.test.ts:1: TestC: y",
    ]);
  });
});
