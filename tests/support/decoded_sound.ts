/**
 * What ffmpeg hears in encoded sound: how much of it, and how loud.
 *
 * @module
 */

import assert from "node:assert/strict";
import { run } from "./run.ts";

/** Decodes `bytes`; every error is one. Frames of sound by channel, and the loudest sample of 16 bits. */
export async function decodedSound(
  bytes: Uint8Array,
  { format, channels }: { format: string; channels: number },
): Promise<{ samples: number; loudest: number }> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/in`, bytes);
    const { stderr } = await run("ffmpeg", [
      ...["-v", "error", "-xerror", "-f", format, "-i", `${folder}/in`],
      ...["-f", "s16le", "-c:a", "pcm_s16le", `${folder}/out`],
    ]);
    assert.equal(stderr, "");
    const pcm = new Int16Array((await Deno.readFile(`${folder}/out`)).buffer);
    return {
      samples: pcm.length / channels,
      loudest: pcm.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
