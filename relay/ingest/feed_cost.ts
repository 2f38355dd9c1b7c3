/**
 * What a publisher's bytes cost on their way to the worker, for both ends of that way. Pure.
 *
 * @module
 */

/** What each message takes beside its bytes: who sends them one by one is held back as one of large pieces is. */
const MESSAGE_BYTES = 512;

/** Bytes that a message holds while it is under way. */
export function feedCost({ length }: Uint8Array): number {
  return length + MESSAGE_BYTES;
}
