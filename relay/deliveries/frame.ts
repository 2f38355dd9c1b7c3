/**
 * `/live/{name}/frame.mp4`: the newest key picture as an MP4 of one sample, for previews without a decoder on this side.
 *
 * @module
 */

import { MAX_WAIT_MS } from "./body.ts";
import type { Delivery, DeliveryRequest } from "./delivery.ts";
import { awaitKeyPicture, pictureFile, sendPicture } from "./key_picture.ts";

async function answer(what: DeliveryRequest, maxWaitMs: number): Promise<void> {
  const picture = await awaitKeyPicture(what, maxWaitMs);
  if (!picture) return;
  sendPicture(what, {
    picture,
    body: pictureFile(picture),
    type: `video/mp4; codecs="${picture.track.codec}"`,
  });
}

/** Opens the delivery. @param maxWaitMs tests wait less. */
export function openFrame(maxWaitMs = MAX_WAIT_MS): Delivery {
  return { resource: "frame.mp4", request: (what) => void answer(what, maxWaitMs) };
}
