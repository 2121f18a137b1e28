// Attestation by hand: lists the passages whose code has changed, or that are
// new, with the old and the new text; and accepts them once they were read.
//
//     npm run attest
//     npm run attest -- --accept 04-elect-self/note-3f9a2c81 …
//     npm run attest -- --accept-all
//     npm run attest -- --accept-names     the ledger of names that are links
//     npm run attest -- --since main     whose code is another than it was there

import { execFileSync } from "node:child_process";
import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import {
  accept,
  attestationsAt,
  passageStates,
  prune,
  writeAttestations,
} from "./engine/attest.ts";
import { ledgerOf, type NameLedger, writeNames } from "./engine/names.ts";
import { nearest } from "./engine/nearest.ts";
import { diff } from "./engine/text.ts";
import type { PassageState } from "./engine/types.ts";
import { readWorld } from "./engine/world.ts";

const { values, positionals } = parseArgs({
  options: {
    accept: { type: "boolean" },
    "accept-all": { type: "boolean" },
    "accept-names": { type: "boolean" },
    since: { type: "string" },
    root: { type: "string", default: process.cwd() },
  },
  allowPositionals: true,
});

const world = readWorld(values.root);
const { index, lessons, attestations } = world;
const states = passageStates(index, lessons, attestations);
const open = states.filter(({ state }) => state !== "attested");

if (values.since !== undefined) tellOwners(values.since);
else if (values["accept-names"]) acceptNames(positionals);
else if (values["accept-all"]) acceptAll(open);
else if (values.accept) acceptThese(positionals);
else list(open);

function acceptThese(ids: readonly string[]): void {
  const known = states.map(({ id }) => id);
  const unknown = ids.filter((id) => !known.includes(id));
  for (const id of unknown) {
    const near = nearest(id, known).join(", ");
    console.error(`no passage ${id}${near && `; did you mean ${near}?`}`);
  }
  if (ids.length === 0) console.error("say which: --accept <id> …");
  if (unknown.length > 0 || ids.length === 0) process.exitCode = 1;
  else acceptAll(states.filter(({ id }) => ids.includes(id)));
}

function acceptAll(read: readonly PassageState[]): void {
  const today = new Date().toISOString().slice(0, 10);
  const all = accept(attestations, read, whoReads(), today);
  writeAttestations(world.root, prune(all, states));
  for (const { id } of read) console.log(`attested ${id}`);
  console.log(`${read.length} attested, ${states.length} passages in all`);
}

/** Those that are named here are meant as plain code from now on. */
function acceptNames(plain: readonly string[]): void {
  const now = ledgerOf(index, lessons, world.names, plain);
  writeNames(world.root, now);
  const news = [
    ...beyond(now, world.names).map((one) => `+ ${one}`),
    ...beyond(world.names, now).map((one) => `- ${one}`),
  ];
  for (const one of news) console.log(one);
  const count = Object.values(now).flat().length;
  console.log(`${count} names in ${Object.keys(now).length} lessons are links`);
}

/** What one ledger has and the other has not. */
function beyond(one: NameLedger, other: NameLedger): string[] {
  return Object.entries(one).flatMap(([slug, names]) =>
    names
      .filter((name) => !other[slug]?.includes(name))
      .map((name) => `${slug}: ${name}`),
  );
}

function list(passages: readonly PassageState[]): void {
  for (const passage of passages) console.log(`${say(passage)}\n`);
  const changed = passages.filter(({ state }) => state === "changed").length;
  const fresh = passages.length - changed;
  console.log(`${changed} changed, ${fresh} new, ${states.length} in all`);
  if (passages.length > 0) {
    console.log("read each beside its code, then: --accept <id> …");
  }
}

/** For a review: which lessons speak of code that a change has touched. */
function tellOwners(commit: string): void {
  const then = attestationsAt(world.root, commit);
  if (then instanceof Error) {
    console.error(then.message);
    process.exitCode = 1;
    return;
  }
  const touched = states.flatMap(({ id, place, of, state, now }) => {
    const was = then[id];
    if (was === undefined || was.digest === now.digest) return [];
    return [{ id, place, of, state, was, now }];
  });
  for (const one of touched) {
    const read = one.state === "attested" ? "read again" : "TO BE READ";
    console.log(`${say(one)}\n  ${read}\n`);
  }
  const files = new Set(touched.map(({ place }) => place.file));
  const left = touched.filter(({ state }) => state !== "attested").length;
  console.log(
    `since ${commit}: code changed under ${touched.length} passages in ` +
      `${files.size} lesson files; ${left} have not been read again`,
  );
}

function say({ id, place, of, state, was, now }: PassageState): string {
  const head = `${place.file}:${place.line}  ${state}  ${of}\n  ${id}`;
  const text = was ? diff(was.code, now.code) : now.code;
  const read = was ? `\n  read by ${was.by} on ${was.on}` : "";
  return `${head}${read}\n${text.replace(/^/gm, "    ")}`;
}

function whoReads(): string {
  try {
    const name = execFileSync("git", ["config", "user.name"], {
      cwd: world.root,
      encoding: "utf8",
    });
    return name.trim();
  } catch {
    return userInfo().username;
  }
}
