/**
 * Lighthouse on the pages by which readers come in: accessibility, best
 * practices and search engines at 100. Performance is a time, so it is said
 * and not judged.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import lighthouseOn, { type Result } from "lighthouse";
import { browserPath, FLAGS } from "../browser.ts";
import { type Check, needed } from "./check.ts";

const PAGES = [
  "",
  "lessons/04-elect-self/",
  "lessons/08-who-decides-the-majority/",
  "source/raft.ts/",
  "questions/c4/",
];
const JUDGED = ["accessibility", "best-practices", "seo"] as const;

export const lighthouse: Check = {
  name: "lighthouse",
  needsBrowser: true,
  async run(site, browser) {
    needed(browser);
    const chromium = await ownBrowser();
    const said: string[] = [];
    const faults: string[] = [];
    try {
      for (const page of PAGES) {
        const result = await visit(site.url + page, chromium.port);
        const score = (name: string) =>
          Math.round((result.categories[name]?.score ?? 0) * 100);
        said.push(`/${page} ${score("performance")}`);
        for (const name of JUDGED) {
          if (score(name) === 100) continue;
          faults.push(
            `/${page}: ${name} ${score(name)}: ${wrongIn(result, name)}`,
          );
        }
      }
    } finally {
      chromium.close();
    }
    const checked = `performance ${said.join(", ")}; the rest judged`;
    return { checked, faults };
  },
};

async function visit(url: string, port: number): Promise<Result> {
  const outcome = await lighthouseOn(url, { port, logLevel: "silent" });
  if (outcome) return outcome.lhr;
  throw new Error(`lighthouse says nothing of ${url}`);
}

/** The audits that cost points. */
function wrongIn(result: Result, name: string): string {
  const refs = result.categories[name]?.auditRefs ?? [];
  return refs
    .filter(({ weight }) => weight > 0)
    .map(({ id }) => result.audits[id])
    .filter((audit) => audit?.score !== null && (audit?.score ?? 1) < 1)
    .map((audit) => audit?.title)
    .join("; ");
}

interface OwnBrowser {
  readonly port: number;
  close(): void;
}

/** Lighthouse talks to a browser by a port; the other checks' has none. */
async function ownBrowser(): Promise<OwnBrowser> {
  const found = await browserPath();
  if (found instanceof Error) throw found;
  const profile = mkdtempSync(path.join(tmpdir(), "lighthouse-"));
  const child = spawn(
    found,
    [
      ...FLAGS,
      "--headless",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const port = await new Promise<number>((resolve, reject) => {
    let text = "";
    child.stderr.on("data", (part) => {
      text += part;
      const [, at] =
        /DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(text) ?? [];
      if (at) resolve(Number(at));
    });
    child.once("exit", () => reject(new Error(`no browser:\n${text}`)));
  });
  return {
    port,
    close() {
      child.once("exit", () =>
        rmSync(profile, { recursive: true, force: true }),
      );
      child.kill();
    },
  };
}
