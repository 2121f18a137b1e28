/**
 * Every identifier of raft/, read back from the built site: its type is what
 * the language service displays there, its definitions are the service's, and
 * so is each place where it is used. The service is asked here anew, place by
 * place, with the real configuration; nothing of the surveyor is used but the
 * order of its questions, since some types depend on what was asked before.
 */

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import {
  nameAt,
  type Place,
  placesOn,
  usesAt,
} from "../../client/names/data.ts";
import { ROOT } from "../built.ts";
import { readDoc } from "../engine/doc.ts";
import type {
  PassagesFile,
  ReferencesFile,
  TypesFile,
} from "../names/types.ts";
import { type BuiltSite, type Check, count } from "./check.ts";
import { fileOfPage, type Page, readPage } from "./html.ts";

const RAFT = `${path.join(ROOT, "raft").replaceAll(path.sep, "/")}/`;

export const names: Check = {
  name: "names",
  needsBrowser: false,
  async run(site) {
    const service = newService();
    const trees = (service.getProgram()?.getSourceFiles() ?? [])
      .filter(({ fileName }) => fileName.startsWith(RAFT))
      .sort((a, b) => fileOf(a).localeCompare(fileOf(b)));
    const read = trees.map((tree) => readBuilt(site, fileOf(tree)));
    const faults: string[] = [];
    let asked = 0;
    let used = 0;
    for (const [at, tree] of trees.entries()) {
      const built = read[at];
      const nodes = identifiers(tree);
      asked += nodes.length;
      if (!built) faults.push(`${fileOf(tree)}: the site has no names of it`);
      else faults.push(...typeFaults(service, tree, nodes, built.types));
    }
    for (const [at, tree] of trees.entries()) {
      const built = read[at];
      if (!built) continue;
      const found = useFaults(service, tree, identifiers(tree), built);
      faults.push(...found.faults);
      used += found.used;
    }
    faults.push(...deadAddresses(site), ...deadRoutes(site, trees.map(fileOf)));
    return {
      checked:
        `${count(asked, "identifier")} of ${count(trees.length, "file")}, ` +
        `${count(used, "reference")}`,
      faults,
    };
  },
};

// -------------------------------------------------------- the service's word

function newService(): ts.LanguageService {
  const config = ts.getParsedCommandLineOfConfigFile(
    `${RAFT}tsconfig.json`,
    undefined,
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} },
  );
  if (!config) throw new Error("raft/tsconfig.json cannot be read");
  const { fileExists, readFile, directoryExists, getDirectories } = ts.sys;
  return ts.createLanguageService({
    fileExists,
    readFile,
    directoryExists,
    getDirectories,
    getCurrentDirectory: () => ROOT,
    getProjectVersion: () => "1",
    getCompilationSettings: () => config.options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => config.fileNames,
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => {
      const text = readFile(name);
      return text === undefined
        ? undefined
        : ts.ScriptSnapshot.fromString(text);
    },
  });
}

function identifiers(tree: ts.SourceFile): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node) => {
    const named = ts.isIdentifier(node) || ts.isPrivateIdentifier(node);
    if (named && node.getWidth(tree) > 0) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found.sort((a, b) => a.getStart(tree) - b.getStart(tree));
}

function fileOf({ fileName }: { readonly fileName: string }): string {
  if (fileName.startsWith(RAFT)) return fileName.slice(RAFT.length);
  return fileName.slice(fileName.indexOf("node_modules/"));
}

/** "raft.ts:12 raft.ts:40": places, as text to compare. */
function say(places: readonly Place[]): string {
  return places.map(({ file, line }) => `${file}:${line}`).join(" ");
}

function placesOf(
  service: ts.LanguageService,
  spans: readonly ts.DocumentSpan[] | undefined,
): Place[] {
  const program = service.getProgram();
  return (spans ?? []).map(({ fileName, textSpan: { start } }) => {
    const tree = program?.getSourceFile(fileName);
    const line = tree?.getLineAndCharacterOfPosition(start).line ?? -1;
    return { file: fileOf({ fileName }), line: line + 1 };
  });
}

// ---------------------------------------------------------- the site's word

interface Built {
  readonly types: TypesFile;
  readonly references: ReferencesFile;
}

function readBuilt(site: BuiltSite, file: string): Built | undefined {
  const folder = path.join(site.dist, "names", file);
  if (!existsSync(folder)) return undefined;
  const read = (name: string) =>
    JSON.parse(readFileSync(path.join(folder, name), "utf8"));
  return { types: read("types.json"), references: read("references.json") };
}

