/**
 * Serves dist/ as any static host would, under its base path: a folder is its
 * index.html, anything else that is not there is the 404 page.
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
  const file = fileOf(folder, bare, pathname);
  const found = file ?? path.join(folder, "404.html");
  response.writeHead(file ? 200 : 404, {
    "content-type": TYPES[path.extname(found)] ?? "application/octet-stream",
  });
  createReadStream(found).pipe(response);
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
