/**
 * Where the start codes (00 00 01) of a byte stream are, Rec. ITU-T H.264 and H.265, annex B. Sixteen places at once
 * by WebAssembly, four times as fast as byte by byte; byte by byte on a processor without its vector instructions.
 * Knows no units.
 *
 * @module
 */

import { openWasm } from "../bytes/wasm_function.ts";
import { SCAN_OVERRUN_BYTES, START_CODE_SCAN } from "./start_code_scan.ts";

/** Of a start code. */
export const START_CODE_BYTES = 3;
/** Bytes looked at at once: nearly every picture, and no more than the processor's nearest caches hold. */
const BLOCK_BYTES = 64 * 1024;
/** In no start code: what stands behind a block is none. */
const NEITHER = 0xff;
const NOTHING = new Uint8Array();

/** Looks at `[at, end)` of a memory, at least at `at`; answers where a start code begins, or `end` or more. */
type Scan = (at: number, end: number) => number;

/** Finds one start code after the other. Hot: over every byte of every picture. */
export class StartCodes {
  readonly #memory: Uint8Array;
  readonly #scan: Scan;
  #bytes: Uint8Array = NOTHING;
  /** The next place to look at. */
  #at = 0;
  /** The block in memory is `[from, to)` of the bytes. */
  #from = 0;
  #to = 0;

  private constructor(memory: Uint8Array, scan: Scan) {
    this.#memory = memory;
    this.#scan = scan;
  }

  /** @param how by vectors where the processor has them, if not given. */
  static open(how: "vectors" | "bytes" = "vectors"): StartCodes {
    const bytes = BLOCK_BYTES + SCAN_OVERRUN_BYTES;
    const scan = how === "vectors" ? openWasm(START_CODE_SCAN, bytes) : undefined;
    if (scan) return new StartCodes(scan.memory, scan.call);
    const memory = new Uint8Array(bytes);
    return new StartCodes(memory, (at, end) => bytewise(memory, at, end));
  }

  /** Begins with other bytes, which are lent until {@link StartCodes.next} answers -1. */
  search(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#to = 0;
  }

  /** The offset of the next start code, -1 when there is none. */
  next(): number {
    const last = this.#bytes.length - START_CODE_BYTES;
    while (this.#at <= last) {
      if (this.#at > this.#to - START_CODE_BYTES) this.#load();
      const end = this.#to - START_CODE_BYTES + 1;
      const found = this.#scan(this.#at - this.#from, end - this.#from) + this.#from;
      if (found < end) {
        this.#at = found + START_CODE_BYTES;
        return found;
      }
      this.#at = end;
    }
    this.#bytes = NOTHING;
    return -1;
  }

  #load(): void {
    const bytes = this.#bytes;
    this.#from = this.#at;
    this.#to = Math.min(bytes.length, this.#from + BLOCK_BYTES);
    const length = this.#to - this.#from;
    this.#memory.set(length === bytes.length ? bytes : bytes.subarray(this.#from, this.#to));
    this.#memory.fill(NEITHER, length, length + SCAN_OVERRUN_BYTES);
  }
}

/**
 * The first start code (00 00 01) at or after `from`: the offset of its first byte, -1 where there is none. For
 * searches that end soon: it looks at every third byte, since a byte above 1 rules out three places at once.
 */
export function findStartCode(bytes: Uint8Array, from: number): number {
  const found = bytewise(bytes, from, bytes.length - START_CODE_BYTES + 1);
  return found <= bytes.length - START_CODE_BYTES ? found : -1;
}

/** A {@link Scan} of `bytes`. */
function bytewise(bytes: Uint8Array, from: number, end: number): number {
  const last = end + START_CODE_BYTES - 2;
  let at = from + 2;
  while (at <= last) {
    const byte = bytes[at] as number;
    if (byte > 1) at += 3;
    else if (byte === 0) at++;
    else if (bytes[at - 1] === 0 && bytes[at - 2] === 0) return at - 2;
    else at += 3;
  }
  return Math.max(end, 0);
}
