/**
 * How long tests wait for what has to come. It comes long before on any machine: the limit is for what never comes, and is
 * no measure of anything. What has to come in time is judged by clocks and counts, not by this.
 *
 * @module
 */

/** The one limit of waiting, for a machine several times as slow as those that the tests were written on. */
export const PATIENCE_MS = 60_000;
