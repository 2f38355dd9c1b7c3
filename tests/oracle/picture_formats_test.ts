/**
 * H.264 and H.265 as encoders make it, bare and in MP4 and MPEG-TS, through the pipeline: the decoded pictures of what
 * comes out are those of what went in, by ffmpeg's word, in the same order and at even times.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { concatBytes } from "../../shared/bytes.ts";
import { decodedHashes } from "../support/judges.ts";
import { Ingested, steps, VIDEO } from "../support/ingested.ts";
import { run } from "../support/run.ts";

const X264 = ["-c:v", "libx264", "-preset", "ultrafast"];
const X265 = ["-c:v", "libx265", "-preset", "ultrafast"];

interface Clip {
  readonly name: string;
  readonly encoder: readonly string[];
  readonly pixels?: string;
  readonly formats: readonly ("h264" | "hevc" | "mpegts" | "mp4")[];
  readonly codec: RegExp;
}

const CLIPS: readonly Clip[] = [
  {
    name: "H.264 with B pictures in a pyramid, no delimiters",
    encoder: [...X264, "-x264-params", "bframes=3:b-pyramid=2:b-adapt=0:keyint=20:aud=0"],
    formats: ["h264", "mpegts", "mp4"],
    codec: /^avc1/,
  },
  {
    name: "H.264 in several slices a picture",
    encoder: [...X264, "-x264-params", "slices=4:bframes=0:keyint=10"],
    formats: ["h264", "mp4"],
    codec: /^avc1/,
  },
  {
    name: "H.264 interlaced, macroblocks adapting (MBAFF)",
    encoder: [...X264, "-flags", "+ildct+ilme", "-x264-params", "tff=1:bframes=2:keyint=20"],
    formats: ["h264", "mpegts", "mp4"],
    codec: /^avc1/,
  },
  {
    name: "H.264 in open groups",
    encoder: [...X264, "-x264-params", "open-gop=1:bframes=3:b-adapt=0:keyint=15:min-keyint=15"],
    formats: ["h264", "mpegts"],
    codec: /^avc1/,
  },
  {
    name: "H.264 refreshed gradually",
    encoder: [...X264, "-x264-params", "intra-refresh=1:bframes=0:keyint=15:rc-lookahead=0"],
    formats: ["h264", "mpegts"],
    codec: /^avc1/,
  },
  {
    name: "H.264 of 10 bits",
    encoder: X264,
    pixels: "yuv420p10le",
    formats: ["h264", "mp4"],
    codec: /^avc1\.6e/,
  },
  {
    name: "H.264 4:2:2",
    encoder: X264,
    pixels: "yuv422p",
    formats: ["h264", "mpegts"],
    codec: /^avc1\.7a/,
  },
  {
    name: "H.264 4:2:2 of 10 bits",
    encoder: X264,
    pixels: "yuv422p10le",
    formats: ["h264"],
    codec: /^avc1\.7a/,
  },
  {
    name: "H.264 4:4:4",
    encoder: X264,
    pixels: "yuv444p",
    formats: ["h264"],
    codec: /^avc1\.f4/,
  },
  {
    name: "H.265 with B pictures",
    encoder: [...X265, "-x265-params", "log-level=none:bframes=3:keyint=20"],
    formats: ["hevc", "mpegts", "mp4"],
    codec: /^hvc1\.1\.6\.L/,
  },
  {
    name: "H.265 in open groups: CRA pictures",
    encoder: [
      ...X265,
      "-x265-params",
      "log-level=none:open-gop=1:bframes=3:keyint=12:min-keyint=12",
    ],
    formats: ["hevc", "mpegts"],
    codec: /^hvc1\.1/,
  },
  {
    name: "H.265 of 10 bits",
    encoder: [...X265, "-x265-params", "log-level=none"],
    pixels: "yuv420p10le",
    formats: ["hevc", "mp4"],
    codec: /^hvc1\.2/,
  },
];

const FRAMES = 40;

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-pictures-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function makeClip(path: string, { encoder, pixels = "yuv420p" }: Clip): Promise<void> {
  await run("ffmpeg", [
    ...["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=176x144:rate=25"],
    ...["-frames:v", `${FRAMES}`, "-pix_fmt", pixels, ...encoder, "-threads", "1"],
    path,
  ]);
}

/** The same packets in another container. */
async function rewrap(from: string, to: string): Promise<void> {
  const fragmented = to.endsWith(".mp4") ? ["-movflags", "frag_keyframe+empty_moov"] : [];
  await run("ffmpeg", ["-v", "error", "-y", "-i", from, "-c", "copy", ...fragmented, to]);
}

