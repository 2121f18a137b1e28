/// <reference types="astro/client" />
/// <reference path="../node_modules/@astrojs/starlight/dist/global.d.ts" />

declare module "virtual:book" {
  const book: import("./tools/book/types.ts").Book;
  export default book;
}
