// The readers' questions, beside the lessons that answer them: a question has
// one wording, in the list and at the head of its lesson, and is about lines
// that are there.

import { describe, expect, test } from "vitest";
import { questions } from "../../site/data/questions.ts";
import { readWorld } from "../../site/tools/engine/world.ts";

const { index, lessons, suites } = readWorld(".");
const written = lessons
  .filter(({ locale }) => locale === "en")
  .map((lesson) => ({
    lesson,
    asked: questions.filter(
      ({ kind, lesson: number }) =>
        kind === "question" && number === lesson.front.number,
    ),
  }))
  .filter(({ asked }) => asked.length > 0);

function sentences(text: string): string[] {
  return text.replaceAll("`", "").split(/(?<=[.?!])\s+/);
}

/** Words shared, of all words: 1 for the same sentence. */
function likeness(a: string, b: string): number {
  const words = (text: string) => text.toLowerCase().match(/[\w']+/g) ?? [];
  const [one, other] = [new Set(words(a)), new Set(words(b))];
  const shared = [...one].filter((word) => other.has(word)).length;
  return shared / (one.size + other.size - shared);
}

/** So alike that they are one question in two wordings. */
const ALIKE = 0.3;

describe("a reader's question", () => {
  test("has one wording, in the list and in the lesson", () => {
    const twice = written.flatMap(({ lesson, asked }) => {
      const listed = asked.flatMap(({ question }) => sentences(question.en));
      return sentences(lesson.front.question)
        .filter((said) => !listed.includes(said))
        .flatMap((said) =>
          listed
            .filter((one) => likeness(one, said) >= ALIKE)
            .map((one) => `${lesson.file}: "${said}", the list: "${one}"`),
        );
    });
    expect(twice).toEqual([]);
  });

  test("opens the lesson that answers it, or another of that lesson's does", () => {
    const strange = written
      .filter(({ lesson, asked }) => {
        const said = sentences(lesson.front.question);
        return !asked.some(({ question }) => {
          const [first = ""] = sentences(question.en);
          return said.includes(first);
        });
      })
      .map(({ lesson }) => lesson.file);
    expect(strange).toEqual([]);
    expect(written.length).toBeGreaterThan(7);
  });

  test("names a place and a claim that are there", () => {
    const lost = questions.filter(({ place, claim, lesson }) => {
      const suite = suites.find(({ name }) => Number(name) === lesson);
      const proved = suite?.claims.some(({ name }) => name === claim);
      return (
        (place !== undefined && !index.symbols.has(place)) ||
        (claim !== undefined && !proved)
      );
    });
    expect(lost.map(({ id }) => id)).toEqual([]);
  });

  test("says channel in Chinese where it is no name", () => {
    const english = questions.flatMap(({ id, question, answer }) =>
      [question.zh, answer.zh]
        .map((text) => text.replace(/`[^`]*`/g, ""))
        .filter((text) => /\bchannels?\b/i.test(text))
        .map(() => id),
    );
    expect(english).toEqual([]);
  });
});
