/**
 * `/live/{name}/frame.jpg`: the newest key picture as a JPEG, decoded by ffmpeg where that is installed. One decode a
 * picture and one at a time a stream, however many ask.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { Batch } from "../../shared/media.ts";
import type { Hub } from "../hub/hub.ts";
import { MAX_WAIT_MS } from "./body.ts";
import type { Delivery, DeliveryRequest } from "./delivery.ts";
import { awaitKeyPicture, type KeyPicture, pictureFile, sendPicture } from "./key_picture.ts";
import { sendProblem } from "./problem.ts";

/** A decode that takes longer is ended. */
const DECODE_MS = 10_000;
/** ffmpeg's scale from 2 (best) to 31. */
const QUALITY = "3";

/** There is nothing that could decode; `message` is a sentence. */
export class NoDecoderError extends Error {
  override readonly name = "NoDecoderError";
}

/** Turns an MP4 of one picture into a JPEG. @throws {NoDecoderError} when there is nothing to do it with. */
export type Decode = (file: Bytes) => Promise<Bytes>;

/** Decodes with ffmpeg. @throws {NoDecoderError} when it is not installed, or this relay may not run it. */
export async function decodeWithFfmpeg(file: Bytes): Promise<Bytes> {
  const child = spawn();
  const [{ success, stdout, stderr }] = await Promise.all([child.output(), feed(child, file)]);
  if (success && stdout.length > 0) return stdout as Bytes;
  const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new Error(said ? `ffmpeg could not decode it: ${said}` : "ffmpeg took too long");
}

function spawn(): Deno.ChildProcess {
  try {
    return new Deno.Command("ffmpeg", {
      args: [
        ...["-v", "error", "-nostdin", "-i", "pipe:0", "-frames:v", "1"],
        ...["-q:v", QUALITY, "-f", "mjpeg", "pipe:1"],
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(DECODE_MS),
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      throw new NoDecoderError(
        "A JPEG needs ffmpeg, which was not found when the relay started: install it and start " +
          "the relay again, or use frame.mp4, which needs none.",
        { cause: error },
      );
    }
    throw error;
  }
}

async function feed(child: Deno.ChildProcess, file: Bytes): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(file);
    await writer.close();
  } catch (error) {
    // It has what it needs, or has ended and says why itself.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

interface Decoding {
  readonly picture: KeyPicture;
  readonly jpeg: Promise<Bytes>;
}

/** Opens the delivery. @param decode tests bring their own. */
export function openFrameJpg(decode: Decode = decodeWithFfmpeg, maxWaitMs = MAX_WAIT_MS): Delivery {
  const done = new WeakMap<Batch, Promise<Bytes>>();
  const running = new Map<Hub, Decoding>();

  /** The picture's JPEG, or that of the one before while it is being made. */
  function decoding(hub: Hub, picture: KeyPicture): Decoding {
    const known = done.get(picture.batch);
    if (known) return { picture, jpeg: known };
    const underWay = running.get(hub);
    if (underWay) return underWay;
    const jpeg = decode(pictureFile(picture)).finally(() => running.delete(hub));
    jpeg.then(() => done.set(picture.batch, jpeg), () => undefined); // those who wait are told
    const one = { picture, jpeg };
    running.set(hub, one);
    return one;
  }

  async function answer(what: DeliveryRequest): Promise<void> {
    const newest = await awaitKeyPicture(what, maxWaitMs);
    if (!newest) return;
    const { picture, jpeg } = decoding(what.stream.hub, newest);
    try {
      sendPicture(what, { picture, body: await jpeg, type: "image/jpeg" });
    } catch (error) {
      refuse(what, error);
    }
  }

  return { resource: "frame.jpg", request: (what) => void answer(what) };
}

function refuse({ response }: DeliveryRequest, error: unknown): void {
  const none = error instanceof NoDecoderError;
  const detail = error instanceof Error ? error.message : String(error);
  sendProblem(response, {
    type: none ? "/problems/no-decoder" : "/problems/not-decoded",
    title: none ? "No decoder" : "The picture could not be decoded",
    status: none ? 501 : 502,
    detail,
  });
}
