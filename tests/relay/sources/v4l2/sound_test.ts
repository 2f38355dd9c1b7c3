/** A camera's microphone beside its pictures: in time with them, and no trouble of theirs when it fails. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SourceError } from "../../../../relay/sources/source.ts";
import { SOUND_CODECS, type SoundCodec } from "../../../../relay/sources/v4l2/sound.ts";
import { openV4l2, v4l2 } from "../../../../relay/sources/v4l2/v4l2.ts";
import { beepsOf, flashesOf } from "../../../support/flashes.ts";
import { AUDIO, Ingested, VIDEO } from "../../../support/ingested.ts";
import { writeGenerations } from "../../../support/muxed_file.ts";
import { run } from "../../../support/run.ts";
import { type CameraFrame, framesOf } from "../../../support/v4l2_recording.ts";
import { slowFfmpeg } from "../../../support/slow_ffmpeg.ts";
import { V4l2StandIn, type V4l2StandInOptions } from "../../../support/v4l2_stand_in.ts";

/** Sound and picture that are further apart look wrong. */
const MAX_APART_S = 0.04;
const FILM_S = 4;
/** An encoder that makes half of what is heard falls behind by as much as is allowed, and again, in that time. */
const LONG_FILM_S = 12;
/** How long one beep is. */
const BEEP_S = 0.1;
/** Programs start in that time on a busy machine. */
const START_MS = 3_000;

/** A second black but for its first tenth. */
async function flashing(folder: string, seconds = FILM_S): Promise<CameraFrame[]> {
  const path = join(folder, "flashing.ts");
  await run("ffmpeg", [
    ...["-v", "error", "-f", "lavfi", "-i", `color=black:s=320x240:r=30:d=${seconds}`],
    ...["-vf", "drawbox=color=white:t=fill:enable='lt(mod(t,1),0.1)'", "-c:v", "libx264"],
    ...["-tune", "zerolatency", "-preset", "ultrafast", "-g", "15", path],
  ]);
  return await framesOf(path);
}

const BEEPING = fileURLToPath(new URL("../../../support/beeping_sound.ts", import.meta.url));

/** A command that beeps so long. */
function beeping(seconds: number): string {
  return `'${Deno.execPath()}' run --no-check --no-config --no-lock '${BEEPING}' ${seconds}`;
}

