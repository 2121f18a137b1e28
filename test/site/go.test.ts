// The way in from Go, over the real source, lessons and table of v1.1.1: which
// line of theirs leads to which line of ours, and to which lesson.

import { describe, expect, test } from "vitest";
import { placesIn } from "../../site/client/places.ts";
import { goParts } from "../../site/data/go-parts.ts";
import { goFiles } from "../../site/tools/book/go.ts";
import { lessonMarks } from "../../site/tools/book/lessons.ts";
import { searchRows } from "../../site/tools/book/search.ts";
import { readWorld } from "../../site/tools/engine/world.ts";

const world = readWorld(".");
const { index } = world;
const go = goFiles(index, lessonMarks(world), world.lessons);
const rows = searchRows({ symbols: {}, channels: [], go });
const find = (query: string) => placesIn(rows, query, "/base/");
const first = (query: string) => find(query)[0];

describe("a line of Go", () => {
  test.each([
    [371, "runLeader", 0],
    [617, "leaderLoopCommit", 8],
    [640, "leaderLoopCommit", 8],
    [670, "leaderLoopVerify", 10],
    [725, "leaderLoopApply", undefined],
    [755, "leaderLoop", 10],
    [188, "runFollower", 3],
    [204, "reasonNotToCampaign", 3],
    [208, "reasonNotToCampaign", 3],
    [284, "runCandidate", 4],
    [1231, "appendEntriesAcceptLeader", undefined],
    [1294, "appendEntriesTruncate", 7],
    [1310, "appendEntriesStore", 7],
    [1393, "requestVoteRefusal", 5],
    [1624, "askPeer", 4],
  ])("raft.go:%i leads to %s", (line, name, lesson) => {
    const hit = first(`raft.go:${line}`);
    expect(hit?.title).toBe(name);
    const said = lesson ? `Lesson ${lesson}: ` : "";
    expect(hit?.lesson?.title ?? "").toContain(said);
    const [, file = "", at] =
      /^\/base\/source\/(.+)\/#L(\d+)$/.exec(hit?.href ?? "") ?? [];
    const symbol = index.symbols.get(`${file}#${name}`);
    expect(Number(at)).toBeGreaterThanOrEqual(symbol?.code.start ?? 0);
    expect(Number(at)).toBeLessThanOrEqual(symbol?.code.end ?? 0);
  });

  test("of every symbol that has a counterpart leads to ours, no fault first", () => {
    const lost: string[] = [];
    let asked = 0;
    for (const { file, symbols } of go) {
      for (const { name, start, end, ours } of symbols) {
        if (ours.length === 0) continue;
        const onlyFault = ours.every((one) => one.file === "quirks.ts");
        for (let line = start; line <= end; line++) {
          asked++;
          const href = first(`${file}:${line}`)?.href ?? "";
          const fault = href.includes("/quirks.ts/") && !onlyFault;
          if (href.startsWith("/base/source/") && !fault) continue;
          lost.push(`${file}:${line} in ${name} leads to ${href || "nothing"}`);
        }
      }
    }
    expect(lost).toEqual([]);
    expect(asked).toBeGreaterThan(2000);
  });

  test("in a function that a lesson explains names a lesson", () => {
    const silent = go.flatMap(({ file, symbols }) =>
      symbols
        .filter(({ ours }) => ours[0]?.lesson)
        .flatMap(({ start, end }) =>
          Array.from({ length: end - start + 1 }, (_, i) => start + i),
        )
        .filter((line) => find(`${file}:${line}`).every((hit) => !hit.lesson))
        .map((line) => `${file}:${line}`),
    );
    expect(silent).toEqual([]);
  });

  test("that a lesson cites leads there too", () => {
    const titles = find("raft.go:774").map(({ title }) => title);
    expect(titles[0]).toBe("verifyLeader");
    expect(titles[1]).toMatch(/^Lesson 3: /);
  });

  test("above a declaration belongs to it", () => {
    expect(first("raft.go:1364")?.title).toBe("requestVote");
  });

  test("of a case that does not exist here leads to its function", () => {
    expect(first("raft.go:697")?.title).toBe("leaderLoop");
  });
});

