/**
 * Makes `demo_clip.mpegts`: `deno run -A relay/sources/demo_clip/make.ts` (needs ffmpeg with libx264).
 *
 * Picture and sound both last eight seconds to the tick (240 pictures of 1/30 s; 375 AAC frames
 * of 1024 samples at 48 kHz), so that the clip can follow itself for ever. The sound is encoded three
 * times over and the middle round cut out at a frame's edge: no priming, and each round's first frame
 * continues what the last one's overlap began. No B-frames, a key picture each second, one AAC frame
 * in each PES packet.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { FRAME_RATE, FRAMES, HEIGHT, Picture, SECONDS, WIDTH } from "./picture.ts";
import { renderSound, SAMPLE_RATE } from "./sound.ts";

/** Largest clip the project carries. */
const MAX_CLIP_BYTES = 1_500_000;
const VIDEO_BITS_PER_SECOND = 1_080_000;
const AUDIO_BITS_PER_SECOND = 64_000;
const SAMPLES_PER_AAC_FRAME = 1024;
const AAC_FRAMES = SECONDS * SAMPLE_RATE / SAMPLES_PER_AAC_FRAME;
/** ISO/IEC 14496-3 §4.6.11: a frame's samples come out one frame later, so the encoder begins early. */
const PRIMING_FRAMES = 1;

const CLIP = fileURLToPath(new URL("../demo_clip.mpegts", import.meta.url));

/** One frame a PES packet, both tracks from zero, nothing said of the program that wrote it. */
const MUX = [
  ..."-map 0:v -map 1:a -c copy -muxdelay 0 -muxpreload 0 -pes_payload_size 0".split(" "),
  ..."-metadata service_name=demo -metadata service_provider=Rill -f mpegts".split(" "),
];

if (import.meta.main) await make();

async function make(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-demo-" });
  try {
    const [video, audio] = [join(folder, "picture.mp4"), join(folder, "sound.aac")];
    for (const pass of [1, 2]) await encodePicture(video, { pass, log: join(folder, "pass") });
    await Deno.writeFile(audio, middleRound(await encodeSound(join(folder, "three.aac"))));
    await ffmpeg(["-i", video, "-f", "aac", "-i", audio, ...MUX, CLIP]);
    const { size } = await Deno.stat(CLIP);
    if (size > MAX_CLIP_BYTES) throw new Error(`${CLIP} has ${size} bytes, more than the limit`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Pass {
  readonly pass: number;
  readonly log: string;
}

async function encodePicture(path: string, { pass, log }: Pass): Promise<void> {
  const picture = new Picture();
  await ffmpeg([
    ...`-f rawvideo -pix_fmt rgb24 -s ${WIDTH}x${HEIGHT} -r ${FRAME_RATE} -i pipe:0`.split(" "),
    ..."-vf scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd,format=yuv420p".split(" "),
    ..."-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv".split(" "),
    ..."-c:v libx264 -preset veryslow -profile:v main -bf 0 -refs 3 -aq-mode 3".split(" "),
    ...`-g ${FRAME_RATE} -keyint_min ${FRAME_RATE} -sc_threshold 0 -flags +cgop`.split(" "),
    ...`-b:v ${VIDEO_BITS_PER_SECOND} -maxrate 2500000 -bufsize 2500000`.split(" "),
    ...`-pass ${pass} -passlogfile`.split(" "),
    log,
    ..."-bsf:v filter_units=remove_types=6 -f mp4".split(" "), // 6: SEI, the encoder's signature
    path,
  ], async (input) => {
    for (let frame = 0; frame < FRAMES; frame++) {
      picture.draw(frame);
      await input.write(picture.pixels);
    }
  });
}

async function encodeSound(path: string): Promise<Uint8Array> {
  await ffmpeg([
    ...`-f s16le -ar ${SAMPLE_RATE} -ac 2 -i pipe:0`.split(" "),
    ...`-c:a aac -b:a ${AUDIO_BITS_PER_SECOND} -f adts`.split(" "),
    path,
  ], async (input) => await input.write(renderSound(SECONDS, 3)));
  return await Deno.readFile(path);
}

/** Cuts out the frames whose samples are the second of three rounds. */
function middleRound(adts: Uint8Array): Uint8Array {
  const starts: number[] = [];
  for (let at = 0; at + 7 <= adts.length;) {
    starts.push(at);
    // ISO/IEC 13818-7 §6.2.2: aac_frame_length, 13 bits across bytes 3 to 5
    at += ((adts[at + 3] ?? 0) & 3) << 11 | (adts[at + 4] ?? 0) << 3 | (adts[at + 5] ?? 0) >> 5;
  }
  const first = AAC_FRAMES + PRIMING_FRAMES;
  return adts.subarray(starts[first], starts[first + AAC_FRAMES]);
}

async function ffmpeg(
  args: readonly string[],
  feed?: (input: WritableStreamDefaultWriter<Uint8Array>) => Promise<void>,
): Promise<void> {
  const child = new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-y", ...args],
    stdin: feed === undefined ? "null" : "piped",
  }).spawn();
  if (feed !== undefined) {
    const input = child.stdin.getWriter();
    await feed(input);
    await input.close();
  }
  const { success } = await child.status;
  if (!success) throw new Error("ffmpeg failed, see above");
}
