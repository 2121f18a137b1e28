// The site: Astro and Starlight around the lessons. What the reader sees is in
// site/, what is read is in lessons/ and raft/. Three variables of the
// environment decide where it will stand:
//   BASE_PATH       the folder it is served from, "/" if unset
//   SITE_URL        its address, for canonical links and the site map
//   REPOSITORY_URL  the repository; unset, only our own source page is linked

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { satteri } from "@astrojs/markdown-satteri";
import mdx from "@astrojs/mdx";
import starlight from "@astrojs/starlight";
import { defineConfig } from "astro/config";
import starlightTypeDoc, { typeDocSidebarGroup } from "starlight-typedoc";
import { bookIntegration } from "./site/tools/integration.ts";
import { lessonMarkdown } from "./site/tools/lesson-markdown.ts";
import { offline } from "./site/tools/offline.ts";
import { wholeIndex } from "./site/tools/whole-index.ts";

const root = fileURLToPath(new URL("./", import.meta.url));
const base = `/${(process.env.BASE_PATH ?? "").replace(/^\/+|\/+$/g, "")}`;
const site = process.env.SITE_URL;
const repository = process.env.REPOSITORY_URL;
// Without an address there is no site map, and nothing to be warned of.
const noSiteMap = site ? [] : [{ name: "@astrojs/sitemap", hooks: {} }];
const api = existsSync(`${root}raft/index.ts`);

export default defineConfig({
  ...(site ? { site } : {}),
  base,
  trailingSlash: "always",
  srcDir: "./site",
  publicDir: "./site/public",
  outDir: "./dist",
  prefetch: false,
  devToolbar: { enabled: false },
  markdown: {
    processor: satteri({ mdastPlugins: [lessonMarkdown(root, base)] }),
  },
  integrations: [
    bookIntegration(),
    starlight({
      title: "Raft, line by line",
      description:
        "HashiCorp Raft v1.1.1 in TypeScript, and a site that reads it with you.",
      favicon: "/favicon.svg",
      locales: {
        root: { label: "English", lang: "en" },
        "zh-cn": { label: "简体中文", lang: "zh-CN" },
      },
      customCss: [
        "./site/styles/fonts.css",
        "./site/styles/theme.css",
        "./site/styles/code.css",
        "./site/styles/names.css",
        "./site/styles/pages.css",
      ],
      components: {
        Head: "./site/overrides/Head.astro",
        PageFrame: "./site/overrides/PageFrame.astro",
        PageTitle: "./site/overrides/PageTitle.astro",
        Header: "./site/overrides/Header.astro",
        Footer: "./site/overrides/Footer.astro",
        Search: "./site/overrides/Search.astro",
        LanguageSelect: "./site/overrides/LanguageSelect.astro",
        MobileMenuToggle: "./site/overrides/MobileMenuToggle.astro",
        Sidebar: "./site/overrides/Sidebar.astro",
      },
      routeMiddleware: "./site/lib/route.ts",
      tableOfContents: false,
      disable404Route: true,
      credits: false,
      markdown: { processedDirs: ["./lessons/"] },
      ...(repository
        ? {
            social: [{ icon: "github", label: "Repository", href: repository }],
          }
        : {}),
      sidebar: api ? [typeDocSidebarGroup] : [{ label: "API", items: [] }],
      plugins: api
        ? [
            starlightTypeDoc({
              entryPoints: ["./raft/index.ts"],
              tsconfig: "./raft/tsconfig.json",
              output: "api",
              sidebar: { label: "API", collapsed: true },
              typeDoc: {
                disableGit: true,
                // Types are the affair of `npm run check`.
                skipErrorChecking: true,
                sourceLinkTemplate: "/source/{path}/#L{line}",
                logLevel: "Error",
                blockTags: ["@param", "@returns", "@throws", "@example"],
              },
            }),
          ]
        : [],
    }),
    mdx(),
    ...noSiteMap,
    wholeIndex(),
    offline(),
  ],
  vite: {
    build: {
      // "use astro:head-inject" in every lesson: harmless, and noisy.
      rolldownOptions: { checks: { moduleLevelDirective: false } },
    },
  },
});
