/**
 * What is known of the names in a file of raft/: loaded at the first question
 * about it, and once. The site's check reads the built files with these same
 * functions.
 */

import type {
  PassagesFile,
  ReferencesFile,
  TypesFile,
} from "../../tools/names/types.ts";

/** One place where a name stands. */
export interface NamePlace {
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** Which of the names of the file it is. */
  readonly name: number;
  /** Which place of its line it is. */
  readonly nth: number;
}

export interface Name {
  /** As the language service displays it. */
  readonly type: string;
  readonly sentence: string;
  readonly definitions: readonly Place[];
  readonly passages: readonly Passage[];
}

export interface Place {
  readonly file: string;
  readonly line: number;
  /** The function or type around it; "" between them. */
  readonly symbol?: string;
}

export interface Passage {
  readonly title: string;
  readonly number: number;
  /** Within the site: "/lessons/04-elect-self/#note-3f9a2c81". */
  readonly route: string;
}

/** A passage that speaks of lines of the file. */
export interface Spoken extends Passage {
  readonly kind: PassagesFile["passages"][number][2];
  readonly start: number;
  readonly end: number;
  /** A claim's sentence, or how a note begins. */
  readonly words?: string;
  /** Within the site, where the claim's test is: "/proof/05/#L107-L126". */
  readonly proof?: string;
}

// ------------------------------------------------------------ what it says

export function placesOn(types: TypesFile, line: number): NamePlace[] {
  const numbers = types.lines[line] ?? [];
  return Array.from({ length: numbers.length / 3 }, (_, nth) => {
    const [column = 0, length = 0, name = 0] = numbers.slice(nth * 3);
    return { line, column, length, name, nth };
  });
}

export function nameAt(types: TypesFile, { name }: NamePlace): Name {
  const row = types.names[name] ?? ["", "", []];
  const [type, sentence, targets, passages = []] = row;
  return {
    type,
    sentence,
    definitions: Array.from({ length: targets.length / 2 }, (_, at) => ({
      file: types.files[targets[at * 2] ?? -1] ?? "",
      line: targets[at * 2 + 1] ?? 0,
    })),
    passages: passages.flatMap((at) => {
      const found = types.passages[at];
      if (!found) return [];
      const [title, number, route] = found;
      return [{ title, number, route }];
    }),
  };
}

/** Every use of the name that stands there, by file and line. */
export function usesAt(
  { files, symbols, places, uses, lines }: ReferencesFile,
  { line, nth }: NamePlace,
): Place[] {
  const found = uses[lines[line]?.[nth] ?? -1] ?? [];
  return found.map((at) => {
    const [file = -1, number = 0, symbol = -1] = places.slice(at * 3);
    return {
      file: files[file] ?? "",
      line: number,
      symbol: symbols[symbol] ?? "",
    };
  });
}

/** What speaks of a line, the narrowest first. */
export function passagesOn({ passages }: PassagesFile, line: number): Spoken[] {
  return passages
    .filter(([start, end]) => start <= line && line <= end)
    .map(([start, end, kind, title, number, route, words, proof]) => ({
      ...{ start, end, kind, title, number, route },
      ...(words === undefined ? {} : { words }),
      ...(proof === undefined ? {} : { proof }),
    }));
}

/** A place outside raft/ is in the library, which has no page here. */
export function isOutside({ file }: Place): boolean {
  return file.startsWith("node_modules/");
}

// ------------------------------------------------------------- loading it

const loading = new Map<string, Promise<unknown>>();

/** `names` is what a block says of itself: "/names/raft.ts/*.json?1a2b3c4d". */
export function loadTypes(names: string): Promise<TypesFile> {
  return load(names.replace("*", "types"));
}

export function loadReferences(names: string): Promise<ReferencesFile> {
  return load(names.replace("*", "references"));
}

export function loadPassages(names: string): Promise<PassagesFile> {
  return load(names.replace("*", "passages"));
}

/** What failed is asked for again the next time. */
function load<File>(address: string): Promise<File> {
  const known = loading.get(address) as Promise<File> | undefined;
  if (known) return known;
  const asked = fetch(address).then((answer) => {
    if (answer.ok) return answer.json() as Promise<File>;
    throw new Error(`${address}: ${answer.status}`);
  });
  loading.set(address, asked);
  asked.catch(() => loading.delete(address));
  return asked;
}

/** The folder the site is served from, without a slash at its end. */
export function baseOf(names: string): string {
  return names.slice(0, names.indexOf("/names/"));
}

export function sourceAddress(base: string, { file, line }: Place): string {
  return `${base}/source/${file}/#L${line}`;
}
