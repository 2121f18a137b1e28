// From the source back to the prose: for each file of raft/, the passages that
// speak of its lines. A line is explained when a note or a claim is bound to
// it; an excerpt shows its lines, which is less.

import { bind } from "./binding.ts";
import { resolveExcerpt } from "./excerpt.ts";
import { Problem } from "./fault.ts";
import type {
  Backlink,
  Backlinks,
  Lesson,
  LessonClaim,
  LessonExcerpt,
  LessonNote,
  LineRange,
  SourceIndex,
} from "./types.ts";

export function backlinks(
  lessons: readonly Lesson[],
  index: SourceIndex,
): Backlinks {
  const all = lessons.flatMap((lesson) => [
    ...lesson.excerpts.flatMap((one) => excerptLinks(index, lesson, one)),
    ...[...lesson.notes, ...lesson.claims].flatMap((one) => {
      const binding = bind(index, one);
      if (binding === undefined || binding instanceof Problem) return [];
      return [backlink(lesson, one, binding)];
    }),
  ]);
  const byFile = Map.groupBy(all, ({ file }) => file);
  for (const links of byFile.values()) {
    links.sort((a, b) => a.range.start - b.range.start);
  }
  return byFile;
}

function excerptLinks(
  index: SourceIndex,
  lesson: Lesson,
  excerpt: LessonExcerpt,
): Backlink[] {
  const { request, beside } = excerpt;
  const requests = beside === undefined ? [request] : [request, { of: beside }];
  return requests.flatMap((one) => {
    const shown = resolveExcerpt(index, one);
    if (shown instanceof Problem) return [];
    return [backlink(lesson, excerpt, shown)];
  });
}

function backlink(
  lesson: Lesson,
  passage: LessonExcerpt | LessonNote | LessonClaim,
  { file, range }: { readonly file: string; readonly range: LineRange },
): Backlink {
  return {
    file,
    range,
    kind: passage.kind,
    lesson: lesson.slug,
    title: lesson.front.title,
    number: lesson.front.number,
    id: passage.id,
    anchor: passage.anchor,
    place: passage.place,
    ...said(passage),
  };
}

/** What tells a note or a claim from its neighbours on the same line. */
function said(
  passage: LessonExcerpt | LessonNote | LessonClaim,
): Pick<Backlink, "text" | "test"> {
  if (passage.kind === "note") return { text: passage.text };
  return passage.kind === "claim" ? { test: passage.test } : {};
}
