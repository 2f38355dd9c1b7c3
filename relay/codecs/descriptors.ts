/**
 * Descriptors of an elementary stream, ISO/IEC 13818-1 §2.6, as far as they tell a codec what it has before it.
 * Damaged ones are not there.
 *
 * @module
 */

const REGISTRATION_TAG = 0x05;
const IDENTIFIER_BYTES = 4;
const EXTENSION_TAG = 0x7f;

/** What a program map says of a stream. */
export interface DescribedStream {
  readonly streamType: number;
  /** Descriptors as they stand, tag and length included. */
  readonly descriptors: Uint8Array;
}

/** The four characters of a registration descriptor (§2.6.8), for example `Opus`. */
export function registrationOf(descriptors: Uint8Array): string | undefined {
  const body = find(descriptors, (tag) => tag === REGISTRATION_TAG);
  if (!body || body.length < IDENTIFIER_BYTES) return undefined;
  return String.fromCharCode(...body.subarray(0, IDENTIFIER_BYTES));
}

/** What follows the descriptor_tag_extension of a DVB extension descriptor (EN 300 468 §6.1). */
export function extensionOf(descriptors: Uint8Array, extension: number): Uint8Array | undefined {
  const body = find(
    descriptors,
    (tag, content) => tag === EXTENSION_TAG && content[0] === extension,
  );
  return body?.subarray(1);
}

function find(
  descriptors: Uint8Array,
  wanted: (tag: number, content: Uint8Array) => boolean,
): Uint8Array | undefined {
  for (let at = 0; at + 2 <= descriptors.length;) {
    const end = at + 2 + (descriptors[at + 1] ?? 0);
    if (end > descriptors.length) return undefined;
    const content = descriptors.subarray(at + 2, end);
    if (wanted(descriptors[at] ?? 0, content)) return content;
    at = end;
  }
  return undefined;
}
