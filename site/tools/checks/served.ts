/**
 * The site as others will serve it: `npm start`, as a reader types it, and a
 * static server that is not ours. Under each a reader looks at a lesson, a
 * name's card, the search and an exercise, and nothing fails, nothing is asked
 * of another host, and the pages are where the base path says.
 */

import { type ChildProcess, spawn } from "node:child_process";
import type { Browser, Page } from "playwright-core";
import { ROOT } from "../built.ts";
import { type Check, count, needed, type Step, Steps } from "./check.ts";

const LESSON = "lessons/08-who-decides-the-majority/";
const PATIENCE_MS = 30_000;
const SCROLLED_MS = 500;

interface Served {
  readonly what: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const servers: readonly Served[] = [
  {
    what: "npm start",
    command: ["npm", "start"],
    environment: { PORT: "4871" },
  },
  {
    what: "astro preview",
    command: ["npx", "astro", "preview", "--port", "4971"],
  },
];

export const served: Check = {
  name: "served by npm start and by another server",
  needsBrowser: true,
  async run(_, browser) {
    const steps = new Steps();
    for (const server of servers) {
      const running = await start(server);
      const step = steps.from(`${server.what}: `);
      try {
        await visit(needed(browser), running.url, step);
      } finally {
        running.stop();
      }
    }
    const checked = `${count(steps.taken, "step")} under both`;
    return { checked, faults: steps.faults };
  },
};

/** Once it says where: "http://localhost:4871/raft/". */
async function start({ what, command, environment }: Served) {
  const [program = "", ...rest] = command;
  const child: ChildProcess = spawn(program, rest, {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const stop = () => {
    if (child.pid !== undefined) process.kill(-child.pid);
  };
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    const late = () => reject(new Error(`${what} says no address:\n${said}`));
    const timer = setTimeout(late, PATIENCE_MS);
    const hear = (part: unknown) => {
      said += part;
      const [found] = /http:\/\/localhost:\d+\/\S*/.exec(said) ?? [];
      if (!found) return;
      clearTimeout(timer);
      resolve(found.endsWith("/") ? found : `${found}/`);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("exit", late);
  });
  return { url, stop };
}

async function visit(browser: Browser, url: string, step: Step) {
  const page = await browser.newPage();
  page.setDefaultTimeout(10_000);
  const wrong: string[] = [];
  const host = new URL(url).host;
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("response", (response) => {
    if (response.status() >= 400) wrong.push(response.url());
  });
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol.startsWith("http") && asked.host !== host) {
      wrong.push(request.url());
    }
  });
  await page.goto(url + LESSON);
  await step("the lesson is there", hasTitle(page, /^Who decides/));
  // A card opens for a mouse that moves, and not while the page scrolls.
  await page.locator(".code .line.noted").first().hover();
  await page.waitForTimeout(SCROLLED_MS);
  const name = page.locator(".code .line.noted a.id").first();
  const box = await name.boundingBox();
  const [x, y] = [(box?.x ?? 0) + 4, (box?.y ?? 0) + 4];
  await page.mouse.move(x + 2, y, { steps: 4 });
  await step("a name has its card", seen(page, ".card .card-sentence"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("majority");
  await step("the search finds pages", seen(page, ".hits a mark"));
  await page.locator("dialog.search").getByRole("button").first().click();
  const run = page.locator(".exercise button").first();
  await run.scrollIntoViewIfNeeded();
  await run.click();
  await step("the exercise is judged", seen(page, ".exercise [data-holds]"));
  await page.goto(`${url}source/raft.ts/#L100-L102`);
  await step("lines are lit", seen(page, "#L102.lit"));
  await page.goto(`${url}nowhere/`).catch(() => undefined);
  const own = wrong.filter((what) => !what.endsWith("/nowhere/"));
  await step(
    `nothing fails: ${own.join(", ")}`,
    Promise.resolve(own[0] === undefined),
  );
  await page.close();
}

async function hasTitle(page: Page, title: RegExp): Promise<boolean> {
  return title.test((await page.locator("h1").first().textContent()) ?? "");
}

async function seen(page: Page, what: string): Promise<boolean> {
  await page.locator(what).first().waitFor({ state: "attached" });
  return true;
}