/** Both programs' output through the pipeline, until the pictures end. */
async function film(
  audio: string,
  options: (folder: string) => V4l2StandInOptions | Promise<V4l2StandInOptions>,
  encoder?: (folder: string) => Promise<string>,
  codec: SoundCodec = "aac",
): Promise<Ingested> {
  const folder = await Deno.makeTempDir({ prefix: "rill-v4l2-sound-" });
  try {
    await using standIn = await V4l2StandIn.make(await options(folder));
    const spec = v4l2.equip?.(v4l2.parse(`v4l2:/dev/video0?size=320x240&fps=30&sound=${codec}`), {
      audio,
    });
    assert.ok(spec);
    const source = openV4l2(spec, {
      camera: standIn.program,
      soundRetryMs: 200,
      ...(encoder ? { sound: await encoder(folder) } : {}),
    });
    const { format, clock, reliable } = source;
    const product = new Ingested({ format, clock, reliable });
    await assert.rejects(
      source.run(product.ingest, new AbortController().signal),
      (error: unknown) => error instanceof SourceError && /stopped giving/.test(error.message),
    );
    product.ingest.end();
    return product;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("H.264 by v4l2-ctl and sound by another program: a flash and its beep are together", async () => {
  const product = await film(
    `exec:${beeping(30)}`,
    async (folder) => ({
      recording: await flashing(folder),
      startsAt: Math.ceil((Date.now() + START_MS) / 1000) * 1000,
    }),
  );
  const out = await Deno.makeTempDir({ prefix: "rill-v4l2-flash-" });
  try {
    assert.equal(product.samples(VIDEO).length, FILM_S * 30, "all pictures");
    const path = (await writeGenerations(product, out)).at(-1) ?? "";
    const [flashes, beeps] = [await flashesOf(path), await beepsOf(path)];
    assert.ok(flashes.length >= FILM_S - 2, `${flashes}; ${product.notes}`);
    for (const flash of flashes) {
      const apart = Math.min(...beeps.map((beep) => Math.abs(beep - flash)));
      assert.ok(apart < MAX_APART_S, `${apart} s; flashes at ${flashes}, beeps at ${beeps}`);
    }
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});

for (const codec of SOUND_CODECS) {
  Deno.test(`${codec} on a machine too slow for it: gaps, told in words, what is heard in time; all pictures`, async () => {
    const product = await film(
      `exec:${beeping(60)}`,
      async (folder) => ({
        recording: await flashing(folder, LONG_FILM_S),
        startsAt: Math.ceil((Date.now() + START_MS) / 1000) * 1000,
      }),
      (folder) => slowFfmpeg(folder, 0.5),
      codec,
    );
    const out = await Deno.makeTempDir({ prefix: "rill-v4l2-slow-" });
    try {
      assert.equal(product.samples(VIDEO).length, LONG_FILM_S * 30, "all pictures");
      assert.match(
        product.warnings[0] ?? "",
        /^The sound has gaps: this machine is too slow for it/,
      );
      assert.ok(product.ingest.counters.silentSamples > 0, "silence in the gaps");
      const path = (await writeGenerations(product, out)).at(-1) ?? "";
      const [flashes, beeps] = [await flashesOf(path), await beepsOf(path)];
      const [flash = 0] = flashes;
      const late = beeps.map((beep) => beep - flash - Math.round(beep - flash));
      // Of one that a gap ends within, the rest is heard. A busy machine holds up what beeps, too: not all are judged.
      const inTime = late.filter((by) => by > -MAX_APART_S && by < BEEP_S + MAX_APART_S).length;
      assert.ok(
        inTime >= 3 && inTime > beeps.length / 2,
        `flashes at ${flashes}, beeps at ${beeps}`,
      );
      const end = (product.times(VIDEO).at(-1) ?? 0) / 90_000;
      const soundEnd = (product.times(AUDIO).at(-1) ?? 0) / 48_000;
      assert.ok(end - soundEnd < LONG_FILM_S / 4, `the sound ends ${end - soundEnd} s early`);
    } finally {
      await Deno.remove(out, { recursive: true });
    }
  });
}

Deno.test("sound that fails: said in words, the picture goes on, and the sound comes back", async () => {
  const tries = await Deno.makeTempFile({ prefix: "rill-v4l2-tries-" });
  try {
    const script = `echo >>${tries}; case $(wc -l <${tries}) in 1) exit 3;; 2) exec ${
      beeping(1).replaceAll("'", "")
    };; *) exec ${beeping(30).replaceAll("'", "")};; esac`;
    const frames = 30 * 8;
    const product = await film(`exec:sh -c "${script}"`, () => ({ fps: 30, frames }));
    assert.equal(product.samples(VIDEO).length, frames, "every picture");
    const [first, second, third, ...more] = product.warnings;
    assert.match(first ?? "", /^The picture goes on without sound: the sound of sh/);
    assert.deepEqual([second, more.at(-1)], ["over", "over"], "said, and gone");
    assert.equal(third, "The picture goes on without sound: the sound of sh has ended");
    assert.match(product.notes.join("\n"), /The sound is back/);
    const kinds = product.segments.map(({ tracks }) => tracks.map(({ kind }) => kind).join(" "));
    // Without, with, without, and with it again, or less where it came before the first was told.
    assert.ok(kinds.includes("video") && kinds.at(-1) === "video audio", kinds.join(", "));
  } finally {
    await Deno.remove(tries);
  }
});
