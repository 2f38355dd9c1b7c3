/**
 * What the buffer is given of a generation, and what is played beside it: all tracks, or the pictures alone where
 * the page plays the sound. Pure.
 *
 * @module
 */

import type { Bytes } from "../../../shared/bytes.ts";
import { mimeType } from "../../../shared/codec_string.ts";
import type { StreamMessage } from "../../../shared/control.ts";
import type { InitInfo } from "./incoming.ts";
import { picturesOnly } from "./sound/separate.ts";
import { type SoundConfig, soundConfig } from "./sound/sound_config.ts";

/** See above. */
export interface Feeding {
  /** The init segment for the buffer, and its type. */
  readonly bytes: Bytes;
  readonly mime: string;
  /** The kinds of tracks in `bytes`, which one SourceBuffer keeps for life. */
  readonly kinds: string;
  /** Of the sound that is played beside; undefined: there is none, or it is in `bytes`. */
  readonly sound: SoundConfig | undefined;
}

/** How a generation, described by `stream` and beginning with `init`, is to be fed. */
export function feedingOf(
  init: Bytes,
  { info, stream, beside }: {
    readonly info: InitInfo;
    readonly stream: StreamMessage;
    /** Whether this browser can play sound beside. */
    readonly beside: "can" | "cannot";
  },
): Feeding {
  const both = info.hasAudio && info.hasVideo;
  const sound = both && beside === "can" ? soundConfig(init, stream) : undefined;
  if (sound === undefined) {
    const kinds = [...info.tracks.values()].map(({ kind }) => kind).sort().join();
    return { bytes: init, mime: stream.mime, kinds, sound };
  }
  const pictures = stream.tracks.filter(({ kind }) => kind === "video");
  return { bytes: picturesOnly(init, info), mime: mimeType(pictures), kinds: "video", sound };
}
