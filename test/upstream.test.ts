/**
 * Guarantees that `upstream-v1.1.1.json`, the table of hashicorp/raft v1.1.1
 * that citations, the search by Go line and the map of upstream's tests rest
 * on, is whole and consistent in itself. The Go files are not read here: no
 * test needs a network or a copy of them.
 */
import { describe, expect, test } from "vitest";
import table from "./upstream-v1.1.1.json" with { type: "json" };

const files: Record<string, { lines: number }> = table.files;

const statuses = [
  "now",
  "later",
  "test-helper",
  "legacy-protocol",
  "network-or-disk",
  "not-in-typescript",
];

const kinds = ["func", "method", "type", "const", "var", "field"];

function rangeOf(name: string): [string, number, number] | undefined {
  const symbol = table.symbols.find((one) => one.name === name);
  return symbol && [symbol.file, symbol.start, symbol.end];
}

/** The entries that do not lie inside a file of the table. */
function outside(
  entries: { file: string; from: number; to: number }[],
): unknown[] {
  return entries.filter(({ file, from, to }) => {
    const lines = files[file]?.lines ?? 0;
    return from < 1 || to < from || to > lines;
  });
}

function inOrder(entries: { file: string; line: number }[]): boolean {
  return entries.every((entry, at) => {
    const before = entries[at - 1];
    if (!before || before.file < entry.file) return true;
    return before.file === entry.file && before.line <= entry.line;
  });
}

describe("upstream v1.1.1's symbols", () => {
  test("the table holds its 26 files, 884 symbols and 170 cases", () => {
    expect(table.version).toBe("v1.1.1");
    expect(Object.keys(files)).toHaveLength(26);
    expect(table.symbols).toHaveLength(884);
    expect(table.cases).toHaveLength(170);
    expect(files["raft.go"]).toEqual({ lines: 1755 });
  });

  test("a name stands for one symbol, of a known kind", () => {
    const names = new Set(table.symbols.map((symbol) => symbol.name));
    expect(names.size).toBe(table.symbols.length);
    expect(table.symbols.filter(({ kind }) => !kinds.includes(kind))).toEqual(
      [],
    );
  });

  test("known symbols lie where upstream has them", () => {
    expect(rangeOf("(*Raft).electSelf")).toEqual(["raft.go", 1600, 1658]);
    expect(rangeOf("(*Raft).leaderLoop")).toEqual(["raft.go", 528, 767]);
    expect(rangeOf("(*Raft).runFollower")).toEqual(["raft.go", 148, 222]);
    expect(rangeOf("(RaftState).String")?.[0]).toBe("state.go");
    expect(rangeOf("Raft.applyCh")?.[0]).toBe("api.go");
    expect(rangeOf("followerReplication.stopCh")?.[0]).toBe("replication.go");
    expect(rangeOf("Config.HeartbeatTimeout")?.[0]).toBe("config.go");
    expect(rangeOf("minCheckInterval")).toEqual(["raft.go", 16, 16]);
  });

  test("every symbol and case lies inside its file, in order", () => {
    const symbols = table.symbols.map((symbol) => ({
      file: symbol.file,
      line: symbol.start,
      from: symbol.start,
      to: symbol.end,
    }));
    const cases = table.cases.map((one) => ({
      file: one.file,
      line: one.line,
      from: one.line,
      to: one.end,
    }));
    expect(outside(symbols)).toEqual([]);
    expect(outside(cases)).toEqual([]);
    expect(inOrder(symbols)).toBe(true);
    expect(inOrder(cases)).toBe(true);
  });

  test("every case lies inside the function that it names", () => {
    const strays = table.cases.filter((one) => {
      const [file, start, end] = rangeOf(one.in) ?? ["", 0, 0];
      return one.file !== file || one.line < start || one.end > end;
    });
    expect(strays).toEqual([]);
  });
});

describe("upstream v1.1.1's tests", () => {
  test("they are 131: 122 in the package, 9 in fuzzy/", () => {
    const fuzzy = table.tests.filter(({ file }) => file.startsWith("fuzzy/"));
    expect(table.tests).toHaveLength(131);
    expect(fuzzy).toHaveLength(9);
    expect(inOrder(table.tests)).toBe(true);
  });

  test("file and name together stand for one test", () => {
    const names = table.tests.map(({ file, name }) => `${file} ${name}`);
    expect(new Set(names).size).toBe(131);
  });

  test("each has one of the statuses and says what it asserts", () => {
    const unsorted = table.tests.filter(
      ({ status, asserts }) =>
        !statuses.includes(status) || !/^[A-Z].*\.$/.test(asserts),
    );
    expect(unsorted).toEqual([]);
  });
});
