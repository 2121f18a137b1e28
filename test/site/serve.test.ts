// What our own server says to whom.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Site, serve } from "../../site/tools/serve.ts";

const TEXT = "<title>A page</title>".repeat(100);
const folder = mkdtempSync(path.join(tmpdir(), "serve-"));
let site: Site;

beforeAll(async () => {
  writeFileSync(path.join(folder, "index.html"), TEXT);
  writeFileSync(path.join(folder, "font.woff2"), TEXT);
  writeFileSync(path.join(folder, "404.html"), "not here");
  site = await serve(folder, "/raft/", 0);
});

afterAll(() => {
  site.close();
  rmSync(folder, { recursive: true });
});

/** The status and the bytes as they come, and what they are said to be. */
async function ask(file: string, encodings: string) {
  const headers = { "accept-encoding": encodings };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(site.url + file, { headers }, resolve).on("error", reject);
  });
  const encoding = answer.headers["content-encoding"];
  const bytes = Buffer.concat(await answer.toArray());
  return { status: answer.statusCode, encoding, bytes };
}

describe("our server", () => {
  it("compresses text for who takes it so", async () => {
    const { encoding, bytes } = await ask("", "gzip, br");
    expect(encoding).toBe("gzip");
    expect(bytes.length).toBeLessThan(TEXT.length);
    expect(gunzipSync(bytes).toString()).toBe(TEXT);
  });

  it("does not compress for who does not", async () => {
    const { encoding, bytes } = await ask("", "identity");
    expect(encoding).toBeUndefined();
    expect(bytes.toString()).toBe(TEXT);
  });

  it("answers 404 with the page that says so, also by its name", async () => {
    for (const file of ["nowhere", "404.html"]) {
      const { status, bytes } = await ask(file, "identity");
      expect([status, bytes.toString()]).toEqual([404, "not here"]);
    }
    expect((await ask("index.html", "identity")).status).toBe(200);
  });

  it("does not compress what is compressed already", async () => {
    expect((await ask("font.woff2", "gzip")).encoding).toBeUndefined();
  });
});
