/** Formats and controls as drivers list them, and the choice among them; commands for ffmpeg. */

import assert from "node:assert/strict";
import { parseControls } from "../../../../relay/sources/v4l2/control_list.ts";
import { resolveControl } from "../../../../relay/sources/v4l2/control_values.ts";
import { CaptureTimes } from "../../../../relay/sources/v4l2/capture_times.ts";
import { ffmpegArguments, whyEnded } from "../../../../relay/sources/v4l2/ffmpeg_camera.ts";
import { NO_REASON } from "../../../../relay/sources/ffmpeg_copy.ts";
import { parseV4l2 } from "../../../../relay/sources/v4l2/spec.ts";
import { chooseMode, parseFormats } from "../../../../relay/sources/v4l2/format_list.ts";
import { FramedOutput } from "../../../../relay/sources/v4l2/framed_output.ts";
import { LateSound } from "../../../../relay/sources/v4l2/late_sound.ts";
import { parseMicrophone } from "../../../../relay/sources/microphone.ts";
import { soundArguments, type SoundCodec } from "../../../../relay/sources/v4l2/sound.ts";
import { micros } from "../../../../shared/units.ts";
import { CONTROLS, H264_FORMATS } from "../../../support/v4l2_stand_in.ts";

const ANY = { format: undefined, width: undefined, height: undefined, fps: undefined };
/** A webcam's: compressed at any size, raw only while it is small. */
const WEBCAM = `ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'YUYV' (YUYV 4:2:2)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
		Size: Discrete 1280x720
			Interval: Discrete 0.100s (10.000 fps)
	[1]: 'MJPG' (Motion-JPEG, compressed)
		Size: Discrete 1280x720
			Interval: Discrete 0.017s (60.000 fps)
			Interval: Discrete 0.033s (30.000 fps)
		Size: Discrete 1920x1080
			Interval: Discrete 0.033s (30.000 fps)
	[2]: 'XYZ1' (unheard of)
		Size: Discrete 64x64
`;
const STEPWISE = `	[0]: 'H264' (H.264, compressed)
		Size: Stepwise 32x32 - 2592x1944 with step 2/2
`;
/** A Raspberry Pi's camera by its older driver, as v4l2-ctl prints ranges. */
const RANGES = `	[0]: 'H264' (H.264, compressed)
		Size: Stepwise 32x32 - 2592x1944 with step 2/2
			Interval: Continuous 0.011s - 1.000s (1.000-90.000 fps)
`;

Deno.test("where nothing is said: H.264 before the rest, fluent, 1280x720 at 30", () => {
  assert.deepEqual(chooseMode(parseFormats(H264_FORMATS), ANY), {
    ...{ format: "h264", width: 1280, height: 720, rates: [30, 15], fps: 30 },
  });
  const webcam = chooseMode(parseFormats(WEBCAM), ANY);
  assert.deepEqual([webcam.format, webcam.width, webcam.fps], ["mjpeg", 1280, 30]);
  const raw = chooseMode(parseFormats(WEBCAM), { ...ANY, format: "yuyv" });
  assert.deepEqual([raw.width, raw.fps], [640, 30], "fluent before large");
  const steps = chooseMode(parseFormats(STEPWISE), ANY);
  assert.deepEqual([steps.width, steps.height, steps.fps], [1280, 720, undefined]);
});

Deno.test("what is said is taken, at any size and rate the camera has", () => {
  const modes = parseFormats(WEBCAM);
  assert.equal(chooseMode(modes, { ...ANY, width: 1920, height: 1080 }).format, "mjpeg");
  assert.equal(chooseMode(modes, { ...ANY, width: 1280, height: 720, fps: 60 }).fps, 60);
  assert.equal(chooseMode(modes, { ...ANY, width: 1280, height: 720, fps: 10 }).format, "yuyv");
});

Deno.test("what capture cards and virtual cameras give: read raw, by the names that V4L2 and ffmpeg have for it", () => {
  for (
    const [fourCc, format, input] of [
      ["UYVY", "uyvy", "uyvy422"],
      ["NV12", "nv12", "nv12"],
      ["YU12", "yuv420", "yuv420p"],
    ] as const
  ) {
    const modes = parseFormats(
      `\t[0]: '${fourCc}' (raw)\n\t\tSize: Discrete 1280x720\n\t\t\tInterval: Discrete 0.033s (30.000 fps)\n`,
    );
    const mode = chooseMode(modes, {
      ...ANY,
      format: parseV4l2(`v4l2:/dev/video0?format=${format}`).format,
    });
    assert.equal(mode.format, format);
    const camera = {
      device: "/dev/video0",
      mode,
      encoder: "x264",
      bitrate: 1,
      onWallClock: false,
    } as const;
    assert.match(ffmpegArguments(camera).join(" "), new RegExp(`-input_format ${input} `));
  }
});

