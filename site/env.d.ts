/// <reference types="astro/client" />
/// <reference path="../node_modules/@astrojs/starlight/dist/global.d.ts" />

declare module "virtual:book" {
  const book: import("./tools/book/types.ts").Book;
  export default book;
}

/** The little of jsdom that is used here; it ships no types. */
declare module "jsdom" {
  export class JSDOM {
    constructor(html: string, options?: object);
    readonly window: Window & typeof globalThis;
  }
}
