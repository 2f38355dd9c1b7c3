/**
 * What follows the pictures of a NAL unit stream owes those who cut it into access units or give it times. Types
 * only; H.264 and H.265 each have their own.
 *
 * @module
 */

/** What a unit is to the access unit before it. */
export const PLACE = {
  /** Part of it. */
  same: 0,
  /** The first of the next. */
  begins: 1,
  /** The first of the next, unless a second field of the same frame follows. */
  may: 2,
} as const;

/** One of {@link PLACE}. */
export type Place = (typeof PLACE)[keyof typeof PLACE];

/** Bytes of a unit from which its place can be told. */
export const PLACE_BYTES = 64;

/** Follows the pictures of one stream. */
export interface Pictures {
  /** Where `unit` belongs. Once a unit, in order; parameter sets whole, of others {@link PLACE_BYTES} suffice. */
  place(unit: Uint8Array): Place;
  /** The newest picture is a field that its frame's other field may follow. */
  readonly loneField: boolean;
  /** Place of the newest picture in output order (PicOrderCnt); counts anew in each {@link Pictures.sequence}. */
  readonly order: number;
  /** Counts the coded video sequences. */
  readonly sequence: number;
  /** Usual step of {@link Pictures.order} from one picture to the next in output order. */
  readonly orderStep: number;
  /** How many pictures at most one may have to wait for in output; `undefined` where the stream does not say. */
  readonly reorder: number | undefined;
  /** Pictures a second, if the stream states it. */
  readonly frameRate: number | undefined;
  /** The next unit begins an access unit, whatever it is. */
  restart(): void;
}
