// How the text of a scenario and of its run is shown.

import { expect, test } from "vitest";
import { traceText } from "../../site/lib/scenario.ts";

test("a trace loses the blanks that all its events begin with", () => {
  const events = ["     0.000 s1  starts", "  1202.000 s2  asks"];
  expect(traceText(events)).toBe("   0.000 s1  starts\n1202.000 s2  asks");
  expect(traceText(["a", "", " b"])).toBe("a\n\n b");
  expect(traceText([])).toBe("");
});
