/**
 * A box tree as text, a line for each box, for golden files and the debug panel. Names the fields of the
 * boxes that Rill writes (ISO/IEC 14496-12:2015); of any other it shows the first bytes.
 *
 * @module
 */

import type { Bytes } from "../bytes.ts";
import { toHex } from "../bytes.ts";
import type { Box } from "./box_reader.ts";
import { boxAt, i32At, i64At, u16At, u32At, u64At } from "./box_reader.ts";
import { fourCcText } from "./four_cc.ts";

/** Lines after which a dump stops and says so. */
export const MAX_DUMP_LINES = 10_000;
/** Nesting after which boxes are shown as bytes. */
const MAX_DEPTH = 16;
/** Entries of a table that are shown. */
const MAX_ENTRIES = 16;
const MAX_HEX_BYTES = 64;

/** Boxes that hold boxes, and how many bytes stand before those. */
const CONTAINERS: Readonly<Record<string, number>> = {
  moov: 0,
  trak: 0,
  edts: 0,
  mdia: 0,
  minf: 0,
  dinf: 0,
  stbl: 0,
  mvex: 0,
  moof: 0,
  traf: 0,
  dref: 8,
  stsd: 8,
  avc1: 78,
  mp4a: 28,
};

/**
 * What stands in a full box after version and flags: `name:kind`, where kind is a width in bits, `t` for
 * 32 or 64 bits by version, `i` for signed, `fixed` for 16.16, `4cc`, or `skipN` bytes. `*` in front begins
 * a table: the count, then the fields of each entry.
 */
const FIELDS: Readonly<Record<string, string>> = {
  mvhd:
    "creation:t modification:t timescale:32 duration:t rate:fixed volume:16 :skip70 next_track:32",
  tkhd:
    "creation:t modification:t track:32 :skip4 duration:t :skip8 layer:16 group:16 volume:16 :skip38 width:fixed height:fixed",
  mdhd: "creation:t modification:t timescale:32 duration:t language:16",
  hdlr: ":skip4 handler:4cc",
  elst: "*entries duration:t media_time:ti rate:fixed",
  stts: "*entries count:32 delta:32",
  ctts: "*entries count:32 offset:32i",
  stsc: "*entries first_chunk:32 samples:32 description:32",
  stsz: "size:32 *samples size:32",
  stss: "*entries sample:32",
  stco: "*entries offset:32",
  co64: "*entries offset:64",
  trex: "track:32 description:32 duration:32 size:32 flags:32",
  mfhd: "sequence:32",
  tfdt: "time:t",
  prft: "track:32 ntp_seconds:32 ntp_fraction:32 media_time:t",
};

/** The tree of the boxes in `bytes`; what does not fit is reported in the text. */
export function dumpBoxes(bytes: Bytes): string {
  const lines: string[] = [];
  dumpLevel(bytes, 0, lines);
  return lines.slice(0, MAX_DUMP_LINES).join("\n") + "\n" +
    (lines.length > MAX_DUMP_LINES ? `… stopped after ${MAX_DUMP_LINES} lines\n` : "");
}

function dumpLevel(bytes: Bytes, depth: number, lines: string[]): void {
  const indent = "  ".repeat(depth);
  let at = 0;
  while (at < bytes.length && lines.length <= MAX_DUMP_LINES) {
    const box = boxAt(bytes, at);
    if (box === undefined) {
      lines.push(`${indent}! ${bytes.length - at} bytes are no whole box: ${hex(bytes, at)}`);
      return;
    }
    at += box.byteLength;
    const skip = depth < MAX_DEPTH ? CONTAINERS[box.type] : undefined;
    lines.push(`${indent}${box.type} ${box.byteLength}${skip === undefined ? fieldsOf(box) : ""}`);
    if (skip === undefined) continue;
    if (skip > 0) lines.push(`${indent}  = ${toHex(box.body.subarray(0, skip))}`);
    dumpLevel(box.body.subarray(skip), depth + 1, lines);
  }
}

function fieldsOf({ type, body }: Box): string {
  switch (type) {
    case "mdat":
    case "free":
      return "";
    case "ftyp":
      return ` ${brands(body)}`;
    case "tfhd":
      return ` ${versionAndFlags(body)}${trackFragmentHeader(body)}`;
    case "trun":
      return ` ${versionAndFlags(body)}${trackRun(body)}`;
    default: {
      const fields = FIELDS[type];
      return fields === undefined
        ? ` = ${hex(body, 0)}`
        : ` ${versionAndFlags(body)}${describe(body, fields.split(" "))}`;
    }
  }
}

