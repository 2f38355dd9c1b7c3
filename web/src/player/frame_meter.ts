/// <reference lib="dom" />
/**
 * Which pictures have reached the screen, and how many: by `requestVideoFrameCallback`, or where that is
 * missing or rests (hidden pages) by looking at the element's own counts.
 *
 * @module
 */

import { RateMeter } from "./rate_meter.ts";

/**
 * Told of each picture known to be on the screen: its media time (s), when (`performance.now()`), and how long it took to
 * decode (s), where the browser says so.
 */
export type Shown = (mediaTime: number, shownAt: number, decodeS: number | undefined) => void;

/** Without a callback for this long the element's counts are looked at instead, ms. */
const CALLBACK_RESTS_MS = 500;
/** More pictures than this a millisecond are a count that jumped (Firefox's does, at another source), not pictures. */
const MAX_PICTURES_PER_MS = 0.25;

/** Counts the pictures of one `<video>` over all its sources, until its signal ends. */
export class FrameMeter {
  readonly #video: HTMLVideoElement;
  readonly #shownHook: Shown;
  readonly #rate = new RateMeter();
  #shown = 0;
  #dropped = 0;
  /** The element's own counts when last looked at; they begin anew with each source. */
  #presented = 0;
  #qualityShown = 0;
  #qualityDropped = 0;
  #position = 0;
  #lastPictureAt: number | null = null;
  #calledAt = -Infinity;

  constructor(
    video: HTMLVideoElement,
    { shown, signal }: { readonly shown: Shown; readonly signal: AbortSignal },
  ) {
    this.#video = video;
    this.#shownHook = shown;
    if (typeof video.requestVideoFrameCallback !== "function") return;
    let handle = 0;
    const called: VideoFrameRequestCallback = (now, metadata): void => {
      handle = video.requestVideoFrameCallback(called);
      const most = Math.max(1, (now - this.#calledAt) * MAX_PICTURES_PER_MS);
      this.#calledAt = now;
      const { presentedFrames } = metadata;
      const more = presentedFrames - this.#presented;
      this.#presented = presentedFrames;
      this.#note(metadata.mediaTime, {
        at: metadata.expectedDisplayTime,
        more: more > 0 && more <= most ? more : 1,
        decodeS: metadata.processingDuration,
      });
    };
    handle = video.requestVideoFrameCallback(called);
    signal.addEventListener("abort", () => video.cancelVideoFrameCallback(handle), { once: true });
  }

  /** To be called a few times a second. */
  tick(now: number): void {
    const { droppedVideoFrames, totalVideoFrames } = this.#video.getVideoPlaybackQuality();
    const dropped = droppedVideoFrames - this.#qualityDropped;
    this.#qualityDropped = droppedVideoFrames;
    this.#dropped += Math.max(0, dropped);
    const qualityShown = totalVideoFrames - droppedVideoFrames;
    const more = qualityShown - this.#qualityShown;
    this.#qualityShown = qualityShown;
    const { currentTime, videoWidth, paused } = this.#video;
    // Sound alone, or a page out of sight: there are no pictures to count, only a position that moves.
    const advances = currentTime !== this.#position && !paused &&
      (videoWidth === 0 || document.visibilityState === "hidden");
    this.#position = currentTime;
    if (now - this.#calledAt > CALLBACK_RESTS_MS && (more > 0 || advances)) {
      this.#note(currentTime, { at: now, more: Math.max(0, more) });
    }
    this.#rate.sample(this.#shown, now);
  }

  /** `performance.now()` of the last new picture; null before the first. */
  get lastPictureAt(): number | null {
    return this.#lastPictureAt;
  }

  /** Pictures that reached the screen. */
  get shown(): number {
    return this.#shown;
  }

  /** Pictures decoded in vain. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Pictures a second. */
  get fps(): number {
    return this.#rate.perSecond;
  }

  #note(
    mediaTime: number,
    { at, more, decodeS }: {
      readonly at: number;
      readonly more: number;
      readonly decodeS?: number | undefined;
    },
  ): void {
    this.#shown += more;
    this.#lastPictureAt = performance.now();
    this.#shownHook(mediaTime, at, decodeS);
  }
}
