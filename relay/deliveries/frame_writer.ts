/**
 * Writes batches' frames to one of their many viewers: at once where the connection is plain, in turns where it is encrypted.
 * What a frame holds and who is served is the deliveries' and the hub's.
 *
 * A stream of `node:net` makes an object of the runtime's for every write, though nearly all are done when the call returns:
 * to hundreds of viewers that, and collecting it again, costs a fifteenth of the relay (`deno task bench fan-out`). So where
 * nothing waits the frame goes to the runtime's own handle, as the stream would give it there, with one such object for all.
 * Nobody promises that handle: where it is not found everything goes by the stream.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { Socket } from "node:net";
import process from "node:process";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { Turns } from "./turns.ts";

/** What a write is asked with: called back if the kernel did not take everything at once, and then only. */
interface WriteRequest {
  /** @param status 0, or the error's number, below it. */
  oncomplete(status: number): void;
  /** Held until then. */
  bytes?: Uint8Array;
}

/** A connection's handle (Node's `StreamBase`). */
interface StreamHandle {
  /** Answers 0, or the error's number, below it. Bytes that the kernel does not take are the handle's to send. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
}

/** What the runtime tells of the newest write on any handle. */
interface StreamState {
  readonly streamBaseState: Int32Array;
  /** Where in it: whether the write is still going on. */
  readonly kLastWriteWasAsync: number;
}

function isStreamState(found: unknown): found is StreamState {
  if (typeof found !== "object" || found === null) return false;
  const { streamBaseState, kLastWriteWasAsync } = found as Partial<StreamState>;
  return streamBaseState instanceof Int32Array && typeof kLastWriteWasAsync === "number" &&
    kLastWriteWasAsync in streamBaseState;
}

/** `undefined` where this runtime tells nothing of the kind. */
function findState(): StreamState | undefined {
  const { binding } = process as { binding?(name: string): unknown };
  try {
    const found = binding?.("stream_wrap");
    return isStreamState(found) ? found : undefined;
  } catch {
    return undefined; // it has none, or none for us: the stream serves as well
  }
}

const state = findState();
const encrypted = new Turns();

/** The request of every write that is done when it returns. */
let request: WriteRequest = { oncomplete: nothing };

function nothing(): void {}

/** One connection's. Others may write to the same stream: all goes out in the order it was given. */
export class FrameWriter {
  readonly #stream: Duplex;
  /** The same, where its handle may be written to. */
  readonly #plain: (Socket & { readonly _handle?: StreamHandle | null }) | undefined;
  /** Bytes given to the handle that the kernel has not all taken. */
  #held = 0;

  constructor(stream: Duplex) {
    this.#stream = stream;
    const isPlain = state && stream instanceof Socket && !(stream instanceof TLSSocket);
    this.#plain = isPlain ? stream : undefined;
  }

  /** Bytes that wait in this process, whoever wrote them. */
  get waiting(): number {
    return this.#stream.writableLength + this.#held;
  }

  /** Hot: once per batch and viewer. `frame` is shared, and not changed any more. */
  write(frame: Buffer): void {
    const handle = this.#plain?._handle;
    if (state && handle?.writeBuffer && this.waiting === 0 && this.#stream.writable) {
      const status = handle.writeBuffer(request, frame);
      if (status < 0) this.#fail();
      else if (state.streamBaseState[state.kLastWriteWasAsync] !== 0) this.#hold(frame);
    } else if (this.#stream instanceof TLSSocket) {
      encrypted.write(this.#stream, frame);
    } else {
      this.#stream.write(frame);
    }
  }

  /** The request goes with `frame` now. */
  #hold(frame: Buffer): void {
    this.#held = frame.length;
    request.bytes = frame;
    request.oncomplete = (status) => {
      this.#held = 0;
      if (status < 0) this.#fail();
    };
    request = { oncomplete: nothing };
  }

  /** As the stream would: whoever listens to it is told. */
  #fail(): void {
    this.#stream.destroy(new Error("the connection broke while it was written to"));
  }
}
