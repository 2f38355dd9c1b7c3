/**
 * What another reader found in a capture, packet by packet (`expected/X.packets.tsv`), and our samples in the same
 * terms.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import type { OutSample } from "./ingested.ts";

/** A packet in words that do not depend on the container. */
export interface ExpectedPacket {
  readonly pts: number;
  readonly dts: number;
  readonly key: boolean;
  /** First 16 digits of a SHA-1. */
  readonly hash: string;
}

/** An elementary stream of a capture. */
export interface ExpectedStream {
  readonly kind: string;
  readonly codec: string;
  readonly packets: readonly ExpectedPacket[];
}

/** Reads the list of `capture`, a path below `folder` such as `ts/a.ts`. */
export async function readExpected(folder: string, capture: string): Promise<ExpectedStream[]> {
  const text = await Deno.readTextFile(join(folder, "expected", `${capture}.packets.tsv`));
  const lines = text.split("\n").map((line) => line.split("\t"));
  return lines.filter(([tag]) => tag === "#stream").map(([, index, kind = "", codec = ""]) => ({
    kind,
    codec,
    packets: lines.filter(([stream]) => stream === index).map(
      ([, pts, dts, , , flags, hash = ""]) => ({
        pts: Number(pts),
        dts: Number(dts),
        key: flags?.includes("K") ?? false,
        hash,
      }),
    ),
  }));
}

/** NAL unit types that say nothing in MP4 or stand in the set-up, for each codec of the lists. */
const LEFT_OUT: Readonly<Record<string, (first: number) => boolean>> = {
  h264: (first) => [7, 8, 9, 10, 11, 12, 13, 15].includes(first & 31),
  hevc: (first) => [32, 33, 34, 35, 36, 37, 38].includes(first >> 1 & 63),
};

/** The hash that the lists would have for this sample. */
export function hashOf({ payload }: OutSample, codec: string): string {
  const hash = createHash("sha1");
  const leftOut = LEFT_OUT[codec];
  if (!leftOut) return hash.update(payload).digest("hex").slice(0, 16);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  for (let at = 0; at < payload.length;) {
    const end = at + 4 + view.getUint32(at);
    if (!leftOut(view.getUint8(at + 4))) hash.update(payload.subarray(at, end));
    at = end;
  }
  return hash.digest("hex").slice(0, 16);
}
