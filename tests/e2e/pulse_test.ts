/** `audio=pulse:` with a real PulseAudio through the whole relay: its tone is in the stream; when it is not there, words are. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { StreamInfo } from "../../shared/api.ts";
import { askUntil } from "../support/ask.ts";
import { MONITOR, PulseAudio } from "../support/pulse_audio.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { run } from "../support/run.ts";
import { V4l2StandIn } from "../support/v4l2_stand_in.ts";

const HERTZ = 880;
/** Of AAC, beside what the encoder adds; a neighbour on the piano is 52 away. */
const WITHIN_HERTZ = 10;
const LISTENED_BYTES = 400_000;
const RATE = 48_000;

/** What the end of a film sounds like: crossings of zero, upwards, in a second. */
async function pitchOf(path: string): Promise<number> {
  const raw = `${path}.s16`;
  await run("ffmpeg", [
    ...["-v", "error", "-i", path, "-map", "0:a:0", "-ac", "1", "-ar", String(RATE)],
    ...["-f", "s16le", raw],
  ]);
  const bytes = await Deno.readFile(raw);
  const samples = new Int16Array(bytes.buffer, 0, bytes.length >> 1).subarray(-RATE);
  const crossings = samples.filter((x, i) => x >= 0 && (samples[i - 1] ?? 0) < 0).length;
  return (crossings * RATE) / samples.length;
}

async function listen(url: string, path: string): Promise<void> {
  const file = await Deno.open(path, { write: true, create: true });
  const response = await fetch(url);
  let bytes = 0;
  for await (const part of response.body ?? []) {
    await file.write(part);
    bytes += part.length;
    if (bytes > LISTENED_BYTES) break;
  }
  file.close();
}

Deno.test("a microphone of PulseAudio's: heard when PulseAudio is there, told of when it is not, heard again", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-pulse-" });
  await using camera = await V4l2StandIn.make();
  try {
    await using relay = await RelayProcess.start({
      args: [`porch=v4l2:/dev/video0?size=320x240&fps=30&audio=pulse:${MONITOR}`],
      env: { ...camera.environment, ...PulseAudio.environment(folder) },
    });
    const info = (): Promise<StreamInfo> => relay.stream("porch");
    const isTold = (words: RegExp) => ({ warnings }: StreamInfo): boolean =>
      warnings.some((each) => words.test(each));
    const isHeard = ({ tracks, warnings }: StreamInfo): boolean =>
      tracks.some(({ kind }) => kind === "audio") && warnings.length === 0;
    await askUntil(info, {
      accept: isTold(/cannot be had: is PulseAudio running, for the user/),
      what: "that PulseAudio is not there",
    });
    for (const time of [1, 2]) {
      {
        await using _pulse = await PulseAudio.start(folder, HERTZ);
        await askUntil(info, { accept: isHeard, what: "its sound" });
        const path = join(folder, `heard-${time}.mp4`);
        await listen(`${relay.url}/live/porch/stream.mp4`, path);
        const pitch = await pitchOf(path);
        assert.ok(Math.abs(pitch - HERTZ) < WITHIN_HERTZ, `${pitch} Hz`);
      }
      await askUntil(info, {
        accept: isTold(/is gone: PulseAudio has ended|is PulseAudio running/),
        what: "that PulseAudio has ended",
      });
    }
    assert.equal((await info()).counters.restarts, 0, "the picture never stopped");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
