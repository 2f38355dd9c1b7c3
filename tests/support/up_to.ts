/**
 * The numbers that tests give to pictures, sounds and packets.
 *
 * @module
 */

/** 0, 1, 2 … : so many. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