function typeFaults(
  service: ts.LanguageService,
  tree: ts.SourceFile,
  nodes: readonly ts.Node[],
  types: TypesFile,
): string[] {
  return nodes.flatMap((node) => {
    const start = node.getStart(tree);
    const quick = service.getQuickInfoAtPosition(tree.fileName, start);
    const found = service.getDefinitionAtPosition(tree.fileName, start);
    const place = placeAt(types, tree, node);
    if (!place) return [`${where(tree, node)} is not in the built site`];
    const name = nameAt(types, place);
    return [
      ...different(
        "type",
        ts.displayPartsToString(quick?.displayParts),
        name.type,
      ),
      ...different(
        "first sentence",
        readDoc(ts.displayPartsToString(quick?.documentation)).sentence,
        name.sentence,
      ),
      ...different(
        "definition",
        say(placesOf(service, found)),
        say(name.definitions),
      ),
    ].map((fault) => `${where(tree, node)}: ${fault}`);
  });
}

function useFaults(
  service: ts.LanguageService,
  tree: ts.SourceFile,
  nodes: readonly ts.Node[],
  { types, references }: Built,
): { faults: string[]; used: number } {
  let used = 0;
  const faults = nodes.flatMap((node) => {
    const place = placeAt(types, tree, node);
    if (!place) return [];
    const found = service.getReferencesAtPosition(
      tree.fileName,
      node.getStart(tree),
    );
    const inside = placesOf(service, found).filter(
      ({ file }) => !file.startsWith("node_modules/"),
    );
    const built = usesAt(references, place);
    used += built.length;
    return different("references", sorted(inside), sorted(built)).map(
      (fault) => `${where(tree, node)}: ${fault}`,
    );
  });
  return { faults, used };
}

function sorted(places: readonly Place[]): string {
  return places
    .map((place) => say([place]))
    .sort()
    .join(" ");
}

function different(what: string, wanted: string, built: string): string[] {
  if (wanted === built) return [];
  return [`${what}: the service says "${wanted}", the site "${built}"`];
}

function placeAt(types: TypesFile, tree: ts.SourceFile, node: ts.Node) {
  const start = node.getStart(tree);
  const { line, character } = tree.getLineAndCharacterOfPosition(start);
  return placesOn(types, line + 1).find(
    ({ column, length }) =>
      column === character && length === node.getWidth(tree),
  );
}

function where(tree: ts.SourceFile, node: ts.Node): string {
  const start = node.getStart(tree);
  const { line } = tree.getLineAndCharacterOfPosition(start);
  return `${fileOf(tree)}:${line + 1} ${node.getText(tree)}`;
}

// ------------------------------------------------------------------ the pages

/** Blocks of code that say their names are where nothing is. */
function deadAddresses(site: BuiltSite): string[] {
  return site.pages.flatMap((page) => {
    const file = page.endsWith(".html") ? page : `${page}index.html`;
    const html = readFileSync(path.join(site.dist, file), "utf8");
    const said = [...html.matchAll(/data-names="([^"]+)"/g)];
    return [...new Set(said.map((match) => match[1] ?? ""))].flatMap((names) =>
      ["types", "references", "passages"].flatMap((kind) => {
        const { pathname } = new URL(names.replace("*", kind), site.url);
        const target = path.join(site.dist, pathname.slice(site.base.length));
        return existsSync(target) ? [] : [`/${page}: no ${pathname}`];
      }),
    );
  });
}

/** Passages that are said to explain something and are on no page. */
function deadRoutes(site: BuiltSite, files: readonly string[]): string[] {
  const pages = new Map<string, Page>();
  const routes = files.flatMap((file) => {
    const folder = path.join(site.dist, "names", file);
    if (!existsSync(folder)) return [];
    const read = (name: string) =>
      JSON.parse(readFileSync(path.join(folder, name), "utf8"));
    const types = read("types.json") as TypesFile;
    const { passages } = read("passages.json") as PassagesFile;
    return [
      ...types.passages.map(([, , route]) => route),
      ...passages.map((row) => row[5]),
      ...passages.flatMap((row) => row[7] ?? []),
    ];
  });
  const dead = [...new Set(routes)].filter((route) => {
    const [page = "", id] = route.slice(1).split("#");
    const file = fileOfPage(site.dist, page);
    if (!existsSync(file)) return true;
    const known = pages.get(file) ?? readPage(file);
    pages.set(file, known);
    const ids = id?.split(/-(?=L\d)/) ?? [];
    return ids.some((one) => !known.ids.has(one));
  });
  return dead.map((route) => `no passage at ${route}`);
}
