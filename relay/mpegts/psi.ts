/**
 * Program tables: PAT (ISO/IEC 13818-1 §2.4.4.3) and PMT (§2.4.4.8) read from whole sections. Keeps no
 * state; which program is wanted is the demuxer's choice.
 *
 * @module
 */

const PAT_TABLE_ID = 0x00;
const PMT_TABLE_ID = 0x02;
const LONG_HEADER_BYTES = 8;

/** One line of a PAT. */
export interface ProgramEntry {
  readonly programNumber: number;
  readonly pmtPid: number;
}

/** What one section of a PAT says. */
export interface ProgramList {
  readonly programs: readonly ProgramEntry[];
  readonly version: number;
  readonly section: number;
  /** Number of the table's last section. */
  readonly lastSection: number;
}

/** One elementary stream of a PMT. */
export interface StreamEntry {
  readonly pid: number;
  readonly streamType: number;
  /** Descriptors as they stand, tag and length included. */
  readonly descriptors: Uint8Array;
}

/** A program's map. */
export interface ProgramMap {
  readonly programNumber: number;
  readonly version: number;
  readonly streams: readonly StreamEntry[];
}

function u16(b: Uint8Array, at: number): number {
  return ((b[at] ?? 0) << 8) | (b[at + 1] ?? 0);
}

/** current_next_indicator: a table that applies only later is not read yet. */
function applies(section: Uint8Array): boolean {
  return ((section[5] ?? 0) & 0x01) === 1;
}

/** version_number. */
function versionOf(section: Uint8Array): number {
  return ((section[5] ?? 0) >> 1) & 0x1f;
}

/** The programs of a PAT section; `undefined` when it is no PAT in force. */
export function readPat(section: Uint8Array): ProgramList | undefined {
  if (section[0] !== PAT_TABLE_ID || section.length < LONG_HEADER_BYTES || !applies(section)) {
    return undefined;
  }
  const programs: ProgramEntry[] = [];
  for (let at = LONG_HEADER_BYTES; at + 4 <= section.length; at += 4) {
    const programNumber = u16(section, at);
    if (programNumber !== 0) {
      programs.push({ programNumber, pmtPid: u16(section, at + 2) & 0x1fff }); // 0: network PID
    }
  }
  return {
    programs,
    version: versionOf(section),
    section: Math.min(section[6] ?? 0, section[7] ?? 0),
    lastSection: section[7] ?? 0,
  };
}

/** The map of a PMT section; `undefined` when it is no PMT in force. */
export function readPmt(section: Uint8Array): ProgramMap | undefined {
  if (section[0] !== PMT_TABLE_ID || section.length < LONG_HEADER_BYTES + 4 || !applies(section)) {
    return undefined;
  }
  const streams: StreamEntry[] = [];
  let at = LONG_HEADER_BYTES + 4 + (u16(section, LONG_HEADER_BYTES + 2) & 0x0fff); // program_info
  while (at + 5 <= section.length) {
    const infoEnd = at + 5 + (u16(section, at + 3) & 0x0fff);
    if (infoEnd > section.length) break;
    streams.push({
      streamType: section[at] ?? 0,
      pid: u16(section, at + 1) & 0x1fff,
      descriptors: section.slice(at + 5, infoEnd),
    });
    at = infoEnd;
  }
  return {
    programNumber: u16(section, 3),
    version: versionOf(section),
    streams,
  };
}
