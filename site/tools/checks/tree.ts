/**
 * A lesson as a screen reader meets it, from the browser's own accessibility
 * tree: landmarks, headings without a gap, a name for everything that can be
 * reached, a note read right after its lines, a drawing that says what it is,
 * and the words of the code in their order.
 */

import type { Browser, CDPSession } from "playwright-core";
import {
  type BuiltSite,
  type Check,
  count,
  lessonsInEach,
  needed,
} from "./check.ts";

interface Node {
  readonly role: string;
  readonly name: string;
  readonly level: number | undefined;
  readonly children: readonly Node[];
}

export const tree: Check = {
  name: "a lesson through the accessibility tree",
  needsBrowser: true,
  async run(site, browser) {
    const faults: string[] = [];
    let nodes = 0;
    for (const lesson of lessonsInEach(site)) {
      const root = await treeOf(site, lesson, needed(browser));
      const all = [...walk(root)];
      nodes += all.length;
      for (const look of [landmarks, headings, names, notes, drawings, code]) {
        for (const fault of look(all, root))
          faults.push(`/${lesson}: ${fault}`);
      }
    }
    return { checked: count(nodes, "node"), faults };
  },
};

type Look = (all: readonly Node[], root: Node) => Iterable<string>;

const landmarks: Look = function* (all) {
  for (const role of ["banner", "main", "navigation"]) {
    const found = all.filter((node) => node.role === role);
    if (found.length === 0) yield `no landmark ${role}`;
    const nameless = found.filter(({ name }) => name === "");
    if (role === "navigation" && nameless.length > 0) {
      yield "a navigation without a name";
    }
  }
  const skip = all.find(({ role }) => role === "link");
  if (!/skip|跳转/i.test(skip?.name ?? ""))
    yield "the first link skips nothing";
};

const headings: Look = function* (all) {
  const found = all.filter(({ role }) => role === "heading");
  const main = found.filter(({ level }) => level === 1);
  if (main.length !== 1) yield `${main.length} headings of the first level`;
  let above = 1;
  for (const { name, level = 0 } of found) {
    if (level > above + 1) yield `"${name}" jumps from level ${above}`;
    above = level;
  }
  for (const wanted of [
    "The question",
    "The answer",
    "The walk",
    "The proof",
  ]) {
    if (!found.some(({ name }) => name === wanted)) yield `no "${wanted}"`;
  }
};

const ACTIVE = new Set(
  "link button textbox combobox checkbox searchbox region".split(" "),
);

const names: Look = function* (all) {
  for (const { role, name } of all) {
    if (ACTIVE.has(role) && name === "") yield `a ${role} without a name`;
  }
};

/** A note says which lines it is about, and the last of them is just before. */
const notes: Look = function* (all) {
  let line = 0;
  for (const node of all) {
    const number = /^line (\d+)$/.exec(node.name)?.[1];
    if (node.role === "link" && number) line = Number(number);
    if (node.role !== "note") continue;
    const about = [...walk(node)].find(({ role }) => role === "link")?.name;
    const lines = about?.match(/\d+/g)?.map(Number) ?? [];
    if (!about?.startsWith("lines ")) yield `a note names no lines: ${about}`;
    else if (line < (lines[0] ?? 0) || line > (lines.at(-1) ?? 0)) {
      yield `the note on ${about} is read after line ${line}`;
    }
  }
};

const drawings: Look = function* (all) {
  for (const { role, name } of all) {
    const isDrawing =
      role === "image" || role === "img" || /graphics/i.test(role);
    if (isDrawing && name === "") yield "a drawing without a name";
  }
};

const code: Look = function* (all) {
  const regions = all.filter(({ role }) => role === "region");
  for (const region of regions) {
    const numbers = [...walk(region)].flatMap(
      ({ role, name }) =>
        (role === "link" && /^line (\d+)$/.exec(name)?.[1]) || [],
    );
    const ordered = numbers.every(
      (one, i) => i === 0 || Number(one) > Number(numbers[i - 1]),
    );
    if (!ordered) yield `the lines of ${region.name} are not in order`;
  }
};

function* walk(node: Node): Iterable<Node> {
  yield node;
  for (const child of node.children) yield* walk(child);
}

async function treeOf(
  site: BuiltSite,
  lesson: string,
  browser: Browser,
): Promise<Node> {
  const page = await browser.newPage();
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(site.url + lesson);
  const session = await page.context().newCDPSession(page);
  const root = await readTree(session);
  await page.close();
  return root;
}

interface Raw {
  readonly nodeId: string;
  readonly ignored: boolean;
  readonly role?: { readonly value?: string };
  readonly name?: { readonly value?: string };
  readonly childIds?: readonly string[];
  readonly properties?: readonly {
    readonly name: string;
    readonly value: { readonly value?: unknown };
  }[];
}

async function readTree(session: CDPSession): Promise<Node> {
  const answer = await session.send("Accessibility.getFullAXTree");
  const nodes = answer.nodes as unknown as readonly Raw[];
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const read = (raw: Raw): Node[] => {
    const children = (raw.childIds ?? []).flatMap((id) => {
      const child = byId.get(id);
      return child ? read(child) : [];
    });
    if (raw.ignored) return children;
    const level = raw.properties?.find(({ name }) => name === "level");
    return [
      {
        role: raw.role?.value ?? "",
        name: raw.name?.value ?? "",
        level: level === undefined ? undefined : Number(level.value.value),
        children,
      },
    ];
  };
  const [first] = nodes;
  const root = first && read(first)[0];
  if (!root) throw new Error("the browser gave no accessibility tree");
  return root;
}
