/** Addresses within the site, whatever its base path. */

const base = import.meta.env.BASE_URL.replace(/\/$/, "");

/** `path` begins with a slash: "/source/raft.ts/#L10". */
export function href(path: string): string {
  return base + path;
}

export function sourceHref(file: string, start?: number, end = start): string {
  const page = href(`/source/${file}/`);
  if (start === undefined) return page;
  return end === start ? `${page}#L${start}` : `${page}#L${start}-L${end}`;
}

/** "617", or "617–619" with a true dash. */
export function lineLabel(start: number, end: number): string {
  return start === end ? `${start}` : `${start}–${end}`;
}

/** v1.1.1's lines, as GitHub shows them. */
export function goHref(file: string, start?: number, end = start): string {
  const page = `https://github.com/hashicorp/raft/blob/v1.1.1/${file}`;
  if (start === undefined) return page;
  return end === start ? `${page}#L${start}` : `${page}#L${start}-L${end}`;
}
