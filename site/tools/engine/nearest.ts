// "Did you mean": the nearest things that do exist, by edit distance.

const MOST = 3;

/** The names nearest to what was written; none that is nothing like it. */
export function nearest(wanted: string, known: Iterable<string>): string[] {
  const lower = wanted.toLowerCase();
  return rank(wanted, known, (name) => distance(lower, name.toLowerCase()));
}

/** The lines that come nearest to containing the text. */
export function nearestLines(
  wanted: string,
  lines: Iterable<string>,
): string[] {
  const texts = [...lines].map((line) => line.trim()).filter((l) => l !== "");
  return rank(wanted, texts, (line) => distance(wanted, line, true));
}

function rank(
  wanted: string,
  known: Iterable<string>,
  measure: (name: string) => number,
): string[] {
  const limit = Math.max(2, Math.floor(wanted.length * 0.6));
  return [...new Set(known)]
    .map((name) => ({ name, far: measure(name) }))
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far || a.name.length - b.name.length)
    .slice(0, MOST)
    .map(({ name }) => name);
}

/**
 * Levenshtein's distance; `within` lets `text` begin and end anywhere, so
 * that it measures how far the nearest part of it is (Sellers).
 */
export function distance(wanted: string, text: string, within = false): number {
  let row = Array.from({ length: text.length + 1 }, (_, j) => (within ? 0 : j));
  for (let i = 1; i <= wanted.length; i++) {
    const next = [i];
    for (let j = 1; j <= text.length; j++) {
      const same = wanted[i - 1] === text[j - 1] ? 0 : 1;
      next.push(Math.min(row[j - 1]! + same, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return within ? Math.min(...row) : (row.at(-1) as number);
}
