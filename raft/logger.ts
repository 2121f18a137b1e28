/**
 * Log lines as `[WARN] raft: Election timeout reached term=4`.
 *
 * Absent: time stamps, which the application's own logger adds. Pass that one
 * as `Config.logger`.
 */

import type { Fields, Logger, Metrics } from "./ports.ts";
import { printLine } from "./runtime/runtime.ts";

/** From the most talkative to the most silent. Go: none, hclog's levels. */
export const LogLevel = {
  DEBUG: 0,
  INFO: 1,
  WARN: 2,
  ERROR: 3,
  OFF: 4,
} as const;
export type LogLevel = keyof typeof LogLevel;

/** A logger that writes lines at or above a level. Go: none, hclog.New. */
export function newLogger(
  name: string,
  level: LogLevel,
  output: (line: string) => void = printLine,
): Logger {
  const at = (line: LogLevel) => (message: string, fields?: Fields) => {
    if (LogLevel[line] < LogLevel[level]) return;
    output(`[${line}] ${name}: ${message}${formatFields(fields)}`);
  };
  return {
    debug: at("DEBUG"),
    info: at("INFO"),
    warn: at("WARN"),
    error: at("ERROR"),
  };
}

/** ` key=value` for each field. Go: none. */
export function formatFields(fields: Fields = {}): string {
  return Object.entries(fields)
    .map(([key, value]) => ` ${key}=${formatValue(value)}`)
    .join("");
}

function formatValue(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message);
  if (typeof value === "string") {
    return /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value);
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Counts nothing. Go: none, go-metrics without a sink. */
export const noMetrics: Metrics = {
  incrCounter() {},
  setGauge() {},
  addSample() {},
};
