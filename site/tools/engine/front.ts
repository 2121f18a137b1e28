// The front matter of a lesson, each field with its line.

import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { fault } from "./fault.ts";
import type { Fault, FrontMatter, Place } from "./types.ts";

export interface ReadFront {
  readonly front: FrontMatter;
  readonly places: Readonly<Record<string, Place>>;
  readonly faults: readonly Fault[];
}

type Shape = "text" | "number" | "list";

const FIELDS: Readonly<Record<keyof FrontMatter, Shape>> = {
  title: "text",
  description: "text",
  question: "text",
  part: "number",
  number: "number",
  minutes: "number",
  assumes: "list",
  explains: "list",
  suite: "text",
  scenario: "text",
};

const OPTIONAL = new Set<string>([
  "description",
  "assumes",
  "explains",
  "suite",
  "scenario",
]);

/** `line` is the line of the first field: the one below the `---`. */
export function readFront(file: string, yaml: string, line: number): ReadFront {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines });
  const placeAt = (offset: number): Place => ({
    file,
    line: lines.linePos(offset).line + line - 1,
  });
  const faults = document.errors.map((error) =>
    fault("front-matter", placeAt(error.pos[0]), firstLine(error.message)),
  );
  const places: Record<string, Place> = {};
  if (isMap(document.contents)) {
    for (const { key, value } of document.contents.items) {
      if (!isScalar(key)) continue;
      const name = String(key.value);
      places[name] = placeAt(key.range?.[0] ?? 0);
      if (!isSeq(value)) continue;
      value.items.forEach((item, i) => {
        if (isScalar(item))
          places[`${name}.${i}`] = placeAt(item.range?.[0] ?? 0);
      });
    }
  }
  const values = (faults.length === 0 ? document.toJS() : {}) ?? {};
  const place = { file, line };
  return {
    front: toFront(values),
    places,
    faults: [...faults, ...shapeFaults(values, places, place)],
  };
}

function shapeFaults(
  values: Readonly<Record<string, unknown>>,
  places: Readonly<Record<string, Place>>,
  top: Place,
): Fault[] {
  return Object.entries(FIELDS).flatMap(([name, shape]) => {
    const value = values[name];
    if (value === undefined) {
      if (OPTIONAL.has(name)) return [];
      return [fault("front-matter", top, `the front matter has no ${name}`)];
    }
    if (hasShape(value, shape)) return [];
    const message = `${name} should be a ${SAID[shape]}`;
    return [fault("front-matter", places[name] ?? top, message)];
  });
}

const SAID: Readonly<Record<Shape, string>> = {
  text: 'text; quote it if it looks like a number: "04"',
  number: "number",
  list: "list of texts",
};

function hasShape(value: unknown, shape: Shape): boolean {
  if (shape === "text") return typeof value === "string";
  if (shape === "number") return typeof value === "number";
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function toFront(values: Readonly<Record<string, unknown>>): FrontMatter {
  const text = (name: string) => String(values[name] ?? "");
  const number = (name: string) => Number(values[name] ?? 0);
  const list = (name: string) => {
    const value = values[name];
    return Array.isArray(value) ? value.map(String) : [];
  };
  return {
    title: text("title"),
    question: text("question"),
    part: number("part"),
    number: number("number"),
    minutes: number("minutes"),
    assumes: list("assumes"),
    explains: list("explains"),
    ...(values.description === undefined
      ? {}
      : { description: text("description") }),
    ...(values.suite === undefined ? {} : { suite: text("suite") }),
    ...(values.scenario === undefined ? {} : { scenario: text("scenario") }),
  };
}

function firstLine(message: string): string {
  return message.split("\n")[0] ?? message;
}
