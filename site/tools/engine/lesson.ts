// A lesson, read as data: its front matter, its excerpts with their notes, its
// claims, the names it mentions, its citations and its code, each with the
// line it stands on. What cannot be read is a fault of the lesson, and the
// reading goes on, so that one run finds them all.
//
// Absent: whether any of it holds. That is check.ts.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fault, faultAt, Problem } from "./fault.ts";
import { readFront } from "./front.ts";
import {
  attributesOf,
  isElement,
  lineOf,
  lineOfError,
  literalText,
  type MdxNode,
  parseMdx,
  plainText,
} from "./mdx.ts";
import { nearest } from "./nearest.ts";
import { Anchors, anchorOf, idOf } from "./passage.ts";
import type {
  ChannelMention,
  ExcerptRequest,
  Fault,
  FencedCode,
  InlineName,
  Lesson,
  LessonClaim,
  LessonDiagram,
  LessonExcerpt,
  LessonExercise,
  LessonNote,
  LessonPicture,
  Place,
  Prose,
  UpstreamCitation,
} from "./types.ts";

export function readLessons(root: string): Lesson[] {
  return lessonFiles(root).map((file) =>
    readLesson(file, readFileSync(path.join(root, file), "utf8")),
  );
}

/** Every lesson under lessons/, those that begin with "_" aside. */
export function lessonFiles(root: string): string[] {
  const folder = path.join(root, "lessons");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map((name) => `lessons/${String(name).replaceAll(path.sep, "/")}`)
    .filter((file) => /(^|\/)[^_/][^/]*\.mdx?$/.test(file))
    .sort();
}

/** "lessons/zh-cn/04-elect-self.mdx" is "zh-cn/04-elect-self". */
export function slugOf(file: string): string {
  return file.replace(/^lessons\//, "").replace(/\.mdx?$/, "");
}

/** `file` is relative to the repository: "lessons/04-elect-self.mdx". */
export function readLesson(file: string, text: string): Lesson {
  const reader = new Reader(file);
  const tree = parseMdx(text);
  if (tree instanceof Problem) {
    reader.faults.push(faultAt({ file, line: lineOfError(tree) }, tree));
  } else {
    reader.read(tree);
  }
  return reader.lesson(tree instanceof Problem ? undefined : tree);
}

/** What each component of the lesson grammar may be given. */
const GRAMMAR: Readonly<Record<string, readonly string[]>> = {
  Excerpt: ["of", "from", "to", "go", "beside", "doc", "title"],
  Note: ["on", "to", "beside"],
  Claim: ["test", "of", "on", "to"],
  Sym: ["of"],
  Channel: ["name"],
  Upstream: ["of", "file", "lines"],
  Diagram: ["title", "text-equivalent", "textEquivalent"],
  Picture: ["name"],
  Exercise: ["name"],
};

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  Excerpt: ["of"],
  Claim: ["test"],
  Sym: ["of"],
  Channel: ["name"],
  Diagram: ["title"],
  Picture: ["name"],
  Exercise: ["name"],
};

type Attributes = Readonly<Partial<Record<string, string>>>;

/** The excerpt that the nodes being read stand in. */
interface Within {
  readonly request: ExcerptRequest;
  readonly beside: string | undefined;
  readonly notes: LessonNote[];
}

class Reader {
  readonly file: string;
  readonly slug: string;
  readonly faults: Fault[] = [];
  private readonly anchors = new Anchors();
  private readonly excerpts: LessonExcerpt[] = [];
  private readonly claims: LessonClaim[] = [];
  private readonly names: InlineName[] = [];
  private readonly channels: ChannelMention[] = [];
  private readonly upstream: UpstreamCitation[] = [];
  private readonly diagrams: LessonDiagram[] = [];
  private readonly pictures: LessonPicture[] = [];
  private readonly exercises: LessonExercise[] = [];
  private readonly code: FencedCode[] = [];
  private readonly prose: Prose[] = [];

