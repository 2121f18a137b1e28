/** Every line of raft/, for the search by text. */

import book from "virtual:book";
import type { APIRoute } from "astro";

export const GET: APIRoute = () =>
  Response.json(
    Object.fromEntries(
      Object.values(book.files).map(({ path, lines }) => [path, lines]),
    ),
  );
