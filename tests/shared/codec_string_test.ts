/** The MIME type of a stream (RFC 6381 §3). */

import assert from "node:assert/strict";
import { mimeType } from "../../shared/codec_string.ts";

const VIDEO = { kind: "video", codec: "avc1.4d4015" } as const;
const AUDIO = { kind: "audio", codec: "mp4a.40.2" } as const;

const CASES: readonly (readonly [tracks: Parameters<typeof mimeType>[0], mime: string])[] = [
  [[VIDEO], 'video/mp4; codecs="avc1.4d4015"'],
  [[AUDIO], 'audio/mp4; codecs="mp4a.40.2"'],
  [[VIDEO, AUDIO], 'video/mp4; codecs="avc1.4d4015,mp4a.40.2"'],
  [[AUDIO, VIDEO], 'video/mp4; codecs="mp4a.40.2,avc1.4d4015"'],
  [[{ kind: "video", codec: "hvc1.1.6.L93.B0" }], 'video/mp4; codecs="hvc1.1.6.L93.B0"'],
];

for (const [tracks, mime] of CASES) {
  Deno.test(`${tracks.map(({ kind }) => kind).join(" and ")} is ${mime}`, () => {
    assert.equal(mimeType(tracks), mime);
  });
}
