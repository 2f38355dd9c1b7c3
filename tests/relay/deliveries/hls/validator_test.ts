/** The validator of playlists and of their media: it has nothing to say of ours, and notices what breaks a MUST. */

import assert from "node:assert/strict";
import { mediaPlaylist } from "../../../../relay/deliveries/hls/playlist.ts";
import { namesOf, type Segment } from "../../../../relay/deliveries/hls/segment.ts";
import { concatBytes } from "../../../../shared/bytes.ts";
import { micros } from "../../../../shared/units.ts";
import { describeStream, steadyPictures } from "../../../support/batches.ts";
import { initProblems, mediaProblems } from "../../../support/hls/fmp4_rules.ts";
import { readMultivariant } from "../../../support/hls/multivariant_rules.ts";
import { playlistProblems } from "../../../support/hls/playlist_rules.ts";
import { readPlaylist } from "../../../support/hls/playlist_reader.ts";

const { segment: INIT, batches: BATCHES } = describeStream(steadyPictures({ count: 30 }));

/** Twenty segments of a second, the last with a part of what follows. */
function playlist(options: { readonly delta: boolean }): string {
  const segments = Array.from({ length: 20 }, (_, sequence): Segment => ({
    sequence,
    init: INIT,
    discontinuity: sequence === 15,
    whole: false,
    capturedAt: micros(1_700_000_000_000_000 + sequence * 1e6),
    parts: Array.from({ length: 5 }, (_, at) => ({
      seconds: 0.2,
      independent: at === 0,
      batches: [],
    })),
    seconds: 1,
    bytes: 1,
  }));
  return mediaPlaylist({
    names: namesOf("e"),
    partTarget: 0.2,
    target: 2,
    segments,
    discontinuities: 0,
    next: { sequence: 20, part: 0 },
  }, options);
}

