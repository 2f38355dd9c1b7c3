/**
 * What a soak is: something that takes longer than a minute to be believed. It says what it saw, and what was wrong.
 *
 * @module
 */

/** How a soak went. */
export interface SoakResult {
  /** Figures and findings, a line each. */
  readonly lines: readonly string[];
  /** What was wrong, a sentence each; none when all was well. */
  readonly problems: readonly string[];
}

/** One soak. */
export interface Soak {
  readonly name: string;
  /** What is shown, in a sentence. */
  readonly about: string;
  /** Seconds unless `--seconds` says otherwise. */
  readonly seconds: number;
  /** Runs it; `folder` is its own and removed afterwards. */
  run(folder: string, seconds: number): Promise<SoakResult>;
}
