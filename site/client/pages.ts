/**
 * Pages by their words, from the full-text index that a build makes. Where no
 * page has all the words that were typed, the rarest are left out.
 */

export interface FoundPages {
  readonly pages: readonly FoundPage[];
  /** The words that were left out. */
  readonly without: readonly string[];
}

export interface FoundPage {
  readonly url: string;
  readonly title: string;
  /** The heading that the words stand under, if it is not the title. */
  readonly within: string;
  /** HTML, with the words marked. */
  readonly excerpt: string;
}

interface Pagefind {
  init(): Promise<void>;
  search(query: string): Promise<Answer>;
  debouncedSearch(
    query: string,
    options: object,
    wait: number,
  ): Promise<Answer | null>;
}

interface Answer {
  readonly results: readonly Result[];
}

interface Result {
  data(): Promise<PageData>;
}

interface PageData {
  readonly url: string;
  readonly meta: { readonly title?: string };
  readonly excerpt: string;
  readonly sub_results: readonly {
    readonly title: string;
    readonly url: string;
    readonly excerpt: string;
  }[];
}

/** So many are worth a look. */
const MOST = 6;

let index: Promise<Pagefind | undefined> | undefined;

/** Absent under `astro dev`, for a build makes it, or when it is torn. */
export function loadPages(base: string): Promise<unknown> {
  index ??= import(/* @vite-ignore */ `${base}pagefind/pagefind.js`)
    .then(async (module: Pagefind) => {
      await module.init();
      return module;
    })
    .catch(() => undefined);
  return index;
}

export async function findPages(
  query: string,
  base: string,
): Promise<FoundPages> {
  await loadPages(base);
  const pagefind = await index;
  if (!pagefind) throw new Error("no full-text index");
  const words = longWords(query);
  const answer = await pagefind.debouncedSearch(words.join(" "), {}, 120);
  const some = answer === null || answer.results.length > 0;
  const { results, without } = some
    ? { results: answer?.results ?? [], without: [] }
    : await withFewer(pagefind, words);
  const data = await Promise.all(
    results.slice(0, MOST).map((result) => result.data()),
  );
  return { pages: data.map(foundPage), without };
}

/**
 * The index takes every word for the beginning of one: "a" finds "are" and
 * "go" finds "goes". So it is asked for the longer words, if there are any.
 */
function longWords(query: string): string[] {
  const words = query.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const long = words.filter((word) => !/^[a-z\d]{0,2}$/i.test(word));
  return long.length > 0 ? long : words;
}

/** Leaves out the rarest word, then the two rarest, until some page is found. */
async function withFewer(
  pagefind: Pagefind,
  words: readonly string[],
): Promise<{ results: readonly Result[]; without: readonly string[] }> {
  const different = [...new Set(words)];
  const counted = await Promise.all(
    different.map(async (word) => {
      const { results } = await pagefind.search(word);
      return { word, pages: results.length };
    }),
  );
  const rarest = counted.sort((a, b) => a.pages - b.pages);
  for (let out = 1; out < rarest.length; out++) {
    const without = rarest.slice(0, out).map(({ word }) => word);
    const rest = different.filter((word) => !without.includes(word));
    const { results } = await pagefind.search(rest.join(" "));
    if (results.length > 0) return { results, without };
  }
  return { results: [], without: [] };
}

/** A page's own heading needs no anchor. */
function foundPage(page: PageData): FoundPage {
  const part = page.sub_results[0];
  const { url, excerpt } = part ?? page;
  const title = page.meta.title ?? page.url;
  const within = part && part.title !== title ? part.title : "";
  return { url: url.replace(/#_top$/, ""), title, within, excerpt };
}
