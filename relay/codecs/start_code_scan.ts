/**
 * A WebAssembly module of one function, written out instruction by instruction (WebAssembly Core Specification 2.0,
 * §5.4 and §5.5): `f(at, end)` looks for 00 00 01 in the memory `m.m` that it is given.
 *
 * ```
 * do {
 *   wrong = load(at) | load(at + 1) | (load(at + 2) ^ 1)     sixteen places at once
 *   if (any byte of wrong is 0) return at + number of the first
 *   at += 16
 * } while (at < end)
 * return end
 * ```
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";

/** Places looked at at once. */
const LANES = 16;
/** So many bytes behind `end` are read at most; a start code among them would be found. */
export const SCAN_OVERRUN_BYTES = 2 * LANES + 2;

const I32 = 0x7f;
const V128 = 0x7b;
const NOTHING = 0x40;

const LOOP = 0x03;
const IF = 0x04;
const END = 0x0b;
const BR_IF = 0x0d;
const RETURN = 0x0f;
const LOCAL_GET = 0x20;
const LOCAL_TEE = 0x22;
const I32_CONST = 0x41;
const I32_LT_U = 0x49;
const I32_CTZ = 0x68;
const I32_ADD = 0x6a;

const VECTOR = 0xfd; // and what:
const LOAD = 0x00;
const CONST = 0x0c;
const I8X16_EQ = 0x23;
const OR = 0x50;
const XOR = 0x51;
const ANY_TRUE = 0x53;
const I8X16_BITMASK = 0x64;

/** Parameters, and a local. */
const AT = 0;
const FAR = 1;
const HITS = 2;

const load = (offset: number): number[] => [LOCAL_GET, AT, VECTOR, LOAD, 0, offset];
const all = (byte: number): number[] => [
  VECTOR,
  CONST,
  ...new Array<number>(LANES).fill(byte),
];

const FUNCTION = [
  ...[1, 1, V128], // one local: HITS
  ...[LOOP, NOTHING],
  ...load(0),
  ...load(1),
  ...[VECTOR, OR],
  ...load(2),
  ...all(1),
  ...[VECTOR, XOR],
  ...[VECTOR, OR],
  ...all(0),
  ...[VECTOR, I8X16_EQ],
  ...[LOCAL_TEE, HITS],
  ...[VECTOR, ANY_TRUE],
  ...[IF, NOTHING],
  ...[LOCAL_GET, AT, LOCAL_GET, HITS, VECTOR, I8X16_BITMASK, I32_CTZ, I32_ADD, RETURN],
  END,
  ...[LOCAL_GET, AT, I32_CONST, LANES, I32_ADD, LOCAL_TEE, AT],
  ...[LOCAL_GET, FAR, I32_LT_U, BR_IF, 0],
  END,
  ...[LOCAL_GET, FAR],
  END,
];

/** A vector of bytes, and a section of a module: all of them are shorter than 128. */
const counted = (bytes: readonly number[]): number[] => [bytes.length, ...bytes];
const section = (id: number, ...items: readonly number[][]): number[] => [
  id,
  ...counted([items.length, ...items.flat()]),
];

/** The module. */
const MODULE: Bytes = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d], // "\0asm"
  ...[1, 0, 0, 0], // version
  ...section(1, [0x60, 2, I32, I32, 1, I32]), // type 0: (i32, i32) → i32
  ...section(2, [1, 0x6d, 1, 0x6d, 2, 0, 1]), // import m.m: a memory of a page at least
  ...section(3, [0]), // function 0 is of type 0
  ...section(7, [1, 0x66, 0, 0]), // export f: function 0
  ...section(10, counted(FUNCTION)), // code
);

const PAGE_BYTES = 64 * 1024;

/** Looks at `[at, end)` of a memory, at least at `at`; answers where a start code begins, or `end` or more. */
export type Scan = (at: number, end: number) => number;

/** Whether the processor has the instructions. */
export function canScan(): boolean {
  return WebAssembly.validate(MODULE);
}

/** Opens the module with a memory of at least so many bytes, whose other bytes are the caller's. */
export function openScan(bytes: number): { readonly memory: Uint8Array; readonly scan: Scan } {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE), {
    m: { m: memory },
  });
  return { memory: new Uint8Array(memory.buffer), scan: exports["f"] as Scan };
}
