/** A camera's microphone, through ffmpeg: in time with the picture, whichever of them begins later, and even. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { ffmpegArguments } from "../../../../relay/sources/v4l2/ffmpeg_camera.ts";

/** The program that makes the pictures may take a part of it to start. */
const LATER_S = 3;

/** When each packet of one kind is shown, s. */
async function times(path: string, kind: "a" | "v"): Promise<number[]> {
  const { stdout } = await new Deno.Command("ffprobe", {
    args: ["-v", "error", "-select_streams", kind, "-show_entries", "packet=pts_time"].concat(
      ["-of", "csv=p=0", path],
    ),
  }).output();
  return new TextDecoder().decode(stdout).split("\n").map(parseFloat).filter((time) => time >= 0);
}

Deno.test("sound that begins later than the picture stays later, and is even", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-v4l2-sound-" });
  try {
    const args = ffmpegArguments({
      ...{ device: "/dev/video0", encoder: "x264", bitrate: 500_000 },
      mode: { format: "mjpeg", width: 160, height: 120, fps: 10 },
      microphone: { kind: "exec", command: ["sound"] },
    });
    // A pipe of pictures stands for the camera, which no test machine has.
    const pipe = join(folder, "pictures");
    const picture = ["-f", "mjpeg", "-i", pipe];
    const camera = args.indexOf("v4l2") - 1;
    args.splice(camera, args.indexOf("/dev/video0") + 1 - camera, ...picture);
    const path = join(folder, "camera.ts");
    args[args.length - 1] = path;
    const pictures =
      "ffmpeg -v error -nostdin -re -f lavfi -i testsrc=size=160x120:rate=10 -t 6 -f mjpeg -y";
    const sound = `sleep ${LATER_S}; ffmpeg -v error -nostdin -re -f lavfi -i sine=d=2 -f wav -`;
    const { success, stderr } = await new Deno.Command("sh", {
      args: [
        "-c",
        `mkfifo ${pipe}; ${pictures} ${pipe} & (${sound}) | ffmpeg "$@"; wait`,
        "sh",
        ...args,
      ],
      stderr: "piped",
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const [shown, sounds] = [await times(path, "v"), await times(path, "a")];
    assert.ok(shown.length > 0 && sounds.length > 40, `${shown.length}, ${sounds.length}`);
    const later = (sounds[0] ?? 0) - (shown[0] ?? 0);
    assert.ok(later > 1, `the sound begins ${later} s after the picture`);
    // AAC has 1024 samples a frame, of 44 100 a second.
    const uneven = sounds.slice(1).filter((time, at) =>
      Math.abs(time - (sounds[at] ?? 0) - 1024 / 44_100) > 0.01
    );
    assert.ok(uneven.length < sounds.length / 10, `${uneven.length} of ${sounds.length}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
