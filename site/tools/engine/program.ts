// One TypeScript program over raft/tsconfig.json, and the language service it
// belongs to: the engine reads its trees, names/ asks it for types. It is
// brought up to date when it is asked for with raftProgram(), and not between.
// Files that did not change keep their syntax tree, so that building the index
// again after an edit costs little.

import path from "node:path";
import ts from "typescript";

const trees = new Map<string, { text: string; tree: ts.SourceFile }>();

/** Texts that stand in for files on the disk, by absolute path. */
export type Overlay = ReadonlyMap<string, string>;

/** The program of raft/ as it stands on the disk now. */
export function raftProgram(root: string): ts.Program {
  const project = projects.get(root) ?? new Project(root);
  projects.set(root, project);
  project.refresh();
  return programOf(project.service);
}

const asked = new WeakSet<ts.Program>();

/** Its checker; from now on it is one that has been asked. */
export function checkerOf(program: ts.Program): ts.TypeChecker {
  asked.add(program);
  return program.getTypeChecker();
}

/**
 * Answers about the program that raftProgram(root) gave last, or, if its
 * checker has been asked anything, about another one of the same trees.
 */
export function raftService(root: string): ts.LanguageService {
  if (!projects.has(root)) raftProgram(root);
  const project = projects.get(root) as Project;
  if (asked.has(programOf(project.service))) project.forget();
  asked.add(programOf(project.service));
  return project.service;
}

/** Another program, with texts or options that the one above does not have. */
export function raftProgramWith(
  root: string,
  overlay: Overlay,
  more: ts.CompilerOptions,
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

function programOf(service: ts.LanguageService): ts.Program {
  const program = service.getProgram();
  if (program) return program;
  throw new Error("the language service has no program");
}

// ------------------------------------------------ the service and its files

const projects = new Map<string, Project>();

/** raft/ of one repository: what the language service is told of its files. */
class Project {
  readonly service: ts.LanguageService;
  readonly #root: string;
  #config: ts.ParsedCommandLine;
  #generation = 0;
  #forgotten = 0;
  /** Read once a generation; the version counts the texts a file has had. */
  #files = new Map<string, { text: string; version: number; seen: number }>();

  constructor(root: string) {
    this.#root = root;
    this.#config = raftConfig(root);
    this.service = ts.createLanguageService(this.#host(), registry);
  }

  /** Looks at the disk again. */
  refresh(): void {
    this.#config = raftConfig(this.#root);
    this.#generation++;
  }

  /** Drops what has been worked out, and not what has been read. */
  forget(): void {
    this.service.cleanupSemanticCache();
    this.#forgotten++;
  }

  #file(name: string) {
    const known = this.#files.get(name);
    if (known?.seen === this.#generation) return known;
    const text = ts.sys.readFile(name);
    if (text === undefined) return undefined;
    const changed = known !== undefined && known.text !== text;
    const version = (known?.version ?? 0) + (changed ? 1 : 0);
    const file = { text, version, seen: this.#generation };
    this.#files.set(name, file);
    return file;
  }

  #host(): ts.LanguageServiceHost {
    const { fileExists, readFile, directoryExists, getDirectories } = ts.sys;
    return {
      fileExists,
      readFile,
      directoryExists,
      getDirectories,
      getProjectVersion: () => `${this.#generation}.${this.#forgotten}`,
      getCurrentDirectory: () => this.#root,
      getCompilationSettings: () => ({ ...this.#config.options, noEmit: true }),
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      getScriptFileNames: () => this.#config.fileNames,
      getScriptVersion: (name) => String(this.#file(name)?.version ?? 0),
      getScriptSnapshot: (name) => {
        const file = this.#file(name);
        return file && ts.ScriptSnapshot.fromString(file.text);
      },
    };
  }
}

/** Gives every service the trees that are known already. */
const registry: ts.DocumentRegistry = {
  ...ts.createDocumentRegistry(),
  acquireDocumentWithKey: (
    name,
    _path,
    _host,
    _key,
    snapshot,
    version,
    ...on
  ) => serviceTree(name, snapshot, version, on),
  updateDocumentWithKey: (name, _path, _host, _key, snapshot, version, ...on) =>
    serviceTree(name, snapshot, version, on),
  releaseDocumentWithKey() {},
};

function serviceTree(
  name: string,
  snapshot: ts.IScriptSnapshot,
  version: string,
  [kind, how]: [
    kind?: ts.ScriptKind | undefined,
    how?: ts.CreateSourceFileOptions | ts.ScriptTarget | undefined,
  ],
): ts.SourceFile {
  const text = snapshot.getText(0, snapshot.getLength());
  const known = trees.get(name);
  const tree =
    known?.text === text
      ? known.tree
      : ts.createLanguageServiceSourceFile(
          name,
          snapshot,
          how ?? ts.ScriptTarget.Latest,
          version,
          true,
          kind,
        );
  // What the service compares to see whether a file has changed.
  Object.assign(tree, { version, scriptSnapshot: snapshot });
  trees.set(name, { text, tree });
  return tree;
}

// ------------------------------------------------------ a program by itself

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
      return name.includes("/node_modules/")
        ? libraryTree(name, text, how)
        : ts.createSourceFile(name, text, how, true);
    },
  };
}

/**
 * Shared with the service, as the trees of raft/ are not: once another program
 * has resolved their imports, the service finds none of them after an edit.
 */
function libraryTree(
  name: string,
  text: string,
  how: ts.ScriptTarget | ts.CreateSourceFileOptions,
): ts.SourceFile {
  const known = trees.get(name);
  if (known?.text === text) return known.tree;
  const tree = ts.createSourceFile(name, text, how, true);
  trees.set(name, { text, tree });
  return tree;
}

export function sayDiagnostics(problems: readonly ts.Diagnostic[]): string {
  return problems
    .map((problem) =>
      ts.flattenDiagnosticMessageText(problem.messageText, "\n"),
    )
    .join("\n");
}
