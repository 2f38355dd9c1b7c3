/**
 * The search for a start code (00 00 01), sixteen places at once, as a WebAssembly function `(at, end)`:
 *
 * ```
 * do {
 *   wrong = load(at) | load(at + 1) | (load(at + 2) ^ 1)     a vector each
 *   if (any byte of wrong is 0) return at + number of the first
 *   at += 16
 * } while (at < end)
 * return end
 * ```
 *
 * @module
 */

import { VECTOR_BYTES, wasm, type WasmFunction } from "../bytes/wasm_function.ts";

/** So many bytes behind `end` are read at most; a start code among them would be found. */
export const SCAN_OVERRUN_BYTES = 2 * VECTOR_BYTES + 2;

const AT = 0;
const FAR = 1;
const HITS = 2;

const { get, tee, i32, v128 } = wasm;

/** Looks at `[at, end)` of the memory, at least at `at`; answers where a start code begins, or `end` or more. */
export const START_CODE_SCAN: WasmFunction = {
  parameters: 2,
  locals: { i32: 0, v128: 1 },
  body: [
    wasm.loop,
    ...[get(AT), v128.load(0)],
    ...[get(AT), v128.load(1), v128.or],
    ...[get(AT), v128.load(2), v128.all(1), v128.xor, v128.or],
    ...[v128.all(0), v128.eqBytes, tee(HITS), v128.anyTrue],
    wasm.if,
    ...[get(AT), get(HITS), v128.bitmask, i32.ctz, i32.add, wasm.return],
    wasm.end,
    ...[get(AT), i32.const(VECTOR_BYTES), i32.add, tee(AT), get(FAR), i32.ltU, wasm.brIf(0)],
    wasm.end,
    get(FAR),
  ],
};
