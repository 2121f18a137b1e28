// Doc comments: prose first, then the lines a machine reads.
//
//     Go: (*Raft).electSelf, raft.go · Paper: §5.2 · Task: run
//     Differs: what, why, upstream's number
//
// In a comment of one line Go: may stand behind the sentence.
//
// A machine-read line goes on until an empty line or the next one begins.

import type { GoTag, Tags } from "./types.ts";

export interface DocComment {
  readonly sentence: string;
  readonly doc: string;
  readonly tags: Tags;
}

const MACHINE_READ = /^(Go|Paper|Task|Differs|Paper differs|Second signal):\s*/;

export function readDoc(comment: string): DocComment {
  const prose: string[] = [];
  const read: string[] = [];
  let machine = false;
  for (const whole of commentLines(comment)) {
    const { before, line } = atGo(whole);
    if (before !== "") prose.push(before);
    if (MACHINE_READ.test(line)) {
      machine = true;
      read.push(line);
    } else if (line === "") {
      machine = false;
      prose.push(line);
    } else if (machine) {
      read.push(`${read.pop()} ${line}`);
    } else {
      prose.push(line);
    }
  }
  const doc = prose.join("\n").trim();
  return { doc, sentence: firstSentence(doc), tags: readTags(read) };
}

/** A short comment says its Go symbol behind its one sentence. */
function atGo(whole: string): { before: string; line: string } {
  const at = whole.search(/(?<=\S\s)Go:\s/);
  if (at < 0) return { before: "", line: whole };
  return { before: whole.slice(0, at).trim(), line: whole.slice(at) };
}

/** What a comment says, without the marks that make it one. */
export function commentLines(comment: string): string[] {
  const lines = comment.split("\n").map((line) => line.trim());
  if (comment.startsWith("//")) {
    return lines.map((line) => line.replace(/^\/\/ ?/, "").trimEnd());
  }
  return comment
    .replace(/^\/\*+/, "")
    .replace(/\*+\/$/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim());
}

export function firstSentence(doc: string): string {
  const paragraph = (doc.split("\n\n")[0] ?? "").replace(/\s+/g, " ").trim();
  return /^.+?[.!?](?=\s|$)/.exec(paragraph)?.[0] ?? paragraph;
}

function readTags(lines: readonly string[]): Tags {
  const values = (key: string) =>
    lines
      .flatMap((line) => fields(line))
      .filter((field) => field.key === key)
      .map((field) => field.value);
  const [task] = values("Task");
  const [secondSignal] = values("Second signal");
  return {
    go: values("Go").flatMap(readGoTag),
    paper: values("Paper").flatMap((value) => value.split(/,\s*/)),
    differs: values("Differs"),
    paperDiffers: values("Paper differs"),
    ...(task === undefined ? {} : { task }),
    ...(secondSignal === undefined ? {} : { secondSignal }),
  };
}

/** The fields of one line: only Go, Paper and Task share a line. */
function fields(line: string): { key: string; value: string }[] {
  const shared = /^(Go|Paper|Task):/.test(line);
  return (shared ? line.split(/\s+·\s+/) : [line]).map((field) => {
    const colon = field.indexOf(":");
    return {
      key: field.slice(0, colon).trim(),
      value: field.slice(colon + 1).trim(),
    };
  });
}

/** "(*Raft).a, (*Raft).b, raft.go; Leader, api.go": names, then their file. */
function readGoTag(value: string): GoTag[] {
  return value.split(/;\s*/).flatMap((part) => {
    const words = part.split(/,\s*/).filter((word) => word !== "");
    const file = words.at(-1);
    if (file === undefined || !/^[\w./-]+\.go$/.test(file)) return [];
    const names = words.slice(0, -1);
    return names.length === 0
      ? [{ file }]
      : names.map((name) => ({ name, file }));
  });
}
