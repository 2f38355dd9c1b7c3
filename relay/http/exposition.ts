/**
 * Prometheus' text exposition format, version 0.0.4: families, samples and histograms written line by line.
 * Knows the grammar, no metric.
 *
 * @module
 */

import type { HistogramState } from "../streams/histogram.ts";

/** Names and values beside a metric's name. */
export type Labels = Readonly<Record<string, string>>;

/** A text in the making. */
export class Exposition {
  readonly #lines: string[] = [];

  /** Begins a family: its samples follow. */
  family(
    name: string,
    { type, help }: { readonly type: "counter" | "gauge" | "histogram"; readonly help: string },
  ): void {
    this.#lines.push(`# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`);
    this.#lines.push(`# TYPE ${name} ${type}`);
  }

  /** One value. */
  sample(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
    const inside = pairs.length > 0 ? `{${pairs.join(",")}}` : "";
    this.#lines.push(`${name}${inside} ${value}`);
  }

  /** All lines of one histogram. */
  histogram(name: string, labels: Labels, { buckets, count, sum }: HistogramState): void {
    for (const bucket of buckets) {
      this.sample(`${name}_bucket`, { ...labels, le: String(bucket.le) }, bucket.count);
    }
    this.sample(`${name}_bucket`, { ...labels, le: "+Inf" }, count);
    this.sample(`${name}_sum`, labels, sum);
    this.sample(`${name}_count`, labels, count);
  }

  toString(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
