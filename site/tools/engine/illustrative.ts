// TypeScript in a lesson that is not the source: it must be tagged
// `illustrative`, and then it must type-check, with raft/'s own settings and
// as if it stood in raft/, so that it may import from there.

import path from "node:path";
import ts from "typescript";
import { fault } from "./fault.ts";
import { raftProgramWith } from "./program.ts";
import { lineAt } from "./text.ts";
import type { Fault, FencedCode, Lesson } from "./types.ts";

const LANGUAGES = new Set([
  ...["ts", "mts", "cts", "tsx", "typescript"],
  ...["js", "mjs", "cjs", "jsx", "javascript"],
]);

export function codeFaults(root: string, lessons: readonly Lesson[]): Fault[] {
  const all = lessons
    .flatMap((lesson) => lesson.code)
    .filter((code) => LANGUAGES.has(code.language));
  const pasted = all.filter((code) => !code.illustrative).map(pastedFault);
  const illustrative = all.filter((code) => code.illustrative);
  return [...pasted, ...typeFaults(root, illustrative)];
}

function pastedFault(code: FencedCode): Fault {
  return fault(
    "pasted-code",
    code.place,
    "TypeScript is pasted here; show the source with <Excerpt>, or, if this " +
      "is not the source, tag the block: ```ts illustrative",
  );
}

function typeFaults(root: string, blocks: readonly FencedCode[]): Fault[] {
  if (blocks.length === 0) return [];
  const named = new Map(
    blocks.map((code, i) => {
      const name = path.join(root, "raft", `illustrative-${i}.ts`);
      return [name.replaceAll(path.sep, "/"), code];
    }),
  );
  const overlay = new Map(
    [...named].map(([name, code]) => [name, `${code.text}\nexport {};\n`]),
  );
  const program = raftProgramWith(root, overlay, {
    noUnusedLocals: false,
    noUnusedParameters: false,
  });
  return [...named].flatMap(([name, code]) => {
    const tree = program.getSourceFile(name);
    const wrong = [
      ...program.getSyntacticDiagnostics(tree),
      ...program.getSemanticDiagnostics(tree),
    ];
    return wrong.map((one) => typeFault(code, one));
  });
}

function typeFault(code: FencedCode, wrong: ts.Diagnostic): Fault {
  const place = {
    file: code.place.file,
    line: code.place.line + lineAt(code.text, wrong.start ?? 0),
  };
  const message = ts.flattenDiagnosticMessageText(wrong.messageText, "\n    ");
  return fault("illustrative-type", place, message);
}
