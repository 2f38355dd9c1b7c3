/** A camera of Linux's, through a program that stands for `v4l2-ctl`: every frame, when it was taken, and its controls. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { CameraControl } from "../../../../shared/api.ts";
import { micros } from "../../../../shared/units.ts";
import { SourceError } from "../../../../relay/sources/source.ts";
import { ctl } from "../../../../relay/sources/v4l2/ctl.ts";
import { openV4l2, v4l2 } from "../../../../relay/sources/v4l2/v4l2.ts";
import { askUntil } from "../../../support/ask.ts";
import { processesWith } from "../../../support/process_table.ts";
import { RecordingOutput } from "../../../support/source_output.ts";
import {
  STABLE_NAME,
  V4l2StandIn,
  type V4l2StandInOptions,
} from "../../../support/v4l2_stand_in.ts";

const FRAMES = 180;

/** Plays it to its end. */
async function play(
  text: string,
  options: V4l2StandInOptions,
  meanwhile?: (source: ReturnType<typeof openV4l2>) => Promise<void>,
): Promise<{ out: RecordingOutput; error: string | undefined; calls: string[] }> {
  await using standIn = await V4l2StandIn.make(options);
  const out = new RecordingOutput(() => micros(0));
  const source = openV4l2(v4l2.parse(text), { camera: standIn.program });
  let error: string | undefined;
  const running = source.run(out, new AbortController().signal).catch((thrown) => {
    if (!(thrown instanceof SourceError)) throw thrown;
    error = thrown.message;
  });
  await meanwhile?.(source);
  await running;
  return { out, error, calls: await standIn.calls() };
}

for (const setsApart of [false, true]) {
  Deno.test(`90 pictures a second, parameter sets ${setsApart ? "apart" : "within"}: all, at their times`, async () => {
    const { out, error, calls } = await play("v4l2:/dev/video0?size=320x240&fps=90", {
      fps: 90,
      frames: FRAMES,
      setsApart,
    });
    // A camera has no end of its own.
    assert.equal(error, "/dev/video0 has stopped giving pictures: is it still plugged in?");
    const frames = out.all("data");
    assert.equal(frames.length, FRAMES);
    assert.equal(out.all("endOfFrame").length, FRAMES);
    // Each as it was taken, a ninetieth apart, however unevenly it came: never more, and less only while the relay learns
    // how soon after that frames reach it.
    const times = frames.map(({ arrival }) => arrival);
    for (const [at, time] of times.slice(1).entries()) {
      const step = time - (times[at] ?? 0);
      assert.ok(step > 0 && step < 1e6 / 90 + 2, `${step} µs`);
    }
    assert.ok(calls.some((call) => /width=320,height=240,pixelformat=H264$/.test(call)));
    assert.ok(calls.some((call) => /--set-parm=90$/.test(call)));
    assert.equal(calls.filter((call) => /stream/.test(call)).length, 1);
  });
}

Deno.test("what the driver makes of a rate is read back and told; nothing is told where it is what was asked for", async () => {
  const told = async (options: V4l2StandInOptions): Promise<string[]> => {
    const { out } = await play("v4l2:/dev/video0?size=320x240&fps=90", { frames: 2, ...options });
    return out.all("note").map(({ sentence }) => sentence);
  };
  assert.deepEqual(await told({ rate: 25 }), ["The camera gives 25 pictures a second, not 90"]);
  assert.deepEqual(await told({}), []);
});

Deno.test("a driver that knows no rate (a capture card's): its pictures come, and it is told", async () => {
  const { out, error } = await play("v4l2:/dev/video0?size=320x240&fps=30", {
    ...{ frames: 5, takesNoRate: true },
    formats: "\t[0]: 'H264' (H.264, compressed)\n\t\tSize: Discrete 320x240\n",
  });
  assert.match(error ?? "", /has stopped giving pictures/);
  assert.equal(out.all("data").length, 5);
  assert.deepEqual(out.all("note").map(({ sentence }) => sentence), [
    "The camera's driver takes no rate: 30 pictures a second cannot be asked for",
  ]);
});