async function writeProduct(path: string, out: Ingested): Promise<void> {
  await Deno.writeFile(
    path,
    concatBytes([...out.segments.map(({ bytes }) => bytes), ...out.batches.map((b) => b.bytes)]),
  );
}

for (const clip of CLIPS) {
  for (const format of clip.formats) {
    Deno.test(`${clip.name}, in ${format}`, () =>
      inFolder(async (folder) => {
        const made = join(folder, "made.mkv");
        await makeClip(made, clip);
        const original = join(folder, `original.${format === "mpegts" ? "ts" : format}`);
        await rewrap(made, original);
        const out = new Ingested({ clock: "rate" }).push(await Deno.readFile(original));
        out.ingest.end();
        const samples = out.samples(VIDEO);
        assert.equal(samples.length, FRAMES);
        assert.match(out.segments[0]?.tracks[0]?.codec ?? "", clip.codec);
        assert.deepEqual([out.segments.length, out.ingest.counters.unreadable], [1, 0]);
        const remuxed = join(folder, "remuxed.mp4");
        await writeProduct(remuxed, out);
        assert.deepEqual(await decodedHashes(remuxed), await decodedHashes(original));
        const shown = samples.map(({ pts }) => pts).sort((a, b) => a - b);
        assert.ok(steps(shown).every((step) => Math.abs(step - 3600) <= 1), "25 a second, evenly");
        assert.ok(samples.every(({ dts, pts }) => pts >= dts));
      }));
  }
}

const ENTRIES:
  readonly (readonly [name: string, clip: string, format: "h264" | "hevc" | "mpegts"])[] = [
    ["open groups of H.264", "H.264 in open groups", "h264"],
    ["open groups of H.264 in MPEG-TS", "H.264 in open groups", "mpegts"],
    ["CRA pictures of H.265", "H.265 in open groups: CRA pictures", "hevc"],
    ["CRA pictures of H.265 in MPEG-TS", "H.265 in open groups: CRA pictures", "mpegts"],
  ];

for (const [name, clipName, format] of ENTRIES) {
  Deno.test(`entered in the middle, ${name}: every decoded picture is one of the original's`, () =>
    inFolder(async (folder) => {
      const clip = CLIPS.find((each) => each.name === clipName);
      assert.ok(clip);
      const made = join(folder, "made.mkv");
      // The parameter sets come again at each start, as cameras send them.
      const encoder = clip.encoder.map((text) =>
        text.includes("keyint") ? `${text}:repeat-headers=1` : text
      );
      await makeClip(made, { ...clip, encoder });
      const original = join(folder, `original.${format === "mpegts" ? "ts" : format}`);
      await rewrap(made, original);
      const bytes = await Deno.readFile(original);
      const cut = Math.floor(bytes.length * 0.15 / 188) * 188;
      const out = new Ingested({ clock: "rate" }).push(bytes.subarray(cut));
      out.ingest.end();
      const remuxed = join(folder, "remuxed.mp4");
      await writeProduct(remuxed, out);
      assert.equal(out.samples(VIDEO)[0]?.key, true);
      const decoded = await decodedHashes(remuxed);
      assert.ok(decoded.length > FRAMES / 4 && decoded.length < FRAMES);
      const all = await decodedHashes(original);
      assert.deepEqual(decoded, all.slice(-decoded.length));
      const { stderr } = await run("ffmpeg", ["-v", "error", "-i", remuxed, "-f", "null", "-"]);
      assert.equal(stderr, "");
    }));
}
