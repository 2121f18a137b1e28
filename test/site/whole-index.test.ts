// The full-text index: a file of it that is missing, empty or no JSON is seen.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tornFile } from "../../site/tools/whole-index.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "index-"));
  mkdirSync(path.join(folder, "fragment"));
  write("pagefind-entry.json", '{"version":"1.5.2"}');
  write("fragment/en.pf_fragment", "words");
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  writeFileSync(path.join(folder, file), text);
}

test("an index with all its files is whole", () => {
  expect(tornFile(folder)).toBeUndefined();
});

test.each([
  ["pagefind-entry.json", ""],
  ["pagefind-entry.json", '{"version":'],
  ["fragment/en.pf_fragment", ""],
])("%s with %j in it is torn", (file, text) => {
  write(file, text);
  expect(tornFile(folder)).toBe(path.join(folder, file));
});

test("an index that was never written is torn", () => {
  rmSync(path.join(folder, "pagefind-entry.json"));
  expect(tornFile(folder)).toContain("pagefind-entry.json");
});
