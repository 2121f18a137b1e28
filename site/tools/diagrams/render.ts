/**
 * Draws diagrams: mermaid in a window of jsdom, in a process of its own,
 * because mermaid wants `window` and `document` to be global. jsdom lays
 * nothing out, so the sizes of texts are reckoned here, from the widths of
 * letters; a little too wide is harmless, too narrow would cut a text off.
 *
 * Reads a list of sources as JSON, writes the list of SVGs.
 */

import { JSDOM } from "jsdom";
import { svgPathBbox } from "svg-path-bbox";
import { optimize } from "svgo";

const FONT_SIZE = 15;
const LINE = 1.35;

const narrow = /[ijlft.,:;'|!()[\]/\\ ]/;
const wide = /[mwMW@%]/;
const upper = /[A-Z0-9_=+<>~#&$?]/;

/** Letters in em, a tenth more than they are. */
function emOf(letter: string): number {
  if (letter.charCodeAt(0) > 0x2e80) return 1.02;
  if (narrow.test(letter)) return 0.33;
  if (wide.test(letter)) return 0.9;
  return upper.test(letter) ? 0.68 : 0.58;
}

function widthOf(text: string): number {
  return [...text].reduce((sum, one) => sum + emOf(one), 0) * FONT_SIZE;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const nothing: Box = { x: 0, y: 0, width: 0, height: 0 };

function textBox(element: Element): Box {
  const lines = linesOf(element);
  const width = Math.max(0, ...lines.map(widthOf));
  const height = lines.length * FONT_SIZE * LINE;
  return { x: 0, y: 0, width, height };
}

/** `<br>` and tspans break lines. */
function linesOf(element: Element): string[] {
  const spans = [...element.querySelectorAll(":scope > tspan")];
  const parts = spans.length > 0 ? spans : [element];
  return parts.flatMap((part) =>
    part.innerHTML.split(/<br\s*\/?>/i).map((html) =>
      html
        .replace(/<[^>]+>/g, "")
        .replace(/&\w+;/g, "x")
        .trim(),
    ),
  );
}

function number(element: Element, name: string): number {
  return Number.parseFloat(element.getAttribute(name) ?? "0") || 0;
}

function shift(element: Element): { x: number; y: number } {
  const text = element.getAttribute("transform") ?? "";
  const match = /translate\(\s*(-?[\d.e]+)(?:[,\s]+(-?[\d.e]+))?/.exec(text);
  return { x: Number(match?.[1] ?? 0), y: Number(match?.[2] ?? 0) };
}

function union(boxes: readonly Box[]): Box {
  if (boxes.length === 0) return nothing;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

function points(text: string): Box {
  const numbers = (text.match(/-?\d*\.?\d+(?:e-?\d+)?/g) ?? []).map(Number);
  const xs = numbers.filter((_, at) => at % 2 === 0);
  const ys = numbers.filter((_, at) => at % 2 === 1);
  if (xs.length === 0 || ys.length === 0) return nothing;
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

function pathBox(path: string): Box {
  if (path === "") return nothing;
  const [x, y, right, bottom] = svgPathBbox(path);
  return { x, y, width: right - x, height: bottom - y };
}

function boxOf(element: Element): Box {
  const at = (width: number, height: number): Box => ({
    x: number(element, "x"),
    y: number(element, "y"),
    width,
    height,
  });
  switch (element.tagName.toLowerCase()) {
    case "rect":
    case "image":
    case "foreignobject":
      return at(number(element, "width"), number(element, "height"));
    case "circle":
    case "ellipse": {
      const rx = number(element, "r") || number(element, "rx");
      const ry = number(element, "r") || number(element, "ry");
      const x = number(element, "cx") - rx;
      const y = number(element, "cy") - ry;
      return { x, y, width: 2 * rx, height: 2 * ry };
    }
    case "line": {
      const ends = ["x1", "y1", "x2", "y2"].map((name) =>
        number(element, name),
      );
      return points(ends.join(" "));
    }
    case "path":
      return pathBox(element.getAttribute("d") ?? "");
    case "polygon":
    case "polyline":
      return points(element.getAttribute("points") ?? "");
    case "text": {
      const { width, height } = textBox(element);
      const middle = /middle/.test(
        `${element.getAttribute("style")} ${element.getAttribute("text-anchor")}`,
      );
      const x = number(element, "x") - (middle ? width / 2 : 0);
      return { x, y: number(element, "y") - FONT_SIZE, width, height };
    }
    case "style":
    case "defs":
    case "marker":
    case "title":
    case "desc":
      return nothing;
    default:
      return union(
        [...element.children]
          .map((child) => {
            const box = boxOf(child);
            const { x, y } = shift(child);
            return { ...box, x: box.x + x, y: box.y + y };
          })
          .filter(({ width, height }) => width > 0 || height > 0),
      );
  }
}

function prepare(): void {
  const { window } = new JSDOM("<!doctype html><body></body>", {
    pretendToBeVisual: true,
    url: "http://localhost/",
  });
  const svg = window.SVGElement.prototype as unknown as Record<string, unknown>;
  svg.getBBox = function (this: Element) {
    return boxOf(this);
  };
  svg.getComputedTextLength = function (this: Element) {
    return textBox(this).width;
  };
  const element = window.Element.prototype as unknown as {
    getBoundingClientRect(): Box & { left: number; top: number };
  };
  element.getBoundingClientRect = function (this: Element) {
    const box = this instanceof window.SVGElement ? boxOf(this) : textBox(this);
    return { ...box, left: box.x, top: box.y };
  };
  for (const name of Object.getOwnPropertyNames(window)) {
    if (name in globalThis) continue;
    Object.defineProperty(globalThis, name, {
      value: (window as unknown as Record<string, unknown>)[name],
      configurable: true,
      writable: true,
    });
  }
  Object.assign(globalThis, { window, document: window.document });
}

/** Every colour that a diagram may have, and the variable it stands for. */
const colours: Readonly<Record<string, string>> = {
  "#f6f4e1": "var(--panel)",
  "#fdf0c1": "var(--lit)",
  "#fdfcf1": "var(--paper)",
  "#242111": "var(--ink)",
  "#665f51": "var(--ink-soft)",
  "#dcd7c1": "var(--rule)",
};

const theme = {
  fontFamily: "var(--sans)",
  fontSize: `${FONT_SIZE}px`,
  background: "#fdfcf1",
  primaryColor: "#f6f4e1",
  primaryTextColor: "#242111",
  primaryBorderColor: "#665f51",
  secondaryColor: "#fdf0c1",
  secondaryTextColor: "#242111",
  secondaryBorderColor: "#665f51",
  tertiaryColor: "#fdfcf1",
  tertiaryTextColor: "#242111",
  tertiaryBorderColor: "#dcd7c1",
  lineColor: "#665f51",
  textColor: "#242111",
  mainBkg: "#f6f4e1",
  nodeBorder: "#665f51",
  nodeTextColor: "#242111",
  edgeLabelBackground: "#fdfcf1",
  noteBkgColor: "#fdf0c1",
  noteTextColor: "#242111",
  noteBorderColor: "#665f51",
  actorBkg: "#f6f4e1",
  actorBorder: "#665f51",
  actorTextColor: "#242111",
  actorLineColor: "#dcd7c1",
  signalColor: "#242111",
  signalTextColor: "#242111",
  labelBoxBkgColor: "#f6f4e1",
  labelBoxBorderColor: "#665f51",
  labelTextColor: "#242111",
  loopTextColor: "#242111",
  activationBkgColor: "#dcd7c1",
  activationBorderColor: "#665f51",
  sequenceNumberColor: "#fdfcf1",
  clusterBkg: "#fdfcf1",
  clusterBorder: "#dcd7c1",
  titleColor: "#242111",
  transitionColor: "#665f51",
  transitionLabelColor: "#242111",
  stateLabelColor: "#242111",
  stateBkg: "#f6f4e1",
  labelBackgroundColor: "#fdfcf1",
  compositeBackground: "#fdfcf1",
  compositeTitleBackground: "#f6f4e1",
  compositeBorder: "#665f51",
  altBackground: "#fdfcf1",
  specialStateColor: "#242111",
  innerEndBackground: "#665f51",
};

function recolour(svg: string): string {
  let text = svg;
  for (const [from, to] of Object.entries(colours)) {
    text = text.replaceAll(new RegExp(from, "gi"), to);
  }
  return text
    .replace(
      /rgba?\([^)]*\)|hsla?\([^)]*\)|#[0-9a-f]{3,8}\b(?=[;"'\s!])/gi,
      (colour) =>
        colour.startsWith("#") && !/^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(colour)
          ? colour
          : "var(--ink-soft)",
    )
    .replace(
      /\b(fill|stroke):\s*(black|white|grey|gray|#333|#000)\b/gi,
      "$1:var(--ink)",
    )
    .replace(/(fill|stroke)="(black|white|grey|gray)"/gi, '$1="var(--ink)"');
}

/** Without the rules and marks of mermaid that this drawing has no use for. */
function lighter(id: string, svg: string): string {
  const holder = document.createElement("div");
  holder.innerHTML = svg;
  const xml = new XMLSerializer().serializeToString(holder.children[0] as Node);
  return optimize(xml, {
    multipass: true,
    // A tenth of a pixel is enough.
    floatPrecision: 1,
    plugins: [{ name: "preset-default", params: { overrides: keep(id) } }],
  }).data;
}

/** The rules speak of the drawing by its id, and of lines as such. */
function keep(id: string) {
  return {
    cleanupIds: { force: true, minify: false, preserve: [id] },
    convertShapeToPath: false as const,
    removeUnknownsAndDefaults: { keepRoleAttr: true },
  };
}

async function main(): Promise<void> {
  let input = "";
  for await (const part of process.stdin) input += part;
  const sources = JSON.parse(input) as { id: string; source: string }[];
  prepare();
  const { default: mermaid } = await import("mermaid");
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    theme: "base",
    fontFamily: "var(--sans)",
    themeVariables: theme,
    themeCSS:
      "foreignObject{overflow:visible} *{filter:none !important}" +
      " .edgeLabel p,.nodeLabel p{margin:0} .edgeLabel rect{stroke:none}",
    sequence: {
      useMaxWidth: false,
      mirrorActors: false,
      height: 38,
      width: 90,
      actorMargin: 20,
      diagramMarginX: 0,
    },
    flowchart: { useMaxWidth: false },
    state: { useMaxWidth: false },
  });
  const drawn: Record<string, string> = {};
  for (const { id, source } of sources) {
    try {
      const { svg } = await mermaid.render(id, source);
      drawn[id] = lighter(id, recolour(svg));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      process.stderr.write(`${source}\n${why}\n`);
      process.exitCode = 1;
    }
  }
  process.stdout.write(JSON.stringify(drawn));
}

await main();
