/**
 * What a share of some readings lie below. Knows nothing of what was read.
 *
 * @module
 */

/** The reading that `share` (0 up to, not including, 1) of `readings` lie below, whatever their order; undefined where there are none. */
export function quantile(readings: Iterable<number>, share: number): number | undefined {
  const sorted = [...readings].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)];
}

/** The reading in the middle; of an even number, the upper of the two. */
export function median(readings: Iterable<number>): number | undefined {
  return quantile(readings, 0.5);
}
