/**
 * mux.js, a browser's remuxer from MPEG-TS to fragmented MP4, with types for the part that is used: it has none of its own.
 *
 * @module
 */

import muxjs from "npm:mux.js@7.1.0";
import type { Bytes } from "../../shared/bytes.ts";

/** What it hands out at a flush. */
export interface MuxJsSegment {
  readonly initSegment: Bytes;
  readonly data: Bytes;
}

/** Takes MPEG-TS, gives segments. */
export interface MuxJsTransmuxer {
  on(event: "data", take: (segment: MuxJsSegment) => void): void;
  push(bytes: Uint8Array): void;
  flush(): void;
}

interface MuxJs {
  readonly mp4: {
    readonly Transmuxer: new (
      options?: { readonly keepOriginalTimestamps: boolean },
    ) => MuxJsTransmuxer;
  };
}

/** A new one. */
export function openTransmuxer(
  options?: { readonly keepOriginalTimestamps: boolean },
): MuxJsTransmuxer {
  const { mp4 } = muxjs as MuxJs;
  return new mp4.Transmuxer(options);
}
