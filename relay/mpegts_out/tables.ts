/**
 * PAT and PMT written, ISO/IEC 13818-1 §2.4.4.3 and §2.4.4.8, for one program of known PIDs.
 *
 * @module
 */

import { concatBytes } from "../../shared/bytes.ts";
import { crc32 } from "../mpegts/section.ts";

const PROGRAM_NUMBER = 1;
const TRANSPORT_STREAM_ID = 1;
/** PID of the program map. */
export const PMT_PID = 0x1000;

/** One elementary stream of the program. */
export interface StreamLine {
  readonly pid: number;
  readonly streamType: number;
  readonly descriptors: Uint8Array;
}

/** A PAT's only section behind its pointer_field. */
export function writePat(): Uint8Array {
  return section(0x00, { id: TRANSPORT_STREAM_ID, version: 0 }, [
    PROGRAM_NUMBER >> 8,
    PROGRAM_NUMBER & 0xff,
    0xe0 | (PMT_PID >> 8),
    PMT_PID & 0xff,
  ]);
}

/** A PMT's only section behind its pointer_field. @param version 0 to 31, another one for another map. */
export function writePmt(
  { version, pcrPid, streams }: {
    readonly version: number;
    readonly pcrPid: number;
    readonly streams: readonly StreamLine[];
  },
): Uint8Array {
  const body = [0xe0 | (pcrPid >> 8), pcrPid & 0xff, 0xf0, 0]; // no program_info
  for (const { pid, streamType, descriptors } of streams) {
    const { length } = descriptors;
    body.push(streamType, 0xe0 | (pid >> 8), pid & 0xff, 0xf0 | (length >> 8), length & 0xff);
    body.push(...descriptors);
  }
  return section(0x02, { id: PROGRAM_NUMBER, version }, body);
}

/** §2.4.4.11: the long form, one section, in force, with its CRC; one byte of pointer_field before it. */
function section(
  table: number,
  { id, version }: { id: number; version: number },
  body: readonly number[],
): Uint8Array {
  const length = 5 + body.length + 4;
  const bytes = Uint8Array.from([
    table,
    0xb0 | (length >> 8),
    length & 0xff,
    id >> 8,
    id & 0xff,
    0xc1 | (version << 1), // current_next_indicator
    0, // section_number
    0, // last_section_number
    ...body,
  ]);
  const crc = new Uint8Array(4);
  new DataView(crc.buffer).setUint32(0, crc32(bytes));
  return concatBytes([Uint8Array.of(0), bytes, crc]);
}
