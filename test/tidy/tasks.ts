/**
 * A call that makes a task does nothing by itself: somebody has to run it.
 * The compiler does not mind when nobody does, so this rule does.
 */
import ts from "typescript";
import { type Code, fault, nodes } from "./code.ts";

/** Calls that make a task or an operation which nobody runs. */
export function lostTasks({ sources, checker }: Code): string[] {
  return sources.flatMap((source) =>
    [...nodes(source.tree)]
      .filter(ts.isCallExpression)
      .filter((call) => isTask(checker, checker.getTypeAtLocation(call)))
      .filter((call) => !isRun(checker, call))
      .map((call) => {
        const name = call.expression.getText(source.tree);
        return fault(
          source,
          call,
          `${name}(…) makes a task that nobody runs: put yield* before it, ` +
            "return it, or start it with go",
        );
      }),
  );
}

/** Whether a type is `Task<…>`, that is a generator of nothing, or `Op<…>`. */
function isTask(checker: ts.TypeChecker, type: ts.Type): boolean {
  if (type.isUnion()) return type.types.some((one) => isTask(checker, one));
  const name = type.getSymbol()?.getName();
  if (name === "Op") return true;
  if (name !== "Generator") return false;
  const [yielded] = checker.getTypeArguments(type as ts.TypeReference);
  return yielded !== undefined && (yielded.flags & ts.TypeFlags.Void) !== 0;
}

/** Whether the task goes to somebody who runs it. */
function isRun(checker: ts.TypeChecker, node: ts.Expression): boolean {
  const { parent } = node;
  if (isTransparent(parent)) return isRun(checker, parent);
  if (ts.isYieldExpression(parent)) return parent.asteriskToken !== undefined;
  if (ts.isReturnStatement(parent)) {
    const owner = ts.findAncestor(parent, ts.isFunctionLike);
    return owner !== undefined && handsOn(checker, owner);
  }
  if (ts.isArrowFunction(parent)) return handsOn(checker, parent);
  return ts.isCallExpression(parent) && takesTask(checker, parent, node);
}

/** What passes its inner value on: `(x)`, `x!`, `x as T`, `c ? x : y`. */
function isTransparent(node: ts.Node): node is ts.Expression {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isConditionalExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node)
  );
}

/**
 * Whether the caller of this function gets the task. A task's own body must
 * not return one, and a callback's result may be thrown away: `forEach`.
 */
function handsOn(
  checker: ts.TypeChecker,
  owner: ts.SignatureDeclaration,
): boolean {
  if ("asteriskToken" in owner && owner.asteriskToken) return false;
  const wanted =
    ts.isArrowFunction(owner) || ts.isFunctionExpression(owner)
      ? checker.getContextualType(owner)
      : undefined;
  const [signature] = wanted?.getCallSignatures() ?? [];
  return !signature || isTask(checker, signature.getReturnType());
}

/** Whether the parameter that this argument is for is a task: `go`'s is. */
function takesTask(
  checker: ts.TypeChecker,
  call: ts.CallExpression,
  argument: ts.Expression,
): boolean {
  const place = call.arguments.indexOf(argument);
  const parameter = checker.getResolvedSignature(call)?.parameters[place];
  return (
    parameter !== undefined &&
    isTask(checker, checker.getTypeOfSymbolAtLocation(parameter, call))
  );
}
