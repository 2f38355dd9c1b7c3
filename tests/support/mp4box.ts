/** mp4box.js as an oracle: what a third reader makes of our files, down to each sample's bytes. */

import assert from "node:assert/strict";
import { createFile, type Movie, MP4BoxBuffer } from "npm:mp4box@2.4.1";
import type { Bytes } from "../../shared/bytes.ts";

/** A sample as mp4box.js reads it; times in the track's timescale, edits not applied. */
export interface ReadSample {
  readonly dts: number;
  readonly cts: number;
  readonly duration: number;
  readonly key: boolean;
  readonly bytes: Bytes;
}

/** A file as mp4box.js reads it. */
export interface ReadMovie {
  readonly info: Movie;
  /** By track id. */
  readonly samples: ReadonlyMap<number, readonly ReadSample[]>;
}

/** Reads a whole file; fails where mp4box.js finds an error. */
export function readMovie(bytes: Bytes): ReadMovie {
  const file = createFile();
  const errors: string[] = [];
  file.onError = (module, message) => errors.push(`${module}: ${message}`);
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(copy, 0), true);
  file.flush();
  assert.deepEqual(errors, [], "mp4box.js finds errors");
  const info = file.getInfo();
  const samples = new Map<number, readonly ReadSample[]>();
  for (const { id } of info.tracks) {
    samples.set(
      id,
      file.getTrackSamplesInfo(id).map(({ dts, cts, duration, is_sync, offset, size }) => {
        assert.ok(offset + size <= bytes.length, "a sample lies in the file");
        return {
          dts,
          cts,
          duration,
          key: is_sync,
          bytes: bytes.subarray(offset, offset + size),
        };
      }),
    );
  }
  return { info, samples };
}