  constructor(file: string) {
    this.file = file;
    this.slug = slugOf(file);
  }

  lesson(tree: MdxNode | undefined): Lesson {
    const yaml = tree?.children?.find((node) => node.type === "yaml");
    const { front, places, faults } = readFront(
      this.file,
      yaml?.value ?? "",
      (yaml ? lineOf(yaml) : 0) + 1,
    );
    return {
      file: this.file,
      slug: this.slug,
      locale: this.slug.startsWith("zh-cn/") ? "zh-cn" : "en",
      front,
      frontPlaces: places,
      excerpts: this.excerpts,
      notes: this.excerpts.flatMap((excerpt) => excerpt.notes),
      claims: this.claims,
      names: this.names,
      channels: this.channels,
      upstream: this.upstream,
      diagrams: this.diagrams,
      pictures: this.pictures,
      exercises: this.exercises,
      code: this.code,
      prose: this.prose,
      faults: tree ? [...faults, ...this.faults] : this.faults,
    };
  }

  read(node: MdxNode, within?: Within): void {
    if (isElement(node)) {
      this.readElement(node, within);
      return;
    }
    const value = node.value ?? "";
    if (node.type === "text") {
      this.prose.push({ place: this.placeOf(node), text: value });
    } else if (node.type === "inlineCode") {
      this.readInlineCode(node, value);
    } else if (node.type === "code") {
      this.readFence(node, value);
    }
    this.readAll(node, within);
  }

  private readAll(node: MdxNode, within: Within | undefined): void {
    for (const child of node.children ?? []) this.read(child, within);
  }

  private readElement(node: MdxNode, within: Within | undefined): void {
    const attributes = this.checkedAttributes(node);
    if (attributes === undefined) {
      this.readAll(node, within);
    } else if (node.name === "Excerpt") {
      this.readExcerpt(node, attributes);
    } else {
      this.readSmall(node, attributes, within);
      this.readAll(node, within);
    }
  }

  private readSmall(
    node: MdxNode,
    attributes: Attributes,
    within: Within | undefined,
  ): void {
    const place = this.placeOf(node);
    const { of, name, file, lines } = attributes;
    if (node.name === "Note") this.readNote(node, attributes, within);
    if (node.name === "Claim") this.readClaim(node, attributes, within);
    if (node.name === "Diagram") this.readDiagram(node, attributes);
    if (node.name === "Picture") {
      this.pictures.push({ place, name: name ?? "" });
    }
    if (node.name === "Exercise") {
      this.exercises.push({ place, name: name ?? "" });
    }
    if (node.name === "Sym") {
      this.names.push({ place, text: of ?? "", marked: true });
    }
    if (node.name === "Channel") {
      this.channels.push({ place, name: name ?? "" });
    }
    if (node.name === "Upstream") {
      const anchor = lines && this.anchors.take(`go-${lines}`);
      this.upstream.push({ place, ...given({ of, file, lines, anchor }) });
    }
  }

  private readExcerpt(node: MdxNode, attributes: Attributes): void {
    const { of = "", from, to, go, beside } = attributes;
    const doc = attributes.doc === undefined ? undefined : true;
    const request = { of, ...given({ from, to, go, doc }) };
    const anchor = this.anchors.take(anchorOf("excerpt", request));
    const notes: LessonNote[] = [];
    this.excerpts.push({
      kind: "excerpt",
      ...this.passage(node, anchor),
      request,
      ...given({ beside }),
      notes,
    });
    this.readAll(node, { request, beside, notes });
  }