describe("the ways to write a line", () => {
  const blob = "https://github.com/hashicorp/raft/blob";
  test.each([
    "raft.go:617",
    "raft.go 617",
    "raft.go line 617",
    "raft.go, line 617",
    "raft.go#L617",
    "raft.go L617",
    "raft.go:615-650",
    "raft.go#L615-L650",
    "raft/raft.go:617",
    "Raft.go:617",
    `${blob}/v1.1.1/raft.go#L617`,
    `${blob}/v1.1.1/raft.go#L615-L650`,
    `${blob}/v1.1.1/raft.go?plain=1#L617`,
    `${blob}/main/raft.go#L617`,
    "github.com/hashicorp/raft/blob/9c733b2b7f53115c5ef261a90ce912a1bb49e970/raft.go#L617C3-L617C9",
  ])("%s", (query) => {
    expect(first(query)?.title).toBe("leaderLoopCommit");
  });

  test("another version's address is read as v1.1.1, and this is said", () => {
    expect(first(`${blob}/main/raft.go#L617`)?.text).toContain("not at main");
    expect(first(`${blob}/v1.1.1/raft.go#L617`)?.text).not.toContain("not at");
  });

  test.each([
    "617",
    "line 617",
    ":617",
    "L617",
  ])("%s: of which file", (query) => {
    const found = find(query);
    expect(found.map(({ title }) => title)).toContain("raft.go:617");
    const raft = found.find(({ title }) => title === "raft.go:617");
    expect(raft?.place).toContain("leaderLoopCommit");
    expect(raft?.href).toMatch(/^\/base\/source\/raft\.ts\/#L\d+$/);
  });

  test("a line that the file does not have is not found", () => {
    expect(find("raft.go:99999")).toEqual([]);
  });
});

describe("a case of a select", () => {
  test.each([
    ["case <-commitCh", "leaderLoopCommit"],
    ["case newLog := <-r.applyCh:", "leaderLoopApply"],
    ["case <-heartbeatTimer", "runFollower"],
    ["case vote := <-voteCh", "runCandidate"],
    ["case ready := <-respCh:", "pipelineDecode"],
  ])("%s leads to %s", (query, name) => {
    expect(first(query)?.title).toBe(name);
  });

  test("leads into the switch, never to the list of the select", () => {
    const wrong: string[] = [];
    for (const { symbols } of go) {
      for (const { name, cases } of symbols) {
        for (const { text, ours } of cases) {
          const [to] = ours;
          const lines = index.files.get(to?.file ?? "")?.lines ?? [];
          const line = lines[(to?.line ?? 0) - 1] ?? "";
          const symbol = index.symbols.get(to?.id ?? "");
          const answered = symbol?.nodes.some((node) =>
            node.getText().includes("switch (event.case)"),
          );
          if (answered && /^\s+\w+: [\w.]+,$/.test(line)) {
            wrong.push(`${name} ${text}: ${to?.file}:${to?.line}${line}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

test("every known part lies in its function, and names one line of ours", () => {
  const wrong: string[] = [];
  for (const { in: name, lines, of, on } of goParts) {
    const theirs = index.upstream.symbols.find((one) => one.name === name);
    const [start, end] = lines;
    const symbol = index.symbols.get(of);
    const text = index.files
      .get(symbol?.file ?? "")
      ?.lines.slice((symbol?.code.start ?? 1) - 1, symbol?.code.end);
    const found = text?.filter((line) => line.includes(on ?? "")).length ?? 0;
    const within =
      theirs && theirs.start <= start && start <= end && end <= theirs.end;
    if (within && (on === undefined ? found > 0 : found === 1)) continue;
    wrong.push(`${name} ${start}-${end}: ${of} ${on} ${found}`);
  }
  expect(wrong).toEqual([]);
});