Deno.test("a control that the camera sets itself: modes and switches are set first, a refusal is no matter of groups", async () => {
  const controls = { gain: 3, mute: true, h264_profile: "High" };
  const equipped = v4l2.equip?.(v4l2.parse("v4l2:/dev/video0"), { controls });
  assert.ok(equipped);
  const attempt = async (options: V4l2StandInOptions): Promise<[string[], string]> => {
    await using standIn = await V4l2StandIn.make({ frames: 2, ...options });
    const source = openV4l2(equipped, { camera: standIn.program });
    const error = await source.run(new RecordingOutput(), new AbortController().signal)
      .catch((thrown) => thrown);
    assert.ok(error instanceof SourceError, String(error));
    const set = (await standIn.calls()).filter((call) => / -c /.test(call));
    return [set.map((call) => call.replace(/.* -c /, "")), error.message];
  };
  assert.deepEqual((await attempt({}))[0], ["mute=1,h264_profile=4", "gain=3"]);
  for (const words of ["Permission denied", "Input/output error"]) {
    const [, sentence] = await attempt({
      refuses: ["-c\\ gain=*", `VIDIOC_S_EXT_CTRLS: failed: ${words}`],
    });
    assert.match(
      sentence,
      /^the camera does not take gain=3 now: what it sets by itself .*auto_exp/,
    );
  }
  const [, sentence] = await attempt({
    refuses: ["-c\\ *h264_profile=*", "VIDIOC_S_EXT_CTRLS: failed: Device or resource busy"],
  });
  assert.match(
    sentence,
    /does not take mute=1, h264_profile=4 while it is on: write it under contr/,
  );
});

Deno.test("nobody who joins has a camera asked that makes no key pictures", async () => {
  await using standIn = await V4l2StandIn.make({ fps: 90 });
  await Deno.writeTextFile(
    join(standIn.folder, "controls"),
    "                     brightness 0x00980900 (int)    : min=0 max=255 step=5 default=128 value=128\n",
  );
  const source = openV4l2(v4l2.parse("v4l2:/dev/video0"), { camera: standIn.program });
  const out = new RecordingOutput();
  const abort = new AbortController();
  const running = source.run(out, abort.signal);
  await out.until((seen) => seen.all("data").length > 0);
  const calls = (await standIn.calls()).length;
  await source.command?.({ kind: "keyPicture" });
  assert.equal((await standIn.calls()).length, calls);
  abort.abort();
  await running;
});

