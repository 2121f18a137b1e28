/**
 * Serves dist/ as any static host would, under its base path: a folder is its
 * index.html, anything else that is not there is the 404 page, and what is text
 * comes compressed.
 */

import { createReadStream, existsSync, statSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { createGzip } from "node:zlib";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
  ".xml": "application/xml",
  ".txt": "text/plain; charset=utf-8",
};

export interface Site {
  readonly url: string;
  close(): void;
}

/** Port 0 takes any free one; a port that is taken gives the next. */
export async function serve(
  folder: string,
  base: string,
  port: number,
): Promise<Site> {
  const server = createServer((request, response) => {
    answer(folder, base, request, response);
  });
  const taken = await listen(server, port);
  if (taken instanceof Error) {
    if (port === 0) throw taken;
    return serve(folder, base, port + 1);
  }
  return {
    url: `http://localhost:${taken}${base}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server, port: number): Promise<number | Error> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen(port, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function answer(
  folder: string,
  base: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const bare = base.replace(/\/$/, "");
  if (pathname === bare || (base !== "/" && pathname === "/")) {
    response.writeHead(302, { location: base }).end();
    return;
  }
  const nowhere = path.join(folder, "404.html");
  const found = fileOf(folder, bare, pathname) ?? nowhere;
  const type = TYPES[path.extname(found)] ?? "application/octet-stream";
  const zips = TEXT.test(type) && takesGzip(request);
  response.writeHead(found === nowhere ? 404 : 200, {
    "content-type": type,
    vary: "accept-encoding",
    ...(zips ? { "content-encoding": "gzip" } : {}),
  });
  const content = createReadStream(found);
  if (zips) content.pipe(createGzip()).pipe(response);
  else content.pipe(response);
}

const TEXT = /^text|json|xml/;

function takesGzip({ headers }: IncomingMessage): boolean {
  return /\bgzip\b/.test(String(headers["accept-encoding"]));
}

function fileOf(
  folder: string,
  base: string,
  pathname: string,
): string | undefined {
  if (!pathname.startsWith(`${base}/`)) return undefined;
  const wanted = path.normalize(decodeURI(pathname.slice(base.length)));
  const file = path.join(folder, wanted);
  if (!file.startsWith(folder) || !existsSync(file)) return undefined;
  if (!statSync(file).isDirectory()) return file;
  const index = path.join(file, "index.html");
  return existsSync(index) ? index : undefined;
}
