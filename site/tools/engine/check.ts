// Whether the lessons hold: every address, name, citation and claim, and the
// code under every attested passage. It fails closed, and says all that is
// wrong in one run, each fault with the place that must change.
//
// Each rule below is a question to the whole world; none knows of another.

import { exerciseNames } from "../exercises/read.ts";
import { resolveName, resolveSymbol } from "./address.ts";
import { passageStates } from "./attest.ts";
import { bind } from "./binding.ts";
import { findChannel } from "./channels.ts";
import { resolveExcerpt } from "./excerpt.ts";
import { byPlace, fault, faultAt, Problem } from "./fault.ts";
import { codeFaults } from "./illustrative.ts";
import { lineNumberFaults } from "./line-numbers.ts";
import { nameFaults } from "./names.ts";
import { nearest, nearestLines } from "./nearest.ts";
import { pictureNames } from "./pictures.ts";
import { plannedFaults } from "./planned.ts";
import { findAll } from "./text.ts";
import type {
  Fault,
  FaultKind,
  Lesson,
  LessonClaim,
  PassageState,
  Place,
  Suite,
  SuiteClaim,
} from "./types.ts";
import { findUpstream, upstreamLines } from "./upstream.ts";
import { readWorld, type World } from "./world.ts";

type Rule = (world: World) => readonly (Fault | undefined)[];

const rules: readonly Rule[] = [
  readable,
  excerptsResolve,
  passagesResolve,
  explainedSymbolsResolve,
  inlineNamesResolve,
  linksStayLinks,
  channelsExist,
  picturesExist,
  exercisesExist,
  lessonsHaveExercises,
  claimsAreProved,
  suitesResolve,
  upstreamLinesExist,
  attestationsHold,
  codeIsNotPasted,
  linesAreNotNumbered,
  lessonsSayWhatIsPlanned,
];

/** Every fault of the repository, in the order of file and line. */
export function check(root: string): Fault[] {
  return checkWorld(readWorld(root));
}

export function checkWorld(world: World): Fault[] {
  return rules
    .flatMap((rule) => rule(world))
    .filter((found) => found !== undefined)
    .sort(byPlace);
}

// ------------------------------------------------------------ addresses

function readable({ lessons, suites }: World): Fault[] {
  return [...lessons, ...suites].flatMap((one) => one.faults);
}

function excerptsResolve({ index, lessons }: World) {
  return lessons
    .flatMap((lesson) => lesson.excerpts)
    .flatMap(({ place, request, beside }) => [
      ifProblem(place, resolveExcerpt(index, request)),
      beside === undefined
        ? undefined
        : ifProblem(place, resolveExcerpt(index, { of: beside })),
    ]);
}

/** What is bound to an excerpt that does not resolve is not counted again. */
function passagesResolve({ index, lessons }: World) {
  const shown = lessons
    .flatMap((lesson) => lesson.notes)
    .filter(({ within }) => !isProblem(resolveExcerpt(index, within)));
  const claims = lessons.flatMap((lesson) => lesson.claims);
  return [...shown, ...claims].map((passage) =>
    ifProblem(passage.place, bind(index, passage)),
  );
}

function explainedSymbolsResolve({ index, lessons }: World) {
  return lessons.flatMap((lesson) =>
    lesson.front.explains.map((address, i) =>
      ifProblem(
        placeInFront(lesson, `explains.${i}`),
        resolveSymbol(index, address),
      ),
    ),
  );
}

function inlineNamesResolve({ index, lessons }: World) {
  return lessons
    .flatMap((lesson) => lesson.names)
    .filter((name) => name.marked)
    .map((name) => ifProblem(name.place, resolveName(index, name.text)));
}

/** A name in backquotes that was a link once has to be one still. */
function linksStayLinks({ index, lessons, names }: World): Fault[] {
  return nameFaults(index, lessons, names);
}

function channelsExist({ index, lessons }: World) {
  return lessons
    .flatMap((lesson) => lesson.channels)
    .map(({ place, name }) => ifProblem(place, findChannel(index, name)));
}

function picturesExist({ root, lessons }: World) {
  const named = lessons.flatMap((lesson) => lesson.pictures);
  return named.map((one) =>
    fileFault("unknown-picture", "pictures", "ts", one, pictureNames(root)),
  );
}

function exercisesExist({ root, lessons }: World) {
  const named = lessons.flatMap((lesson) => lesson.exercises);
  return named.map((one) =>
    fileFault(
      "unknown-exercise",
      "exercises",
      "yaml",
      one,
      exerciseNames(root),
    ),
  );
}

/** Its file, its blanks and its wrong answers are asked for elsewhere. */
function lessonsHaveExercises({ lessons }: World) {
  return lessons
    .filter(({ exercises }) => exercises.length === 0)
    .map((lesson) =>
      fault(
        "no-exercise",
        placeInFront(lesson, "number"),
        `lesson ${lesson.front.number} shows no exercise: write ` +
          "lessons/exercises/NN-….yaml, and <Exercise name=…> where it belongs",
      ),
    );
}

/** What a lesson shows is a file beside it. */
function fileFault(
  kind: FaultKind,
  folder: string,
  ending: string,
  { place, name }: { readonly place: Place; readonly name: string },
  names: readonly string[],
): Fault | undefined {
  if (names.includes(name)) return undefined;
  const file = `lessons/${folder}/${name}.${ending}`;
  return fault(kind, place, `there is no ${file}`, nearest(name, names));
}

