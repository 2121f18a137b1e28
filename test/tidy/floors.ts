/**
 * raft/ reads bottom-up: a file imports only from its own floor or from one
 * below, and no file imports itself by a detour.
 */
import { posix } from "node:path";
import ts from "typescript";
import { type Code, fault, type Source } from "./code.ts";

/** Which floor a file or a folder (`runtime/`) stands on. */
export type Floors = Readonly<Record<string, number>>;

/** From this floor up, files are Node's or are not part of the library. */
const ABOVE_THE_LIBRARY = 7;

interface Import {
  readonly specifier: string;
  /** Relative to raft/, or undefined for a package. */
  readonly target: string | undefined;
  readonly node: ts.Node;
}

/** Every file stands on a floor, and imports from there or from below. */
export function wrongFloors({ sources }: Code, floors: Floors): string[] {
  return sources.flatMap((source) => {
    const floor = floorOf(source.path, floors);
    if (floor === undefined) {
      return [
        `${source.path}: stands on no floor; ` +
          "add it to the table in test/tidy.test.ts",
      ];
    }
    return imports(source).flatMap((one) =>
      wrongImport(source, floor, one, floors),
    );
  });
}

function wrongImport(
  source: Source,
  floor: number,
  { specifier, target, node }: Import,
  floors: Floors,
): string[] {
  if (target === undefined) {
    return floor < ABOVE_THE_LIBRARY
      ? [fault(source, node, `imports ${specifier} from outside of raft/`)]
      : [];
  }
  const below = floorOf(target, floors);
  if (below === undefined || below <= floor) return [];
  const wrong = `floor ${floor} imports ${target} from floor ${below}`;
  return [fault(source, node, wrong)];
}

/** The import cycles, each told once: `a.ts > b.ts > a.ts`. */
export function cycles({ sources }: Code): string[] {
  const graph = new Map(
    sources.map((source) => [
      source.path,
      imports(source).flatMap(({ target }) => target ?? []),
    ]),
  );
  const found: string[] = [];
  const finished = new Set<string>();
  function visit(path: string, trail: readonly string[]): void {
    if (trail.includes(path)) {
      found.push(inWords(trail.slice(trail.indexOf(path))));
      return;
    }
    if (finished.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    finished.add(path);
  }
  for (const path of graph.keys()) visit(path, []);
  return found;
}

/** A cycle from its first file, in order of names, round to it again. */
function inWords(cycle: readonly string[]): string {
  const [first] = cycle.toSorted();
  const start = cycle.indexOf(first as string);
  const turned = [...cycle.slice(start), ...cycle.slice(0, start + 1)];
  return turned.join(" > ");
}

/** What a file imports, re-exports included; types count as values do. */
export function imports(source: Source): Import[] {
  const folder = posix.dirname(source.path);
  return source.tree.statements.flatMap((node) => {
    if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) {
      return [];
    }
    const from = node.moduleSpecifier;
    if (!from || !ts.isStringLiteral(from)) return [];
    const specifier = from.text;
    const target = specifier.startsWith(".")
      ? posix.join(folder, specifier)
      : undefined;
    return [{ specifier, target, node }];
  });
}

function floorOf(path: string, floors: Floors): number | undefined {
  return floors[`${path.split("/")[0]}/`] ?? floors[path];
}
