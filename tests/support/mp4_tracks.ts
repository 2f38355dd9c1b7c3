/** Tracks for muxer tests: H.264 320×180 and AAC 48 kHz stereo, as an encoder described its own test picture. */

import type { Bytes } from "../../shared/bytes.ts";
import type { AudioTrack, VideoTrack } from "../../shared/media.ts";

function fromHex(text: string): Bytes {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Constrained baseline, 320×180. */
export const VIDEO_TRACK: VideoTrack = {
  kind: "video",
  id: 1,
  codec: "avc1.42c00d",
  timescale: 90_000,
  sampleEntry: "avc1",
  config: {
    type: "avcC",
    bytes: fromHex(
      "0142c00dffe1001b6742c00dd901419f9f016a02020280000003008000001e078a152401000568cb83cb20",
    ),
  },
  width: 320,
  height: 180,
};

/** AAC-LC, 48 kHz, two channels. */
export const AUDIO_TRACK: AudioTrack = {
  kind: "audio",
  id: 2,
  codec: "mp4a.40.2",
  timescale: 90_000,
  sampleEntry: "mp4a",
  config: {
    type: "esds",
    bytes: fromHex(
      "000000000380808025000200048080801740150000000001fb3b0001fb3b0580" +
        "808005119056e500068080800102",
    ),
  },
  sampleRate: 48_000,
  channels: 2,
};
