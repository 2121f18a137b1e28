// The words of the excerpt engine: what it knows about the source, the lessons
// and the suites, and what it says when they disagree. Everything here is
// plain data, so that a page, a test and a command can share one answer.
//
// Lines count from 1 and ranges include both ends. `file` is relative to
// raft/ for source ("raft.ts", "runtime/channel.ts") and relative to the
// repository in every Place ("lessons/04-elect-self.mdx"), so that a place
// can be pasted into an editor.
//
// Absent: how any of it is drawn. Components decide that.

import type ts from "typescript";

// ---------------------------------------------------------------- places

/** One line of a file of this repository. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** A stretch of a file's text, in UTF-16 offsets; `end` is not in it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A line as the file has it, with its true number. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

// ---------------------------------------------------------------- source

/** All of raft/, read once a build. */
export interface SourceIndex {
  /** The repository's directory. */
  readonly root: string;
  readonly program: ts.Program;
  /** By path within raft/: "raft.ts", "runtime/channel.ts". */
  readonly files: ReadonlyMap<string, SourceFile>;
  /** By address: "raft.ts#electSelf", "runtime/channel.ts#Channel.receive". */
  readonly symbols: ReadonlyMap<string, SourceSymbol>;
  /** Top-level symbols by bare name; several when a name is not unique. */
  readonly names: ReadonlyMap<string, readonly SourceSymbol[]>;
  readonly upstream: UpstreamTable;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Without line ends; `lines[0]` is line 1. */
  readonly lines: readonly string[];
  /** In the order of the file; the header first, members after their type. */
  readonly symbols: readonly SourceSymbol[];
  readonly node: ts.SourceFile;
}

export type SymbolKind =
  | "header"
  | "function"
  | "class"
  | "interface"
  | "type"
  | "const"
  | "method"
  | "property";

export interface SourceSymbol {
  /** Its address: file#name, and "file#" for the file's header comment. */
  readonly id: string;
  readonly file: string;
  /** "electSelf", "Channel.receive"; empty for a header. */
  readonly name: string;
  readonly kind: SymbolKind;
  readonly exported: boolean;
  /** A generator function: it may park, and stands under `yield*`. */
  readonly task: boolean;
  /** The first sentence of its doc comment, or "". */
  readonly sentence: string;
  /** The doc comment's prose, without the machine-read lines. */
  readonly doc: string;
  readonly tags: Tags;
  /** The declaration without its doc comment. */
  readonly code: LineRange;
  /** The declaration with its doc comment. */
  readonly whole: LineRange;
  /** The declaration's text, from its first to its last character. */
  readonly span: Span;
  /** Where its name stands, for the language service. */
  readonly nameSpan: Span;
  /** The type it is a member of. */
  readonly parent?: string;
  /** Addresses of its members, in the order of the file. */
  readonly members: readonly string[];
  /** One for most; overloads and merged declarations have several. */
  readonly nodes: readonly ts.Node[];
}

/** The machine-read lines of a doc comment. */
export interface Tags {
  /** Go: (*Raft).electSelf, raft.go */
  readonly go: readonly GoTag[];
  /** Paper: §5.2 */
  readonly paper: readonly string[];
  /** Task: run */
  readonly task?: string;
  /** Differs: what, why, upstream's number */
  readonly differs: readonly string[];
  /** Paper differs: where v1.1.1 leaves the paper */
  readonly paperDiffers: readonly string[];
  /** Second signal: what it means when one is already waiting. */
  readonly secondSignal?: string;
}

/** `name` is absent when the whole Go file is meant. */
export interface GoTag {
  readonly name?: string;
  readonly file: string;
}

// -------------------------------------------------------------- upstream

/** test/upstream-v1.1.1.json */
export interface UpstreamTable {
  readonly version: string;
  readonly files: Readonly<Record<string, { readonly lines: number }>>;
  readonly symbols: readonly UpstreamSymbol[];
  readonly cases: readonly UpstreamCase[];
  readonly tests: readonly UpstreamTest[];
}

