/**
 * Names of stream types, ISO/IEC 13818-1 table 2-34, for sentences to people. Decides nothing.
 *
 * @module
 */

const NAMES: Readonly<Record<number, string>> = {
  0x01: "MPEG-1 pictures",
  0x02: "MPEG-2 pictures",
  0x03: "MPEG-1 sound",
  0x04: "MPEG-2 sound",
  0x0f: "AAC sound",
  0x10: "MPEG-4 part 2 pictures",
  0x11: "AAC sound in LATM",
  0x1b: "H.264 pictures",
  0x21: "JPEG 2000 pictures",
  0x24: "H.265 pictures",
  0x33: "H.266 pictures",
  0x81: "AC-3 sound",
  0x87: "E-AC-3 sound",
};

/** Pictures or sound of that type in words; `undefined` for data and for what is private. */
export function mediaName(streamType: number): string | undefined {
  return NAMES[streamType];
}
