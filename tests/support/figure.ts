/**
 * Figures that a test measured, for people: printed in every run, asserted in none.
 *
 * @module
 */

/** How a line begins that the test runner passes on. */
export const FIGURE_MARK = "» ";

const encoder = new TextEncoder();

/** Prints one line, for example `chromium: latency 180 ms, 0 of 450 frames dropped`. */
export function figure(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`\n${FIGURE_MARK}${line}\n`));
}