// --------------------------------------------------------------- claims

function claimsAreProved({ lessons, suites }: World) {
  return lessons.flatMap((lesson) => {
    const { suite: name } = lesson.front;
    const suite = suites.find((one) => one.name === name);
    if (suite) {
      return lesson.claims.map((claim) => proofFault(claim, suite, suites));
    }
    if (name === undefined && lesson.claims.length === 0) return [];
    return [suiteFault(lesson, suites)];
  });
}

function suiteFault(lesson: Lesson, suites: readonly Suite[]): Fault {
  const { suite } = lesson.front;
  const names = suites.map((one) => one.name);
  const message =
    suite === undefined
      ? "the lesson makes claims, and its front matter names no suite"
      : `there is no test/lessons/${suite}.test.ts`;
  const place = placeInFront(lesson, "suite");
  return fault("unknown-suite", place, message, nearest(suite ?? "", names));
}

function proofFault(
  claim: LessonClaim,
  suite: Suite,
  suites: readonly Suite[],
): Fault | undefined {
  const proof = suite.claims.find(({ name }) => name === claim.test);
  if (proof) return proof.skipped ? skippedFault(claim, proof) : undefined;
  const other = suites.find(({ claims }) =>
    claims.some(({ name }) => name === claim.test),
  );
  if (other) {
    const message =
      `"${claim.test}" is proved in ${other.file}; ` +
      `this lesson's suite is ${suite.file}`;
    return fault("foreign-test", claim.place, message, names(suite, claim));
  }
  const message = `${suite.file} has no claim "${claim.test}"`;
  return fault("unknown-test", claim.place, message, names(suite, claim));
}

function names(suite: Suite, claim: LessonClaim): string[] {
  return nearest(
    claim.test,
    suite.claims.map(({ name }) => name),
  );
}

function skippedFault(claim: LessonClaim, { place }: SuiteClaim): Fault {
  const message =
    `"${claim.test}" does not run as a plain claim(…): ` +
    `see ${place.file}:${place.line}`;
  return fault("skipped-test", claim.place, message);
}

function suitesResolve({ index, suites }: World) {
  return suites
    .flatMap((suite) => suite.claims)
    .flatMap((claim) => [
      ifProblem(claim.place, resolveSymbol(index, claim.at)),
      breakFault(index, claim),
    ]);
}

/** A break is applied letter by letter, so here white space counts. */
function breakFault(
  index: World["index"],
  { name, break: wrong }: SuiteClaim,
): Fault | undefined {
  if (wrong === undefined) return undefined;
  const symbol = resolveSymbol(index, wrong.in);
  if (symbol instanceof Problem) return faultAt(wrong.place, symbol);
  const whole = index.files.get(symbol.file)?.text ?? "";
  const text = whole.slice(symbol.span.start, symbol.span.end);
  const times = findAll(whole, wrong.from, symbol.span).length;
  if (times === 1) return undefined;
  return fault(
    "break-match",
    wrong.place,
    `the break of "${name}": ${JSON.stringify(wrong.from)} stands ` +
      `${times} times in ${wrong.in}; it must stand there once`,
    times === 0 ? nearestLines(wrong.from, text.split("\n")) : [],
  );
}

// ------------------------------------------------------------- upstream

function upstreamLinesExist({ index, lessons }: World) {
  return lessons
    .flatMap((lesson) => lesson.upstream)
    .map(({ place, of, file, lines }) => {
      const wanted =
        of === undefined
          ? { file: file ?? "" }
          : { name: of, ...(file === undefined ? {} : { file }) };
      const whole = findUpstream(index.upstream, wanted);
      if (whole instanceof Problem) return faultAt(place, whole);
      if (lines === undefined) return undefined;
      return ifProblem(place, upstreamLines(index.upstream, whole, lines));
    });
}

// ---------------------------------------------------------- attestation

function attestationsHold({ index, lessons, attestations }: World) {
  return passageStates(index, lessons, attestations).map(attestationFault);
}

/** The fault of a passage whose code nobody has read it beside. */
export function attestationFault(state: PassageState): Fault | undefined {
  const { id, place, of, was, now } = state;
  const accept = `npm run attest -- --accept ${id}`;
  if (state.state === "new") {
    const message =
      `nobody has attested this passage on ${of}; ` +
      `read it beside the code, then: ${accept}`;
    return fault("never-attested", place, message);
  }
  if (state.state === "attested" || was === undefined) return undefined;
  const message =
    `${of} has changed since ${was.by} read this passage (${was.on}); ` +
    `read it again, then: ${accept}`;
  const found = fault("changed-code", place, message);
  return { ...found, was: was.code, now: now.code };
}

// ---------------------------------------------------------------- prose

function codeIsNotPasted({ root, lessons }: World): Fault[] {
  return codeFaults(root, lessons);
}

function linesAreNotNumbered({ root, lessons }: World): Fault[] {
  return lineNumberFaults(root, lessons);
}

function lessonsSayWhatIsPlanned({ lessons }: World): Fault[] {
  return plannedFaults(lessons);
}

// -------------------------------------------------------------- helpers

function ifProblem(place: Place, answer: unknown): Fault | undefined {
  return answer instanceof Problem ? faultAt(place, answer) : undefined;
}

function isProblem(answer: unknown): boolean {
  return answer instanceof Problem;
}

function placeInFront(lesson: Lesson, field: string): Place {
  return lesson.frontPlaces[field] ?? { file: lesson.file, line: 1 };
}
