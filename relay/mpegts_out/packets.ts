/**
 * Transport packets written, ISO/IEC 13818-1 §2.4.3.2: a payload cut into packets of one PID, the last one filled up
 * in its adaptation field; and packets that carry a clock only. Knows no PES and no table.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { PACKET_BYTES, SYNC_BYTE } from "../mpegts/packet.ts";

const HEADER_BYTES = 4;
/** adaptation_field_length, flags, PCR. */
const CLOCK_FIELD_BYTES = 8;
const UNIT_START = 0x40;
const PAYLOAD_ONLY = 0x10;
const FIELD_ONLY = 0x20;
const FIELD_AND_PAYLOAD = 0x30;
const DISCONTINUITY = 0x80;
const RANDOM_ACCESS = 0x40;
const PCR_FLAG = 0x10;
const STUFFING = 0xff;

/** What the first packet of a payload says beside it. */
export interface FirstPacket {
  /** Program clock reference, 90 kHz, 33 bits. */
  readonly pcr?: number;
  /** A decoder can start here. */
  readonly randomAccess?: boolean;
  /** The clock before is over. */
  readonly discontinuity?: boolean;
}

/** Writes the packets of one PID, counting them. */
export class PacketWriter {
  readonly #pid: number;
  #continuity = 15;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Packets of a whole unit (a PES packet, or pointer_field and section), beginning in a packet of its own. */
  unit(payload: Uint8Array, first: FirstPacket = {}): Bytes {
    const field = fieldOf(first);
    const room = PACKET_BYTES - HEADER_BYTES;
    const packets = Math.max(1, Math.ceil((payload.length + field.length) / room));
    const bytes = new Uint8Array(packets * PACKET_BYTES);
    let taken = 0;
    for (let index = 0; index < packets; index++) {
      const at = index * PACKET_BYTES;
      const wanted = index === 0 ? field.length : 0;
      const used = Math.min(payload.length - taken, room - wanted);
      const fieldBytes = room - used;
      this.#continuity = (this.#continuity + 1) & 0x0f;
      const control = fieldBytes > 0 ? FIELD_AND_PAYLOAD : PAYLOAD_ONLY;
      this.#header(bytes, at, { start: index === 0 ? UNIT_START : 0, control });
      if (fieldBytes > 0) {
        writeField(bytes, at, { bytes: fieldBytes, field: wanted ? field : NONE });
      }
      bytes.set(payload.subarray(taken, taken + used), at + PACKET_BYTES - used);
      taken += used;
    }
    return bytes;
  }

  /** A packet without payload, for its clock alone (§2.4.3.4: the counter stands still). */
  clock(pcr: number): Bytes {
    const bytes = new Uint8Array(PACKET_BYTES);
    this.#header(bytes, 0, { start: 0, control: FIELD_ONLY });
    writeField(bytes, 0, { bytes: PACKET_BYTES - HEADER_BYTES, field: fieldOf({ pcr }) });
    return bytes;
  }

  #header(bytes: Bytes, at: number, { start, control }: { start: number; control: number }): void {
    bytes[at] = SYNC_BYTE;
    bytes[at + 1] = start | (this.#pid >> 8);
    bytes[at + 2] = this.#pid & 0xff;
    bytes[at + 3] = control | this.#continuity;
  }
}

const NONE = new Uint8Array(0);

/** adaptation_field(), §2.4.3.4, without stuffing; empty when there is nothing to say. */
function fieldOf({ pcr, randomAccess, discontinuity }: FirstPacket): Uint8Array {
  const flags = (discontinuity ? DISCONTINUITY : 0) | (randomAccess ? RANDOM_ACCESS : 0) |
    (pcr === undefined ? 0 : PCR_FLAG);
  if (flags === 0) return NONE;
  if (pcr === undefined) return Uint8Array.of(1, flags);
  const field = new Uint8Array(CLOCK_FIELD_BYTES);
  field[0] = CLOCK_FIELD_BYTES - 1;
  field[1] = flags;
  const high = Math.floor(pcr / 2); // 32 of the 33 bits of program_clock_reference_base
  new DataView(field.buffer).setUint32(2, high);
  field[6] = ((pcr % 2) << 7) | 0x7e; // the last bit, 6 reserved, extension 0
  return field;
}

/** Writes `field` and stuffing after it, `bytes` together. */
function writeField(
  packet: Bytes,
  at: number,
  { bytes, field }: { bytes: number; field: Uint8Array },
): void {
  const start = at + HEADER_BYTES;
  packet.fill(STUFFING, start, start + bytes);
  packet.set(field, start);
  packet[start] = bytes - 1; // adaptation_field_length
  if (bytes > 1 && field.length === 0) packet[start + 1] = 0; // no flags
}
