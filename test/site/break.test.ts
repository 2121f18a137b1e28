// The change that turns a claim red, as a lesson shows it.

import { expect, test } from "vitest";
import { breakHtml } from "../../site/lib/break.ts";

const place = '<a href="#">differs.ts 43</a>';

const lines = (html: string) =>
  [...html.matchAll(/<(?:span|del|ins)>([^<]*)\n<\//g)].map(([, line]) => line);

test("a short one is a sentence", () => {
  expect(breakHtml({ from: "a < b", to: "a" }, 0, place)).toBe(
    `<p class="claim-break">In ${place}, make <code>a &lt; b</code> read ` +
      "<code>a</code>, and the test goes red.</p>",
  );
});

test("what is replaced by nothing is taken out, in both languages", () => {
  const gone = { from: "a;", to: "" };
  expect(breakHtml(gone, 0, place)).toContain(
    `In ${place}, take out <code>a;</code>, and`,
  );
  expect(breakHtml(gone, 0, place, "zh-cn")).toContain(
    `在 ${place} 里删去 <code>a;</code>，`,
  );
});

test("one of several lines says where they are", () => {
  const html = breakHtml({ from: "a;\nb;", to: "b;" }, 0, place);
  expect(html).toContain(`This change to ${place} turns`);
});

test("one of several lines is shown line against line, as in the file", () => {
  const from = "if (a) {\n      b();\n    }";
  const to = "{\n      b();\n      c();\n    }";
  expect(lines(breakHtml({ from, to }, 4, place))).toEqual([
    "− if (a) {",
    "+ {",
    "    b();",
    "+   c();",
    "  }",
  ]);
});

test("what comes before or behind a line that stays is one new line", () => {
  const stays = "return error;";
  const before = breakHtml({ from: stays, to: `log();\n  ${stays}` }, 2, place);
  expect(lines(before)).toEqual(["+ log();", `  ${stays}`]);
  const behind = breakHtml({ from: stays, to: `${stays}\n  log();` }, 2, place);
  expect(lines(behind)).toEqual([`  ${stays}`, "+ log();"]);
  const gone = breakHtml({ from: `log();\n  ${stays}`, to: stays }, 2, place);
  expect(lines(gone)).toEqual(["− log();", `  ${stays}`]);
  const all = breakHtml({ from: `log();\n  ${stays}`, to: "" }, 2, place);
  expect(lines(all)).toEqual(["− log();", `− ${stays}`]);
});

test("a long one has a line for each side", () => {
  const from = "x".repeat(50);
  const to = "y".repeat(50);
  expect(lines(breakHtml({ from, to }, 0, place))).toEqual([
    `− ${from}`,
    `+ ${to}`,
  ]);
});