Deno.test("of two rates that are close the one that was meant", () => {
  const modes = parseFormats(
    "\t[0]: 'MJPG' (Motion-JPEG, compressed)\n\t\tSize: Discrete 1920x1080\n" +
      "\t\t\tInterval: Discrete 0.017s (60.000 fps)\n\t\t\tInterval: Discrete 0.017s (59.940 fps)\n",
  );
  assert.deepEqual([60, 59.94].map((fps) => chooseMode(modes, { ...ANY, fps }).fps), [60, 59.94]);
});

Deno.test("a camera's own name is as its maker wrote it", () => {
  const name = "/dev/v4l/by-id/usb-Microsoft_Microsoft®_LifeCam_HD-3000-video-index0";
  assert.equal(parseV4l2(`v4l2:${name}?size=640x480`).device, name);
  for (const text of ["/dev/", "/dev/video 0", "/dev/../etc/x", "/dev/video0\n", "video0"]) {
    assert.throws(() => parseV4l2(`v4l2:${text}`), /no camera in/, text);
  }
});

Deno.test("of ranges any size and rate within, and what is usual where nothing is said", () => {
  const modes = parseFormats(RANGES);
  const choose = (wanted: Partial<typeof ANY> | Record<string, number>): string => {
    const { width, height, fps } = chooseMode(modes, { ...ANY, ...wanted });
    return `${width}x${height} ${fps}`;
  };
  assert.equal(choose({}), "1280x720 30");
  assert.equal(choose({ width: 2592, height: 1944 }), "2592x1944 30");
  assert.equal(choose({ width: 800, height: 602, fps: 42 }), "800x602 42");
  assert.equal(choose({ width: 640, height: 480, fps: 90 }), "640x480 90");
  assert.throws(() => choose({ fps: 100 }), /does not give 100 pictures a second/);
  for (const size of [{ width: 801, height: 600 }, { width: 16, height: 16 }]) {
    assert.throws(() => choose(size), /it has 640x480, 1280x720, 1920x1080, 2592x1944/);
  }
});

Deno.test("controls of 64 bits: limits that can be written, values to the last digit", () => {
  const [whole, far] = parseControls(
    "      integer_64_bits 0x0098f906 (int64)  : min=-9223372036854775808 max=9223372036854775807 step=1 default=0 value=-5\n" +
      "             far_away 0x0098f907 (int64)  : min=0 max=9223372036854775807 step=1 default=0 value=9007199254740993\n",
  );
  assert.ok(whole && far);
  const { MAX_SAFE_INTEGER: most, MIN_SAFE_INTEGER: least } = Number;
  assert.deepEqual([whole.value, whole.min, whole.max], [-5, least, most]);
  assert.equal(far.value, undefined, "JSON would round it");
  for (const wanted of [0, 5, -7, most, least]) {
    assert.equal(resolveControl([whole], "integer_64_bits", wanted), wanted);
  }
  assert.throws(() => resolveControl([far], "far_away", most + 1), /whole number from 0 to/);
  const odd = { name: "odd", kind: "integer", min: 0, max: 255, step: 2 } as const;
  assert.deepEqual([254, 255, 3].map((wanted) => resolveControl([odd], "odd", wanted)), [
    ...[254, 254, 4],
  ]);
});

Deno.test("controls of every kind that people set; the rest is left out", () => {
  const controls = parseControls(CONTROLS);
  assert.deepEqual(controls[0], {
    ...{ name: "brightness", kind: "integer", value: 128, min: 0, max: 255, step: 5, default: 128 },
  });
  assert.deepEqual(controls.find(({ name }) => name === "integer_menu")?.options, [
    { value: 3, label: "3" },
    { value: 4, label: "5" },
  ]);
  const set = (name: string, wanted: number | boolean | string): number =>
    resolveControl(controls, name, wanted);
  assert.equal(set("integer_menu", 5), 4, "by the number that people see");
  assert.equal(set("integer_menu", 3), 3, "by its place, where there is one");
  // What a variable of the configuration stands for is a text.
  assert.deepEqual([set("brightness", "140"), set("mute", "true"), set("mute", "false")], [
    140,
    1,
    0,
  ]);
  assert.equal(controls.find(({ name }) => name === "force_key_frame")?.value, undefined);
});

