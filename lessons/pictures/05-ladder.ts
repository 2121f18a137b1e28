/**
 * The ladder of a vote, and how many requests each rung has decided in
 * unscripted runs. What is left of all requests is a stream from top to
 * bottom: at every rung it loses as much of its width as was decided there.
 *
 * The list below is the lesson's. A rung of it that never decides as it may is
 * an error: the lesson would be wrong, or these runs too few.
 */

import type { Picture } from "../../site/tools/pictures/picture.ts";
import { CUTS, OUTDATED_EVERY, RUNS, type Votes, votes } from "./05/votes.ts";
import { drawing, end, line, rect, text } from "./drawing/svg.ts";

interface Rung {
  readonly question: string;
  /** In which case it refuses, and in which it grants; if it does. */
  readonly refuses?: string;
  readonly grants?: string;
}

/** From the first rung to the eighth. */
const RUNGS: readonly Rung[] = [
  { question: "in my configuration?", refuses: "no" },
  { question: "another leader known, no transfer flag?", refuses: "yes" },
  { question: "older term?", refuses: "yes" },
  { question: "newer term: take it, follow" },
  { question: "a voter?", refuses: "no" },
  {
    question: "voted in this term?",
    refuses: "for another",
    grants: "for this one",
  },
  { question: "my log newer?", refuses: "yes" },
  { question: "vote on disk?", refuses: "no", grants: "yes" },
];

/** The rung that takes a newer term over. */
const NEWER_TERM = 4;

/** A rung, and what became of the requests that came to it. */
export interface Counted extends Rung {
  readonly rung: number;
  readonly came: number;
  readonly refused: number;
  readonly granted: number;
  /** Of those that went on: whose newer term was taken over. */
  readonly tookTerm: number;
  /** The voter could not write the newer term, and has stopped. */
  readonly stopped: number;
  readonly wentOn: number;
}

/** The rungs from top to bottom, each with what it has decided. */
export function counted({ taken, decisions, stopped, open }: Votes): Counted[] {
  let came = taken - open;
  const rungs = RUNGS.map((rung, i): Counted => {
    const here = decisions.filter((decision) => decision.rung === i + 1);
    const granted = here.filter((decision) => decision.granted).length;
    const refused = here.length - granted;
    const takes = i + 1 === NEWER_TERM;
    const tookTerm = takes ? decisions.filter((d) => d.tookTerm).length : 0;
    const stops = takes ? stopped.length : 0;
    const wentOn = came - here.length - stops;
    const counts = { came, refused, granted, tookTerm, stopped: stops, wentOn };
    came = wentOn;
    return { ...rung, rung: i + 1, ...counts };
  });
  for (const rung of rungs) mustBeListed(rung);
  if (came !== 0) throw new Error(`${came} requests were decided by no rung`);
  return rungs;
}

/** It decides as the list says, and in every way that the list says. */
function mustBeListed(rung: Counted): void {
  const { refuses, refused, grants, granted, tookTerm } = rung;
  const ways: readonly (readonly [may: boolean, does: number, what: string])[] =
    [
      [refuses !== undefined, refused, "refused"],
      [grants !== undefined, granted, "granted"],
      [rung.rung === NEWER_TERM, tookTerm, "taken a term over"],
    ];
  for (const [may, does, what] of ways) {
    if (may === does > 0) continue;
    const problem = may ? "has never" : "is not one that may have";
    throw new Error(`rung ${rung.rung} (${rung.question}) ${problem} ${what}`);
  }
}

/** In pixels of a phone of 360: nothing is made smaller there. */
const WIDTH = 304;
const LEFT = 1;
/** How wide all requests are together. */
const STREAM = 88;
const WORDS = 120;
const LINE = 18;
const GAP = 16;
/** What has happened at all is to be seen. */
const THINNEST = 2;
const ENDS = 12;

/** What has become of requests at a rung, and how it is drawn. */
interface Outcome {
  readonly words: string;
  readonly count: number;
  readonly kind: "second" | "third" | "ink";
}

/** Where requests end, from the left to the right of the stream. */
function ends(rung: Counted): Outcome[] {
  const { refuses, refused, grants, granted, stopped } = rung;
  const all: Outcome[] = [
    { words: `${grants}: granted`, count: granted, kind: "third" },
    { words: `${refuses}: refused`, count: refused, kind: "second" },
    { words: "cannot write it: stopped", count: stopped, kind: "ink" },
  ];
  return all.filter(({ count }) => count > 0);
}

/** Two lines, if one is too long. */
function questionLines(question: string): string[] {
  return question.length > 30 ? question.split(/(?<=,) /) : [question];
}

