/**
 * What the pages know: everything the engine says about source, lessons and
 * v1.1.1, as plain data, so that one build computes it once and every page
 * reads the same answer. Lines count from 1, ranges include both ends.
 */

import type { Edge } from "../diagrams/edges.ts";
import type { Coverage } from "../engine/coverage.ts";
import type {
  Attestation,
  Break,
  Fault,
  FrontMatter,
  LineRange,
  Locale,
  PassageKind,
  Place,
  SymbolKind,
  Tags,
  UpstreamCitation,
  UpstreamLink,
} from "../engine/types.ts";
import type { Exercise } from "../exercises/read.ts";
import type { PictureTable } from "../pictures/picture.ts";

export interface Book {
  readonly files: Readonly<Record<string, BookFile>>;
  readonly symbols: Readonly<Record<string, BookSymbol>>;
  /** Addresses by bare name: "electSelf", "Channel.receive". */
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly lessons: readonly BookLesson[];
  /** By file of raft/: which passages speak of which lines. */
  readonly marks: Readonly<Record<string, readonly BookMark[]>>;
  readonly channels: readonly BookChannel[];
  readonly go: readonly GoFile[];
  readonly logs: readonly BookLog[];
  readonly upstreamTests: readonly UpstreamTestRow[];
  /** By name: "04-split-vote". */
  readonly scenarios: Readonly<Record<string, BookScenario>>;
  readonly suites: readonly BookSuite[];
  /** By name: "08-commit-path". */
  readonly pictures: Readonly<Record<string, BookPicture>>;
  /** By name: "04-who-leads". */
  readonly exercises: Readonly<Record<string, Exercise>>;
  /** How much of each file the lessons explain. */
  readonly coverage: Coverage;
  /** Everything check() found; a build stops on the first one. */
  readonly faults: readonly Fault[];
  /** The repository at the commit that was built; absent, nothing is linked. */
  readonly repository?: string;
}

export interface BookFile {
  readonly path: string;
  readonly lines: readonly string[];
  /** The same lines, coloured. */
  readonly html: readonly string[];
  /** Addresses, in the order of the file. */
  readonly symbols: readonly string[];
  /** The first sentence of its header. */
  readonly sentence: string;
}

export interface BookSymbol {
  readonly id: string;
  readonly file: string;
  readonly name: string;
  readonly kind: SymbolKind;
  readonly exported: boolean;
  readonly task: boolean;
  readonly sentence: string;
  readonly doc: string;
  readonly tags: Tags;
  readonly code: LineRange;
  readonly whole: LineRange;
  readonly parent?: string;
  readonly members: readonly string[];
  /** Its counterparts at v1.1.1. */
  readonly upstream: readonly UpstreamLink[];
}

export interface BookLesson {
  /** "lessons/04-elect-self.mdx" */
  readonly file: string;
  /** "/lessons/04-elect-self/", without the base. */
  readonly route: string;
  readonly locale: Locale;
  readonly front: FrontMatter;
  /** Of the code that it shows and explains. */
  readonly digest: string;
  readonly excerpts: readonly BookExcerpt[];
  readonly claims: readonly BookClaim[];
  readonly upstream: readonly UpstreamCitation[];
  readonly diagrams: readonly BookDiagram[];
}

export interface BookScenario {
  readonly file: string;
  readonly text: string;
  /** What happened, an event a line. */
  readonly trace?: readonly string[];
  /** Why it did not run to its end. */
  readonly error?: string;
}

/** The tests of a lesson, line by line. */
export interface BookSuite {
  /** "08" */
  readonly name: string;
  /** "test/lessons/08.test.ts" */
  readonly file: string;
  readonly lines: readonly string[];
  readonly html: readonly string[];
  readonly claims: readonly {
    readonly name: string;
    readonly range: LineRange;
  }[];
}

/** A picture as it was drawn just now, or why it was not. */
export interface BookPicture {
  readonly file: string;
  readonly title?: string;
  readonly words?: string;
  readonly svg?: string;
  readonly tables?: readonly PictureTable[];
  readonly error?: string;
}

export interface BookDiagram {
  readonly line: number;
  readonly title: string;
  readonly textEquivalent: string;
  readonly svg: string;
  /** What a flowchart says, arrow by arrow. */
  readonly edges: readonly Edge[];
}