Deno.test("frames, cut anywhere, with something else between them", () => {
  const frame = (size: number, fill: number): number[] => [
    ...[0x72, 0x64, 0x68, 0x56, 0, 0, size >> 8, size & 0xff],
    ...Array.from({ length: size }, () => fill),
  ];
  const bytes = new Uint8Array([
    ...frame(300, 1),
    ...new TextEncoder().encode("Format Video"),
    ...frame(0, 0),
    ...frame(70, 2),
  ]);
  for (const step of [1, 7, 100, 1000]) {
    const frames: number[][] = [];
    const framed = new FramedOutput((found) => void frames.push([found.length, found[0] ?? -1]));
    for (let at = 0; at < bytes.length; at += step) framed.push(bytes.subarray(at, at + step));
    assert.deepEqual(frames, [[300, 1], [70, 2]], `in steps of ${step}`);
  }
});

Deno.test("times: those of the frames that were taken, evenly, on the relay's clock", () => {
  const times = new CaptureTimes();
  const line = (sequence: number, bytes: number): void =>
    times.line(
      `<cap dqbuf: 0 seq: ${sequence} bytesused: ${bytes} ts: 12.${
        String(sequence * 33_333).padStart(6, "0")
      } (ts-monotonic)`,
    );
  line(1, 100);
  line(2, 0); // no frame
  line(3, 120);
  assert.equal(times.of(100, { now: micros(5_000_000), isPicture: true }), 5_000_000);
  // It came late; it was taken 66 666 µs after the first.
  assert.equal(times.of(120, { now: micros(5_090_000), isPicture: true }), 5_066_666);
  // No line: as long after the one before, though it came later than that.
  assert.equal(times.knows(130), false);
  assert.equal(times.of(130, { now: micros(5_200_000), isPicture: true }), 5_133_332);
  // Its line comes at last, and is not taken for the next one's, which has the same length.
  line(5, 130);
  assert.equal(times.knows(130), false);
  line(6, 130);
  assert.equal(times.of(130, { now: micros(5_300_000), isPicture: true }), 5_166_665);
  const silent = new CaptureTimes();
  assert.equal(silent.of(100, { now: micros(7_000), isPicture: true }), 7_000);
  assert.equal(
    silent.of(100, { now: micros(9_000), isPicture: true }),
    9_000,
    "no line ever: when it came",
  );
  assert.equal(silent.heard, false);
});

Deno.test("a time that leaps, or is told twice, is its own frame's fault alone; a clock that was set is followed", () => {
  const times = new CaptureTimes();
  const STEP = 40_000;
  let count = 0;
  /** A frame that comes evenly, and what its driver says of when it was taken; µs. */
  const next = (taken: number): number => {
    const now = micros(50_000_000 + count++ * STEP);
    const digits = String(taken % 1_000_000).padStart(6, "0");
    times.line(
      `cap dqbuf: 0 seq: ${count} bytesused: 100 ts: ${
        Math.floor(taken / 1e6)
      }.${digits} (ts-monotonic)`,
    );
    return times.of(100, { now, isPicture: true });
  };
  const evenly = (taken: (at: number) => number, frames: number): number[] =>
    Array.from({ length: frames }, () => next(taken(count)));
  const steps = (all: readonly number[]): number[] =>
    all.slice(1).map((time, at) => time - (all[at] ?? 0));
  const usual = (at: number): number => 100_000_000 + at * STEP;
  const all = [
    ...evenly(usual, 10),
    ...evenly((at) => usual(at) + 3_600_000_000, 1), // an hour ahead
    ...evenly(usual, 10),
    ...evenly((at) => usual(at - 1), 1), // as the one before
    ...evenly(usual, 10),
    ...evenly(() => 0, 1),
    ...evenly(usual, 10),
    ...evenly((at) => 5_000_000 + at * STEP, 20), // the clock began anew
    ...evenly((at) => 900_000_000 + at * STEP, 20), // and was set ahead
    ...evenly(() => 7_000_000, 20), // and stands still
  ];
  assert.deepEqual([...new Set(steps(all))], [STEP]);
  const still = new CaptureTimes();
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7].map((at) => {
      still.line(`cap dqbuf: 0 seq: ${at} bytesused: 100 ts: 0.000000`);
      return still.of(100, { now: micros(at * STEP), isPicture: true });
    }),
    [1, 2, 3, 4, 5, 6, 7].map((at) => at * STEP),
    "a driver that tells no time: when they came",
  );
});

