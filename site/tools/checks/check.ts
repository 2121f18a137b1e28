/** What a check of the built site is told, and what it says. */

import type { Browser } from "playwright-core";

export interface BuiltSite {
  /** The folder that was built. */
  readonly dist: string;
  /** Its address, ending in a slash. */
  readonly url: string;
  /** "/" or "/folder/" */
  readonly base: string;
  /** Every page: its path within the site, "lessons/04-elect-self/". */
  readonly pages: readonly string[];
}

export interface Outcome {
  /** "12,480 links on 140 pages" */
  readonly checked: string;
  /**
   * How many it looked at, of everything that it looks at: none is a fault.
   * Without this it is the first number of `checked`.
   */
  readonly looked?: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

export interface Check {
  readonly name: string;
  readonly needsBrowser: boolean;
  run(site: BuiltSite, browser: Browser | undefined): Promise<Outcome>;
}

/** What a walk tries. That it holds must be seen: an error is no answer. */
export type Step = (
  what: string,
  holds: boolean | Promise<boolean>,
) => Promise<void>;

/** Counts what is tried, and keeps what did not hold. */
export class Steps {
  readonly faults: string[] = [];
  taken = 0;

  /** `where` is said before each fault. */
  from(where = ""): Step {
    return async (what, holds) => {
      this.taken++;
      const held = await Promise.resolve(holds).catch(() => false);
      if (!held) this.faults.push(where + what);
    };
  }
}

/** The browser of a check that says it needs one. */
export function needed(browser: Browser | undefined): Browser {
  if (browser) return browser;
  throw new Error("this check was started without a browser");
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

export function lessonsOf(site: BuiltSite): string[] {
  return site.pages.filter((page) => /^lessons\//.test(page));
}

/** Also those under zh-cn/, which are in English until they are translated. */
export function lessonsInEach(site: BuiltSite): string[] {
  return site.pages.filter((page) => /^(zh-cn\/)?lessons\//.test(page));
}

/** The source pages of files; not the one that lists them. */
export function sourcesOf(site: BuiltSite): string[] {
  return site.pages.filter((page) => /^source\/.+\.ts\/$/.test(page));
}

/** Whoever has seen nothing has nothing to agree to. */
export function unseen({ checked, looked }: Outcome): string[] {
  const kinds = looked ?? { "anything to look at": firstNumber(checked) };
  return Object.entries(kinds)
    .filter(([, number]) => !(number > 0))
    .map(([what]) => `it did not find ${what}`);
}

function firstNumber(text: string): number {
  const [found = "0"] = /\d[\d,]*/.exec(text) ?? [];
  return Number(found.replaceAll(",", ""));
}
