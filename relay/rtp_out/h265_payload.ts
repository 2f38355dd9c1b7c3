/**
 * H.265 in RTP, RFC 7798: units alone (§4.4.1), large ones in pieces (§4.4.3). Parameter sets go before each key picture, for
 * those who come late. Nothing is put together (§4.4.2): only the parameter sets are small, and they come with a large picture.
 *
 * @module
 */

import { hevcParameterSets } from "../../shared/mp4/decoder_config.ts";
import type { PayloadWriter } from "./payload.ts";
import { asHex, asText, inPieces, pictures } from "./units.ts";

const CLOCK_RATE = 90_000;
const HEADER_BYTES = 2;
const VPS = 32;
const SPS = 33;
const PPS = 34;
const DELIMITER = 35;
const FRAGMENT = 49;
/** forbidden_zero_bit, and the highest bit of nuh_layer_id: what stands beside the type in a header's first byte. */
const BESIDE_TYPE = 0x81;

/** How the pictures of a track with this `hvcC` are carried. */
export function h265Payloads(
  hvcC: Uint8Array,
  maxBytes: number,
): Omit<PayloadWriter, "payloadType"> {
  const sets = hevcParameterSets(hvcC);
  return {
    clockRate: CLOCK_RATE,
    encoding: `H265/${CLOCK_RATE}`,
    parameters: [...profileOf(hvcC), ...setsInWords(sets)].join(";"),
    payloads: pictures({
      sets,
      isDelimiter: (unit) => typeOf(unit) === DELIMITER,
      isSet: (unit) => typeOf(unit) === SPS,
      pack: (units) => units.flatMap((unit) => packed(unit, maxBytes)),
    }),
  };
}

/** The payloads of one unit. */
function packed(unit: Uint8Array, maxBytes: number): Uint8Array[][] {
  if (unit.length <= maxBytes) return [[unit]];
  const [first = 0, second = 0] = unit;
  const header = (flags: number): Uint8Array =>
    Uint8Array.of((first & BESIDE_TYPE) | (FRAGMENT << 1), second, flags | typeOf(unit));
  return inPieces(unit, { headerBytes: HEADER_BYTES, header, maxBytes });
}

/** §7.1; where nothing is said, Main at level 3.1 is meant. @param hvcC ISO/IEC 14496-15 §8.3.3.1.2. */
function profileOf(hvcC: Uint8Array): string[] {
  const [, profile = 0] = hvcC;
  return [
    `profile-space=${profile >> 6}`,
    `profile-id=${profile & 0x1f}`,
    `tier-flag=${(profile >> 5) & 1}`,
    `level-id=${hvcC[12] ?? 0}`,
    `interop-constraints=${asHex(hvcC.subarray(6, 12))}`,
  ];
}

function setsInWords(sets: readonly Uint8Array[]): string[] {
  return ([["vps", VPS], ["sps", SPS], ["pps", PPS]] as const).flatMap(([name, type]) => {
    const those = sets.filter((set) => typeOf(set) === type);
    return those.length === 0 ? [] : [`sprop-${name}=${asText(those)}`];
  });
}

function typeOf(unit: Uint8Array): number {
  return ((unit[0] ?? 0) >> 1) & 0x3f;
}
