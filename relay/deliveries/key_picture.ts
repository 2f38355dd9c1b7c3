/**
 * A stream's newest key picture, waited for where there is none yet, as an MP4 of one sample: the picture's bytes as they
 * are; only the few before them are written anew, from time zero.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import type { Batch, Fragment, VideoTrack } from "../../shared/media.ts";
import { micros, ticks } from "../../shared/units.ts";
import { ByteWriter } from "../bytes/byte_writer.ts";
import { VIDEO_HEADER_BYTES, writeVideoFragment } from "../fmp4/fragment.ts";
import { writeInitSegment } from "../fmp4/init_segment.ts";
import type { Sink } from "../hub/sink.ts";
import type { DeliveryRequest, Stream } from "./delivery.ts";
import { offlineProblem, sendProblem } from "./problem.ts";

/** A picture stands for a second: long enough for any player to show it. */
const SHOWN_SECONDS = 1;

/** One key picture. */
export interface KeyPicture {
  readonly track: VideoTrack;
  readonly batch: Batch;
  readonly fragment: Fragment;
}

/** The newest one; `undefined` when there is none, or the stream does not run. */
export function keyPicture({ hub }: Stream): KeyPicture | undefined {
  const track = hub.segment?.tracks.find((each) => each.kind === "video");
  const batch = hub.group[0];
  const fragment = batch?.fragments.find(({ track: id, key }) => id === track?.id && key);
  return track && batch && fragment ? { track, batch, fragment } : undefined;
}

/**
 * The newest key picture, waited for up to `maxWaitMs` (contract §4). `undefined` when the request has been answered
 * with the reason, or its client has gone.
 */
export async function awaitKeyPicture(
  { response, stream }: DeliveryRequest,
  maxWaitMs: number,
): Promise<KeyPicture | undefined> {
  const found = keyPicture(stream) ?? await comingPicture({ response, stream }, maxWaitMs);
  if (found || response.destroyed) return found;
  const soundOnly = stream.hub.segment?.tracks.every(({ kind }) => kind === "audio");
  const reason = soundOnly
    ? `The stream ${stream.name} has sound only.`
    : stream.offline ?? `No picture has come from ${stream.name} yet; try again.`;
  sendProblem(response, offlineProblem(reason), { "retry-after": "5" });
  return undefined;
}

function comingPicture(
  { response, stream }: Pick<DeliveryRequest, "response" | "stream">,
  maxWaitMs: number,
): Promise<KeyPicture | undefined> {
  const { segment } = stream.hub;
  if (segment?.tracks.every(({ kind }) => kind === "audio")) return Promise.resolve(undefined);
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => void (keyPicture(stream) && resolve());
  const sink: Sink = {
    watched: false, // it takes one picture
    backlog: 0,
    init: () => undefined,
    push: look,
    skipped: () => undefined,
    offline: () => undefined,
    close: () => resolve(),
  };
  const subscription = stream.hub.subscribe(sink);
  const patience = setTimeout(resolve, maxWaitMs);
  const leave = (): void => resolve();
  response.on("close", leave);
  return promise.then(() => {
    clearTimeout(patience);
    response.off("close", leave);
    subscription[Symbol.dispose]();
    return keyPicture(stream);
  });
}

/** The last file of each picture, by the batch it was made from: however many ask, it is made once. */
const made = new WeakMap<Batch, Bytes>();

/** The picture as an MP4 of one sample. */
export function pictureFile({ batch, fragment, track }: KeyPicture): Bytes {
  const known = made.get(batch);
  if (known) return known;
  const end = fragment.offset + fragment.byteLength;
  const size = fragment.sizes[0] ?? 0;
  const start = end - fragment.sizes.reduce((sum, each) => sum + each, 0);
  const payload = batch.bytes.subarray(start, start + size);
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

/** Answers with a picture in some form. */
export function sendPicture(
  { request, response }: DeliveryRequest,
  { picture, body, type }: { picture: KeyPicture; body: Bytes; type: string },
): void {
  response.writeHead(200, {
    "content-type": type,
    "content-length": String(body.length),
    "cache-control": "no-store",
    "last-modified": new Date(picture.batch.arrival / 1000).toUTCString(),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
