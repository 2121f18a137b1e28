/**
 * Diagrams at build time: each is drawn once and kept under site/.cache by the
 * digest of its source, so that a build without changes draws nothing. No
 * diagram library reaches the reader.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const RENDERER = path.join(import.meta.dirname, "render.ts");

/** The SVG of each source. */
export function drawDiagrams(
  root: string,
  sources: readonly string[],
): Map<string, string> {
  const cache = path.join(root, "site/.cache/diagrams");
  const renderer = readFileSync(RENDERER, "utf8");
  const wanted = [...new Set(sources)].map((source) => ({
    source,
    id: `d${digest(renderer + source)}`,
  }));
  const fileOf = (id: string) => path.join(cache, `${id}.svg`);
  const missing = wanted.filter(({ id }) => !existsSync(fileOf(id)));
  if (missing.length > 0) {
    mkdirSync(cache, { recursive: true });
    for (const [id, svg] of Object.entries(render(missing))) {
      writeFileSync(fileOf(id), svg);
    }
  }
  return new Map(
    wanted.map(({ id, source }) => [source, readFileSync(fileOf(id), "utf8")]),
  );
}

function render(
  missing: readonly { readonly id: string; readonly source: string }[],
): Record<string, string> {
  const output = execFileSync(process.execPath, [RENDERER], {
    input: JSON.stringify(missing),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(output) as Record<string, string>;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}
