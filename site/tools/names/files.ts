/**
 * What the browser loads: a survey, and what the book says about the places
 * in it. Three files for each file of raft/, made of short rows, because the
 * first hover waits for one of them.
 */

import type { Book, BookMark, BookSymbol } from "../book/types.ts";
import { Table } from "./table.ts";
import type {
  FileSurvey,
  PassageRow,
  PassagesFile,
  ReferencesFile,
  Survey,
  TypesFile,
  Use,
} from "./types.ts";

/** As much of the book as is needed here. */
export type Companion = Pick<Book, "symbols" | "marks" | "lessons">;

export interface NamesFile {
  /** Within the site: "names/raft.ts/types.json". */
  readonly path: string;
  readonly text: string;
}

export function namesFiles(survey: Survey, book: Companion): NamesFile[] {
  const passagesOf = passages(book);
  const symbolAt = enclosing(book);
  return Object.entries(survey).flatMap(([file, surveyed]) => [
    {
      path: `names/${file}/types.json`,
      text: JSON.stringify(typesFile(surveyed, passagesOf)),
    },
    {
      path: `names/${file}/references.json`,
      text: JSON.stringify(referencesFile(surveyed, symbolAt)),
    },
    {
      path: `names/${file}/passages.json`,
      text: JSON.stringify(passagesFile(book.marks[file] ?? [])),
    },
  ]);
}

function typesFile(
  surveyed: FileSurvey,
  passagesOf: (definition: Use) => PassageRow[],
): TypesFile {
  const files = new Table<string>();
  const rows = new Table<PassageRow>();
  const names = surveyed.names.map(({ type, sentence, definitions }) => {
    const found = new Set(
      definitions.flatMap((one) => passagesOf(one).map((row) => rows.add(row))),
    );
    const targets = definitions.flatMap(([file, line]) => [
      files.add(file),
      line,
    ]);
    const row = [type, sentence, targets] as const;
    return found.size === 0 ? row : ([...row, [...found]] as const);
  });
  const lines = byLine(surveyed, (place) => place.slice(1));
  return { files: files.rows, passages: rows.rows, names, lines };
}

function referencesFile(
  surveyed: FileSurvey,
  symbolAt: (use: Use) => string,
): ReferencesFile {
  const files = new Table<string>();
  const symbols = new Table<string>();
  const places = new Table<readonly [number, number, number]>();
  const uses = surveyed.uses.map((all) =>
    all.map((use) => {
      const [file, line] = use;
      return places.add([files.add(file), line, symbols.add(symbolAt(use))]);
    }),
  );
  const lines = byLine(surveyed, (_, at) => [surveyed.usesOf[at] as number]);
  return {
    files: files.rows,
    symbols: symbols.rows,
    places: places.rows.flat(),
    uses,
    lines,
  };
}

function passagesFile(marks: readonly BookMark[]): PassagesFile {
  const passages = [...marks]
    .sort((a, b) => widthOf(a) - widthOf(b))
    .map((mark) => {
      const { start, end } = mark.range;
      const row = [start, end, mark.kind, ...rowOf(mark, mark.route)] as const;
      const { words, proof } = mark;
      if (words === undefined) return row;
      return proof === undefined
        ? ([...row, words] as const)
        : ([...row, words, proof] as const);
    });
  return { passages };
}

/** Numbers of each place, those of a line in one list. */
function byLine(
  { places }: FileSurvey,
  numbersOf: (place: readonly number[], at: number) => readonly number[],
): Record<string, number[]> {
  const lines: Record<string, number[]> = {};
  for (let at = 0; at * 4 < places.length; at++) {
    const place = places.slice(at * 4, at * 4 + 4);
    const line = String(place[0]);
    lines[line] = [...(lines[line] ?? []), ...numbersOf(place, at)];
  }
  return lines;
}

/** The passages that explain what is defined on a line: one of each lesson. */
function passages(book: Companion): (definition: Use) => PassageRow[] {
  const declared = Map.groupBy(Object.values(book.symbols), ({ file, code }) =>
    placeKey([file, code.start]),
  );
  const announced = book.lessons
    .filter(({ locale }) => locale === "en")
    .flatMap(({ route, front }) =>
      front.explains.map((of) => ({ of, row: rowOf(front, route) })),
    );
  return (definition) => {
    const ids = (declared.get(placeKey(definition)) ?? []).map(({ id }) => id);
    const [file, line] = definition;
    const speaking = (book.marks[file] ?? [])
      .filter(({ range }) => range.start <= line && line <= range.end)
      .sort((a, b) => widthOf(b) - widthOf(a))
      .map((mark) => rowOf(mark, mark.route));
    const naming = announced.filter(({ of }) => ids.includes(of));
    // The narrowest passage of a lesson comes last, and stays.
    const all = [...naming.map(({ row }) => row), ...speaking];
    const byLesson = new Map(all.map((row) => [row[2].split("#")[0], row]));
    return [...byLesson.values()].sort((a, b) => a[1] - b[1]);
  };
}

function rowOf(
  { title, number }: { readonly title: string; readonly number: number },
  route: string,
): PassageRow {
  return [title, number, route];
}

function widthOf({ range }: BookMark): number {
  return range.end - range.start;
}

function placeKey([file, line]: Use): string {
  return `${file}:${line}`;
}

/** The name of the narrowest symbol around a line; "" between symbols. */
function enclosing(book: Companion): (use: Use) => string {
  const named = Object.values(book.symbols).filter(
    ({ kind }) => kind !== "header",
  );
  const byFile = Map.groupBy(named, ({ file }) => file);
  const height = ({ whole }: BookSymbol) => whole.end - whole.start;
  for (const symbols of byFile.values()) {
    symbols.sort((a, b) => height(a) - height(b));
  }
  return ([file, line]) =>
    byFile
      .get(file)
      ?.find(({ whole }) => whole.start <= line && line <= whole.end)?.name ??
    "";
}
