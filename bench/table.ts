/**
 * Tables, for terminals and for Markdown, and how figures are written.
 *
 * @module
 */
import type { Spread } from "./median.ts";
import type { Metric } from "./scenarios.ts";

/** Rows under a head. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** For a terminal: the first column to the left, what is a figure to the right. */
export function textTable({ head, rows }: Table): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const figure = head.map((_, column) => rows.some((row) => /^[\d,.]+/.test(row[column]!)));
  return lines.map((line) =>
    line.map((cell, column) => figure[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))
      .join("  ").trimEnd()
  ).join("\n");
}

/** For Markdown. */
export function markdownTable({ head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const figure = head.map((_, column) => rows.some((row) => /^\**[\d,.]+/.test(row[column]!)));
  return [line(head), line(figure.map((right) => right ? "--:" : "---")), ...rows.map(line)].join("\n");
}

/** What a metric is called, in which unit. */
export const METRICS: Readonly<Record<Metric, string>> = {
  rate: "messages/s",
  cpu: "CPU per message",
  bytes: "resident per connection",
  ms: "time",
  rss: "resident",
};

/** A figure with its unit. */
export function told(metric: Metric, value: number): string {
  switch (metric) {
    case "rate":
      return Math.round(value).toLocaleString("en");
    case "cpu":
      return `${value.toFixed(value < 10 ? 2 : 1)} µs`;
    case "bytes":
      return `${(value / 1024).toFixed(1)} KiB`;
    case "ms":
      return `${value.toFixed(0)} ms`;
    case "rss":
      return `${(value / 1024 / 1024).toFixed(1)} MiB`;
  }
}

/** A ratio with what it lies between. */
export function ratioTold({ median, low, high }: Spread): string {
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}
