/**
 * `npm start`: builds the site when it is missing or older than its sources,
 * serves it, and says where.
 */

import { basePath, buildIfStale, DIST } from "./built.ts";
import { serve } from "./serve.ts";

if (!buildIfStale()) process.exit(1);
const port = Number(process.env.PORT ?? 4321);
const site = await serve(DIST, basePath(), port);
console.log(`\nRaft, line by line: ${site.url}\nStop with Ctrl C.`);
