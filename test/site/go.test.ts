// The way in from Go, over the real source, lessons and table of v1.1.1: which
// line of theirs leads to which line of ours, and to which lesson.

import { describe, expect, test } from "vitest";
import { askedFor } from "../../site/client/asked.ts";
import { bareGo, placesIn } from "../../site/client/places.ts";
import { goParts } from "../../site/data/go-parts.ts";
import { questions } from "../../site/data/questions.ts";
import { bookSymbol } from "../../site/tools/book/build.ts";
import { atlasOf, goFiles } from "../../site/tools/book/go.ts";
import { withGoRange } from "../../site/tools/book/go-range.ts";
import { bookLesson, lessonMarks } from "../../site/tools/book/lessons.ts";
import { logTexts } from "../../site/tools/book/logs.ts";
import { searchRows } from "../../site/tools/book/search.ts";
import type { BookSlice } from "../../site/tools/book/types.ts";
import { readWorld } from "../../site/tools/engine/world.ts";

const world = readWorld(".");
const { index } = world;
const atlas = atlasOf(index, lessonMarks(world), world.lessons);
const go = goFiles(atlas);
const rows = searchRows({
  symbols: Object.fromEntries(
    [...index.symbols].map(([id, symbol]) => [id, bookSymbol(index, symbol)]),
  ),
  channels: [],
  go,
  logs: logTexts(atlas),
  lessons: world.lessons.map((one) => bookLesson(world, [], new Map(), one)),
});
const find = (query: string, language?: string) =>
  placesIn(rows, query, "/base/", language);
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
    [1453, "requestVote", 5],
    [1454, "requestVoteRefusal", 5],
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

  test("that a lesson cites leads to the very passage", () => {
    const [first, cited] = find("raft.go:774");
    expect(first?.title).toBe("verifyLeader");
    expect(cited?.title).toMatch(/^Lesson 3: /);
    expect(cited?.href).toMatch(/\/lessons\/03-[\w-]+\/#go-772-776$/);
  });

  test("leads to each lesson once, and to a passage of it", () => {
    const wrong: string[] = [];
    for (const { file, lines } of go) {
      for (let line = 1; line <= lines; line++) {
        const to = find(`${file}:${line}`)
          .flatMap(({ href, lesson }) => [href, lesson?.href ?? ""])
          .filter((href) => href.includes("/lessons/"));
        const pages = to.map((href) => href.replace(/#.*/, ""));
        if (new Set(pages).size < pages.length) wrong.push(`${file}:${line}`);
      }
    }
    expect(wrong).toEqual([]);
    const [first] = find("raft.go:1391");
    expect(first?.lesson?.href).toMatch(/\/lessons\/05-[\w-]+\/#note-/);
  });

  test("that several lessons explain names each, and the proofs", () => {
    const hit = first("replication.go:236");
    const said = [hit?.lesson, ...(hit?.also ?? []), ...(hit?.more ?? [])];
    expect(said.map((one) => one?.href)).toEqual([
      expect.stringMatching(/\/lessons\/07-[\w-]+\/#note-/),
      expect.stringMatching(/\/lessons\/08-[\w-]+\/#claim-/),
      expect.stringMatching(/\/proof\/08\/#L/),
    ]);
    const chinese = find("replication.go:236", "zh-CN")[0]?.also ?? [];
    expect(chinese.map(({ title }) => title)).toEqual([
      expect.stringMatching(/^第 8 课：/),
    ]);
  });

  test("names at most three lessons that explain what it leads to", () => {
    const crowded = go.flatMap(({ file, lines }) =>
      Array.from({ length: lines }, (_, i) => `${file}:${i + 1}`).filter(
        (query) => (first(query)?.also ?? []).length > 2,
      ),
    );
    expect(crowded).toEqual([]);
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

  const vendored = "github.com/hashicorp/raft@v1.1.1";
  test.each([
    "raft.go:1391:5",
    `${vendored}/raft.go:1391`,
    `\t/go/pkg/mod/${vendored}/raft.go:1391 +0x1d`,
    `https://${vendored.replace("@", "/blob/")}/raft.go#L1391-L1395`,
    "panic: boom at /usr/local/go/src/runtime/panic.go:884 then raft.go:1391",
    "see raft.go:1391, where it refuses",
  ])("%s is taken out of what stands around it", (query) => {
    expect(first(query)?.title).toBe("requestVoteRefusal");
  });

  test("a trace of another version says so", () => {
    const trace = "/go/pkg/mod/github.com/hashicorp/raft@v1.3.1/raft.go:1391";
    expect(first(trace)?.text).toContain("not at v1.3.1");
  });

  test("a line that the file does not have: how many it has", () => {
    const lines = index.upstream.files["raft.go"]?.lines;
    expect(first("raft.go:5000")?.title).toBe(`raft.go has ${lines} lines`);
    expect(first(`raft.go:${lines}`)?.title).not.toContain("lines");
    expect(first("panic.go:884")?.text).toContain("raft.go");
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

test("the known parts stand in Go's order", () => {
  for (const [at, { in: name, lines }] of goParts.entries()) {
    const before = goParts[at - 1];
    if (before?.in !== name) continue;
    expect(lines[0], `${name} ${lines}`).toBeGreaterThanOrEqual(
      before.lines[0],
    );
  }
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

describe("the lines of Go at an excerpt's head", () => {
  const slices = world.lessons
    .filter(({ locale }) => locale === "en")
    .map((one) => bookLesson(world, [], new Map(), one))
    .flatMap(({ front, excerpts }) =>
      excerpts.flatMap(({ main, beside }) =>
        [main, beside]
          .filter((slice) => slice !== undefined)
          .map((slice) => ({ lesson: front.number, slice })),
      ),
    );
  const label = (slice: BookSlice) =>
    withGoRange(index, go, slice).upstream[0]?.label;

  test.each([
    // A select's case; parts end to end; one part around it.
    [3, "raft.ts#runFollower", "raft.go:186-216"],
    [7, "replication.ts#replicateTo", "replication.go:200-231"],
    [7, "raft.ts#appendEntriesTruncate", "raft.go:1291-1300"],
    [8, "raft.ts#leaderLoopCommit", "raft.go:615-666"],
    // A part comes before a case that only calls it.
    [8, "fsm.ts#runFSMCommit", "fsm.go:52-86"],
    // Go answers in a defer, above the ladder; ours below it.
    [5, "raft.ts#requestVote", "raft.go:1365-1456"],
    // Its last line is in no known place; and it is the whole function.
    [6, "replication.ts#replicateTo", "replication.go:194-281"],
    [10, "raft.ts#verifyLeader", "raft.go:771-793"],
  ])("lesson %i, %s: %s", (number, symbol, wanted) => {
    const found = slices.find(
      ({ lesson, slice }) => lesson === number && slice.symbol === symbol,
    );
    expect(found && label(found.slice)).toBe(wanted);
  });

  test("are never outside of the function", () => {
    let narrower = 0;
    for (const { slice } of slices) {
      const ranged = withGoRange(index, go, slice).upstream;
      for (const [at, whole] of slice.upstream.entries()) {
        const { start = 0, end = 0 } = ranged[at] ?? {};
        expect(start).toBeGreaterThanOrEqual(whole.start);
        expect(end).toBeLessThanOrEqual(whole.end);
        if (end - start < whole.end - whole.start) narrower++;
      }
    }
    expect(narrower).toBeGreaterThan(20);
  });
});

describe("what is said of a line", () => {
  const titles = (query: string, language?: string) =>
    (find(query, language)[0]?.more ?? []).map(({ title }) => title);

  test("the readers' questions whose proof lies there", () => {
    const said = (first("raft.go:1391")?.more ?? []).map(({ href }) => href);
    expect(said).toContain("/base/questions/c19/");
    expect(said).toContain("/base/questions/c20/");
    expect(said).not.toContain("/base/questions/c11-2/");
  });

  test("the tests that prove something there, with their lines", () => {
    const said = first("raft.go:1391")?.more ?? [];
    const proved = said.filter(({ href }) => href.includes("/proof/"));
    const suite = world.suites.find(({ name }) => name === "05");
    expect(proved.length).toBeGreaterThan(0);
    for (const { title, href } of proved) {
      const claim = suite?.claims.find(({ name }) => title.endsWith(name));
      expect(claim?.break?.from).toContain("leader !==");
      const { start, end } = claim?.range ?? { start: 0, end: 0 };
      expect(href).toBe(`/base/proof/05/#L${start}-L${end}`);
    }
  });

  test("of nothing that has only its break there", () => {
    const said = (first("replication.go:373")?.more ?? []).map(
      ({ href, title }) => `${href} ${title}`,
    );
    expect(said.join()).not.toMatch(/questions\/c7\/|the same seed/);
    expect(said.join()).toMatch(/questions\/c12\//);
    const files = new Map(
      world.lessons.flatMap(({ claims }) =>
        claims.map(({ test, within }) => [test, within?.of.split("#")[0]]),
      ),
    );
    const strange = rows.proofs.filter(
      ([test, , , [lines]]) => lines?.[0] !== files.get(test),
    );
    expect(strange.map(([test]) => test)).toEqual([]);
  });

  test("at most three of each, the tightest first", () => {
    for (const { file, symbols } of go) {
      for (const { start } of symbols) {
        expect(titles(`${file}:${start}`).length).toBeLessThanOrEqual(6);
      }
    }
    expect(titles("raft.ts#L1")).toEqual([]);
  });

  test("of every proved question is said on the line that proves it", () => {
    const silent: string[] = [];
    for (const [anchor, , , [tightest]] of rows.asked) {
      const [file, line] = tightest ?? [];
      const more = first(`${file}:${line}`)?.more ?? [];
      const said = more.some(({ href }) => href.endsWith(`/${anchor}/`));
      if (!said) silent.push(`${anchor}: ${file}:${line}`);
    }
    expect(silent).toEqual([]);
    expect(rows.asked.length).toBeGreaterThan(12);
  });

  test("in Chinese on a Chinese page", () => {
    const [asked] = titles("raft.go:1391", "zh-CN");
    expect(asked).toMatch(/^读者问：\p{Script=Han}|^读者问：requestVote/u);
    const hit = find("raft.go:1391", "zh-CN")[0];
    expect(hit?.text).toMatch(/^来自 raft\.go:/);
    expect(hit?.lesson?.title).toMatch(/^第 5 课：/);
    expect(hit?.lesson?.href).toMatch(/^\/base\/zh-cn\/lessons\/05-/);
  });
});

describe("a reader's question", () => {
  test.each([
    ["How does pipelined replication improve replication performance", "c3"],
    ["pipelined replication performance", "c3"],
    ["pipeline performance", "c3"],
    ["how does pipelining improve performance", "c3"],
    ["throughput", "c3"],
    ["流水线为什么更快", "c3"],
    ["candidate back to follower", "c9"],
    ["candidate step down", "c9"],
    ["候选人退回跟随者", "c9"],
    ["difference startStopReplication replicate", "c12"],
  ])("is found by %j", (words, anchor) => {
    expect(askedFor(rows.asked, words)[0]?.[0]).toBe(anchor);
  });

  test.each([
    "election tea",
    "leaderLoop",
    "a",
    "elephants",
    "日志",
  ])("is not found by %j", (words) => {
    expect(askedFor(rows.asked, words).map(([anchor]) => anchor)).toEqual([]);
  });
});

describe("a name with a slip in it", () => {
  test.each([
    ["startStopReplicaton", "startStopReplication"],
    ["leaderLop", "leaderLoop"],
    ["RunCandiate", "runCandidate"],
    ["(*Raft).leaderLop", "leaderLoop"],
  ])("%s is asked back", (typed, meant) => {
    expect(first(typed)?.title).toBe(meant);
    expect(first(typed)?.text).toMatch(new RegExp(`^did you mean ${meant}\\?`));
  });

  test.each([
    "elephant",
    "performance",
    "leaderLoop",
    "raft.go:617",
  ])("%s is not", (typed) => {
    expect(find(typed).filter(({ text }) => /did you/.test(text))).toEqual([]);
  });
});

describe("a line of a log", () => {
  const lineAt = (href: string) => {
    const [, file = "", line] = /\/source\/(.+)\/#L(\d+)$/.exec(href) ?? [];
    return index.files.get(file)?.lines[Number(line) - 1] ?? "";
  };

  test.each([
    ["rejecting vote request since we have a leader", "we have a leader"],
    ["Rejecting Vote Request", "rejecting vote request"],
    ["since we have a leader", "we have a leader"],
    ["Heartbeat timeout from", "Heartbeat timeout reached"],
    ["restarting election", "Election timeout reached"],
    ["Failed to contact quorum", "failed to contact quorum"],
    ["no known peers", "no known peers"],
    [
      'raft: Rejecting vote request from 10.0.0.7:8300 since we have a leader: "10.0.0.9:8300"',
      "we have a leader",
    ],
    ["2019-07-23T10:00:00Z [INFO] raft: election won tally=2", "election won"],
  ])("%s leads to where it is written", (query, text) => {
    const [hit] = find(query).filter(({ title }) => title.startsWith("“"));
    expect(hit?.title.toLowerCase()).toContain(text.toLowerCase());
    expect(find(query)[0]?.title).toBe(hit?.title);
    if (query !== "Rejecting Vote Request") {
      expect(lineAt(hit?.href ?? "")).toContain(text);
    }
  });

  test("leads to lesson and question too", () => {
    const hit = first("since we have a leader");
    expect(hit?.lesson?.title).toContain("Lesson 5");
    const more = hit?.more?.map(({ href }) => href) ?? [];
    expect(more.some((href) => href.includes("/questions/"))).toBe(true);
  });

  test("that an answer tells its reader to look for is found", () => {
    const quoted = questions
      .filter(({ answer }) => answer.en.includes("lines to search for"))
      .flatMap(({ answer }) => answer.en.match(/“[^”]+”/g) ?? []);
    expect(quoted.length).toBeGreaterThan(2);
    for (const text of quoted) expect(first(text)?.title).toMatch(/^“/);
  });

  test("every text that a server logs is found", () => {
    const lost = rows.logs.filter(
      ([text, line, [, file]]) =>
        !find(text).some(({ href }) => href.endsWith(`/${file}/#L${line}`)),
    );
    expect(lost).toEqual([]);
    expect(rows.logs.length).toBeGreaterThan(50);
  });

  test("a name comes before the lines of logs with that word", () => {
    expect(first("runLeader")?.title).toBe("runLeader");
    expect(find("where does it decide that a majority answered")).toEqual([]);
  });
});

describe("a function of Go, as Go writes it", () => {
  const symbols = go.flatMap((file) =>
    file.symbols.filter(({ kind }) => kind !== "field"),
  );

  test.each([
    (name: string) => name,
    (name: string) => `github.com/hashicorp/raft.${name}(0xc000130000)`,
    (name: string) =>
      name.startsWith("(")
        ? `func (x ${name.slice(1).replace(").", ") ")}(`
        : `func ${name}()`,
  ])("leads to itself or to what it became: %s", (spelled) => {
    expect(symbols.length).toBeGreaterThan(300);
    for (const { name, ours } of symbols) {
      const bare = bareGo(name).split(".").at(-1)?.toLowerCase() ?? "";
      const places = ours.map(({ file, line }) => `/source/${file}/#L${line}`);
      const found = find(spelled(name)).some(
        ({ title, href }) =>
          title.toLowerCase().includes(bare) ||
          places.some((place) => href.endsWith(place)),
      );
      expect(found, spelled(name)).toBe(true);
    }
  });
});
