// A build stops before its first page while anything is wrong, and says all of
// it at once; with DRAFT=1 it says the same and goes on.

import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, test, vi } from "vitest";
import { bookIntegration } from "../../site/tools/integration.ts";
import { type Edit, fixture, lineWith } from "./engine-fixture.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** What Astro does at the start of a build of this repository. */
async function startBuild(root: string): Promise<string[]> {
  const warned: string[] = [];
  const { hooks } = bookIntegration();
  const given = {
    config: { root: pathToFileURL(`${root}/`) },
    updateConfig: () => ({}),
    logger: { warn: (said: string) => warned.push(said) },
  };
  await hooks["astro:config:setup"]?.(given as never);
  await hooks["astro:build:start"]?.(given as never);
  return warned;
}

const LESSON = "lessons/04-elect-self.mdx";
const OTHER = "lessons/05-request-vote.mdx";

interface Broken {
  readonly edit: Edit;
  /** The file and a text of the line that the fault names. */
  readonly at: readonly [file: string, text: string];
  readonly says: readonly string[];
}

/** Each in another passage, so that none hides another. */
const broken: Readonly<Record<string, Broken>> = {
  "a missing file": {
    edit: {
      file: LESSON,
      from: '<Excerpt of="differs.ts#commitBound"',
      to: '<Excerpt of="difers.ts#commitBound"',
    },
    at: [LESSON, "difers.ts"],
    says: ["raft/ has no file difers.ts", "differs.ts"],
  },
  "a missing symbol": {
    edit: {
      file: LESSON,
      from: "  - raft.ts#runCandidate",
      to: "  - raft.ts#runCandidates",
    },
    at: [LESSON, "raft.ts#runCandidates"],
    says: ["raft/raft.ts has no runCandidates", "raft.ts#runCandidate\n"],
  },
  "an ambiguous anchor": {
    edit: {
      file: LESSON,
      from: 'from="const respCh" to=',
      to: 'from="respCh" to=',
    },
    at: [LESSON, 'from="respCh"'],
    says: ["of raft/raft.ts", "askPeer(r, peer, respCh);"],
  },
  "an empty result": {
    edit: { file: OTHER, from: 'on="if (peer" ', to: 'on="" ' },
    at: [OTHER, 'on=""'],
    says: ["on is empty"],
  },
  "a range past the end": {
    edit: { file: LESSON, from: 'lines="530-540"', to: 'lines="760-790"' },
    at: [LESSON, 'lines="760-790"'],
    says: ["760-790 is not within it"],
  },
  "a picture that fails": {
    edit: {
      file: "lessons/pictures/04-round.ts",
      from: 'return { title: "A round", words: "Two servers vote.", svg: "<svg/>" };',
      to: 'throw new Error("no round was run");',
    },
    at: ["lessons/pictures/04-round.ts", "throw"],
    says: ["failed-picture", "no round was run"],
  },
};

/** Drawing is slow, and nothing here looks at it. */
const UNDRAWN: Edit = {
  file: LESSON,
  from: `<Diagram title="A round" text-equivalent="s1 asks s2, s2 grants.">
  {\`
  sequenceDiagram
    s1->>s2: RequestVote
  \`}
</Diagram>`,
  to: "",
};

const edits = Object.values(broken).map(({ edit }) => edit);

async function saidBy(root: string): Promise<string> {
  const stopped = await startBuild(root).catch((error: Error) => error);
  if (stopped instanceof Error) return stopped.message;
  throw new Error("the build was not stopped");
}

function expectAll(said: string, root: string): void {
  for (const { at, says } of Object.values(broken)) {
    const [file, text] = at;
    const line = says[0] === "failed-picture" ? "" : lineWith(root, file, text);
    expect(said).toContain(line === "" ? file : `${file}:${line}`);
    for (const one of says) expect(said).toContain(one);
  }
}

describe("the start of a build", () => {
  test("goes on without a word when everything holds", async () => {
    vi.stubEnv("DRAFT", "");
    expect(await startBuild(fixture(UNDRAWN))).toEqual([]);
  });

  test("says all of them at once", async () => {
    vi.stubEnv("DRAFT", "");
    const root = fixture(UNDRAWN, ...edits);
    const said = await saidBy(root);
    expectAll(said, root);
    expect(said).toMatch(/^\d+ places where lessons and source disagree/);
  });

  test("only warns of all of them in a draft", async () => {
    vi.stubEnv("DRAFT", "1");
    const root = fixture(UNDRAWN, ...edits);
    const warned = await startBuild(root);
    expect(warned).toHaveLength(1);
    expectAll(warned[0] ?? "", root);
  });

  test("shows the text that was read and the text that is there", async () => {
    vi.stubEnv("DRAFT", "");
    const said = await saidBy(
      fixture(UNDRAWN, {
        file: "raft/differs.ts",
        from: "Math.min(index, last)",
        to: "Math.min(index, last) + 0",
      }),
    );
    expect(said).toContain(
      "      - return Math.min(index, last);\n" +
        "      + return Math.min(index, last) + 0;",
    );
    expect(said).toContain("has changed since A Reader read this passage");
  });
});
