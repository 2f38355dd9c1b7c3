/**
 * Most transport packets are the next of the same PID, all payload, in the middle of a PES packet: a run of those is
 * recognised and its payloads put back to back by WebAssembly, several times as fast as packet by packet. The function
 * `(at, count, stride, head, to)`:
 *
 * ```
 * for (n = 0; n < count; n++)
 *   if (the four bytes of the header at `at` are not `head`) break
 *   copy 184 bytes from at + 4 to `to`
 *   at += stride, to += 184, the continuity_counter in `head` one more
 * return n
 * ```
 *
 * @module
 */

import {
  type OpenFunction,
  openWasm,
  VECTOR_BYTES,
  wasm,
  type WasmFunction,
} from "../bytes/wasm_function.ts";
import { HEADER_BYTES, PACKET_BYTES, PAYLOAD_BYTES } from "./packet.ts";

/** Fewer packets are not worth the way there and back. */
const MIN_PACKETS = 3;
/** Looked at at once: what a read of a file or a socket brings. */
const BLOCK_BYTES = 128 * 1024;
/** Put together at once. */
const MAX_PACKETS = 256;
const COUNTER = 0x0f00_0000;
const COUNTER_STEP = 0x0100_0000;

const AT = 0;
const COUNT = 1;
const STRIDE = 2;
const HEAD = 3;
const TO = 4;
const N = 5;

const { get, set, i32, i64, v128 } = wasm;

/** Eleven vectors and eight bytes. */
const COPY = Array.from({ length: Math.floor(PAYLOAD_BYTES / VECTOR_BYTES) }, (_, i) =>
  [
    ...[get(TO), get(AT), v128.load(HEADER_BYTES + i * VECTOR_BYTES), v128.store(i * VECTOR_BYTES)],
  ].flat());
const COPY_REST = [
  ...[get(TO), get(AT), i64.load(PACKET_BYTES - 8), i64.store(PAYLOAD_BYTES - 8)],
];

const RUN: WasmFunction = {
  parameters: 5,
  locals: { i32: 1, v128: 0 },
  body: [
    ...[wasm.block, wasm.loop],
    ...[get(N), get(COUNT), i32.geU, wasm.brIf(1)],
    ...[get(AT), i32.load(0), get(HEAD), i32.ne, wasm.brIf(1)],
    ...[...COPY, ...COPY_REST],
    ...[get(AT), get(STRIDE), i32.add, set(AT)],
    ...[get(TO), i32.const(PAYLOAD_BYTES), i32.add, set(TO)],
    ...[get(HEAD), i32.const(~COUNTER), i32.and],
    ...[get(HEAD), i32.const(COUNTER_STEP), i32.add, i32.const(COUNTER), i32.and],
    ...[i32.or, set(HEAD)],
    ...[get(N), i32.const(1), i32.add, set(N), wasm.br(0)],
    ...[wasm.end, wasm.end],
    get(N),
  ],
};

const NOTHING = new Uint8Array();

/** Finds runs. Hot: once per run, its inside once per packet. */
export class PacketRuns {
  /** The payloads of the run that was found last, back to back from {@link PacketRuns.payloadAt}. */
  readonly memory: Uint8Array;
  readonly payloadAt = BLOCK_BYTES;
  readonly #run: OpenFunction["call"];
  #bytes: Uint8Array = NOTHING;
  /** `[from, to)` of the bytes are in memory. */
  #from = 0;
  #to = 0;

  private constructor({ memory, call }: OpenFunction) {
    this.memory = memory;
    this.#run = call;
  }

  /** `undefined` where the processor cannot. */
  static open(): PacketRuns | undefined {
    const run = openWasm(RUN, BLOCK_BYTES + MAX_PACKETS * PAYLOAD_BYTES);
    return run && new PacketRuns(run);
  }

  /** What was looked at may be overwritten from here on. */
  forget(): void {
    this.#bytes = NOTHING;
  }

  /**
   * How many packets from `at` on are of one run, a few hundred at most; 0 too where that is not worth finding out.
   * @param at of the first packet's sync byte; its header is the run's.
   * @param stride from one packet to the next.
   * @param most that are wanted and lie in `bytes` whole.
   */
  find(bytes: Uint8Array, at: number, stride: number, most: number): number {
    if (most < MIN_PACKETS) return 0;
    if (bytes !== this.#bytes || at < this.#from || at + PACKET_BYTES > this.#to) {
      this.#load(bytes, at);
    }
    const loaded = Math.floor((this.#to - at - PACKET_BYTES) / stride) + 1;
    const start = at - this.#from;
    const head = this.#headAt(start);
    return this.#run(start, Math.min(most, loaded, MAX_PACKETS), stride, head, this.payloadAt);
  }

  #load(bytes: Uint8Array, at: number): void {
    const isSmall = bytes.length <= BLOCK_BYTES;
    this.#bytes = bytes;
    this.#from = isSmall ? 0 : at;
    this.#to = Math.min(bytes.length, this.#from + BLOCK_BYTES);
    this.memory.set(isSmall ? bytes : bytes.subarray(this.#from, this.#to));
  }

  #headAt(at: number): number {
    const b = this.memory;
    return (b[at] ?? 0) | (b[at + 1] ?? 0) << 8 | (b[at + 2] ?? 0) << 16 | (b[at + 3] ?? 0) << 24;
  }
}
