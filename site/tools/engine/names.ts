// Inline code names that are links. On a page `electSelf` becomes a link when
// it names one symbol or one channel, and stays plain code when it does not:
// so a symbol that is renamed would take its links away, and nobody would
// hear of it. The ledger, lessons/names.json, keeps for each lesson the names
// that were links when somebody last looked. What stands in it has to lead
// somewhere, as if it were marked.
//
// Absent: `sym:electSelf` and <Sym>. They are marked, and always checked.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { channelOf, type NamedChannel } from "./channel-name.ts";
import { channels } from "./channels.ts";
import { fault } from "./fault.ts";
import { nearest } from "./nearest.ts";
import type { Fault, InlineName, Lesson, SourceIndex } from "./types.ts";

/** By lesson, sorted: the inline names that are links. */
export type NameLedger = Readonly<Record<string, readonly string[]>>;

export const NAMES_FILE = "lessons/names.json";
const ACCEPT = "npm run attest -- --accept-names";

export function readNames(root: string): NameLedger {
  const file = path.join(root, NAMES_FILE);
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, "utf8")) as NameLedger;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${NAMES_FILE} is not JSON (${reason})`);
  }
}

export function writeNames(root: string, ledger: NameLedger): void {
  writeFileSync(path.join(root, NAMES_FILE), written(ledger));
}

function written(ledger: NameLedger): string {
  return `${JSON.stringify(ledger, undefined, 2)}\n`;
}

// ------------------------------------------------------ where a name leads

/** True when a page makes a link of this name. */
export function isLink(index: SourceIndex, written: string): boolean {
  return (
    index.symbols.has(written) ||
    symbolsNamed(index, written).length === 1 ||
    channelOf(bareChannels(index), written) !== undefined
  );
}

function symbolsNamed({ names }: SourceIndex, written: string) {
  return names.get(written) ?? names.get(written.replace(/\(\)$/, "")) ?? [];
}

function bareChannels(index: SourceIndex): NamedChannel[] {
  return channels(index).map(({ name, aliases, symbol }) => ({
    name,
    aliases: aliases.map((alias) => alias.split(/[#./]/).at(-1) ?? alias),
    file: symbol.file,
  }));
}

// --------------------------------------------------------------- the ledger

/**
 * The ledger as the lessons are now. A name that was a link, still stands in
 * its lesson and leads nowhere is kept, so that the check goes on to ask; it
 * goes when it is one of those that are `plain` from now on.
 */
export function ledgerOf(
  index: SourceIndex,
  lessons: readonly Lesson[],
  before: NameLedger,
  plain: readonly string[] = [],
): NameLedger {
  const rows = lessons.map((lesson): [string, string[]] => {
    const listed = before[lesson.slug] ?? [];
    const kept = [...firstPlaces(lesson).keys()].filter(
      (name) =>
        isLink(index, name) || (listed.includes(name) && !plain.includes(name)),
    );
    return [lesson.slug, kept.sort()];
  });
  const some = rows.filter(([, names]) => names.length > 0);
  return Object.fromEntries(some.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Each unmarked name of the lesson, where it stands first. */
function firstPlaces({ names }: Lesson): Map<string, InlineName> {
  const first = new Map<string, InlineName>();
  for (const name of names) {
    if (!name.marked && !first.has(name.text)) first.set(name.text, name);
  }
  return first;
}

// --------------------------------------------------------------- the faults

export function nameFaults(
  index: SourceIndex,
  lessons: readonly Lesson[],
  ledger: NameLedger,
): Fault[] {
  return [
    ...lessons.flatMap((lesson) => [
      ...lostNames(index, lesson, ledger[lesson.slug] ?? []),
      ...unlistedNames(index, lesson, ledger[lesson.slug] ?? []),
    ]),
    ...unusedNames(lessons, ledger),
  ];
}

/** Every place of a name that was a link and is none any more. */
function lostNames(
  index: SourceIndex,
  lesson: Lesson,
  listed: readonly string[],
): Fault[] {
  return lesson.names
    .filter(({ marked, text }) => !marked && listed.includes(text))
    .filter(({ text }) => !isLink(index, text))
    .map(({ place, text }) => {
      const several = symbolsNamed(index, text).map(({ id }) => id);
      const message =
        several.length > 1
          ? `\`${text}\` was a link, and now ${several.length} symbols have ` +
            "that name; give the address of one"
          : `\`${text}\` was a link, and raft/ has nothing of that name any ` +
            `more; if it is meant as plain code: ${ACCEPT} ${text}`;
      return fault("lost-name", place, message, [
        ...several,
        ...(several.length > 1 ? [] : alike(index, text)),
      ]);
    });
}

function alike(index: SourceIndex, name: string): string[] {
  const called = bareChannels(index).map((channel) => channel.name);
  return nearest(name, [...index.names.keys(), ...called]);
}

function unlistedNames(
  index: SourceIndex,
  lesson: Lesson,
  listed: readonly string[],
): Fault[] {
  return [...firstPlaces(lesson).values()]
    .filter(({ text }) => !listed.includes(text) && isLink(index, text))
    .map(({ place, text }) => {
      const message =
        `\`${text}\` is a link here, and ${NAMES_FILE} does not know it: ` +
        ACCEPT;
      return fault("unlisted-name", place, message);
    });
}

function unusedNames(lessons: readonly Lesson[], ledger: NameLedger): Fault[] {
  const lines = written(ledger).split("\n");
  const used = new Map(
    lessons.map((lesson) => [lesson.slug, firstPlaces(lesson)]),
  );
  return Object.entries(ledger).flatMap(([slug, names]) => {
    const top = lines.findIndex((line) => line.includes(`"${slug}":`));
    const gone = names.filter((name) => !used.get(slug)?.has(name));
    return gone.map((name) => {
      const quoted = JSON.stringify(name);
      const at = lines.findIndex(
        (line, i) => i >= top && line.includes(quoted),
      );
      const place = { file: NAMES_FILE, line: Math.max(0, at) + 1 };
      const message = `lesson ${slug} does not name \`${name}\`: ${ACCEPT}`;
      return fault("unused-name", place, message);
    });
  });
}
