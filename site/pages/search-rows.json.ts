/** What the search looks through before it asks the full-text index. */

import book from "virtual:book";
import type { APIRoute } from "astro";
import { searchRows } from "../tools/book/search.ts";

export const GET: APIRoute = () => Response.json(searchRows(book));
