/**
 * What the engine says of the lessons, for the checks that ask whether the
 * built pages say the same. Read once a run.
 */

import { ROOT } from "../built.ts";
import type { Lesson } from "../engine/types.ts";
import { readWorld, type World } from "../engine/world.ts";

let read: World | undefined;

export function world(): World {
  read ??= readWorld(ROOT);
  return read;
}

/** The lesson on a page: "zh-cn/lessons/04-elect-self/" may be in English. */
export function lessonOn(page: string): Lesson {
  const [, locale = "", name = ""] =
    /^(zh-cn\/)?lessons\/(.+)\/$/.exec(page) ?? [];
  const named = (slug: string) =>
    world().lessons.find((lesson) => lesson.slug.toLowerCase() === slug);
  const lesson = named(locale + name) ?? named(name);
  if (lesson) return lesson;
  throw new Error(`/${page} shows no lesson that is written`);
}