function versionAndFlags(body: Bytes): string {
  return `v${body[0] ?? 0} flags=${(u32At(body, 0) & 0xffffff).toString(16).padStart(6, "0")}`;
}

function brands(body: Bytes): string {
  const names = [];
  for (let at = 8; at + 4 <= body.length; at += 4) names.push(fourCcText(u32At(body, at)));
  return `major=${fourCcText(u32At(body, 0))} version=${u32At(body, 4)} ${names.join(",")}`;
}

function describe(body: Bytes, fields: readonly string[]): string {
  const version = body[0] ?? 0;
  const cursor = { at: 4 };
  let text = "";
  for (const [index, field] of fields.entries()) {
    if (!field.startsWith("*")) {
      text += readField(body, { field, cursor, version });
      continue;
    }
    const count = u32At(body, cursor.at);
    cursor.at += 4;
    text += ` ${field.slice(1)}=${count}`;
    for (let i = 0; i < Math.min(count, MAX_ENTRIES) && cursor.at < body.length; i++) {
      const entry = fields.slice(index + 1).map((each) =>
        readField(body, { field: each, cursor, version })
      );
      text += ` {${entry.join("").trim()}}`;
    }
    return count > MAX_ENTRIES ? `${text} …` : text;
  }
  return text;
}

function readField(
  body: Bytes,
  { field, cursor, version }: { field: string; cursor: { at: number }; version: number },
): string {
  const [name, kind = ""] = field.split(":");
  const at = cursor.at;
  if (kind.startsWith("skip")) {
    cursor.at += Number(kind.slice(4));
    return "";
  }
  const wide = kind === "64" || (kind.startsWith("t") && version === 1);
  cursor.at += wide ? 8 : kind === "16" ? 2 : 4;
  switch (kind) {
    case "16":
      return ` ${name}=${u16At(body, at)}`;
    case "4cc":
      return ` ${name}=${fourCcText(u32At(body, at))}`;
    case "fixed":
      return ` ${name}=${u32At(body, at) / 65536}`;
    case "32i":
      return ` ${name}=${version === 0 ? u32At(body, at) : i32At(body, at)}`;
    case "ti":
      return ` ${name}=${wide ? i64At(body, at) : i32At(body, at)}`;
    default:
      return ` ${name}=${wide ? u64At(body, at) : u32At(body, at)}`;
  }
}

/** §8.8.7. */
function trackFragmentHeader(body: Bytes): string {
  const flags = u32At(body, 0);
  let at = 8;
  let text = ` track=${u32At(body, 4)}`;
  if ((flags & 0x000001) !== 0) {
    text += ` base=${u64At(body, at)}`;
    at += 8;
  }
  const optional = [[0x02, "description"], [0x08, "duration"], [0x10, "size"], [0x20, "flags"]];
  for (const [bit, name] of optional as [number, string][]) {
    if ((flags & bit) === 0) continue;
    const value = u32At(body, at);
    text += ` ${name}=${name === "flags" ? value.toString(16).padStart(8, "0") : value}`;
    at += 4;
  }
  return text;
}

/** §8.8.8. */
function trackRun(body: Bytes): string {
  const flags = u32At(body, 0);
  const count = u32At(body, 4);
  let at = 8;
  let text = ` samples=${count}`;
  if ((flags & 0x01) !== 0) {
    text += ` data_offset=${i32At(body, at)}`;
    at += 4;
  }
  if ((flags & 0x04) !== 0) {
    text += ` first_flags=${u32At(body, at).toString(16).padStart(8, "0")}`;
    at += 4;
  }
  const perSample = [[0x100, "duration"], [0x200, "size"], [0x400, "flags"], [0x800, "offset"]]
    .filter(([bit]) => (flags & Number(bit)) !== 0);
  if (perSample.length === 0) return text;
  for (let i = 0; i < Math.min(count, MAX_ENTRIES) && at < body.length; i++) {
    const entry = perSample.map(([, name], index) => `${name}=${i32At(body, at + 4 * index)}`);
    text += ` {${entry.join(" ")}}`;
    at += 4 * perSample.length;
  }
  return count > MAX_ENTRIES ? `${text} …` : text;
}

function hex(bytes: Bytes, at: number): string {
  const shown = toHex(bytes.subarray(at, at + MAX_HEX_BYTES));
  return bytes.length - at > MAX_HEX_BYTES ? `${shown}…` : shown;
}
