/** Log lines: who says what, how loud, with which values. */
import { describe, expect, test } from "vitest";
import {
  formatFields,
  type LogLevel,
  newLogger,
  noMetrics,
} from "../../raft/logger.ts";

/** The lines that a logger of that level writes, one call a level. */
function linesAt(level: LogLevel): string[] {
  const lines: string[] = [];
  const logger = newLogger("raft", level, (line) => lines.push(line));
  logger.debug("d");
  logger.info("i");
  logger.warn("w");
  logger.error("e");
  return lines;
}

describe("newLogger", () => {
  test("writes level, name and message in one line", () => {
    expect(linesAt("DEBUG")).toEqual([
      "[DEBUG] raft: d",
      "[INFO] raft: i",
      "[WARN] raft: w",
      "[ERROR] raft: e",
    ]);
  });

  test("writes nothing that is below its level", () => {
    expect(linesAt("INFO")).toHaveLength(3);
    expect(linesAt("WARN")).toEqual(["[WARN] raft: w", "[ERROR] raft: e"]);
    expect(linesAt("ERROR")).toEqual(["[ERROR] raft: e"]);
    expect(linesAt("OFF")).toEqual([]);
  });

  test("puts the values behind the message", () => {
    const lines: string[] = [];
    const logger = newLogger("raft", "DEBUG", (line) => lines.push(line));
    logger.warn("no answer", { from: "s2", term: 4 });
    expect(lines).toEqual(["[WARN] raft: no answer from=s2 term=4"]);
  });
});

describe("formatFields", () => {
  test("writes nothing for no values", () => {
    expect(formatFields()).toBe("");
    expect(formatFields({})).toBe("");
  });

  test("writes plain words, addresses and numbers as they are", () => {
    expect(formatFields({ a: "s1", b: "10.0.0.1:8300", c: 7, d: true })).toBe(
      " a=s1 b=10.0.0.1:8300 c=7 d=true",
    );
  });

  test("puts quotes around a text that would run into the next value", () => {
    expect(formatFields({ a: "two words", b: "" })).toBe(' a="two words" b=""');
  });

  test("writes an error's message, and a list as JSON", () => {
    expect(formatFields({ error: new Error("disk full") })).toBe(
      ' error="disk full"',
    );
    expect(formatFields({ servers: ["s1", "s2"] })).toBe(
      ' servers=["s1","s2"]',
    );
  });

  test("writes what is missing as such", () => {
    expect(formatFields({ a: undefined, b: null })).toBe(" a=undefined b=null");
  });
});

describe("noMetrics", () => {
  test("takes every number and keeps none", () => {
    expect(noMetrics.incrCounter("a", 1)).toBeUndefined();
    expect(noMetrics.setGauge("a", 1)).toBeUndefined();
    expect(noMetrics.addSample("a", 1)).toBeUndefined();
  });
});
