/**
 * How large a JPEG is: its frame header, ISO/IEC 10918-1 §B.2.2. Decodes nothing.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";

/** In pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The size that the first frame header states; `undefined` where there is none. */
export function jpegSize(bytes: Bytes): PictureSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // SOI, then segments: a marker, and a length that counts itself.
  for (let at = 2; at + 9 <= bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at++; // fill byte
      continue;
    }
    if (isFrameHeader(marker)) {
      const height = view.getUint16(at + 5);
      const width = view.getUint16(at + 7);
      return width > 0 && height > 0 ? { width, height } : undefined;
    }
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** SOF0 to SOF15, but for DHT, JPG and DAC, which lie among them (§B.1.1.3). */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
