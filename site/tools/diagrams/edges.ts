/**
 * A flowchart that somebody drew, read as a table: from where, by what, to
 * where. It is what the drawing says, for whoever does not look at it.
 */

export type Edge = readonly [from: string, what: string, to: string];

const NODE = String.raw`\w+(?:\[\(.*?\)\]|\[.*?\]|\(.*?\)|\{.*?\})?`;
const ARROW = String.raw`(<)?(?:--\s+(.+?)\s+-->|-\.\s+(.+?)\s+\.->|-->|-\.->)`;
const EDGE = new RegExp(`^\\s*(${NODE})\\s+${ARROW}\\s+(${NODE})\\s*$`);

/** Empty for a diagram of another kind. */
export function edgesOf(source: string): Edge[] {
  if (!/^\s*flowchart\b/m.test(source)) return [];
  const lines = source.split("\n");
  const labels = new Map(lines.flatMap(labelled));
  const shown = (node: string) => {
    const [id = ""] = /^\w+/.exec(node) ?? [];
    return labels.get(id) ?? id;
  };
  return lines.flatMap((line): Edge[] => {
    const [, from, back, solid, dotted, to] = EDGE.exec(line) ?? [];
    if (from === undefined || to === undefined) return [];
    const what = onOneLine(solid ?? dotted ?? "");
    const there: Edge = [shown(from), what, shown(to)];
    return back ? [there, [shown(to), what, shown(from)]] : [there];
  });
}

function onOneLine(label: string): string {
  return label.replace(/\s*<br\s*\/?>\s*/g, " ");
}

/** What stands in the boxes of a line: `a[your program]`. */
function labelled(line: string): (readonly [string, string])[] {
  const boxes = line.matchAll(/(\w+)(?:\[\(|\[|\(|\{)(.+?)(?:\)\]|\]|\)|\})/g);
  return [...boxes].map(([, id = "", label = ""]) => [id, onOneLine(label)]);
}
