/**
 * Navigation, for every page: lessons by part in the reader's language, then
 * the other ways in. Lessons follow one another; nothing else has a next page.
 */

import book from "virtual:book";
import { defineRouteMiddleware } from "@astrojs/starlight/route-data";
import type { BookLesson } from "../tools/book/types.ts";
import { href } from "./href.ts";
import { words } from "./words.ts";

export const onRequest = defineRouteMiddleware(({ locals, url }) => {
  const route = locals.starlightRoute;
  const word = words(route.locale);
  const here = decodeURI(url.pathname);
  const link = (label: string, path: string, isCurrent = false) => ({
    type: "link" as const,
    label,
    href: path,
    isCurrent,
    badge: undefined,
    attrs: {},
  });
  const own = (label: string, path: string) => {
    const target = href(path);
    const one = link(label, target, here.startsWith(target));
    return leadsToEnglish(path, route.locale)
      ? { ...one, badge: { ...ENGLISH, text: word.inEnglish } }
      : one;
  };

  const lessons = lessonsFor(route.locale);
  const lessonLink = (lesson: BookLesson) => {
    const { number, title } = lesson.front;
    const target = href(routeIn(lesson, route.locale));
    const label = number > 0 ? `${number} · ${title}` : title;
    const { suite } = lesson.front;
    const tested = suite !== undefined && here === href(`/proof/${suite}/`);
    const attrs = {
      "data-lesson": nameOf(lesson),
      "data-code": lesson.digest,
      ...(tested ? { "data-here": "" } : {}),
    };
    return { ...link(label, target, target === here), attrs };
  };
  /** The lesson that is read is followed by its sections. */
  const sections = () =>
    route.headings
      .filter(({ depth }) => depth === 2 || depth === 3)
      .map(({ depth, slug, text }) => ({
        ...link(text, `#${slug}`),
        attrs: { "data-section": depth },
      }));
  const parts = [...new Set(lessons.map(({ front }) => front.part))].sort();
  route.sidebar = [
    ...parts.map((part) => ({
      type: "group" as const,
      label: word[`part${part}` as "part1"] ?? `Part ${part}`,
      entries: lessons
        .filter(({ front }) => front.part === part)
        .map(lessonLink)
        .flatMap((one) => (one.isCurrent ? [one, ...sections()] : [one])),
      collapsed: false,
      badge: undefined,
    })),
    {
      type: "group",
      label: word.ways,
      entries: [
        own(
          word.questions,
          route.locale === "zh-cn" ? "/zh-cn/questions/" : "/questions/",
        ),
        own(
          word.routes,
          route.locale === "zh-cn" ? "/zh-cn/routes/" : "/routes/",
        ),
        own(word.go, "/go/"),
        own(word.rules, "/rules/"),
        own(word.source, "/source/"),
        own(word.channels, "/channels/"),
        own(word.differs, "/differs/"),
        own(word.upstream, "/upstream/"),
        own(word.api, "/api/"),
        own(word.coverage, "/coverage/"),
        own(word.limits, "/limits/"),
      ],
      collapsed: false,
      badge: undefined,
    },
  ];

  const at = lessons.findIndex(
    (lesson) => href(routeIn(lesson, route.locale)) === here,
  );
  const before = lessons[at - 1];
  const after = at < 0 ? undefined : lessons[at + 1];
  route.pagination = {
    prev: before && lessonLink(before),
    next: after && lessonLink(after),
  };
});

const ENGLISH = { variant: "default", class: "in-english" } as const;

/** There and back: such a page has no other language. */
export function leadsToEnglish(path: string, locale?: string): boolean {
  return locale !== undefined && !path.startsWith(`/${locale}/`);
}

/** "04-elect-self", in every language: what a reader's progress is kept by. */
export function nameOf({ route }: BookLesson): string {
  return route.replace(/\/$/, "").replace(/^.*\//, "");
}

/** English lessons in order, each in its translation where there is one. */
export function lessonsFor(locale: string | undefined): BookLesson[] {
  const english = book.lessons.filter((lesson) => lesson.locale === "en");
  const order = (lesson: BookLesson) =>
    lesson.front.part * 1000 + lesson.front.number;
  return english
    .map((lesson) => translated(lesson, locale))
    .sort((a, b) => order(a) - order(b));
}

function translated(
  lesson: BookLesson,
  locale: string | undefined,
): BookLesson {
  if (locale === undefined) return lesson;
  const wanted = `/${locale}${lesson.route}`;
  return book.lessons.find(({ route }) => route === wanted) ?? lesson;
}

/** An untranslated lesson has a route in every language, in English. */
export function routeIn(
  lesson: BookLesson,
  locale: string | undefined,
): string {
  if (locale === undefined || lesson.route.startsWith(`/${locale}/`)) {
    return lesson.route;
  }
  return `/${locale}${lesson.route}`;
}
