/**
 * `npm run links:outside`: visits every address outside that the built site
 * links to, and says which do not answer. It is for a person, or a schedule:
 * what others take down must not stop a change here, so CI does not run it.
 */

import { basePath, buildIfStale, DIST, pagesOf } from "./built.ts";
import { fileOfPage, readPage } from "./checks/html.ts";

const AT_A_TIME = 6;
const PATIENCE_MS = 20_000;

interface Visit {
  readonly url: string;
  /** What the server said; absent when none answered. */
  readonly status?: number;
  readonly problem?: string;
}

async function main(): Promise<number> {
  if (!buildIfStale()) return 1;
  const asked = addresses();
  const urls = [...asked.keys()].sort();
  if (urls.length === 0) {
    console.error("the built site links to nothing outside");
    return 1;
  }
  const visits = await visitAll(urls);
  if (visits.every(({ status }) => status === undefined)) {
    console.error(
      `no network: none of ${urls.length} addresses answered, the first ` +
        `with "${visits[0]?.problem}"; nothing is known of them`,
    );
    return 1;
  }
  const broken = visits.filter(
    ({ status = 0 }) => status < 200 || status > 399,
  );
  for (const { url, status, problem } of broken) {
    const pages = asked.get(url) ?? [];
    console.log(
      `${status ?? problem}  ${url}\n     from /${pages.join(", /")}`,
    );
  }
  const good = urls.length - broken.length;
  console.log(`${good} of ${urls.length} addresses outside answer`);
  return broken.length === 0 ? 0 : 1;
}

/** By address without its fragment, the first pages that link to it. */
function addresses(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const own = `http://localhost${basePath()}`;
  for (const page of pagesOf(DIST)) {
    for (const { href } of readPage(fileOfPage(DIST, page)).anchors) {
      const url = new URL(href, own + page);
      if (!/^https?:$/.test(url.protocol) || url.host === "localhost") continue;
      url.hash = "";
      const pages = found.get(url.href) ?? [];
      if (pages.length < 3 && !pages.includes(page)) pages.push(page);
      found.set(url.href, pages);
    }
  }
  return found;
}

async function visitAll(urls: readonly string[]): Promise<Visit[]> {
  const visits: Visit[] = [];
  const queue = [...urls];
  const work = async () => {
    for (let url = queue.shift(); url; url = queue.shift()) {
      visits.push(await visit(url));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return visits;
}

/** Some servers refuse HEAD and answer GET. */
async function visit(url: string): Promise<Visit> {
  const first = await ask(url, "HEAD");
  const refused = first.status !== undefined && first.status >= 400;
  return refused ? ask(url, "GET") : first;
}

async function ask(url: string, method: string): Promise<Visit> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const { status, body } = await fetch(url, { method, signal });
    await body?.cancel();
    return { url, status };
  } catch (error) {
    const { message, cause } = error as Error;
    return { url, problem: cause instanceof Error ? cause.message : message };
  }
}

process.exitCode = await main();
