/**
 * Every link of every page leads to a file of the site and to an element of
 * it, lines and ranges of lines included. Links to v1.1.1 name lines that the
 * Go file has, and links to the repository a file and lines of the commit
 * they name. Other addresses outside are not visited; `npm run links:outside`
 * does that. Who reads in one language is not led into the other, but by links
 * that say so. No id stands twice. A suite's page leads from each claim's
 * address to its lines, and lists of lessons are in order and apart.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../built.ts";
import type { UpstreamTable } from "../engine/types.ts";
import { type BuiltSite, type Check, count } from "./check.ts";
import { type Anchor, fileOfPage, type Page, readPage } from "./html.ts";

const GO =
  /^https:\/\/github\.com\/hashicorp\/raft\/blob\/v1\.1\.1\/([^#]+)(?:#L(\d+)(?:-L(\d+))?)?$/;

/** A file of this repository at a commit, behind what REPOSITORY_URL says. */
const OURS = /^\/blob\/([0-9a-f]{40})\/([^#]+)(?:#L(\d+)(?:-L(\d+))?)?$/;

export const links: Check = {
  name: "links",
  needsBrowser: false,
  async run(site) {
    const table = JSON.parse(
      readFileSync(path.join(ROOT, "test/upstream-v1.1.1.json"), "utf8"),
    ) as UpstreamTable;
    const pages = new Map<string, Page>();
    const read = (file: string) => {
      const known = pages.get(file) ?? readPage(file);
      pages.set(file, known);
      return known;
    };
    const faults = new Set<string>();
    let inside = 0;
    let outside = 0;
    let ours = 0;
    const repository = process.env.REPOSITORY_URL?.replace(/\/$/, "");
    const isOurs = (link: string) =>
      repository !== undefined && link.startsWith(`${repository}/blob/`);
    for (const page of site.pages) {
      const { links, anchors, twice, text } = read(fileOfPage(site.dist, page));
      for (const fault of ownFaults(text)) faults.add(`/${page}: ${fault}`);
      for (const id of twice) faults.add(`/${page}: two elements are #${id}`);
      for (const fault of anchors.flatMap(strayed(site, page))) {
        faults.add(`/${page}: ${fault}`);
      }
      for (const link of links) {
        const url = new URL(link, site.url + page);
        if (url.origin !== new URL(site.url).origin) {
          outside++;
          if (isOurs(link)) ours++;
          const fault = isOurs(link)
            ? ourFault(link.slice(repository?.length))
            : goFault(table, link);
          if (fault) faults.add(`/${page}: ${fault}`);
          continue;
        }
        inside++;
        const fault = insideFault(site, read, url);
        if (fault) faults.add(`/${page}: ${link}: ${fault}`);
      }
    }
    return {
      checked:
        `${count(inside, "link")} and fragments within ` +
        `${count(site.pages.length, "page")}; ${outside} outside` +
        (repository === undefined ? "" : `, ${ours} at the commit`),
      looked: {
        links: inside,
        "links outside": outside,
        ...(repository && { "links to the repository": ours }),
      },
      faults: [...faults],
    };
  },
};

/** What is only wrong with the links of some pages. */
function* ownFaults(text: string): Iterable<string> {
  if (/\bat: <span class=s>"(?!<a )/.test(text)) {
    yield "the address of a claim leads nowhere";
  }
  const list = /Explained in ([\s\S]*?)<\/p>/.exec(text)?.[1] ?? "";
  const numbers = [...list.matchAll(/>lesson (\d+),/g)].map(([, n]) =>
    Number(n),
  );
  if (numbers.some((n, i) => n < (numbers[i - 1] ?? 0))) {
    yield `lessons out of order: ${numbers}`;
  }
  const files = /class="file-list[\s\S]*$/.exec(text)?.[0] ?? "";
  if (/<\/a>\s*<a /.test(files)) yield "two lessons with nothing between";
}

function goFault(table: UpstreamTable, link: string): string | undefined {
  const match = GO.exec(link);
  if (!match) return undefined;
  const [, file = "", start, end = start] = match;
  const lines = table.files[file]?.lines;
  if (lines === undefined) {
    return /_test\.go$/.test(file) ? undefined : `v1.1.1 has no ${file}`;
  }
  if (start === undefined) return undefined;
  const fits = Number(start) <= Number(end) && Number(end) <= lines;
  return fits ? undefined : `${file} of v1.1.1 has ${lines} lines: ${link}`;
}

const committed = new Map<string, number>();

/** How many lines a file has in a commit; none, if it is not there. */
function linesAt(commit: string, file: string): number {
  const key = `${commit}:${file}`;
  const known = committed.get(key);
  if (known !== undefined) return known;
  const shown = spawnSync("git", ["show", key], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const text = shown.stdout.replace(/\n$/, "");
  const lines = shown.status === 0 ? text.split("\n").length : 0;
  committed.set(key, lines);
  return lines;
}

function ourFault(link: string): string | undefined {
  const match = OURS.exec(link);
  if (!match) return `leads to no commit: ${link}`;
  const [, commit = "", file = "", start = "1", end = start] = match;
  const lines = linesAt(commit, file);
  if (lines === 0) return `the commit has no such file: ${link}`;
  const fits = Number(start) <= Number(end) && Number(end) <= lines;
  return fits ? undefined : `${file} has ${lines} lines there: ${link}`;
}

/** Links from one language into the other that do not say that they do. */
function strayed(site: BuiltSite, page: string): (anchor: Anchor) => string[] {
  const pages = new Set(site.pages);
  const chinese = page.startsWith("zh-cn/");
  return ({ href, language }) => {
    const { origin, pathname } = new URL(href, site.url + page);
    const within = pathname.startsWith(site.base);
    if (origin !== new URL(site.url).origin || !within) return [];
    const target = pathname.slice(site.base.length);
    const leaves = target.startsWith("zh-cn/") !== chinese;
    if (!leaves || language.startsWith(chinese ? "en" : "zh")) return [];
    if (!chinese) return [`${href} leads into Chinese and does not say so`];
    const own = `zh-cn/${target}`;
    return pages.has(own) ? [`${href} is there in Chinese, at /${own}`] : [];
  };
}

function insideFault(
  site: BuiltSite,
  read: (file: string) => Page,
  url: URL,
): string | undefined {
  if (!url.pathname.startsWith(site.base)) return "outside the base path";
  const wanted = decodeURI(url.pathname.slice(site.base.length));
  const file = path.join(site.dist, wanted);
  const found = existsSync(file) && statSync(file).isDirectory();
  const target = found ? path.join(file, "index.html") : file;
  if (!existsSync(target)) return "no such page";
  if (found && !url.pathname.endsWith("/")) return "ends without a slash";
  const fragment = decodeURIComponent(url.hash.slice(1));
  if (fragment === "" || !target.endsWith(".html")) return undefined;
  const { ids } = read(target);
  const range = /^(L\d+)-(L\d+)$/.exec(fragment);
  const needed = range ? [range[1] ?? "", range[2] ?? ""] : [fragment];
  const missing = needed.find((id) => !ids.has(id));
  return missing === undefined ? undefined : `no #${missing} there`;
}
