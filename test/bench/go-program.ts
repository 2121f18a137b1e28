/**
 * The Go side of a benchmark: a program of ours, built for this run and gone
 * after it. Debian packages what it imports: golang-go and
 * golang-github-hashicorp-raft-dev.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Debian puts the sources of its packages. */
const PACKAGED = "/usr/share/gocode";

/** Runs with the path of the built program; without Go, with none. */
export function withGoProgram(
  name: string,
  run: (program: string | undefined) => void,
): void {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  try {
    run(build(name, folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function build(name: string, folder: string): string | undefined {
  const program = join(folder, name);
  const source = join(import.meta.dirname, name, "main.go");
  const { GOPATH = PACKAGED } = process.env;
  const env = { ...process.env, GO111MODULE: "off", GOPATH };
  const { error, status, stderr } = spawnSync(
    "go",
    ["build", "-o", program, source],
    { env, encoding: "utf8" },
  );
  if (error) {
    console.log("go was not found: these are our figures alone.\n");
    return undefined;
  }
  if (status === 0) return program;
  console.log(
    `the Go side was not built, these are our figures alone:\n${stderr}`,
  );
  return undefined;
}
