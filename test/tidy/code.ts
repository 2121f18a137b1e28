/**
 * The source of raft/ as the repository's own rules read it: syntax trees,
 * and the compiler's knowledge of types. A rule is a function from code to
 * faults, so that it runs over raft/ and over an example that must fail.
 */
import { dirname, join, relative } from "node:path";
import ts from "typescript";

export const RAFT = join(import.meta.dirname, "../../raft");

export interface Source {
  /** Relative to raft/: `runtime/task.ts`. */
  readonly path: string;
  readonly tree: ts.SourceFile;
}

export interface Code {
  readonly sources: readonly Source[];
  readonly checker: ts.TypeChecker;
}

const options = compilerOptions();

/** Every file of raft/. */
export function raftCode(): Code {
  return codeOf(options.fileNames, ts.createCompilerHost(options.options));
}

/** Made-up files of raft/, by path. They may import the real ones. */
export function example(files: Readonly<Record<string, string>>): Code {
  const host = ts.createCompilerHost(options.options);
  const { fileExists, readFile } = host;
  const text = (file: string) => files[relative(RAFT, file)];
  host.fileExists = (file) => text(file) !== undefined || fileExists(file);
  host.readFile = (file) => text(file) ?? readFile(file);
  host.getSourceFile = (file, languageVersion) =>
    text(file) === undefined
      ? onDisk(file, languageVersion)
      : parse(file, text(file) as string, languageVersion);
  const paths = Object.keys(files);
  const code = codeOf(
    paths.map((path) => join(RAFT, path)),
    host,
  );
  return {
    ...code,
    sources: code.sources.filter((source) => paths.includes(source.path)),
  };
}

/** `path:line: ` and what is wrong there. */
export function fault(source: Source, node: ts.Node, wrong: string): string {
  const { line } = source.tree.getLineAndCharacterOfPosition(
    node.getStart(source.tree),
  );
  return `${source.path}:${line + 1}: ${wrong}`;
}

/** The node and everything below it, in the order of the text. */
export function* nodes(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children) yield* nodes(child);
}

function compilerOptions(): ts.ParsedCommandLine {
  const file = join(RAFT, "tsconfig.json");
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, dirname(file));
}

function codeOf(files: readonly string[], host: ts.CompilerHost): Code {
  const program = ts.createProgram(files, options.options, host);
  const trees = program.getSourceFiles().map((tree) => ({
    path: relative(RAFT, tree.fileName),
    tree,
  }));
  return {
    sources: trees.filter(({ path }) => !path.startsWith("..")),
    checker: program.getTypeChecker(),
  };
}

type Language = ts.ScriptTarget | ts.CreateSourceFileOptions;

const parsed = new Map<string, ts.SourceFile | undefined>();

function onDisk(file: string, language: Language): ts.SourceFile | undefined {
  if (!parsed.has(file)) {
    const text = ts.sys.readFile(file);
    parsed.set(file, text === undefined ? text : parse(file, text, language));
  }
  return parsed.get(file);
}

function parse(file: string, text: string, language: Language): ts.SourceFile {
  return ts.createSourceFile(file, text, language, true);
}
