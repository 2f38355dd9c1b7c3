/**
 * How a group ended: counts of test cases and checks. Pure.
 *
 * @module
 */

/** Counts of test cases and checks. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NOTHING: Outcome = { passed: 0, failed: 0, skipped: 0 };
export const PASSED_ONCE: Outcome = { passed: 1, failed: 0, skipped: 0 };
export const FAILED_ONCE: Outcome = { passed: 0, failed: 1, skipped: 0 };
export const SKIPPED_ONCE: Outcome = { passed: 0, failed: 0, skipped: 1 };

/** Both together. */
export function add(a: Outcome, b: Outcome): Outcome {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/** The same where nothing may be skipped: what was, failed. */
export function strict(outcome: Outcome): Outcome {
  return { passed: outcome.passed, failed: outcome.failed + outcome.skipped, skipped: 0 };
}
