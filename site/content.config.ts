/**
 * The pages that are written: lessons, and the API that TypeDoc writes. A
 * lesson's route is its file's name; a Chinese one stands under zh-cn/.
 */

import { defineCollection } from "astro:content";
import { i18nLoader } from "@astrojs/starlight/loaders";
import { docsSchema, i18nSchema } from "@astrojs/starlight/schema";
import { glob } from "astro/loaders";
import { z } from "astro/zod";

const lessonFields = z.object({
  question: z.string().optional(),
  part: z.number().optional(),
  number: z.number().optional(),
  minutes: z.number().optional(),
  assumes: z.array(z.union([z.string(), z.number()])).default([]),
  explains: z.array(z.string()).default([]),
  suite: z.string().optional(),
  scenario: z.string().optional(),
});

export const collections = {
  docs: defineCollection({
    loader: glob({
      base: "./lessons",
      pattern: "**/[^_]*.{md,mdx}",
      generateId: ({ entry }) => lessonRoute(entry),
    }),
    schema: docsSchema({ extend: lessonFields }),
  }),
  api: defineCollection({
    loader: glob({
      base: "./site/content/docs/api",
      pattern: "**/*.md",
      generateId: ({ entry }) => apiRoute(entry),
    }),
    schema: z.object({ title: z.string() }),
  }),
  i18n: defineCollection({ loader: i18nLoader(), schema: i18nSchema() }),
};

function lessonRoute(entry: string): string {
  const name = entry.replace(/\.mdx?$/, "").toLowerCase();
  const chinese = name.startsWith("zh-cn/");
  return chinese ? `zh-cn/lessons/${name.slice(6)}` : `lessons/${name}`;
}

/** TypeDoc's own front page is the folder's. */
function apiRoute(entry: string): string {
  return entry
    .replace(/\.md$/, "")
    .replace(/(^|\/)(index|readme)$/i, "$1index")
    .toLowerCase();
}