Deno.test("a camera whose driver answers nothing is given up, and let go at once by who needs it no more", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-v4l2-" });
  try {
    const program = join(folder, "v4l2-ctl");
    const over = join(folder, "over");
    // As one in a driver: no signal ends it.
    await Deno.writeTextFile(
      program,
      `#!/bin/sh
trap "" TERM
echo >> '${folder}/asked'
until [ -e '${over}' ]; do sleep 0.1; done
`,
      { mode: 0o755 },
    );
    await assert.rejects(
      ctl("/dev/video0", ["--info"], { program, limitMs: 1_000 }),
      /^SourceError: \/dev\/video0 did not answer within 1 s: plug it in anew$/,
    );
    const abort = new AbortController();
    const source = openV4l2(v4l2.parse("v4l2:/dev/video0"), { camera: program });
    const running = source.run(new RecordingOutput(), abort.signal);
    const asked = (): Promise<string> => Deno.readTextFile(join(folder, "asked"));
    await askUntil(asked, { accept: (text) => text.length === 2, what: "the question" });
    abort.abort();
    await running;
    await Deno.writeTextFile(over, "");
    await askUntil(() => processesWith(program), {
      accept: (found) => found.length === 0,
      what: "the programs' end",
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("controls: set when it starts, told, set while it runs, read back", async () => {
  let told: readonly CameraControl[] = [];
  const spec = v4l2.equip?.(v4l2.parse("v4l2:/dev/video0"), {
    controls: { brightness: 140, h264_profile: "high" },
  });
  assert.ok(spec);
  await using standIn = await V4l2StandIn.make({ fps: 90 });
  const source = openV4l2(spec, { camera: standIn.program });
  const out = Object.assign(new RecordingOutput(() => micros(0)), {
    controls: (controls: readonly CameraControl[]) => void (told = controls),
  });
  const abort = new AbortController();
  const running = source.run(out, abort.signal);
  await out.until((seen) => seen.all("data").length > 3);
  const value = (name: string): number | undefined =>
    told.find((each) => each.name === name)?.value;
  assert.deepEqual(told.map(({ name }) => name), [
    ...["brightness", "mute", "gain", "h264_profile", "force_key_frame", "integer_menu"],
  ]);
  assert.deepEqual([value("brightness"), value("h264_profile")], [140, 4]);
  await source.command?.({
    kind: "controls",
    values: { h264_profile: "Main", mute: true, brightness: 12 },
  });
  assert.deepEqual([value("h264_profile"), value("mute"), value("brightness")], [2, 1, 10]);
  assert.equal(told.find(({ name }) => name === "gain")?.inactive, true);
  await source.command?.({ kind: "keyPicture" });
  assert.ok((await standIn.calls()).includes("-d /dev/video0 -c force_key_frame=1"));
  for (
    const [values, words] of [
      [{ sharpness: 1 }, /no control sharpness; it has brightness, mute/],
      [{ brightness: 300 }, /brightness is a whole number from 0 to 255, not 300/],
      [{ brightness: "much" }, /not "much"/],
      [{ h264_profile: "Best" }, /one of Baseline, Constrained Baseline, Main, High, not "Best"/],
      [{ mute: 2 }, /mute is true or false, not 2/],
      [{ brightness: "12.5" }, /not "12\.5"/],
    ] as const
  ) {
    await assert.rejects(
      source.command?.({ kind: "controls", values }) ?? Promise.resolve(),
      words,
    );
  }
  abort.abort();
  await running;
});

Deno.test("a camera by its own name: unplugged, and plugged in again as another number", async () => {
  await using standIn = await V4l2StandIn.make({ fps: 90, frames: 5 });
  const source = openV4l2(v4l2.parse(`v4l2:${STABLE_NAME}`), { camera: standIn.program });
  const run = async (): Promise<[frames: number, error: unknown]> => {
    const out = new RecordingOutput();
    const error = await source.run(out, new AbortController().signal).catch((thrown) => thrown);
    return [out.all("data").length, error instanceof SourceError ? error.message : error];
  };
  assert.deepEqual(await run(), [
    ...[5, `${STABLE_NAME} has stopped giving pictures: is it still plugged in?`],
  ]);
  await standIn.unplug(0);
  assert.deepEqual(await run(), [
    ...[0, `no such device: ${STABLE_NAME} is not there; plug the camera in, and see --list`],
  ]);
  await standIn.plugIn(2);
  assert.equal((await run())[0], 5);
});

Deno.test("what goes wrong is said in words", async () => {
  const cases: [string, V4l2StandInOptions, RegExp][] = [
    ["v4l2:/dev/video9", {}, /^no such device: \/dev\/video9 is not there/],
    [
      "v4l2:/dev/video0",
      { fails: "VIDIOC_STREAMON returned -1 (Device or resource busy)" },
      /^busy: /,
    ],
    [
      "v4l2:/dev/video0",
      { refuses: ["--set-fmt-video*", "VIDIOC_S_FMT: failed: Device or resource busy"] },
      /^busy: another program, or another stream of this relay, has \/dev\/video0/,
    ],
    [
      "v4l2:/dev/video0",
      { refuses: ["--set-fmt-video*", "VIDIOC_S_FMT: failed: Strange thing"] },
      /^\/dev\/video0: VIDIOC_S_FMT: failed: Strange thing$/,
    ],
    [
      "v4l2:/dev/video0",
      { begins: { not: "VIDIOC_STREAMON returned -1 (No space left on device)" } },
      /^the USB has no room for this: take MJPEG or a smaller size/,
    ],
    ["v4l2:/dev/video0", { fails: "VIDIOC_DQBUF: failed: No such device" }, /^no such device/],
    ["v4l2:/dev/video0", { fails: "Failed to open /dev/video0: Permission denied" }, /group video/],
    [
      "v4l2:/dev/video0",
      { fails: "Failed to open /dev/video0: Operation not permitted" },
      /install\.sh --devices/,
    ],
    ["v4l2:/dev/video0?size=1x1", {}, /no size 1x1; it has 640x480, 320x240, 1280x720/],
    ["v4l2:/dev/video0?size=1280x720&fps=60", {}, /gives 15, 30$/],
    ["v4l2:/dev/video0?format=mjpeg", {}, /gives no mjpeg; it gives h264, yuyv/],
    [
      "v4l2:/dev/video0",
      { formats: "" },
      /none of the formats that are read here: H264, MJPG, YUYV, /,
    ],
  ];
  for (const [text, options, words] of cases) {
    const { error } = await play(text, options);
    assert.match(error ?? "", words, text);
  }
});

Deno.test("a relay that is killed leaves no program behind, though its camera gives nothing just then", async () => {
  const hangs = "319.159";
  await using standIn = await V4l2StandIn.make({ fps: 90, frames: 5, hangs });
  const sleeping = (): Promise<string[]> => processesWith(`sleep\0${hangs}`);
  const module = new URL("../../../../relay/sources/v4l2/v4l2.ts", import.meta.url).href;
  const script = join(standIn.folder, "relay.ts");
  await Deno.writeTextFile(
    script,
    `import { openV4l2, v4l2 } from ${JSON.stringify(module)};
     const source = openV4l2(v4l2.parse("v4l2:/dev/video0"), { camera: ${
      JSON.stringify(standIn.program)
    } });
     const out = new Proxy({}, { get: (_, name) => name === "now" ? () => 0 : () => {
       if (name === "data") console.log("a picture");
     } });
     await source.run(out, new AbortController().signal);`,
  );
  const runs = `--allow-run=sh,stdbuf,${standIn.program}`;
  await using relay = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-read", runs, script],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  await relay.stdout.getReader().read();
  await askUntil(sleeping, { accept: (found) => found.length > 0, what: "what it started" });
  relay.kill("SIGKILL");
  await relay.status;
  await askUntil(sleeping, { accept: (left) => left.length === 0, what: "its end" });
});
