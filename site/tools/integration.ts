/**
 * Puts the book into Astro: `virtual:book` is what the pages import. A build
 * stops before its first page when a lesson and the source disagree, and says
 * every fault at once; with DRAFT=1 it only warns. `astro dev` goes on, shows each fault at its passage,
 * and builds the book anew when a file of raft/, a lesson or a suite is saved,
 * added or removed.
 */

import path from "node:path";
import { fileURLToPath } from "node:url";
import type { AstroIntegration } from "astro";
import type { Connect } from "vite";
import { buildBook } from "./book/build.ts";
import type { Book } from "./book/types.ts";
import { recordBuild } from "./built.ts";
import { sayFault } from "./engine/fault.ts";
import { NamesOnDemand, writeNames } from "./names/site.ts";

const VIRTUAL = "virtual:book";
const RESOLVED = `\0${VIRTUAL}`;
const WATCHED = ["raft", "lessons", "test/lessons"];

export function bookIntegration(): AstroIntegration {
  let root = process.cwd();
  let book: Promise<Book> | undefined;
  /** Set while pages are watched: makes them ask again. */
  let refresh: (() => void) | undefined;
  const read = (): Promise<Book> => {
    book ??= refresh ? buildInHurry(root, refresh) : buildBook(root);
    return book;
  };
  return {
    name: "book",
    hooks: {
      "astro:config:setup": ({ config, updateConfig }) => {
        root = fileURLToPath(config.root);
        const forget = () => {
          book = undefined;
        };
        const plugin = bookPlugin(read, forget, (again) => {
          refresh = again;
        });
        updateConfig({ vite: { plugins: [plugin(root)] } });
      },
      "astro:build:start": async ({ logger }) => {
        const { faults, scenarios, pictures } = await read();
        const all = [
          ...faults.map(sayFault),
          ...failed("scenario", scenarios),
          ...failed("picture", pictures),
        ];
        if (all.length === 0) return;
        const places = all.length === 1 ? "place" : "places";
        const said =
          `${all.length} ${places} where lessons and source disagree:` +
          `\n\n${all.join("\n\n")}\n`;
        if (!process.env.DRAFT) throw new Error(said);
        logger.warn(said);
      },
      "astro:server:setup": ({ server }) => {
        server.middlewares.use(answerNames(root, read));
      },
      "astro:build:done": async ({ dir, logger }) => {
        writeNames(root, await read(), fileURLToPath(dir));
        recordBuild(root);
        logger.info(cost());
      },
    },
  };
}

/** What this build has taken so far; the full-text index is still to come. */
function cost(): string {
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  const seconds = process.uptime().toFixed(0);
  return `${seconds} s so far, at most ${megabytes} MB of memory`;
}

/** `astro dev` answers for the types and the uses of one file at a time. */
function answerNames(
  root: string,
  read: () => Promise<Book>,
): Connect.NextHandleFunction {
  const names = new NamesOnDemand(root);
  return async ({ url = "" }, response, next) => {
    const [, wanted] = /\/(names\/[^?]+\.json)(?:\?|$)/.exec(url) ?? [];
    const text = wanted && names.answer(await read(), decodeURI(wanted));
    if (!text) return next();
    response.setHeader("content-type", "application/json; charset=utf-8");
    response.end(text);
  };
}

/** What was run for the lessons and did not come to its end. */
function failed(
  what: string,
  ran: Readonly<Record<string, { file: string; error?: string }>>,
): string[] {
  return Object.values(ran)
    .filter(({ error }) => error !== undefined)
    .map(({ file, error }) => `${file}  failed-${what}\n    ${error}`);
}

type Plugin = NonNullable<
  NonNullable<Parameters<UpdateConfig>[0]["vite"]>["plugins"]
>[number];
type UpdateConfig = Parameters<
  NonNullable<AstroIntegration["hooks"]["astro:config:setup"]>
>[0]["updateConfig"];

/** Pages first; once the last of the runs has ended, the pages again. */
function buildInHurry(root: string, refresh: () => void): Promise<Book> {
  const late: Promise<unknown>[] = [];
  const book = buildBook(root, (run) => late.push(run));
  void book.then(() => {
    if (late.length > 0) void Promise.all(late).then(refresh);
  });
  return book;
}

function bookPlugin(
  read: () => Promise<Book>,
  forget: () => void,
  watching: (refresh: () => void) => void,
) {
  return (root: string): Plugin => ({
    name: "book",
    resolveId(id: string) {
      return id === VIRTUAL ? RESOLVED : undefined;
    },
    async load(id: string) {
      if (id !== RESOLVED) return undefined;
      const text = JSON.stringify(JSON.stringify(await read()));
      // Without a map: to look for one in so long a line takes a second.
      return {
        code: `export default JSON.parse(${text});`,
        map: { mappings: "" },
      };
    },
    configureServer(server) {
      const folders = WATCHED.map((folder) => path.join(root, folder));
      server.watcher.add(folders);
      const refresh = () => {
        forget();
        for (const environment of Object.values(server.environments)) {
          const graph = environment.moduleGraph;
          const module = graph.getModuleById(RESOLVED);
          if (module) graph.invalidateModule(module);
        }
        server.ws.send({ type: "full-reload" });
      };
      watching(refresh);
      let timer: NodeJS.Timeout | undefined;
      const changed = (file: string) => {
        if (!folders.some((one) => file.startsWith(one + path.sep))) return;
        clearTimeout(timer);
        timer = setTimeout(refresh, 60);
      };
      for (const event of ["add", "change", "unlink"]) {
        server.watcher.on(event, changed);
      }
    },
  });
}
