/**
 * The frame around a batch, made once for all viewers of all WebSockets, since what a server sends is not masked and
 * so is the same for everyone (RFC 6455 §5.1). Everything else of the protocol is the `ws` package's.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type Batch, HEADROOM_BYTES } from "../../shared/media.ts";

/** FIN, opcode 2: a whole binary message in one frame (RFC 6455 §5.2). */
const FINAL_BINARY = 0x82;

/** The newest batch and its frame: a batch goes to all its viewers before the next one comes. */
let framed: Batch | undefined;
let newestFrame = Buffer.alloc(0);

/**
 * The frame of a batch, in the bytes left free before it: made at its first viewer, shared by all others. A
 * `Buffer`, because a stream makes one of any other array at every write.
 */
export function frameOf(batch: Batch): Buffer {
  if (batch === framed) return newestFrame;
  const { buffer, byteOffset, length } = batch.bytes;
  const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  if (byteOffset < HEADROOM_BYTES) {
    throw new RangeError("a batch must have room for a frame header before it");
  }
  const header = new DataView(buffer, byteOffset - headerBytes, headerBytes);
  header.setUint8(0, FINAL_BINARY);
  if (headerBytes === 2) {
    header.setUint8(1, length);
  } else if (headerBytes === 4) {
    header.setUint8(1, 126);
    header.setUint16(2, length);
  } else {
    header.setUint8(1, 127);
    header.setUint32(2, 0);
    header.setUint32(6, length);
  }
  framed = batch;
  newestFrame = Buffer.from(buffer, byteOffset - headerBytes, headerBytes + length);
  return newestFrame;
}
