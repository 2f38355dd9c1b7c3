/**
 * What a bench is: a question about speed, answered by figures measured in one run, each beside what it is to
 * be held against.
 *
 * @module
 */

/** One measured line. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Beside which it stands, measured in the same run; the ratio is value ÷ reference. */
  readonly against?: { readonly name: string; readonly value: number };
  /** What it should be, in words: `≤ 1.6 ×, aim 1.2`. Nothing is asserted. */
  readonly target?: string;
}

/** One bench. */
export interface Bench {
  readonly name: string;
  /** What is measured, in a sentence. */
  readonly about: string;
  /** It takes so long that it runs only when it is asked for by name. */
  readonly byNameOnly?: boolean;
  /** Runs it; `folder` is its own and removed afterwards. */
  run(folder: string): Promise<readonly Figure[]>;
}

/** A bench cannot be run on this machine; `message` is a sentence that says why. */
export class CannotRun extends Error {
  override readonly name = "CannotRun";
}

/** The value below which `share` of all values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
