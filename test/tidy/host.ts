/**
 * The same seed takes the same steps only if nothing in raft/ reads a clock,
 * draws a number or waits, except through runtime/; and only if no result
 * hangs on how an engine rounds.
 */
import ts from "typescript";
import { type Code, fault, nodes, type Source } from "./code.ts";

const theHosts = new Set([
  "Date",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "fetch",
  "globalThis",
  "performance",
  "process",
  "queueMicrotask",
  "setImmediate",
  "setInterval",
  "setTimeout",
  "window",
]);

const theHostsMembers = new Set(["Math.random", "Promise.any", "Promise.race"]);

/** util.ts takes TextEncoder from there: pure, and in no `lib` of raft/. */
const mayTakeGlobals = new Set(["util.ts"]);

/** Engines may differ in the last bit of these. */
const inexact =
  /^Math\.(a?(cos|sin|tan)h?|atan2|cbrt|exp|expm1|hypot|log|log10|log1p|log2|pow)$/;

/** Uses of the host outside of runtime/. */
export function hostUses(code: Code): string[] {
  return code.sources
    .filter(({ path }) => !path.startsWith("runtime/"))
    .flatMap((source) =>
      globals(code, source)
        .filter(({ name }) => theHosts.has(name) || theHostsMembers.has(name))
        .filter(
          ({ name }) =>
            name !== "globalThis" || !mayTakeGlobals.has(source.path),
        )
        .map(({ name, node }) =>
          fault(source, node, `${name} is the host's: go through runtime/`),
        ),
    );
}

/** Calculations whose last bit is the engine's choice, runtime/ included. */
export function inexactMath(code: Code): string[] {
  return code.sources.flatMap((source) =>
    [...globals(code, source), ...powers(source)]
      .filter(({ name }) => inexact.test(name))
      .map(({ name, node }) =>
        fault(source, node, `${name} may differ between engines`),
      ),
  );
}

interface Use {
  /** `Date`, or with its member `Math.random`. */
  readonly name: string;
  readonly node: ts.Node;
}

/** The names that are declared by no file of raft/, where they are used. */
function globals({ checker }: Code, source: Source): Use[] {
  const uses: Use[] = [];
  for (const node of nodes(source.tree)) {
    if (!ts.isIdentifier(node) || !isReference(node)) continue;
    if (!isGlobal(checker, node)) continue;
    uses.push({ name: node.text, node });
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent)) {
      uses.push({ name: `${node.text}.${parent.name.text}`, node });
    }
  }
  return uses;
}

/** `a ** b` is Math.pow under another name. */
function powers({ tree }: Source): Use[] {
  return [...nodes(tree)]
    .filter(
      (node) =>
        node.kind === ts.SyntaxKind.AsteriskAsteriskToken ||
        node.kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken,
    )
    .map((node) => ({ name: "Math.pow", node }));
}

/** Whether a name stands for a value here: no label, member or type. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if ("name" in parent && parent.name === node) return false;
  if ("propertyName" in parent && parent.propertyName === node) return false;
  return !ts.isLabeledStatement(parent) && !ts.isPartOfTypeNode(node);
}

function isGlobal(checker: ts.TypeChecker, node: ts.Identifier): boolean {
  const symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node);
  const places = symbol?.declarations ?? [];
  return places.every((place) => place.getSourceFile().isDeclarationFile);
}
