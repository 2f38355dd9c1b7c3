/**
 * Built transport streams to be damaged, of every shape a camera's may have: short ones, so that many can be.
 *
 * @module
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import { CameraStream } from "./camera_stream.ts";
import { opusDescriptors, opusPacket, opusUnit } from "./opus_builder.ts";
import { AUDIO_PID, H264, PMT_PID, VIDEO_PID } from "./ts_builder.ts";

const GROUPS = 14;
const GROUP = 8;
const OPUS_TICKS = 1800;
const PRIVATE_STREAM_1 = 0xbd;

/** Names, and what makes them. */
export const PATIENTS: readonly (readonly [name: string, stream: () => Bytes])[] = [
  ["pictures and sound", () => groups(new CameraStream())],
  ["pictures alone", () => {
    const camera = new CameraStream();
    for (let i = 0; i < GROUPS; i++) camera.tables(["picture"]).picturesOnly(GROUP);
    return camera.builder.bytes();
  }],
  ["sound alone", () => {
    const camera = new CameraStream();
    for (let i = 0; i < 60; i++) camera.tables(["sound"]).sound(3).sound(1);
    return camera.builder.bytes();
  }],
  ["33 bits come round", () => groups(new CameraStream(2 ** 33 - 100_000))],
  ["pictures with reordering", reordered],
  ["Opus", withOpus],
];

function groups(camera: CameraStream): Bytes {
  for (let i = 0; i < GROUPS; i++) {
    if (i % 2 === 0) camera.tables();
    camera.group(GROUP);
  }
  return camera.builder.bytes();
}

/** Each group: key, then threes whose first is shown last. */
function reordered(): Bytes {
  const camera = new CameraStream();
  const start = 900_000;
  for (let number = 0, i = 0; i < GROUPS; i++) {
    camera.tables(["picture"]);
    for (let j = 0; j <= 6; j++, number++) {
      const dts = start + number * 3000;
      const shown = j === 0 ? 0 : [2, -1, -1][(j - 1) % 3] ?? 0;
      camera.picture({ key: j === 0, dts, pts: dts + 6000 + shown * 3000 });
    }
  }
  return camera.builder.bytes();
}

function withOpus(): Bytes {
  const camera = new CameraStream();
  const { builder } = camera;
  for (let sound = 0, i = 0; i < GROUPS; i++) {
    builder.pat([{ program: 1, pid: PMT_PID }]).pmt([
      { pid: VIDEO_PID, type: H264 },
      { pid: AUDIO_PID, type: 0x06, descriptors: opusDescriptors(2) },
    ]);
    for (let j = 0; j < GROUP; j++) {
      for (; camera.clock.sound <= camera.clock.picture; sound += 2) {
        builder.pes(AUDIO_PID, {
          streamId: PRIVATE_STREAM_1,
          payload: concatBytes([sound, sound + 1].map((seed) => opusUnit(opusPacket(seed)))),
          pts: camera.clock.sound,
          length: "exact",
        });
        camera.clock.sound += 2 * OPUS_TICKS;
      }
      camera.picture({ key: j === 0 });
    }
  }
  return builder.bytes();
}
