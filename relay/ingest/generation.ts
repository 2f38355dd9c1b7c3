/**
 * When a generation of a stream may begin and when it is over: which tracks there are, how they are set up,
 * and whether any of them is still worth waiting for. Holds no media.
 *
 * @module
 */

import { equalBytes } from "../../shared/bytes.ts";
import type { AudioTrack, Track, VideoTrack } from "../../shared/media.ts";
import { MPEG_TIMESCALE } from "../../shared/units.ts";
import type { TrackConfig } from "../codecs/codec.ts";

/** Track numbers by kind: a stream has at most one of each. */
export const VIDEO_TRACK = 1;
export const AUDIO_TRACK = 2;

/** Media that passes while a declared sound track does not show up. */
const SOUND_PATIENCE = 1 * MPEG_TIMESCALE;
/** The same for pictures: some cameras repeat their parameter sets every 17 s only. */
const PICTURE_PATIENCE = 20 * MPEG_TIMESCALE;

/** Follows the tracks of a stream. */
export class Tracks {
  #declared = { video: false, audio: false };
  video: VideoTrack | undefined;
  audio: AudioTrack | undefined;
  /** The clock of the pictures (or of the sound, alone) began anew since the last {@link Tracks.settle}. */
  restarted = false;
  /** First decode time since the declaration, 90 kHz on the stream's timeline. */
  #since: number | undefined;
  #changed = { video: false, audio: false };

  /** A program map says what there will be. */
  declare(declared: { video: boolean; audio: boolean }): void {
    this.#declared = declared;
    this.#since = undefined;
    if (!declared.video && this.video) {
      this.video = undefined;
      this.#changed.video = true;
    }
    if (!declared.audio && this.audio) {
      this.audio = undefined;
      this.#changed.audio = true;
    }
  }

  /** A codec says how its track is set up; `true` when it was set up otherwise before. */
  configure(config: TrackConfig): boolean {
    const known = this[config.kind];
    const track = config.kind === "video"
      ? this.video = { id: VIDEO_TRACK, ...config }
      : this.audio = { id: AUDIO_TRACK, ...config };
    if (known && sameSetup(known, track)) return false;
    this.#changed[config.kind] = true;
    return known !== undefined;
  }

  /** Which tracks differ from what they were at the last {@link Tracks.settle}. */
  get changed(): { readonly video: boolean; readonly audio: boolean } {
    return this.#changed;
  }

  /** The set-up as it is goes into a new generation. */
  settle(): void {
    this.#changed = { video: false, audio: false };
    this.restarted = false;
  }

  /** Whether all tracks that can be expected are known, now that the media has come as far as `dts`. */
  complete(dts: number): boolean {
    this.#since ??= dts;
    const passed = dts - this.#since;
    const video = this.video !== undefined || !this.#declared.video || passed > PICTURE_PATIENCE;
    const audio = this.audio !== undefined || !this.#declared.audio || passed > SOUND_PATIENCE;
    return video && audio && this.known;
  }

  /** Whether any track is known. */
  get known(): boolean {
    return this.video !== undefined || this.audio !== undefined;
  }

  /** The tracks there are. */
  list(): Track[] {
    return [this.video, this.audio].filter((track) => track !== undefined);
  }
}

function sameSetup(a: Track, b: Track): boolean {
  return a.codec === b.codec && a.timescale === b.timescale &&
    equalBytes(a.config.bytes, b.config.bytes);
}
