/**
 * What a person reads: lines on stdout, and outcomes in words. Decides nothing.
 *
 * @module
 */

import type { Outcome } from "./outcome.ts";

/** Most lines of a failed command that are shown; the last ones, where the reason usually stands. */
const MAX_SHOWN_LINES = 300;

const encoder = new TextEncoder();

/** Writes each line to stdout. */
export function print(...lines: readonly string[]): void {
  const bytes = encoder.encode(lines.map((line) => `${line}\n`).join(""));
  for (let written = 0; written < bytes.length;) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}

/** The last line of a run, which programs may read. */
export function sumLine({ passed, failed, skipped }: Outcome): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** One group's result. */
export function describe(outcome: Outcome, elapsedMs: number): string {
  const verdict = outcome.failed > 0 ? "FAILED" : outcome.passed > 0 ? "ok" : "skipped";
  return `${verdict}: ${sumLine(outcome)} (${(elapsedMs / 1000).toFixed(1)} s)`;
}

/** The end of a long output, indented. */
export function excerpt(output: string): string[] {
  const lines = output.trimEnd().split("\n").map((line) => `  | ${line}`);
  const left = lines.length - MAX_SHOWN_LINES;
  return left > 0 ? [`  | … ${left} lines left out`, ...lines.slice(left)] : lines;
}
