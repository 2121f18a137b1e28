// Bare line numbers: "line 120" is wrong after the next edit, and nobody is
// told. They are looked for in every text of ours that a reader meets: prose,
// titles and questions of lessons, the words of diagrams, the exercises, and
// the answers and rules under site/data/.
//
// Absent: texts that a program makes. Their numbers are true when it runs.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { exerciseNames } from "../exercises/read.ts";
import { fault } from "./fault.ts";
import type { Fault, Lesson, Prose } from "./types.ts";

const LINE_NUMBERS: readonly RegExp[] = [
  /\blines?\s+\d+(?:\s*(?:[-–—,]|to|and)\s*\d+)*/giu,
  /\.\w+:\d+(?:[-–]\d+)?/gu,
  /(?<![\d.]):\d+[-–]\d+/gu,
  /(?<![\w.])#?L\d{2,}(?:[-–]L?\d+)?\b/gu,
  /第\s*\d+(?:\s*[-–—到至]\s*\d+)?\s*行/gu,
];

/** Where else the site keeps words of ours. */
const DATA = ["questions.ts", "routes.ts", "rules.ts"];

export function lineNumberFaults(
  root: string,
  lessons: readonly Lesson[],
): Fault[] {
  const texts = [
    ...lessons.flatMap(textsOf),
    ...exerciseTexts(root),
    ...DATA.flatMap((file) => literalsOf(root, `site/data/${file}`)),
  ];
  return texts.flatMap(({ place, text }) =>
    numberedLines(text).map(({ said, below }) =>
      fault(
        "bare-line-number",
        { file: place.file, line: place.line + below },
        `"${said}" goes wrong with the next edit; name the code by its ` +
          "words (<Note on>, from/to), or cite Go with <Upstream>",
      ),
    ),
  );
}

function textsOf(lesson: Lesson): Prose[] {
  const { file, front, frontPlaces, prose, diagrams } = lesson;
  const fields = ["title", "description", "question"] as const;
  return [
    ...fields.map((field) => ({
      place: frontPlaces[field] ?? { file, line: 1 },
      text: front[field] ?? "",
    })),
    ...prose,
    ...diagrams.flatMap(({ place, title, textEquivalent }) =>
      [title, textEquivalent].map((text) => ({ place, text })),
    ),
  ];
}

function exerciseTexts(root: string): Prose[] {
  return exerciseNames(root).map((name) => {
    const file = `lessons/exercises/${name}.yaml`;
    const text = readFileSync(path.join(root, file), "utf8");
    return { place: { file, line: 1 }, text };
  });
}

/** The texts in quotes of a file, and none of its comments. */
function literalsOf(root: string, file: string): Prose[] {
  const whole = path.join(root, file);
  if (!existsSync(whole)) return [];
  const text = readFileSync(whole, "utf8");
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Prose[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) {
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
      found.push({ place: { file, line: line + 1 }, text: node.text });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function numberedLines(text: string): { said: string; below: number }[] {
  const matches = LINE_NUMBERS.flatMap((one) => [...text.matchAll(one)]);
  const sorted = matches.sort((a, b) => a.index - b.index);
  return sorted
    .filter((match, i) => {
      const before = sorted[i - 1];
      return !before || match.index >= before.index + before[0].length;
    })
    .map((match) => ({
      said: match[0],
      below: text.slice(0, match.index).split("\n").length - 1,
    }));
}
