/**
 * `npm run edit-time`: how long an author waits. Starts `astro dev`, opens a
 * page, saves an edit and takes the time until the page shows it; then saves
 * the file as it was and takes the time again. Medians, to be reported; no
 * test hangs on them.
 */

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { browserPath, launch } from "./browser.ts";
import { ROOT } from "./built.ts";

interface Edit {
  readonly what: string;
  readonly page: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const edits: readonly Edit[] = [
  {
    what: "a sentence of lesson 4",
    page: "lessons/04-elect-self/",
    file: "lessons/04-elect-self.mdx",
    from: "The main task of s1 has just left",
    to: "The main task of s1 has this moment left",
  },
  {
    what: "a line of raft.ts, on its source page",
    page: "source/raft.ts/",
    file: "raft/raft.ts",
    from: "entering Follower state",
    to: "entering the Follower state",
  },
];

/** Each there and back. */
const ROUNDS = 2;
const PATIENCE_MS = 60_000;
const PAUSE_MS = 1500;

async function main(): Promise<void> {
  const found = await browserPath();
  if (found instanceof Error) throw found;
  const site = await startDev();
  const browser = await launch(found);
  try {
    for (const edit of edits) {
      const taken = await timesOf(browser, site.url, edit);
      const seconds = (median(taken) / 1000).toFixed(1);
      console.log(`${seconds} s  from saving ${edit.what} to seeing it`);
    }
  } finally {
    await browser.close();
    site.stop();
  }
}

/** `astro dev`, once it says where it is. */
async function startDev(): Promise<{ url: string; stop(): void }> {
  const child = spawn("npx", ["astro", "dev", "--port", "4571"], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.once("exit", () => reject(new Error(`astro dev ended:\n${said}`)));
    child.stdout.on("data", (part) => {
      said += part;
      const [address] = /http:\/\/localhost:\d+\/\S*/.exec(said) ?? [];
      if (address) resolve(address.replace(/\/?$/, "/"));
    });
  });
  return {
    url,
    stop() {
      child.removeAllListeners("exit");
      if (child.pid !== undefined) process.kill(-child.pid);
    },
  };
}

async function timesOf(
  browser: Browser,
  url: string,
  edit: Edit,
): Promise<number[]> {
  const place = path.join(ROOT, edit.file);
  const was = readFileSync(place, "utf8");
  const is = was.replace(edit.from, edit.to);
  if (is === was) throw new Error(`${edit.file} has no "${edit.from}"`);
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url + edit.page);
  await shows(page, edit.from);
  const taken: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [text, words] of [
        [is, edit.to],
        [was, edit.from],
      ] as const) {
        await page.waitForTimeout(PAUSE_MS);
        const started = performance.now();
        writeFileSync(place, text);
        await shows(page, words);
        taken.push(performance.now() - started);
      }
    }
  } finally {
    writeFileSync(place, was);
  }
  await page.close();
  return taken;
}

/** Also across the page's reload. */
async function shows(page: Page, words: string): Promise<void> {
  const here = (wanted: string) =>
    document.querySelector("main")?.textContent.includes(wanted) ?? false;
  await page.waitForFunction(here, words, { polling: 30 });
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

await main();
process.exit();
