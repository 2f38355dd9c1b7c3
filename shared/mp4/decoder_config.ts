/**
 * What the boxes beside a sample entry say to a decoder, and how samples are cut into units: parameter sets of `avcC` and
 * `hvcC` (ISO/IEC 14496-15), the AudioSpecificConfig of `esds` (14496-1 §7.2.6.5). For those who carry samples on in
 * another wrapping. Never throws on damaged input: what lies beyond the end is not there.
 *
 * @module
 */

const VERSION_BYTES = 4;
const ES_TAG = 0x03;
const DECODER_TAG = 0x04;
const CONFIG_TAG = 0x05;

/** NAL units of a sample, each behind four bytes of length; a length that lies ends the reading. */
export function unitsOf(sample: Uint8Array): Uint8Array[] {
  const view = new DataView(sample.buffer, sample.byteOffset, sample.byteLength);
  const units: Uint8Array[] = [];
  for (let at = 0; at + 4 <= sample.length;) {
    const length = view.getUint32(at);
    const end = at + 4 + length;
    if (end > sample.length) break;
    if (length > 0) units.push(sample.subarray(at + 4, end));
    at = end;
  }
  return units;
}

/** Parameter sets of an AVCDecoderConfigurationRecord, ISO/IEC 14496-15 §5.3.3.1.2. */
export function avcParameterSets(record: Uint8Array): Uint8Array[] {
  const sets: Uint8Array[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    let count = (record[at++] ?? 0) & mask;
    while (count-- > 0) at = takeSet(record, at, sets);
  }
  return sets;
}

/** Parameter sets of an HEVCDecoderConfigurationRecord, §8.3.3.1.2. */
export function hevcParameterSets(record: Uint8Array): Uint8Array[] {
  const sets: Uint8Array[] = [];
  let arrays = record[22] ?? 0;
  let at = 23;
  while (arrays-- > 0) {
    let count = ((record[at + 1] ?? 0) << 8) | (record[at + 2] ?? 0);
    at += 3;
    while (count-- > 0 && at < record.length) at = takeSet(record, at, sets);
  }
  return sets;
}

function takeSet(record: Uint8Array, at: number, sets: Uint8Array[]): number {
  const end = at + 2 + (((record[at] ?? 0) << 8) | (record[at + 1] ?? 0));
  if (end <= record.length) sets.push(record.subarray(at + 2, end));
  return end;
}

/**
 * DecoderSpecificInfo inside DecoderConfigDescriptor inside ES_Descriptor.
 * @param esds payload of the box, version and flags included.
 */
export function audioSpecificConfig(esds: Uint8Array): Uint8Array | undefined {
  let at = VERSION_BYTES;
  while (at < esds.length) {
    const tag = esds[at++];
    let length = 0;
    for (let i = 0; i < 4; i++) {
      const byte = esds[at++] ?? 0;
      length = (length << 7) | (byte & 0x7f);
      if ((byte & 0x80) === 0) break;
    }
    if (tag === ES_TAG) at += 3; // ES_ID and flags, no optional fields in MP4
    else if (tag === DECODER_TAG) at += 13;
    else if (tag === CONFIG_TAG) return esds.subarray(at, at + length);
    else at += length;
  }
  return undefined;
}
