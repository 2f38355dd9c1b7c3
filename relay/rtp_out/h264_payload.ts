/**
 * H.264 in RTP, RFC 6184, packetization mode 1: small NAL units together (STAP-A, §5.7.1), large ones in pieces (FU-A,
 * §5.8), the rest alone. Parameter sets go before each key picture, for those who come late.
 *
 * @module
 */

import { avcParameterSets } from "../../shared/mp4/decoder_config.ts";
import type { PayloadWriter } from "./payload.ts";
import { asHex, asText, inPieces, pictures } from "./units.ts";

const CLOCK_RATE = 90_000;
const NAL_TYPE = 0x1f;
const NAL_REF_IDC = 0x60;
const SPS = 7;
const DELIMITER = 9;
const STAP_A = 24;
const FU_A = 28;
const SIZE_BYTES = 2;

/** How the pictures of a track with this `avcC` are carried. */
export function h264Payloads(
  avcC: Uint8Array,
  maxBytes: number,
): Omit<PayloadWriter, "payloadType"> {
  const sets = avcParameterSets(avcC);
  const profile = asHex(avcC.subarray(1, 4));
  return {
    clockRate: CLOCK_RATE,
    encoding: `H264/${CLOCK_RATE}`,
    parameters: `packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${
      asText(sets)
    }`,
    payloads: pictures({
      sets,
      isDelimiter: (unit) => typeOf(unit) === DELIMITER,
      isSet: (unit) => typeOf(unit) === SPS,
      pack: (units) => pack(units, maxBytes),
    }),
  };
}

/** The payloads of an access unit, small units together. */
function pack(units: readonly Uint8Array[], maxBytes: number): (readonly Uint8Array[])[] {
  const packets: (readonly Uint8Array[])[] = [];
  let gathered: Uint8Array[] = [];
  let bytes = 1;
  const close = (): void => {
    const [only] = gathered;
    if (only) packets.push(gathered.length === 1 ? [only] : together(gathered));
    gathered = [];
    bytes = 1;
  };
  for (const unit of units) {
    if (unit.length > maxBytes) {
      close();
      packets.push(...inPieces(unit, { headerBytes: 1, header: pieceHeader(unit), maxBytes }));
      continue;
    }
    if (bytes + SIZE_BYTES + unit.length > maxBytes) close();
    gathered.push(unit);
    bytes += SIZE_BYTES + unit.length;
  }
  close();
  return packets;
}

/** STAP-A: its header has the highest importance of what is in it. */
function together(units: readonly Uint8Array[]): Uint8Array[] {
  const importance = Math.max(...units.map((unit) => (unit[0] ?? 0) & NAL_REF_IDC));
  return [
    Uint8Array.of(importance | STAP_A),
    ...units.flatMap((unit) => [Uint8Array.of(unit.length >> 8, unit.length & 0xff), unit]),
  ];
}

/** FU-A: what stands before each piece of a unit. */
function pieceHeader([header = 0]: Uint8Array): (flags: number) => Uint8Array {
  return (flags) => Uint8Array.of((header & ~NAL_TYPE) | FU_A, flags | (header & NAL_TYPE));
}

function typeOf(unit: Uint8Array): number {
  return (unit[0] ?? 0) & NAL_TYPE;
}
