/**
 * A camera's transport stream, frame by frame: pictures of 30 a second and AAC of 48 kHz unless told otherwise,
 * every one with bytes of its own.
 *
 * @module
 */

import { concatBytes } from "../../shared/bytes.ts";
import { adts, rawFrame } from "./adts_builder.ts";
import { annexB, DELIMITER, pps, slice, sps } from "./avc_builder.ts";
import { AAC, AUDIO_ID, AUDIO_PID, H264, TsBuilder, VIDEO_PID } from "./ts_builder.ts";

export const PICTURE_TICKS = 3000;
export const SOUND_TICKS = 1920;
const WRAP = 2 ** 33;

/** One picture. */
export interface PictureOptions {
  readonly key?: boolean;
  /** Camera clock, 90 kHz. */
  readonly dts?: number;
  readonly pts?: number;
  readonly bytes?: number;
  /** Parameter sets before it; those of the camera before a key picture by default. */
  readonly sets?: readonly Uint8Array[];
}

/** Writes a camera's stream; numbers pictures and sounds, and keeps its clock. */
export class CameraStream {
  readonly builder = new TsBuilder();
  /** Of the next picture and sound, 90 kHz. */
  clock: { picture: number; sound: number };
  sets: readonly Uint8Array[] = [sps(), pps()];
  adts: Parameters<typeof adts>[0] = {};
  pictures = 0;
  sounds = 0;

  constructor(start = 900_000) {
    this.clock = { picture: start, sound: start };
  }

  /** PAT and PMT. */
  tables(kinds: readonly ("picture" | "sound")[] = ["picture", "sound"]): this {
    this.builder.pat().pmt(
      kinds.map((kind) =>
        kind === "picture" ? { pid: VIDEO_PID, type: H264 } : { pid: AUDIO_PID, type: AAC }
      ),
    );
    return this;
  }

  /** The next picture. */
  picture(options: PictureOptions = {}): this {
    const { key = false, dts = this.clock.picture, pts = dts, bytes = 300 } = options;
    const sets = options.sets ?? (key ? this.sets : []);
    const payload = annexB([DELIMITER, ...sets, slice({ key, seed: this.pictures++, bytes })]);
    this.builder.pes(VIDEO_PID, {
      payload,
      pts: pts % WRAP,
      ...(pts === dts ? {} : { dts: dts % WRAP }),
    });
    this.clock.picture = dts + PICTURE_TICKS;
    return this;
  }

  /** The next sounds, in one PES packet. */
  sound(count = 1): this {
    const frames = Array.from(
      { length: count },
      () => adts({ ...this.adts, payload: rawFrame(this.sounds++) }),
    );
    this.builder.pes(AUDIO_PID, {
      streamId: AUDIO_ID,
      payload: concatBytes(frames),
      pts: this.clock.sound % WRAP,
    });
    this.clock.sound += count * SOUND_TICKS;
    return this;
  }

  /** A group of pictures, the first a key, with the sound that belongs to it before each. */
  group(pictures: number): this {
    for (let i = 0; i < pictures; i++) {
      while (this.clock.sound <= this.clock.picture) this.sound();
      this.picture({ key: i === 0 });
    }
    return this;
  }

  /** Pictures alone. */
  picturesOnly(count: number): this {
    for (let i = 0; i < count; i++) this.picture({ key: i === 0 });
    return this;
  }

  /** The camera's clock jumps. */
  jump(ticks: number): this {
    this.clock.picture += ticks;
    this.clock.sound += ticks;
    return this;
  }

  /** What was written since the last time. */
  take(): Uint8Array {
    return this.builder.take();
  }
}
