/**
 * The service worker: keeps every file of this build on the device, and
 * answers with it when the network does not. The network is asked first, so a
 * reader who has one sees the site as it is now, as if there were no worker.
 *
 * Workbox is not used: its precache answers before the network does, so that
 * a new build is first seen at the second look; and its own build step brings
 * three hundred packages.
 *
 * Absent: giving up on a network that is there and does not answer.
 */

/** A file and the digest of what is in it. */
type Digests = Readonly<Record<string, string>>;

/** What the build puts before this file, see tools/offline.ts. */
declare const FILES: Digests;
declare const self: Worker;

/** So many are asked for at once: the reader's own questions go on. */
const AT_ONCE = 16;

const home = self.registration.scope;
/** One host may have several sites. */
const shelf = `offline ${home}`;
const places = new Map(Object.keys(FILES).map((file) => [file, placeOf(file)]));
const kept = new Set(places.values());
const nowhere = places.get("404.html");

/** Where a file is kept; another content has another place. */
function placeOf(file: string): string {
  const address = file.replace(/(^|\/)index\.html$/, "$1");
  return `${new URL(encodeURI(address), home)}?kept=${FILES[file]}`;
}

/** Only what is new: a second build, or a second try, asks for little. */
async function keep(): Promise<void> {
  if (self.navigator.connection?.saveData) throw new Error("data are saved");
  const cache = await caches.open(shelf);
  const here = new Set((await cache.keys()).map(({ url }) => url));
  const missing = [...kept].filter((place) => !here.has(place));
  while (missing.length > 0) {
    const some = missing.splice(0, AT_ONCE);
    await Promise.all(some.map((place) => keepFile(cache, place)));
  }
  await self.skipWaiting();
}

/**
 * What a host does not give is left out; only the page that says so has that
 * status. Some hosts lead from one address of a page to another: what came of
 * that may not answer for the first, and a copy of it may.
 */
async function keepFile(cache: Cache, place: string): Promise<void> {
  const { ok, body, status, headers } = await fetch(place);
  if (!ok && place !== nowhere) return;
  await cache.put(place, new Response(body, { status, headers }));
}

/** What an earlier build had and this one has not. */
async function forget(): Promise<void> {
  const cache = await caches.open(shelf);
  for (const request of await cache.keys()) {
    if (!kept.has(request.url)) await cache.delete(request);
  }
  await self.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    return (await fromShelf(request)) ?? Response.error();
  }
}

/** An address without a page gets the page that says so, as from a host. */
async function fromShelf(request: Request): Promise<Response | undefined> {
  const cache = await caches.open(shelf);
  const [address = ""] = request.url.split(/[?#]/);
  const wanted = decodeURI(address.slice(home.length));
  const place = places.get(wanted) ?? places.get(`${wanted}index.html`);
  if (place) return cache.match(place);
  if (request.mode !== "navigate") return undefined;
  return cache.match(nowhere ?? "");
}

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(forget()));
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method !== "GET" || !url.startsWith(home)) return;
  event.respondWith(answer(event.request));
});

// TypeScript's own words for this stand against those for a page.

interface Worker {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  readonly navigator: { readonly connection?: { readonly saveData: boolean } };
  skipWaiting(): Promise<void>;
  addEventListener(
    name: "install" | "activate",
    hear: (event: LifeEvent) => void,
  ): void;
  addEventListener(name: "fetch", hear: (event: AskEvent) => void): void;
}

interface LifeEvent {
  waitUntil(work: Promise<unknown>): void;
}

interface AskEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