/** A passage is found by the line its tag opens on. */
export interface BookPassage {
  readonly line: number;
  readonly anchor: string;
  /** What has to be said on the page while writing, never in a build. */
  readonly trouble?: string;
  /** The code as it was when the passage was last read. */
  readonly was?: Attestation;
}

export interface BookExcerpt extends BookPassage {
  readonly main?: BookSlice;
  readonly beside?: BookSlice;
  readonly notes: readonly BookNote[];
}

export interface BookSlice {
  readonly file: string;
  readonly symbol: string;
  readonly caption: string;
  readonly range: LineRange;
  /** Line numbers of the grey lines above and below. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly indent: number;
  readonly upstream: readonly UpstreamLink[];
}

export interface BookNote extends BookPassage {
  readonly kind: PassageKind;
  readonly file: string;
  readonly range: LineRange;
}

export interface BookClaim extends BookPassage {
  readonly test: string;
  /** "/proof/05/#L107-L126", without the base. */
  readonly proof?: string;
  readonly at?: string;
  readonly file?: string;
  readonly range?: LineRange;
  readonly break?: Break;
  /** The lines that its break changes. */
  readonly broken?: SourceLines;
}

/** Lines of a file of raft/. */
export interface SourceLines {
  readonly file: string;
  readonly range: LineRange;
}

export interface BookMark {
  readonly range: LineRange;
  readonly kind: PassageKind;
  /** "/lessons/04-elect-self/#note-3f9a2c81", without the base. */
  readonly route: string;
  readonly title: string;
  readonly number: number;
  /** A claim's sentence, or how a note begins. */
  readonly words?: string;
  /** The test of a claim: "/proof/05/#L107-L126", without the base. */
  readonly proof?: string;
}

export interface BookChannel {
  readonly id: string;
  /** The element's id on /channels. */
  readonly anchor: string;
  readonly name: string;
  /** Other names of the same channel: fields, variables, parameters. */
  readonly aliases: readonly string[];
  readonly carries: string;
  readonly doc: string;
  readonly file: string;
  readonly line: number;
  readonly makers: readonly ChannelPlace[];
  readonly senders: readonly ChannelPlace[];
  readonly receivers: readonly ChannelPlace[];
  readonly closers: readonly ChannelPlace[];
  readonly secondSignal?: string;
}

export interface ChannelPlace {
  readonly in: string;
  readonly file: string;
  readonly line: number;
  readonly capacity?: string;
}

/** Where one of upstream's lines went: one of ours, or why there is none. */
export interface Ours {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  /** The last line. */
  readonly end: number;
  /** What explains it best: the passage, or at least the lesson. */
  readonly lesson?: LessonPlace;
  /** Of other lessons, the passages that explain these very lines. */
  readonly also: readonly LessonPlace[];
}

export interface LessonPlace {
  /** "/lessons/04-elect-self/#note-3f9a2c81", without the base. */
  readonly route: string;
  readonly title: string;
  readonly number: number;
}

export interface GoFile {
  readonly file: string;
  readonly lines: number;
  readonly symbols: readonly GoSymbol[];
  readonly parts: readonly GoPart[];
  readonly cited: readonly GoCitation[];
}

/** Some lines of a function, and what they became. */
export interface GoPart {
  readonly in: string;
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly ours: Ours;
}

/** Lines of Go that a lesson speaks of. */
export interface GoCitation {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly lesson: LessonPlace;
}

export interface GoSymbol {
  readonly name: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly ours: readonly Ours[];
  /** Why there is no counterpart here, or not yet. */
  readonly reason?: string;
  readonly cases: readonly GoCase[];
}

export interface GoCase {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The best first; none when there is no such case here. */
  readonly ours: readonly Ours[];
}

/** A text that a server logs, and where. */
export interface BookLog {
  /** As far as it is known without a run. */
  readonly text: string;
  /** Where it stands. */
  readonly line: number;
  /** With the condition that leads to it. */
  readonly ours: Ours;
}

export interface UpstreamTestRow {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly status: string;
  readonly asserts: string;
  /** Our test of that name. */
  readonly ours?: Place;
}