  private readNote(
    node: MdxNode,
    attributes: Attributes,
    within: Within | undefined,
  ): void {
    if (!within) {
      this.complain(node, "a <Note> stands inside an <Excerpt>");
      return;
    }
    const { on, to } = attributes;
    const request = given({ on, to });
    const aside = attributes.beside !== undefined;
    const excerpt = aside ? { of: within.beside ?? "" } : within.request;
    if (aside && within.beside === undefined) {
      this.complain(node, "a <Note beside> needs an <Excerpt beside=…>");
      return;
    }
    const anchor = this.anchors.take(anchorOf("note", excerpt, request));
    within.notes.push({
      kind: "note",
      ...this.passage(node, anchor),
      within: excerpt,
      request,
      text: plainText(node),
    });
  }

  private readClaim(
    node: MdxNode,
    attributes: Attributes,
    within: Within | undefined,
  ): void {
    const { test = "", of, on, to } = attributes;
    const excerpt = of === undefined ? within?.request : { of };
    const request = given({ on, to });
    if (excerpt === undefined && on !== undefined) {
      this.complain(node, "a <Claim on=…> needs of=…, or stands in an excerpt");
      return;
    }
    const anchor = anchorOf("claim", excerpt, request, test);
    this.claims.push({
      kind: "claim",
      ...this.passage(node, this.anchors.take(anchor)),
      test,
      ...given({ within: excerpt }),
      request,
      text: plainText(node),
    });
  }

  private readDiagram(node: MdxNode, attributes: Attributes): void {
    const drawn = (node.children ?? []).flatMap((child) => {
      if (child.type === "code") return [child.value ?? ""];
      if (!/Expression$/.test(child.type)) return [];
      return [literalText(child.value ?? "") ?? ""];
    });
    this.diagrams.push({
      place: this.placeOf(node),
      title: attributes.title ?? "",
      textEquivalent:
        attributes["text-equivalent"] ?? attributes.textEquivalent ?? "",
      source: drawn.join("\n").trim(),
    });
  }

  private readInlineCode(node: MdxNode, value: string): void {
    const place = this.placeOf(node);
    const marked = value.startsWith("sym:");
    const text = marked ? value.slice("sym:".length).trim() : value;
    this.names.push({ place, text, marked });
    if (!marked) this.prose.push({ place, text });
  }

  private readFence(node: MdxNode, text: string): void {
    this.code.push({
      place: this.placeOf(node),
      language: (node.lang ?? "").toLowerCase(),
      illustrative: /\billustrative\b/.test(node.meta ?? ""),
      text,
    });
  }

  /** The attributes; `undefined` when the element is not of the grammar. */
  private checkedAttributes(node: MdxNode): Attributes | undefined {
    const name = node.name ?? "";
    const allowed = GRAMMAR[name];
    if (!allowed) return undefined;
    const read = attributesOf(node);
    if (read instanceof Problem) {
      this.faults.push(faultAt(this.placeOf(node), read));
      return undefined;
    }
    for (const unknown of [...read.keys()].filter(
      (a) => !allowed.includes(a),
    )) {
      const near = nearest(unknown, allowed);
      this.complain(node, `<${name}> has no attribute ${unknown}`, near);
    }
    for (const needed of NEEDED[name] ?? []) {
      if (read.has(needed)) continue;
      this.complain(node, `<${name}> needs ${needed}="…"`);
    }
    const texts = [...read].map(([key, value]) => [
      key,
      value === true ? "" : value,
    ]);
    return Object.fromEntries(texts);
  }

  private passage(node: MdxNode, anchor: string) {
    const place = this.placeOf(node);
    return { id: idOf(this.slug, anchor), anchor, place };
  }

  private placeOf(node: MdxNode): Place {
    return { file: this.file, line: lineOf(node) };
  }

  private complain(
    node: MdxNode,
    message: string,
    candidates: readonly string[] = [],
  ): void {
    const place = this.placeOf(node);
    this.faults.push(fault("unreadable-lesson", place, message, candidates));
  }
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Only the fields that have a value. */
function given<T extends object>(fields: T): Given<T> {
  const entries = Object.entries(fields);
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined),
  ) as Given<T>;
}
