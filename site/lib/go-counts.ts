/**
 * How much of v1.1.1 is here, in the same words wherever it is said: what a
 * file declares is one number, and the fields of its types are another.
 */

import type { GoSymbol } from "../tools/book/types.ts";

export const DECLARATION =
  "A declaration is a function, a method, a type, a variable or a constant";

export const isField = ({ kind }: GoSymbol): boolean => kind === "field";

export const isHere = ({ ours }: GoSymbol): boolean => ours.length > 0;

/** "6 of 6 declarations" */
export function declarations(symbols: readonly GoSymbol[]): string {
  const declared = symbols.filter((one) => !isField(one));
  return `${here(declared)} ${declared.length === 1 ? "declaration" : "declarations"}`;
}

/** "6 of 6 declarations and 4 of 5 fields" */
export function counts(symbols: readonly GoSymbol[]): string {
  const fields = symbols.filter(isField);
  const said =
    fields.length > 0
      ? [`${here(fields)} ${fields.length === 1 ? "field" : "fields"}`]
      : [];
  return [declarations(symbols), ...said].join(" and ");
}

function here(symbols: readonly GoSymbol[]): string {
  return `${symbols.filter(isHere).length} of ${symbols.length}`;
}