const PART = /#EXT-X-PART:.*\n/;
/** What is done to a playlist, and what is to be noticed. */
const BROKEN: readonly (readonly [string, (text: string) => string, RegExp])[] = [
  ["a tag of the other kind", (text) => `${text}#EXT-X-STREAM-INF:BANDWIDTH=1\n`, /§4\.1: EXT-X-S/],
  ["a byte order mark", (text) => `\ufeff${text}`, /byte order mark/],
  ["two of a kind", (text) => text.replace("#EXT-X-MAP", "#EXT-X-VERSION:6\n$&"), /stands twice/],
  [
    "a sequence number that comes late",
    (text) => `${text.replace(/#EXT-X-MEDIA-SEQUENCE.*\n/, "")}#EXT-X-MEDIA-SEQUENCE:0\n`,
    /before any segment/,
  ],
  [
    "a discontinuity before the sequence of discontinuities",
    (text) => text.replace("#EXT-X-DISCONTINUITY-SEQUENCE", "#EXT-X-DISCONTINUITY\n$&"),
    /before any discontinuity/,
  ],
  [
    "a date behind a part",
    (text) =>
      text.replace(PART, (part) => `${part}#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z\n`),
    /behind a part/,
  ],
  ["a part that lasts a word", (text) => text.replace("DURATION=0.2", "DURATION=x"), /§4\.4\.4\.9/],
  ["a part that is too long", (text) => text.replace("DURATION=0.2", "DURATION=0.3"), /lasts 0\.3/],
  ["no map", (text) => text.replace(/#EXT-X-MAP.*\n/, ""), /needs EXT-X-MAP/],
  ["a segment beyond the target", (text) => text.replace("EXTINF:1.0", "EXTINF:2.6"), /exceeds/],
  ["a hint of what is there", (text) => text.replace("e-20-0", "e-19-0"), /listed already/],
];

for (const [name, breaking, noticed] of BROKEN) {
  Deno.test(`a playlist with ${name} is noticed`, () => {
    const text = playlist({ delta: false });
    assert.deepEqual(playlistProblems(readPlaylist(text)), []);
    const broken = breaking(text);
    assert.notEqual(broken, text);
    assert.match(playlistProblems(readPlaylist(broken)).join("\n"), noticed);
  });
}

Deno.test("a delta update that skips too much, or stands where it must not, is noticed", () => {
  const text = playlist({ delta: true });
  const read = readPlaylist(text);
  assert.ok(read.skipped > 0);
  assert.deepEqual(playlistProblems(read), []);
  const segments = text.split("#EXT-X-PROGRAM-DATE-TIME");
  const more = [segments[0], ...segments.slice(4)].join("#EXT-X-PROGRAM-DATE-TIME");
  assert.match(playlistProblems(readPlaylist(more)).join("\n"), /what is skipped ends/);
  const [skip = ""] = /#EXT-X-SKIP.*\n/.exec(text) ?? [];
  const late = text.replace(skip, "") + skip;
  assert.match(playlistProblems(readPlaylist(late)).join("\n"), /SKIP must stand before/);
});

/** What is written over the bytes at the end of the first `name`. */
function broken(
  bytes: Uint8Array,
  name: string,
  at: number,
  value: readonly number[],
): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  const text = new TextDecoder("latin1").decode(copy);
  copy.set(value, text.indexOf(name) + 4 + at);
  return copy;
}

Deno.test("media that break a MUST of fragmented MP4 are noticed", () => {
  const init = INIT.bytes;
  const media = concatBytes(BATCHES.map(({ bytes }) => bytes));
  assert.deepEqual([initProblems(init), mediaProblems(media)], [[], []]);
  const spelled = (word: string): number[] => [...new TextEncoder().encode(word)];
  const inits: readonly (readonly [string, number, readonly number[], RegExp])[] = [
    ["ftyp", 0, spelled("mp41\0\0\0\0mp41"), /no iso6/],
    ["moov", -4, spelled("free"), /ftyp, then moov/],
    ["mvex", -4, spelled("free"), /no mvex/],
    ["mvhd", 16, [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0], /mvhd has a duration/],
    ["tkhd", 20, [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0], /tkhd has a duration/],
    ["stsz", 8, [0, 0, 0, 1], /stsz has samples/],
    ["url ", 0, [0, 0, 0, 0], /another file/],
  ];
  for (const [name, at, value, noticed] of inits) {
    assert.match(initProblems(broken(init, name, at, value)).join("\n"), noticed, name);
  }
  assert.match(
    mediaProblems(broken(media, "tfdt", -4, spelled("free"))).join("\n"),
    /without tfdt/,
  );
  assert.match(mediaProblems(broken(media, "tfhd", 1, [0])).join("\n"), /from the moof/);
  assert.match(mediaProblems(new Uint8Array(0)).join("\n"), /no fragment/);
});

Deno.test("a multivariant playlist that says of the media what they are not is noticed", () => {
  const track = INIT.tracks.find(({ kind }) => kind === "video");
  assert.ok(track?.kind === "video");
  const seen = { peak: 1000, step: 1 / 30, inits: [INIT.bytes] };
  const line = (changes: Readonly<Record<string, string>> = {}): string => {
    const attributes = {
      "BANDWIDTH": "1200",
      "AVERAGE-BANDWIDTH": "900",
      "CODECS": `"${track.codec}"`,
      "RESOLUTION": `${track.width}x${track.height}`,
      "FRAME-RATE": "30.000",
      ...changes,
    };
    const list = Object.entries(attributes).map(([name, value]) => `${name}=${value}`).join();
    return `#EXTM3U\n#EXT-X-STREAM-INF:${list}\nlive.m3u8\n`;
  };
  assert.deepEqual(readMultivariant(line(), seen), { uri: "live.m3u8", problems: [] });
  for (
    const changes of [
      { "BANDWIDTH": "999" },
      { "AVERAGE-BANDWIDTH": "1201" },
      { "CODECS": '"hvc1.1"' },
      { "CODECS": `"${track.codec},mp4a.40.2"` },
      { "RESOLUTION": "16x16" },
      { "FRAME-RATE": "15.000" },
    ]
  ) {
    const { problems } = readMultivariant(line(changes), seen);
    assert.ok(problems.length > 0, JSON.stringify(changes));
  }
  assert.match(readMultivariant(`${line()}#EXTINF:1,\n`, seen).problems.join(), /with media/);
});
