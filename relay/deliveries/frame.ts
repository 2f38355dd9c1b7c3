/**
 * `/live/{name}/frame.mp4`: the newest key picture as an MP4 of one sample, for previews without a decoder on
 * this side. The picture's bytes as they are; only the few before them are written anew, from time zero.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import type { Batch, Fragment, Track } from "../../shared/media.ts";
import { micros, ticks } from "../../shared/units.ts";
import { ByteWriter } from "../bytes/byte_writer.ts";
import { VIDEO_HEADER_BYTES, writeVideoFragment } from "../fmp4/fragment.ts";
import { writeInitSegment } from "../fmp4/init_segment.ts";
import type { Delivery, DeliveryRequest } from "./delivery.ts";
import { offlineProblem, sendProblem } from "./problem.ts";

/** A picture stands for a second: long enough for any player to show it. */
const SHOWN_SECONDS = 1;

/** The last answer of each stream, by the batch it was made from: however many ask, it is made once. */
const made = new WeakMap<Batch, Bytes>();

function frameFile(batch: Batch, fragment: Fragment, track: Track): Bytes {
  const known = made.get(batch);
  if (known) return known;
  const end = fragment.offset + fragment.byteLength;
  const size = fragment.sizes[0] ?? 0;
  const payload = batch.bytes.subarray(end - size, end);
  const w = new ByteWriter(VIDEO_HEADER_BYTES);
  writeVideoFragment(w, {
    dts: ticks(0),
    pts: ticks(0),
    key: true,
    arrival: micros(batch.arrival),
    duration: ticks(0),
    units: [],
  }, {
    track: track.id,
    sequence: 1,
    duration: ticks(track.timescale * SHOWN_SECONDS),
    payloadBytes: size,
  });
  const file = concatBytes([writeInitSegment([track]), w.written(), payload]);
  made.set(batch, file);
  return file;
}

function answer({ request, response, stream }: DeliveryRequest): void {
  const { segment, group } = stream.hub;
  const track = segment?.tracks.find(({ kind }) => kind === "video");
  const batch = group[0];
  const fragment = batch?.fragments.find(({ track: id, key }) => id === track?.id && key);
  if (!track || !batch || !fragment) {
    const reason = segment && !track
      ? `The stream ${stream.name} has sound only.`
      : stream.offline ?? `No picture has come from ${stream.name} yet; try again.`;
    sendProblem(response, offlineProblem(reason), { "retry-after": "5" });
    return;
  }
  const file = frameFile(batch, fragment, track);
  response.writeHead(200, {
    "content-type": `video/mp4; codecs="${track.codec}"`,
    "content-length": String(file.length),
    "cache-control": "no-store",
    "last-modified": new Date(batch.arrival / 1000).toUTCString(),
  });
  response.end(request.method === "HEAD" ? undefined : file);
}

/** Opens the delivery. */
export function openFrame(): Delivery {
  return { resource: "frame.mp4", request: answer };
}
