/** Movie fragments written field by field from a description, apart from the relay's own writer. */

import type { Bytes } from "../../shared/bytes.ts";
import { ByteWriter } from "../../relay/bytes/byte_writer.ts";

/** One track's part of a fragment; what is left out is not written and so falls to the defaults. */
export interface TrafDescription {
  readonly track: number;
  readonly dts?: number;
  readonly defaults?: { duration?: number; size?: number; flags?: number };
  readonly dataOffset?: number;
  readonly firstFlags?: number;
  readonly trunVersion?: 0 | 1;
  readonly samples: readonly {
    duration?: number;
    size?: number;
    flags?: number;
    compositionOffset?: number;
  }[];
}

/** A whole fragment. */
export interface FragmentDescription {
  readonly sequence?: number;
  readonly capture?: { track: number; seconds: number; fraction: number; mediaTime: number };
  readonly trafs: readonly TrafDescription[];
  readonly payload: Uint8Array;
}

/** The bytes of `[prft] moof mdat`. Data offsets are written as given, or follow the header. */
export function buildFragment(description: FragmentDescription): Bytes {
  const first = write(description, 0);
  const moofBytes = first.moofBytes;
  return write(description, moofBytes + 8).bytes;
}

function write(
  { sequence = 1, capture, trafs, payload }: FragmentDescription,
  dataOffset: number,
): { bytes: Bytes; moofBytes: number } {
  const w = new ByteWriter(1024);
  if (capture !== undefined) {
    w.box("prft", () => {
      w.u32(0x0100_0000);
      w.u32(capture.track);
      w.u32(capture.seconds);
      w.u32(capture.fraction);
      w.u64(capture.mediaTime);
    });
  }
  const moof = w.begin("moof");
  w.box("mfhd", () => {
    w.u32(0);
    w.u32(sequence);
  });
  for (const traf of trafs) {
    w.box("traf", () => {
      const { duration, size, flags } = traf.defaults ?? {};
      w.box("tfhd", () => {
        w.u32(
          0x020000 | (duration === undefined ? 0 : 8) | (size === undefined ? 0 : 16) |
            (flags === undefined ? 0 : 32),
        );
        w.u32(traf.track);
        for (const value of [duration, size, flags]) if (value !== undefined) w.u32(value);
      });
      if (traf.dts !== undefined) {
        w.box("tfdt", () => {
          w.u32(0x0100_0000);
          w.u64(traf.dts ?? 0);
        });
      }
      w.box("trun", () => {
        const shape = traf.samples[0] ?? {};
        w.u32(
          ((traf.trunVersion ?? 0) << 24) | 1 | (traf.firstFlags === undefined ? 0 : 4) |
            (shape.duration === undefined ? 0 : 0x100) | (shape.size === undefined ? 0 : 0x200) |
            (shape.flags === undefined ? 0 : 0x400) |
            (shape.compositionOffset === undefined ? 0 : 0x800),
        );
        w.u32(traf.samples.length);
        w.i32(traf.dataOffset ?? dataOffset);
        if (traf.firstFlags !== undefined) w.u32(traf.firstFlags);
        for (const sample of traf.samples) {
          const fields = [sample.duration, sample.size, sample.flags, sample.compositionOffset];
          for (const value of fields) if (value !== undefined) w.i32(value);
        }
      });
    });
  }
  w.end(moof);
  const moofBytes = w.position - moof;
  w.box("mdat", () => w.bytes(payload));
  return { bytes: w.written().slice(), moofBytes };
}
