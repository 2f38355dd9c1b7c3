/**
 * Whole transport packets of 188 bytes out of a byte stream that has them bare, behind a time stamp of four bytes
 * (192, as recorders write) or before a check sum of sixteen (204, as tuners do). What is no packet is left out.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../../shared/bytes.ts";
import { PACKET_BYTES, SYNC_BYTE } from "../../mpegts/packet.ts";

const STRIDES = [188, 192, 204] as const;
/** Sync bytes in a row before a distance is believed. */
const LOCK_PACKETS = 4;
const LOCK_BYTES = (LOCK_PACKETS - 1) * 204 + 1;
/** So many bytes without a packet are no transport stream. */
const MAX_FOREIGN_BYTES = 64 * 1024;

/** Finds the packets. */
export class PacketFramer {
  #rest: Uint8Array = new Uint8Array(0);
  #stride = 0;
  #foreign = 0;
  /** Bytes of the next push that still belong to what is left out. */
  #skip = 0;

  /** Whether this has turned out to be a transport stream; `undefined` while that is open. */
  get isTransportStream(): boolean | undefined {
    if (this.#stride > 0) return true;
    return this.#foreign > MAX_FOREIGN_BYTES ? false : undefined;
  }

  /** Whole packets, back to back; empty when there is none yet. */
  push(bytes: Bytes): Bytes {
    const all = this.#rest.length > 0 ? concatBytes([this.#rest, bytes]) : bytes;
    const packets: Uint8Array[] = [];
    let at = Math.min(this.#skip, all.length);
    this.#skip -= at;
    let run = at; // bare packets are one piece
    const close = (): void => {
      if (at > run && this.#stride === PACKET_BYTES) packets.push(all.subarray(run, at));
    };
    for (;;) {
      if (this.#stride === 0) {
        const found = this.#lock(all, at);
        if (found === undefined) break;
        at = run = found;
      }
      if (at + PACKET_BYTES > all.length) break;
      if (all[at] !== SYNC_BYTE) {
        close();
        this.#stride = 0;
        continue;
      }
      if (this.#stride > PACKET_BYTES) packets.push(all.subarray(at, at + PACKET_BYTES));
      at += this.#stride;
    }
    close();
    if (at > all.length) {
      this.#skip = at - all.length;
      at = all.length;
    }
    const keep = this.#stride === 0 ? Math.max(at, all.length - LOCK_BYTES) : at;
    this.#foreign = this.#stride === 0 ? this.#foreign + keep : 0;
    this.#rest = all.slice(keep);
    const [only] = packets;
    return packets.length === 1 && only?.buffer === bytes.buffer
      ? bytes.subarray(
        only.byteOffset - bytes.byteOffset,
        only.byteOffset - bytes.byteOffset + only.length,
      )
      : concatBytes(packets);
  }

  /** First offset from `from` with sync bytes at one distance; sets the distance. */
  #lock(bytes: Uint8Array, from: number): number | undefined {
    for (let at = from; at + LOCK_BYTES <= bytes.length; at++) {
      if (bytes[at] !== SYNC_BYTE) continue;
      const stride = STRIDES.find((distance) => {
        for (let i = 1; i < LOCK_PACKETS; i++) {
          if (bytes[at + i * distance] !== SYNC_BYTE) return false;
        }
        return true;
      });
      if (stride === undefined) continue;
      this.#stride = stride;
      return at;
    }
    return undefined;
  }
}
