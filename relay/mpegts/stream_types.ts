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
  0x1c: "AAC sound without ADTS",
};

/** format_identifiers of private media (§2.6.8). */
const REGISTERED: Readonly<Record<string, string>> = {
  "AC-3": "AC-3 sound",
  "AV01": "AV1 pictures",
  "BSSD": "uncompressed sound",
  "DTS1": "DTS sound",
  "EAC3": "E-AC-3 sound",
  "HEVC": "H.265 pictures",
  "Opus": "Opus sound",
  "VC-1": "VC-1 pictures",
};

/** Pictures or sound of that type in words; `undefined` for data and for what is private and not registered. */
export function mediaName(streamType: number, registration = ""): string | undefined {
  return NAMES[streamType] ??
    (Object.hasOwn(REGISTERED, registration) ? REGISTERED[registration] : undefined);
}
