/**
 * The pictures of the lessons, each drawn just now by the module that a lesson
 * names: the picture is the execution. What cannot be drawn is said, with the
 * module's name, and stops a build.
 */

import path from "node:path";
import { type Hurry, runApart } from "../apart.ts";
import type { BookPicture } from "../book/types.ts";
import { drawDiagrams } from "../diagrams/draw.ts";
import { PICTURES, pictureNames } from "../engine/pictures.ts";
import type { Lesson } from "../engine/types.ts";
import type { Picture } from "./picture.ts";

const RUNNER = path.join(import.meta.dirname, "run.ts");

type Drawn = { readonly picture?: Picture; readonly error?: string };

/** By name: "08-commit-path". Only those that a lesson shows. */
export async function drawPictures(
  root: string,
  lessons: readonly Lesson[],
  hurry?: Hurry,
): Promise<Record<string, BookPicture>> {
  const names = pictureNames(root).filter((name) =>
    lessons.some(({ pictures }) => pictures.some((one) => one.name === name)),
  );
  const modules = names.map((name) => moduleOf(root, name));
  const drawn = await runApart<Drawn>(
    {
      runner: RUNNER,
      input: modules,
      names: modules,
      reads: [path.join(root, "raft"), path.join(root, PICTURES)],
      failed: "the pictures cannot be drawn",
    },
    hurry,
  );
  const sources = Object.values(drawn).flatMap(({ picture }) =>
    picture?.mermaid ? [picture.mermaid] : [],
  );
  const diagrams = drawDiagrams(root, sources);
  return Object.fromEntries(
    names.map((name) => [
      name,
      bookPicture(name, drawn[moduleOf(root, name)] ?? {}, diagrams),
    ]),
  );
}

function moduleOf(root: string, name: string): string {
  return path.join(root, PICTURES, `${name}.ts`);
}

function bookPicture(
  name: string,
  { picture, error }: Drawn,
  diagrams: ReadonlyMap<string, string>,
): BookPicture {
  const file = `${PICTURES}/${name}.ts`;
  if (!picture) return { file, error: error ?? "it was not drawn" };
  const { title, words, mermaid, svg, tables = [] } = picture;
  if ((mermaid === undefined) === (svg === undefined)) {
    return { file, error: "a picture has either mermaid or svg" };
  }
  const drawing = mermaid === undefined ? svg : diagrams.get(mermaid);
  return { file, title, words, svg: drawing ?? "", tables };
}
