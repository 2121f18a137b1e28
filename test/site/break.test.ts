// The change that turns a claim red, as a lesson shows it.

import { expect, test } from "vitest";
import { breakHtml } from "../../site/lib/break.ts";

const lines = (html: string) =>
  [...html.matchAll(/<(?:span|del|ins)>([^<]*)\n<\//g)].map(([, line]) => line);

test("a short one is a sentence", () => {
  expect(breakHtml({ from: "a < b", to: "a" }, 0)).toBe(
    '<p class="claim-break">Make <code>a &lt; b</code> read <code>a</code> and it goes red.</p>',
  );
  expect(breakHtml({ from: "a;", to: "" }, 0)).toContain("Take out <code>a;<");
});

test("one of several lines is shown line against line, as in the file", () => {
  const from = "if (a) {\n      b();\n    }";
  const to = "{\n      b();\n      c();\n    }";
  expect(lines(breakHtml({ from, to }, 4))).toEqual([
    "− if (a) {",
    "+ {",
    "    b();",
    "+   c();",
    "  }",
  ]);
});

test("what comes before or behind a line that stays is one new line", () => {
  const stays = "return error;";
  const before = breakHtml({ from: stays, to: `log();\n  ${stays}` }, 2);
  expect(lines(before)).toEqual(["+ log();", `  ${stays}`]);
  const behind = breakHtml({ from: stays, to: `${stays}\n  log();` }, 2);
  expect(lines(behind)).toEqual([`  ${stays}`, "+ log();"]);
  const gone = breakHtml({ from: `log();\n  ${stays}`, to: stays }, 2);
  expect(lines(gone)).toEqual(["− log();", `  ${stays}`]);
  const all = breakHtml({ from: `log();\n  ${stays}`, to: "" }, 2);
  expect(lines(all)).toEqual(["− log();", `− ${stays}`]);
});

test("a long one has a line for each side", () => {
  const from = "x".repeat(50);
  const to = "y".repeat(50);
  expect(lines(breakHtml({ from, to }, 0))).toEqual([`− ${from}`, `+ ${to}`]);
});
