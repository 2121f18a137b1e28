/** What the lessons explain of every file, as data. */

import book from "virtual:book";
import type { APIRoute } from "astro";

export const GET: APIRoute = () => Response.json(book.coverage);
