// Which pictures there are: a module of lessons/pictures/ for each.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

export const PICTURES = "lessons/pictures";

/** Every picture, shown or not: "08-commit-path". */
export function pictureNames(root: string): string[] {
  const folder = path.join(root, PICTURES);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => /^\d\d-[^.]*\.ts$/.test(file))
    .map((file) => file.replace(/\.ts$/, ""))
    .sort();
}
