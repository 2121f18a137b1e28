// One TypeScript program over raft/tsconfig.json. Files that did not change
// since the last program keep their syntax tree, so that building the index
// again after an edit costs little.

import path from "node:path";
import ts from "typescript";

const trees = new Map<string, { text: string; tree: ts.SourceFile }>();

/** Texts that stand in for files on the disk, by absolute path. */
export type Overlay = ReadonlyMap<string, string>;

export function raftProgram(
  root: string,
  overlay: Overlay = new Map(),
  more: ts.CompilerOptions = {},
): ts.Program {
  const { fileNames, options } = raftConfig(root);
  const all = { ...options, ...more, noEmit: true };
  const rootNames = [...new Set([...fileNames, ...overlay.keys()])];
  return ts.createProgram({
    rootNames,
    options: all,
    host: host(all, overlay),
  });
}

function raftConfig(root: string): ts.ParsedCommandLine {
  const file = path.join(root, "raft/tsconfig.json");
  const problems: ts.Diagnostic[] = [];
  const parsed = ts.getParsedCommandLineOfConfigFile(file, undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (problem) => problems.push(problem),
  });
  if (!parsed) throw new Error(`${file}: ${sayDiagnostics(problems)}`);
  return parsed;
}

function host(options: ts.CompilerOptions, overlay: Overlay): ts.CompilerHost {
  const plain = ts.createCompilerHost(options, true);
  const read = (name: string) => overlay.get(name) ?? plain.readFile(name);
  return {
    ...plain,
    readFile: read,
    fileExists: (name) => overlay.has(name) || plain.fileExists(name),
    getSourceFile(name, how) {
      const text = read(name);
      if (text === undefined) return undefined;
      const known = trees.get(name);
      if (known?.text === text) return known.tree;
      const tree = ts.createSourceFile(name, text, how, true);
      trees.set(name, { text, tree });
      return tree;
    },
  };
}

export function sayDiagnostics(problems: readonly ts.Diagnostic[]): string {
  return problems
    .map((problem) =>
      ts.flattenDiagnosticMessageText(problem.messageText, "\n"),
    )
    .join("\n");
}
