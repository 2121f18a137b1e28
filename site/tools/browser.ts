/**
 * A Chromium to look at the built site with, wherever it can be had:
 * $CHROMIUM, the system's, or the one that comes as an npm package, with the
 * libraries it needs on a machine that has none.
 *
 * Absent: downloading a browser.
 */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, chromium } from "playwright-core";

const SYSTEM = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where a browser is, or why there is none. */
export async function browserPath(): Promise<string | Error> {
  const named = process.env.CHROMIUM;
  if (named) {
    if (existsSync(named)) return named;
    return new Error(`CHROMIUM says ${named}, and there is no such file`);
  }
  const system = SYSTEM.find((file) => existsSync(file));
  return system ?? (await packagedBrowser());
}

async function packagedBrowser(): Promise<string | Error> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return new Error(
      "no browser found: name one in CHROMIUM " +
        "(the packaged one runs on 64-bit Linux only)",
    );
  }
  try {
    const packaged = await import("@sparticuz/chromium");
    const { default: Chromium, inflate, setupLambdaEnvironment } = packaged;
    const main = createRequire(import.meta.url).resolve("@sparticuz/chromium");
    const bin = path.join(main.replace(/node_modules\/.*/, ""), binFolder);
    await inflate(path.join(bin, "al2023.tar.br"));
    setupLambdaEnvironment(path.join(tmpdir(), "al2023", "lib"));
    return await Chromium.executablePath();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return new Error(`no browser found, and the packaged one failed: ${why}`);
  }
}

const binFolder = "node_modules/@sparticuz/chromium/bin";

export async function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS });
}
