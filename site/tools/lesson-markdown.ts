/**
 * What a lesson's Markdown gains on its way to a page: the components need no
 * import; each of them knows the line it stands on, which is how it finds what
 * the engine said about it; inline code becomes a link when it names a symbol,
 * and so does another lesson's or a thread's number; links within the site work
 * under any base path.
 */

import type { MdastPluginEntry } from "satteri";
import { lessonFiles, slugOf } from "./engine/lesson.ts";
import { pointers, shelfOf, type Words } from "./pointers.ts";

const components = [
  "Excerpt",
  "Note",
  "Claim",
  "Sym",
  "Channel",
  "Upstream",
  "Diagram",
  "Scenario",
  "Picture",
  "Exercise",
] as const;

const imports = [...components, "InlineCode"]
  .map((name) => `import ${name} from "/site/components/${name}.astro";`)
  .join("\n");

/** In these the words stay what they are. */
const LINKS = ["link", "linkReference"];
const NO_LINK_IN = ["heading", ...LINKS];

interface Context {
  parent(node: object): { readonly type: string } | undefined;
  replaceNode(node: object, pieces: readonly object[]): void;
}

interface JsxNode {
  readonly name: string | null;
  readonly attributes: readonly unknown[];
  readonly children: readonly {
    readonly type: string;
    readonly value?: string;
  }[];
  readonly position?: { readonly start: { readonly line: number } } | undefined;
}

export function lessonMarkdown(root: string, base: string): MdastPluginEntry {
  const lessons = new URL(`file://${root}lessons/`).href;
  const prefix = base.replace(/\/$/, "");
  return ({ fileURL, sourceFormat }) => {
    const lesson = sourceFormat === "mdx" && fileURL?.href.startsWith(lessons);
    const link = {
      name: "base-links",
      link(
        node: { url: string },
        ctx: { setProperty(node: object, key: string, value: string): void },
      ) {
        const inside = node.url.startsWith("/") && !node.url.startsWith("//");
        if (!inside || prefix === "" || node.url.startsWith(`${prefix}/`)) {
          return;
        }
        ctx.setProperty(node, "url", prefix + node.url);
      },
    };
    if (!lesson) return link as never;
    const shelf = shelfOf(lessonFiles(root).map(slugOf));
    const own = Number(/\/(\d\d)-[^/]*$/.exec(fileURL?.pathname ?? "")?.[1]);
    const addLine = (node: JsxNode) => {
      if (!components.some((name) => name === node.name)) return undefined;
      const line = String(node.position?.start.line ?? 0);
      const added = [attribute("line", line)];
      if (node.name !== "Diagram") return withAttributes(node, added);
      const drawn = node.children.find(({ type }) => type === "code");
      added.push(attribute("source", drawn?.value ?? ""));
      const rest = node.children.filter((child) => child !== drawn);
      return withAttributes({ ...node, children: rest }, added);
    };
    return {
      ...link,
      name: "lesson",
      options: { position: true },
      before(
        root: object,
        ctx: { appendChild(node: object, child: object): void },
      ) {
        ctx.appendChild(root, { raw: `\n${imports}\n` });
      },
      mdxJsxFlowElement: addLine,
      mdxJsxTextElement: addLine,
      text(node: { value: string }, ctx: Context) {
        const pieces = pointers(node.value, shelf, own);
        const plain = pieces.every(({ href }) => href === undefined);
        if (plain || isWithin(node, ctx, NO_LINK_IN)) return;
        ctx.replaceNode(node, pieces.map(asNode));
      },
      inlineCode(node: { value: string }, ctx: Context) {
        // A link is not a place for another one.
        if (isWithin(node, ctx, LINKS)) return undefined;
        return {
          type: "mdxJsxTextElement",
          name: "InlineCode",
          attributes: [attribute("text", node.value)],
          children: [],
        };
      },
    } as never;
  };
}

function isWithin(node: object, ctx: Context, kinds: readonly string[]) {
  for (let at = ctx.parent(node); at; at = ctx.parent(at)) {
    if (kinds.includes(at.type)) return true;
  }
  return false;
}

function asNode({ text, href }: Words): object {
  const words = { type: "text", value: text };
  return href === undefined
    ? words
    : { type: "link", url: href, children: [words] };
}

function attribute(name: string, value: string): object {
  return { type: "mdxJsxAttribute", name, value };
}

function withAttributes(node: JsxNode, added: readonly object[]): JsxNode {
  return { ...node, attributes: [...node.attributes, ...added] };
}
