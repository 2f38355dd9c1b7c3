/** `rpicam:` with programs that stand in for the camera's own: what they are told, and what their failures mean. */

import assert from "node:assert/strict";
import { equipSource, openSource, parseSource } from "../../../relay/sources/mod.ts";
import { type Equipment, SourceError } from "../../../relay/sources/source.ts";
import { putRpicamOnPath, type StandIn } from "../../support/rpicam_stand_in.ts";
import { RecordingOutput } from "../../support/source_output.ts";

interface Seen {
  readonly bytes: number;
  readonly error: string | undefined;
  /** What it says of its sound. */
  readonly warnings: readonly (string | undefined)[];
  /** What each start was told. */
  readonly told: readonly string[];
}

async function play(
  text: string,
  standIn: StandIn | undefined,
  equipment: Equipment = {},
): Promise<Seen> {
  await using program = standIn && await putRpicamOnPath(standIn);
  const out = new RecordingOutput();
  const ending = new AbortController();
  const running = openSource(equipSource(parseSource(text), equipment)).run(out, ending.signal)
    .then(() => undefined, (reason: unknown) => reason);
  await Promise.race([running, out.until((seen) => seen.all("data").length > 0)]);
  ending.abort();
  const error = await running;
  if (error !== undefined && !(error instanceof SourceError)) throw error;
  const told = program ? await Deno.readTextFile(program.args) : "";
  return {
    bytes: out.all("data").reduce((sum, { bytes }) => sum + bytes.length, 0),
    error: error?.message,
    warnings: out.all("warning").map(({ sentence }) => sentence),
    told: told.split("\n").filter((line) => line !== ""),
  };
}

Deno.test("the camera is set up as asked, for hardware and software encoders alike", async () => {
  const { bytes, error, told } = await play(
    "rpicam:1?size=1920x1080&fps=60&bitrate=2.5M&rotation=180",
    {},
  );
  assert.deepEqual([bytes > 0, error, told.length], [true, undefined, 1]);
  assert.equal(
    told[0],
    "--nopreview --timeout 0 --camera 1 --width 1920 --height 1080 --framerate 60 " +
      "--bitrate 2500000 --rotation 180 --intra 60 --inline --codec h264 --flush --low-latency " +
      "--libav-format h264 -o -",
  );
});

Deno.test("a microphone: picture and sound by one program; one that cannot be had is told of, and the picture goes on", async (test) => {
  const audio = "alsa:plughw:1,0";
  const { bytes, error, told, warnings } = await play("rpicam", {}, { audio });
  assert.deepEqual([bytes > 0, error, told.length, warnings], [true, undefined, 1, []]);
  assert.match(
    told[0] ?? "",
    / --codec libav --libav-format mpegts --libav-audio --audio-source alsa --audio-device plughw:1,0 --audio-codec aac .* -o -$/,
  );
  const cases: readonly (readonly [string, string, RegExp])[] = [
    [
      "not there",
      "[alsa @ 0x1] cannot open audio device plughw:1,0 (No such file or directory)",
      /^The picture goes on without sound: the microphone alsa:plughw:1,0 is not there, or may not be opened: see arecord -l, and add the user that the relay runs as to the group audio/,
    ],
    [
      "the lite program",
      "ERROR: *** unrecognised option '--libav-format' ***",
      /^The picture goes on without sound: .* install the package rpicam-apps, not the lite one$/,
    ],
  ];
  for (const [name, deaf, expected] of cases) {
    await test.step(name, async () => {
      const seen = await play("rpicam", { deaf }, { audio });
      assert.deepEqual([seen.bytes > 0, seen.error, seen.warnings.length], [true, undefined, 1]);
      assert.match(seen.warnings[0] ?? "", expected);
      assert.match(seen.told.at(-1) ?? "", / --codec h264 /);
    });
  }
  await test.step("the camera's own trouble is told as ever", async () => {
    const seen = await play("rpicam", { fails: "ERROR: *** no cameras available ***" }, { audio });
    assert.match(seen.error ?? "", /^no such camera/);
    assert.deepEqual([seen.told.length, seen.warnings], [1, []]);
  });
  for (const equipment of [{ audio: "exec:arecord -" }, { controls: { brightness: 1 } }]) {
    assert.throws(() => equipSource(parseSource("rpicam"), equipment), /a source rpicam takes/);
  }
});

Deno.test("an older program is started without what it does not know", async () => {
  const { bytes, error, told } = await play("rpicam", { program: "libcamera-vid", old: true });
  assert.deepEqual([bytes > 0, error, told.length], [true, undefined, 2]);
  assert.doesNotMatch(told[1] ?? "", /low-latency|libav/);
});

Deno.test("what keeps the camera from starting is told in words", async (test) => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["none is there", "ERROR: *** no cameras available ***", /^no such camera: push its ribbon/],
    ["busy", "ERROR: *** failed to acquire camera /base/soc/i2c0mux ***", /^busy: another program/],
    [
      "not allowed",
      "ERROR: *** failed to open /dev/dma_heap: Permission denied ***",
      /^permission denied: add the user .* to the group video$/,
    ],
    [
      "a Pi 5 without software encoder",
      "ERROR: *** Unable to find an appropriate H.264 codec ***",
      /^there is no H\.264 encoder here: install/,
    ],
    ["anything else", "ERROR: *** the moon is full ***", /255: ERROR: \*\*\* the moon is full/],
  ];
  for (const [name, fails, expected] of cases) {
    await test.step(name, async () => {
      assert.match((await play("rpicam", { fails })).error ?? "", expected);
    });
  }
});

Deno.test("without either program: what to install", async () => {
  const { error } = await play("rpicam", undefined);
  assert.equal(
    error,
    "there is no program rpicam-vid on this machine: it comes with Raspberry Pi OS, in the " +
      "package rpicam-apps-lite",
  );
});
