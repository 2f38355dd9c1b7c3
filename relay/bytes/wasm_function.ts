/**
 * A WebAssembly module of one function `f` over a memory that it is given, put together from its instructions
 * (WebAssembly Core Specification 2.0, §5.4 and §5.5): for the few loops over every byte that vectors make several
 * times as fast. Knows the instructions those use.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";

/** Value types, §5.3. All parameters and results are i32. */
const I32 = 0x7f;
const V128 = 0x7b;

/** Bytes of a vector. */
export const VECTOR_BYTES = 16;

const PAGE_BYTES = 64 * 1024;
const VECTOR = 0xfd;

/** Unsigned LEB128, §5.2.2. */
function unsigned(value: number): number[] {
  const rest = value >>> 7;
  return rest === 0 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(rest)];
}

/** Signed LEB128. */
function signed(value: number): number[] {
  return value >= -0x40 && value < 0x40
    ? [value & 0x7f]
    : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

/** Instructions, §5.4; memory is read and written at any alignment. */
export const wasm = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  if: [0x04, 0x40],
  end: [0x0b],
  br: (label: number): number[] => [0x0c, label],
  brIf: (label: number): number[] => [0x0d, label],
  return: [0x0f],
  get: (local: number): number[] => [0x20, local],
  set: (local: number): number[] => [0x21, local],
  tee: (local: number): number[] => [0x22, local],
  i32: {
    load: (offset: number): number[] => [0x28, 0, ...unsigned(offset)],
    const: (value: number): number[] => [0x41, ...signed(value)],
    ne: [0x47],
    ltU: [0x49],
    geU: [0x4f],
    ctz: [0x68],
    add: [0x6a],
    and: [0x71],
    or: [0x72],
  },
  i64: {
    load: (offset: number): number[] => [0x29, 0, ...unsigned(offset)],
    store: (offset: number): number[] => [0x37, 0, ...unsigned(offset)],
  },
  v128: {
    load: (offset: number): number[] => [VECTOR, 0x00, 0, ...unsigned(offset)],
    store: (offset: number): number[] => [VECTOR, 0x0b, 0, ...unsigned(offset)],
    /** A vector of one byte, sixteen times. */
    all: (byte: number): number[] => [
      VECTOR,
      0x0c,
      ...new Array<number>(VECTOR_BYTES).fill(byte),
    ],
    eqBytes: [VECTOR, 0x23], // i8x16.eq
    or: [VECTOR, 0x50],
    xor: [VECTOR, 0x51],
    anyTrue: [VECTOR, 0x53],
    bitmask: [VECTOR, 0x64], // i8x16.bitmask
  },
} as const;

/** A function: so many parameters, then its locals, numbered in this order. */
export interface WasmFunction {
  readonly parameters: number;
  readonly locals: { readonly i32: number; readonly v128: number };
  readonly body: readonly (readonly number[])[];
}

/** The function, and the memory it works in. */
export interface OpenFunction {
  readonly memory: Uint8Array;
  readonly call: (...parameters: number[]) => number;
}

/** The module's bytes. */
function moduleOf({ parameters, locals, body }: WasmFunction): Bytes {
  const declared = [[locals.i32, I32], [locals.v128, V128]].filter(([count]) => count !== 0);
  const code = [declared.length, ...declared.flat(), ...body.flat(), ...wasm.end];
  return Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d], // "\0asm"
    ...[1, 0, 0, 0], // version
    ...section(1, [0x60, parameters, ...new Array<number>(parameters).fill(I32), 1, I32]), // type 0
    ...section(2, [1, 0x6d, 1, 0x6d, 2, 0, 1]), // import m.m: a memory of a page at least
    ...section(3, [0]), // function 0 is of type 0
    ...section(7, [1, 0x66, 0, 0]), // export f: function 0
    ...section(10, counted(code)), // code
  );
}

function counted(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

/** A section with one item. */
function section(id: number, item: readonly number[]): number[] {
  return [id, ...counted([1, ...item])];
}

/** Opens a function with a memory of at least so many bytes; `undefined` on a processor without its instructions. */
export function openWasm(what: WasmFunction, memoryBytes: number): OpenFunction | undefined {
  const bytes = moduleOf(what);
  if (!WebAssembly.validate(bytes)) return undefined;
  const pages = Math.ceil(memoryBytes / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { m: memory } });
  return { memory: new Uint8Array(memory.buffer), call: exports["f"] as OpenFunction["call"] };
}
