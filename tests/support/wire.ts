/**
 * Media taken out of what a connection has received: WebSocket frames (RFC 6455 §5.2) and chunked bodies (RFC 9112
 * §7.1). What is not whole yet is left out.
 *
 * @module
 */

const BINARY = 2;

/** First byte after an HTTP head. */
function bodyStart(received: Uint8Array): number {
  for (let at = 3; at < received.length; at++) {
    if (received[at] === 10 && received[at - 1] === 13 && received[at - 2] === 10) return at + 1;
  }
  return received.length;
}

/** Payloads of the binary messages behind an HTTP head; a server does not mask, and does not fragment. */
export function readFrames(received: Uint8Array): Uint8Array[] {
  const view = new DataView(received.buffer, received.byteOffset, received.length);
  const payloads: Uint8Array[] = [];
  let at = bodyStart(received);
  while (at + 10 <= received.length) {
    const short = view.getUint8(at + 1);
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length = short < 126
      ? short
      : short === 126
      ? view.getUint16(at + 2)
      : Number(view.getBigUint64(at + 2));
    const end = at + head + length;
    if (end > received.length) break;
    if ((view.getUint8(at) & 0x0f) === BINARY) payloads.push(received.subarray(at + head, end));
    at = end;
  }
  return payloads;
}

/** Chunks of a body. */
export function readChunks(received: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = bodyStart(received);
  while (at < received.length) {
    const lineEnd = received.indexOf(10, at);
    if (lineEnd < 0) break;
    const length = parseInt(new TextDecoder().decode(received.subarray(at, lineEnd)), 16);
    const end = lineEnd + 1 + length;
    if (!length || end > received.length) break;
    chunks.push(received.subarray(lineEnd + 1, end));
    at = end + 2;
  }
  return chunks;
}
