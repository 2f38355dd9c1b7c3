/**
 * What `v4l2-ctl --stream-to-hdr=-` writes, cut into frames: a word of magic, then for each plane its length and bytes
 * (v4l-utils, v4l2-ctl-streaming.cpp). Pure.
 *
 * @module
 */

/** The bytes of `V4L2_FOURCC('V', 'h', 'd', 'r')`, most significant first. */
const MAGIC = [0x72, 0x64, 0x68, 0x56] as const;
const HEAD_BYTES = 8;
/** A key picture of 4K is far below. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** Cuts one program's output. */
export class FramedOutput {
  /** Bytes since the last frame that belong to none. */
  lost = 0;
  readonly #frame: (bytes: Uint8Array) => void;
  #held = new Uint8Array(64 * 1024);
  #length = 0;

  /** @param frame takes each whole frame; lent. */
  constructor(frame: (bytes: Uint8Array) => void) {
    this.#frame = frame;
  }

  /** Bytes as they came, cut anywhere. Lent. */
  push(bytes: Uint8Array): void {
    this.#append(bytes);
    let at = 0;
    while (this.#length - at >= HEAD_BYTES) {
      const view = new DataView(this.#held.buffer, at, HEAD_BYTES);
      const size = view.getUint32(4);
      if (!this.#isHead(at) || size > MAX_FRAME_BYTES) {
        at = this.#nextHead(at + 1); // something else wrote there
        continue;
      }
      if (this.#length - at < HEAD_BYTES + size) break;
      this.lost = 0;
      if (size > 0) this.#frame(this.#held.subarray(at + HEAD_BYTES, at + HEAD_BYTES + size));
      at += HEAD_BYTES + size;
    }
    this.#held.copyWithin(0, at, this.#length);
    this.#length -= at;
  }

  #isHead(at: number): boolean {
    return MAGIC.every((byte, i) => this.#held[at + i] === byte);
  }

  #nextHead(from: number): number {
    let at = from;
    while (at + HEAD_BYTES <= this.#length && !this.#isHead(at)) at++;
    this.lost += at - from + 1;
    return at;
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#held.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#held.length));
      larger.set(this.#held.subarray(0, this.#length));
      this.#held = larger;
    }
    this.#held.set(bytes, this.#length);
    this.#length = needed;
  }
}
