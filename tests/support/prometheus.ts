/**
 * Prometheus' text format as an independent parser reads it. The one file that names the package, which is for
 * tests only.
 *
 * @module
 */

import parse from "npm:parse-prometheus-text-format@1.1.1";

/** One family. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "COUNTER" | "GAUGE" | "HISTOGRAM";
  readonly metrics: readonly {
    readonly labels?: Readonly<Record<string, string>>;
    readonly value?: string;
    readonly buckets?: Readonly<Record<string, string>>;
    readonly count?: string;
    readonly sum?: string;
  }[];
}

/** The families of a text. */
export function parseMetrics(text: string): readonly Family[] {
  return parse(text) as readonly Family[];
}