/** What is written below a rung. */
function outcomeLines(rung: Counted): string[] {
  const lines = ends(rung).map(({ words, count }) => `${words} ${count}`);
  return rung.tookTerm > 0 ? [`taken ${rung.tookTerm}`, ...lines] : lines;
}

/** Streams first and words last, so that nothing is drawn over a word. */
function ladder(rungs: readonly Counted[]): string {
  const all = rungs[0]?.came ?? 0;
  const width = (count: number) => (STREAM * count) / all;
  const streams: string[] = [];
  const words = [text(LEFT, 14, `${all} requests`)];
  let [y, from] = [22, 22];
  for (const rung of rungs) {
    words.push(text(WORDS - 8, y + LINE - 2, `${rung.rung}`, "soft", end));
    for (const question of questionLines(rung.question)) {
      y += LINE;
      words.push(text(WORDS, y - 2, question));
    }
    y += 4;
    streams.push(rect(LEFT, from, width(rung.came), y - from, "fill"));
    let x = LEFT + width(rung.wentOn);
    for (const { count, kind } of ends(rung)) {
      const thick = Math.max(width(count), THINNEST);
      streams.push(rect(x, y, thick, ENDS, kind));
      x += thick;
    }
    streams.push(line(0, y, WIDTH, y));
    from = y;
    for (const outcome of outcomeLines(rung)) {
      y += LINE;
      words.push(text(WORDS, y - 2, outcome, "soft"));
    }
    y += GAP;
  }
  return drawing(WIDTH, y - GAP + 4, [...streams, ...words]);
}

/** How many passed rung 2 although a leader was known, and why. */
function heardAllTheSame({ decisions, stopped }: Votes): string {
  const past = [...decisions.filter(({ rung }) => rung > 2), ...stopped];
  const led = past.filter(({ voter }) => voter.leader !== "");
  const itself = led.filter((asked) => asked.voter.leader === asked.candidate);
  return (
    `${itself.length} passed the second question because the leader that the ` +
    `voter knew asked itself, ${led.length - itself.length} because of the flag.`
  );
}

function inWords(rungs: readonly Counted[]): string {
  const of = (place: number) => rungs[place - 1] as Counted;
  return (
    "Eight questions from top to bottom, and what became of " +
    `${of(1).came} requests. Is the candidate in my configuration? If not, ` +
    `refused: ${of(1).refused}. Do I know another leader, without the ` +
    `transfer flag? Then refused: ${of(2).refused}. Is its term older than ` +
    `mine? Then refused: ${of(3).refused}. Is its term newer? Then I take it ` +
    `and follow: ${of(4).tookTerm}; I stop if I cannot write it: ` +
    `${of(4).stopped}; otherwise on to the next in any case. Is it a voter? ` +
    `If not, refused: ${of(5).refused}. Have I voted in this term? Then ` +
    `granted if it was this candidate: ${of(6).granted}, else refused: ` +
    `${of(6).refused}. Is my log newer? Then refused: ${of(7).refused}. Is ` +
    `the vote on disk? If it cannot be written, refused: ${of(8).refused}; ` +
    `else granted: ${of(8).granted}.`
  );
}

const HOW =
  `Counted in ${RUNS} unscripted runs of three voters. Messages take 20 to ` +
  "150 ms; one in twenty is lost, one in twenty arrives twice, and of a " +
  `hundred writes three fail. A run has ${CUTS} cuts: each time one server is ` +
  "cut off or deaf for 1.5 to 3 s, and the leader is asked to write. After " +
  `one of them whoever leads hands over by TimeoutNow. One run in ${OUTDATED_EVERY} has two servers ` +
  "more: s4 has lost its vote, s5 is removed, and their logs do not know it " +
  "yet. Without them rungs 1 and 5 would refuse nobody. How often a rung " +
  "decides depends on the runs; a refusal that belongs to no rung would have " +
  "stopped the build.";

export default function draw(all = votes()): Picture {
  const rungs = counted(all);
  return {
    title: "The ladder of a vote",
    words: `${inWords(rungs)} ${heardAllTheSame(all)} ${HOW}`,
    svg: ladder(rungs),
    tables: [
      {
        caption: "The rungs, and what became of the requests at each",
        head: ["rung", "question", "refused", "granted", "went on", "also"],
        rows: rungs.map(row),
      },
    ],
  };
}

function row(counts: Counted): string[] {
  const { rung, question, refused, granted, wentOn, tookTerm, stopped } =
    counts;
  const numbers = [refused, granted, wentOn].map(String);
  const also =
    rung === NEWER_TERM
      ? `term taken: ${tookTerm}; not written, server stopped: ${stopped}`
      : "";
  return [String(rung), question, ...numbers, also];
}
