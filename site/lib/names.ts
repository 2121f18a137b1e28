/** Where a block of code finds what is known of the names in it. */

import { createHash } from "node:crypto";
import book from "virtual:book";
import { href } from "./href.ts";

// Another state of raft/ is another address: no page meets an older file.
const version = createHash("sha256")
  .update(JSON.stringify(Object.values(book.files).map(({ lines }) => lines)))
  .digest("hex")
  .slice(0, 8);

/** "/names/raft.ts/*.json?1a2b3c4d"; * is "types" or "references". */
export function namesAddress(file: string): string {
  return href(`/names/${file}/*.json?${version}`);
}