Deno.test("ffmpeg's command for the pictures: alone, and beside a microphone", () => {
  const camera = {
    device: "/dev/video0",
    mode: { format: "mjpeg", width: 1280, height: 720, fps: 30 },
    encoder: "x264",
    bitrate: 2_000_000,
    onWallClock: false,
  } as const;
  const alone = ffmpegArguments(camera).join(" ");
  assert.match(
    alone,
    /-f v4l2 .*-input_format mjpeg -video_size 1280x720 -framerate 30 -i \/dev\/video0/,
  );
  assert.match(alone, /libx264 .*zerolatency .*-g 30 -bf 0/);
  assert.doesNotMatch(alone, /wallclock|-copyts|-c:a/);
  const beside = ffmpegArguments({ ...camera, onWallClock: true }).join(" ");
  assert.match(beside, /-copyts -use_wallclock_as_timestamps 1 -f v4l2/);
});

Deno.test("ffmpeg's command for the sound: each kind of microphone, each codec", () => {
  const sound = (text: string, codec: SoundCodec = "aac"): string =>
    soundArguments({ microphone: parseMicrophone(text), codec }).join(" ");
  assert.match(
    sound("alsa:sysdefault:CARD=C920"),
    /-copyts .*-f alsa -i sysdefault:CARD=C920 .*-c:a aac .*-f mpegts pipe:1$/,
  );
  assert.match(sound("pulse:default", "opus"), /-f pulse -i default .*-c:a libopus /);
  // What waits in ALSA and PulseAudio ffmpeg knows; of a pipe, when it was read.
  assert.doesNotMatch(sound("alsa:hw:1") + sound("pulse:default"), /wallclock/);
  assert.match(sound("exec:sox -d -t wav -"), /-use_wallclock_as_timestamps 1 -i pipe:0/);
  for (const text of ["mic", "alsa:", "alsa:a b", "exec:", "oss:x"]) {
    assert.throws(() => parseMicrophone(text), /microphone|command/);
  }
});

Deno.test("sound that is late once is a hiccup, twice is told of, until the program is gone", () => {
  const told: (string | undefined)[] = [];
  const warn = (_about: "sound", sentence: string | undefined): void => void told.push(sentence);
  {
    using late = new LateSound({ warn });
    late.line("Guessed Channel Layout for Input Stream #0.0 : stereo");
    late.line("[Eval @ 0x7ffd5c] 1.022539");
    assert.deepEqual(told, []);
    late.line("[alsa @ 0x55e2c5b39d40] ALSA buffer xrun.");
    late.line("1.078401");
    assert.match(told[0] ?? "", /^The sound has gaps: this machine is too slow/);
  }
  assert.equal(told.at(-1), undefined, "over");
  {
    using late = new LateSound({ warn });
    late.line("1.078401");
  }
  assert.equal(told.length, 3, "nothing of a hiccup");
});

Deno.test("why ffmpeg ended: of a camera that gave nothing no more is known than that", () => {
  const of = (code: number, wasSilent: boolean, ...lines: string[]): string | undefined =>
    whyEnded("/dev/video0", { code, lines, wasSilent });
  const blurred = "[mjpeg @ 0x55d0] overread 8";
  assert.match(
    of(255, true, blurred) ?? "",
    /^\/dev\/video0 gives no pictures: plug it in anew, or/,
  );
  assert.match(of(255, true, "ioctl(VIDIOC_DQBUF): No such device") ?? "", /^no such device/);
  assert.equal(of(1, false, blurred), "/dev/video0: overread 8");
  assert.match(of(0, false, blurred) ?? "", /has stopped giving pictures/);
});

Deno.test("what ffmpeg says of its own haste is no reason", () => {
  for (
    const line of [
      "Last message repeated 2 times",
      "[mpegts @ 0x558903614000] frame size not set",
      "Guessed Channel Layout for Input Stream #0.0 : stereo",
      "Finishing stream 0:0 without any data written to it.",
      "[swscaler @ 0x55d0] deprecated pixel format used, make sure you did set range correctly",
      "Output file is empty, nothing was encoded (check -ss / -t / -frames parameters if used)",
      "[video4linux2,v4l2 @ 0x55d0] Thread message queue blocking; consider raising the option",
    ]
  ) assert.match(line, NO_REASON);
  assert.doesNotMatch("[alsa @ 0x55d0] cannot open audio device hw:9", NO_REASON);
});

Deno.test("a microphone that is a command shows no secret of it, in label and refusals", () => {
  const text = "v4l2:/dev/video0?audio=exec:listen --password s3cret";
  const { label, microphone } = parseV4l2(text);
  assert.equal(label, "v4l2:/dev/video0?audio=exec:listen --password …");
  assert.deepEqual(microphone, { kind: "exec", command: ["listen", "--password", "s3cret"] });
  assert.throws(
    () => parseV4l2(`${text}&fps=many`),
    ({ message }: Error) => !/s3cret/.test(message),
  );
});
