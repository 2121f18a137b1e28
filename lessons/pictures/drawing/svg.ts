/**
 * What the pictures are drawn with: parts of an SVG, as text.
 *
 * No colours here. A kind is a class, or several, and the site's style gives
 * its colour in light and in dark: line, fill, accent, second, third, warn for
 * shapes, ink and soft for words. No words below 13 units.
 */

export interface TextStyle {
  readonly size?: number;
  readonly weight?: number;
  readonly anchor?: "start" | "middle" | "end";
}

/**
 * As many units as a phone of 360 pixels shows whole: it has some 300 pixels
 * for them, so that a word of 13 units is one of 11 pixels there.
 */
export const PHONE = 360;

/** One that is wider scrolls on a phone, and its words stay legible. */
export function drawing(
  width: number,
  height: number,
  parts: readonly string[],
): string {
  return [
    `<svg viewBox="0 0 ${n(width)} ${n(height)}" ` +
      (width <= PHONE ? 'class="narrow" ' : "") +
      'xmlns="http://www.w3.org/2000/svg">',
    ...parts,
    "</svg>",
  ].join("\n");
}

export function text(
  x: number,
  y: number,
  words: string,
  kind = "ink",
  { size = 14, weight = 400, anchor = "start" }: TextStyle = {},
): string {
  return (
    `<text x="${n(x)}" y="${n(y)}" class="${kind}" font-size="${size}"` +
    (weight === 400 ? "" : ` font-weight="${weight}"`) +
    (anchor === "start" ? "" : ` text-anchor="${anchor}"`) +
    `>${escaped(words)}</text>`
  );
}

/** Words in the middle, or ending, at a place. */
export const middle: TextStyle = { anchor: "middle" };
export const end: TextStyle = { anchor: "end" };

/** `dashes` as in stroke-dasharray: "4 3". */
export function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  dashes = "",
): string {
  return (
    `<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" ` +
    `class="line"${dashed(dashes)}/>`
  );
}

export function rect(
  x: number,
  y: number,
  width: number,
  height: number,
  kind: string,
  dashes = "",
): string {
  return (
    `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" ` +
    `class="${kind}"${dashed(dashes)}/>`
  );
}

/** A line with a point at its end. */
export function arrow(
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
  dashes = "",
): string {
  const angle = Math.atan2(fromY - toY, fromX - toX);
  return line(fromX, fromY, toX, toY, dashes) + head(toX, toY, angle);
}

/** The point of an arrow that comes from this direction; 0: from the right. */
export function head(x: number, y: number, angle: number): string {
  const turn = Math.round((angle * 180) / Math.PI);
  return (
    `<path d="M0 0 L7 -4 L7 4 Z" class="ink" ` +
    `transform="translate(${x} ${y}) rotate(${turn})"/>`
  );
}

/** A coordinate: a tenth of a unit is enough. */
export function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A time in words: 2000, or 1995.4. */
export function ms(time: number): string {
  return n(time);
}

function dashed(dashes: string): string {
  return dashes === "" ? "" : ` stroke-dasharray="${dashes}"`;
}

function escaped(words: string): string {
  return words
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