export interface UpstreamSymbol {
  readonly name: string;
  readonly kind: string;
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

export interface UpstreamCase {
  readonly in: string;
  readonly text: string;
  readonly file: string;
  readonly line: number;
  readonly end: number;
}

export interface UpstreamTest {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** Go lines at v1.1.1, ready to be linked. */
export interface UpstreamLink {
  /** "(*Raft).electSelf", or the file when no symbol is meant. */
  readonly name: string;
  readonly file: string;
  readonly start: number;
  readonly end: number;
  /** "raft.go:1600-1658" */
  readonly label: string;
  readonly url: string;
}

// -------------------------------------------------------------- excerpts

/** What an <Excerpt> asks for. */
export interface ExcerptRequest {
  /** "raft.ts#electSelf" */
  readonly of: string;
  /** Text on its first line; must stand on one line of the symbol only. */
  readonly from?: string;
  /** Text on its last line; the first match at or after `from`. */
  readonly to?: string;
  /** The Go lines of this very part: "200-204". */
  readonly go?: string;
  /** Show the doc comment too. */
  readonly doc?: boolean;
}

export interface ResolvedExcerpt {
  readonly request: ExcerptRequest;
  readonly symbol: SourceSymbol;
  readonly file: string;
  /** From the first to the last character that was asked for. */
  readonly span: Span;
  /** The lines asked for. */
  readonly range: LineRange;
  readonly lines: readonly NumberedLine[];
  /** Grey lines above and below, from inside the same symbol. */
  readonly before: readonly NumberedLine[];
  readonly after: readonly NumberedLine[];
  /** Columns of indent shared by every line, the grey ones included. */
  readonly indent: number;
  /** The lines asked for, byte for byte as the file has them. */
  readonly code: string;
  /** "in `electSelf`, raft.ts" */
  readonly caption: string;
  /** The same part at v1.1.1; empty when nothing there corresponds. */
  readonly upstream: readonly UpstreamLink[];
}

/** What a <Note> or <Claim> speaks of; without `on`, the whole excerpt. */
export interface OnRequest {
  readonly on?: string;
  readonly to?: string;
}

/** The lines a passage is bound to, and the syntax it was read as. */
export interface Binding {
  readonly symbol: SourceSymbol;
  readonly file: string;
  readonly range: LineRange;
  /** The syntax bound, as text to read. */
  readonly code: string;
  /** Over the syntax: formatting and comments do not count. */
  readonly digest: string;
}

// --------------------------------------------------------------- lessons

export type Locale = "en" | "zh-cn";

export interface FrontMatter {
  readonly title: string;
  readonly description?: string;
  readonly question: string;
  readonly part: number;
  readonly number: number;
  readonly minutes: number;
  readonly assumes: readonly string[];
  readonly explains: readonly string[];
  readonly suite?: string;
  readonly scenario?: string;
}

export interface Lesson {
  /** "lessons/04-elect-self.mdx" */
  readonly file: string;
  /** "04-elect-self"; "zh-cn/04-elect-self" */
  readonly slug: string;
  readonly locale: Locale;
  readonly front: FrontMatter;
  /** By field, and "explains.0" for the first of a list. */
  readonly frontPlaces: Readonly<Record<string, Place>>;
  readonly excerpts: readonly LessonExcerpt[];
  /** Every note, also to be found under its excerpt. */
  readonly notes: readonly LessonNote[];
  readonly claims: readonly LessonClaim[];
  readonly names: readonly InlineName[];
  readonly channels: readonly ChannelMention[];
  readonly upstream: readonly UpstreamCitation[];
  readonly diagrams: readonly LessonDiagram[];
  readonly pictures: readonly LessonPicture[];
  readonly exercises: readonly LessonExercise[];
  readonly code: readonly FencedCode[];
  readonly prose: readonly Prose[];
  /** What could not be read; check() reports them with all the others. */
  readonly faults: readonly Fault[];
}

export type PassageKind = "excerpt" | "note" | "claim";

/** A piece of a lesson that has an id, an anchor and a place. */
export interface Passage {
  /** "04-elect-self/note-3f9a2c81" */
  readonly id: string;
  /** The element's id on the lesson's page: "note-3f9a2c81". */
  readonly anchor: string;
  readonly place: Place;
}

export interface LessonExcerpt extends Passage {
  readonly kind: "excerpt";
  readonly request: ExcerptRequest;
  /** A second symbol, shown next to the first. */
  readonly beside?: string;
  readonly notes: readonly LessonNote[];
}

export interface LessonNote extends Passage {
  readonly kind: "note";
  /** The excerpt it stands in: its request, or its `beside` symbol. */
  readonly within: ExcerptRequest;
  readonly request: OnRequest;
  /** Its words, without marks. */
  readonly text: string;
}

export interface LessonClaim extends Passage {
  readonly kind: "claim";
  readonly test: string;
  readonly within?: ExcerptRequest;
  readonly request: OnRequest;
  readonly text: string;
}

/** `electSelf`, `sym:electSelf` or <Sym of="raft.ts#electSelf" />. */
export interface InlineName {
  readonly place: Place;
  readonly text: string;
  /** Marked as a symbol: unknown or ambiguous, it is a fault. */
  readonly marked: boolean;
}

export interface ChannelMention {
  readonly place: Place;
  readonly name: string;
}

/** <Upstream of="(*Raft).runFollower" lines="200-204" /> */
export interface UpstreamCitation {
  readonly place: Place;
  readonly of?: string;
  readonly file?: string;
  readonly lines?: string;
  /** The element's id on the lesson's page, where lines are cited. */
  readonly anchor?: string;
}

export interface LessonDiagram {
  readonly place: Place;
  readonly title: string;
  readonly textEquivalent: string;
  /** Mermaid, as the lesson has it. */
  readonly source: string;
}

/** <Picture name="08-commit-path" />, of lessons/pictures/. */
export interface LessonPicture {
  readonly place: Place;
  readonly name: string;
}

/** <Exercise name="04-who-leads" />, of lessons/exercises/. */
export interface LessonExercise {
  readonly place: Place;
  readonly name: string;
}

/** Words of the lesson, as they stand; a new line begins after "\n". */
export interface Prose {
  readonly place: Place;
  readonly text: string;
}

export interface FencedCode {
  readonly place: Place;
  readonly language: string;
  readonly illustrative: boolean;
  readonly text: string;
}

// ------------------------------------------------------------- backlinks

/** From lines of the source back to a passage that speaks of them. */
export interface Backlink {
  readonly file: string;
  readonly range: LineRange;
  readonly kind: PassageKind;
  readonly lesson: string;
  readonly title: string;
  readonly number: number;
  readonly id: string;
  readonly anchor: string;
  readonly place: Place;
  /** What a note says, without marks. */
  readonly text?: string;
  /** What a claim is proved by. */
  readonly test?: string;
}

/** By file of raft/. */
export type Backlinks = ReadonlyMap<string, readonly Backlink[]>;

// ---------------------------------------------------------------- suites

/** test/lessons/04.test.ts, read from its syntax tree, never run. */
export interface Suite {
  readonly file: string;
  /** "04" */
  readonly name: string;
  readonly claims: readonly SuiteClaim[];
  readonly faults: readonly Fault[];
}

export interface SuiteClaim {
  readonly place: Place;
  /** From `claim(` to the parenthesis that closes it. */
  readonly range: LineRange;
  readonly name: string;
  /** The address of what it proves. */
  readonly at: string;
  readonly break?: Break;
  /** claim.skip, claim.only, or inside a describe that is. */
  readonly skipped: boolean;
}

/** A change of one symbol that must turn the claim red. */
export interface Break {
  readonly place: Place;
  readonly in: string;
  readonly from: string;
  readonly to: string;
}

// ----------------------------------------------------------- attestation

/** lessons/attested.json: what each passage was written for, and by whom. */
export type Attestations = Readonly<Record<string, Attestation>>;

export interface Attestation {
  readonly of: string;
  readonly digest: string;
  readonly code: string;
  readonly by: string;
  /** The day: "2026-11-22". */
  readonly on: string;
}

/** How a passage stands to the code it was written for. */
export interface PassageState {
  readonly id: string;
  readonly place: Place;
  readonly of: string;
  readonly state: "attested" | "changed" | "new";
  /** The code when it was last read; absent when it never was. */
  readonly was?: Attestation;
  readonly now: Binding;
}

// ---------------------------------------------------------------- faults

export type FaultKind =
  | "unreadable-lesson"
  | "unreadable-suite"
  | "front-matter"
  | "bad-address"
  | "unknown-file"
  | "unknown-symbol"
  | "ambiguous-symbol"
  | "no-match"
  | "several-matches"
  | "empty-excerpt"
  | "unknown-name"
  | "lost-name"
  | "unlisted-name"
  | "unused-name"
  | "ambiguous-name"
  | "unknown-channel"
  | "unknown-picture"
  | "unknown-exercise"
  | "no-exercise"
  | "unknown-suite"
  | "unknown-test"
  | "skipped-test"
  | "foreign-test"
  | "break-match"
  | "changed-code"
  | "never-attested"
  | "pasted-code"
  | "illustrative-type"
  | "bare-line-number"
  | "planned-lesson"
  | "upstream-lines";

export interface Fault extends Place {
  readonly kind: FaultKind;
  /** What is wrong, and what to do. */
  readonly message: string;
  /** The nearest things that do exist. */
  readonly candidates: readonly string[];
  /** For changed code: what was read, and what stands there now. */
  readonly was?: string;
  readonly now?: string;
}

// -------------------------------------------------------------- channels

/** A channel of the program: who makes it, sends, receives. */
export interface ChannelCard {
  /**
   * The address of its field: "raft_struct.ts#LeaderState.commitCh"; for a
   * local name, that of the function and the name: "raft.ts#electSelf/respCh".
   */
  readonly id: string;
  /** "commitCh" */
  readonly name: string;
  /** Other fields and local names that hold the same channel. */
  readonly aliases: readonly string[];
  /** What it carries, as TypeScript prints it. */
  readonly carries: string;
  readonly symbol: SourceSymbol;
  readonly makers: readonly ChannelMaker[];
  readonly senders: readonly ChannelUse[];
  readonly receivers: readonly ChannelUse[];
  readonly closers: readonly ChannelUse[];
  /** What a second signal means, from its doc comment. */
  readonly secondSignal?: string;
}

export interface ChannelUse {
  /** The symbol it happens in. */
  readonly in: string;
  readonly file: string;
  readonly line: number;
}

export interface ChannelMaker extends ChannelUse {
  /** The expression that makes it. */
  readonly code: string;
  /** As written: "0", "1", "config.maxInflight"; absent when not given. */
  readonly capacity?: string;
}
