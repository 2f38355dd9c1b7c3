/** The same bytes, cut anywhere, give the same samples: built streams with every fault a stream can have. */

import { concatBytes } from "../../shared/bytes.ts";
import { pps, sps } from "../support/avc_builder.ts";
import { CameraStream } from "../support/camera_stream.ts";
import { assertInvariant, cutsOf, SINGLE_BYTES } from "../support/chunks.ts";
import { mutate } from "../support/mutations.ts";
import { PATIENTS } from "../support/patients.ts";
import { randomFrom } from "../support/random.ts";
import {
  AAC,
  AUDIO_PID,
  PMT_PID,
  pmtSection,
  withParity,
  withTimeCodes,
} from "../support/ts_builder.ts";

const NOISE = new Uint8Array(1000).map((_, i) => i % 97 === 0 ? 0x47 : i);

const STREAMS: readonly (readonly [string, Uint8Array])[] = [
  ["pictures and sound", new CameraStream().tables().group(8).group(8).take()],
  ["pictures alone", new CameraStream().tables(["picture"]).picturesOnly(12).take()],
  ["sound alone", new CameraStream().tables(["sound"]).sound(3).sound(5).sound(1).take()],
  ["noise around", concatBytes([NOISE, new CameraStream().tables().group(8).take(), NOISE])],
  ["33 bits come round", new CameraStream(2 ** 33 - 20_000).tables().group(8).group(8).take()],
  [
    "another set-up",
    (() => {
      const camera = new CameraStream().tables().group(5);
      camera.sets = [sps({ widthMbs: 44 }), pps()];
      return camera.group(5).tables(["picture"]).picturesOnly(5).take();
    })(),
  ],
  ["a clock that restarts", new CameraStream().tables().group(6).jump(-500_000).group(6).take()],
  ["Opus", (PATIENTS.find(([name]) => name === "Opus")?.[1] ?? (() => new Uint8Array()))()],
  [
    "packets of 188, then of 204, then of 192 bytes",
    concatBytes(
      [concatBytes, withParity, withTimeCodes].map((lay, i) =>
        lay(new CameraStream(900_000 + i * 30_000).tables().group(8).builder.packets)
      ),
    ),
  ],
  ["programs that come and go", programs()],
  [
    "scrambled in part",
    (() => {
      const { builder } = new CameraStream().tables().group(8).group(8);
      const part = builder.packets.slice(20, 40);
      for (const packet of part) packet[3] = (packet[3] ?? 0) | 0x80;
      return builder.bytes();
    })(),
  ],
  ["less than it takes to be sure", new CameraStream().tables(["picture"]).take()],
];

function programs(): Uint8Array {
  const camera = new CameraStream();
  const [first, second] = [{ program: 1, pid: PMT_PID }, { program: 2, pid: 0x200 }];
  const other = pmtSection([{ pid: AUDIO_PID, type: AAC }], { program: 2 });
  camera.builder.pat([second, first]);
  camera.tables().group(5).builder.pat([first, second]).sections(0x200, [other]);
  camera.group(5).builder.pat([second]).sections(0x200, [other]);
  camera.group(5).tables().group(5);
  return camera.take();
}

for (const [name, stream] of STREAMS) {
  Deno.test(`cut anywhere: ${name}`, () => {
    assertInvariant(stream, [SINGLE_BYTES, ...cutsOf([1, 2, 3])]);
  });
}

Deno.test("cut anywhere: damaged streams, seeds 1 to 40", () => {
  const { builder } = new CameraStream().tables().group(6).group(6).group(6);
  for (let seed = 1; seed <= 40; seed++) {
    const { bytes } = mutate(builder.packets, {
      clean: builder.packets.length,
      random: randomFrom(seed),
    });
    assertInvariant(bytes, cutsOf([seed]));
  }
});
