/** The relay's playlists as the player follows them. */

import assert from "node:assert/strict";
import { readMediaPlaylist, readVariant } from "../../../web/src/transports/hls_playlist.ts";
import { playlistUrl } from "../../../web/src/transports/hls.ts";

Deno.test("the playlist of a stream's page", () => {
  assert.equal(
    playlistUrl("https://host/sub/live/cam/?muted=1#x"),
    "https://host/sub/live/cam/index.m3u8",
  );
});

Deno.test("the variant and its codecs; none where there is none", () => {
  const text =
    '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.4d,mp4a.40.2",X=1\nhls/a.m3u8\n';
  assert.deepEqual(readVariant(text), { uri: "hls/a.m3u8", codecs: "avc1.4d,mp4a.40.2" });
  assert.equal(readVariant("#EXTM3U\n"), undefined);
});

Deno.test("parts where they are listed, segments where they are not, each with its init segment", () => {
  const { pieces, next, target, partTarget } = readMediaPlaylist([
    "#EXTM3U",
    "#EXT-X-TARGETDURATION:3",
    "#EXT-X-PART-INF:PART-TARGET=0.20000",
    "#EXT-X-MEDIA-SEQUENCE:7",
    '#EXT-X-MAP:URI="g1.mp4"',
    "#EXTINF:1.0,",
    "s7.mp4",
    '#EXT-X-PART:DURATION=0.2,URI="s8.0.mp4",INDEPENDENT=YES',
    '#EXT-X-PART:DURATION=0.2,URI="s8.1.mp4"',
    "#EXTINF:0.4,",
    "s8.mp4",
    "#EXT-X-DISCONTINUITY",
    '#EXT-X-MAP:URI="g2.mp4"',
    '#EXT-X-PART:DURATION=0.2,URI="s9.0.mp4",INDEPENDENT=YES',
    '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="s9.1.mp4"',
  ].join("\n"));
  assert.deepEqual(pieces.map(({ uri, map }) => `${map} ${uri}`), [
    "g1.mp4 s7.mp4",
    "g1.mp4 s8.0.mp4",
    "g1.mp4 s8.1.mp4",
    "g2.mp4 s9.0.mp4",
  ]);
  assert.deepEqual(pieces.map(({ independent }) => independent), [true, true, false, true]);
  assert.deepEqual(next, { sequence: 9, part: 1 });
  assert.deepEqual([target, partTarget], [3, 0.2]);
});
