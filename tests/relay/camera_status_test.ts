/** What a GoPro of each dialect says of itself, as the API tells it: battery, card, heat, recording, and what changes. */

import assert from "node:assert/strict";
import { concatBytes } from "../../shared/bytes.ts";
import type { CameraStatus, StreamInfo } from "../../shared/api.ts";
import { GoProCamera } from "../support/gopro_camera.ts";
import { goProGroups, tsPackets } from "../support/gopro_datagrams.ts";
import { type Firmware, hero4 } from "../support/gopro_firmware.ts";
import { hero3 } from "../support/gopro_firmware_hero3.ts";
import { openGoPro } from "../support/gopro_firmware_open.ts";
import { TestRelay } from "../support/relay.ts";
import { freeUdpPort } from "../support/ports.ts";
import { PATIENCE_MS } from "../support/patience.ts";

/** Full card, half the battery, hot, recording: by the numbers that cameras have for them. */
const SAID = { "2": 2, "6": 1, "8": 0, "10": 1, "33": 1, "70": 42 };
const READ: CameraStatus = {
  ...{ battery: 42, charging: false, recording: true, card: "full", busy: false, hot: true },
  shutter: true,
};
const OLD = { password: "goprohero", segments: [Uint8Array.from(tsPackets(20, 1))] };

const CAMERAS: readonly (readonly [name: string, firmware: Firmware, told: CameraStatus])[] = [
  ["a HERO4", hero4, { model: "HERO4 Silver", firmware: "HD4.01.05.00.00", ...READ }],
  [
    "a HERO11",
    openGoPro({ model: "HERO11 Black", firmware: "H22.01.02.32.00" }),
    { model: "HERO11 Black", firmware: "H22.01.02.32.00", ...READ },
  ],
  ["a HERO2 without a card", hero3({ ...OLD, generation: "HERO2", cardless: true }), {
    ...{ model: "HERO3+ Black Edition", firmware: "HD3.03.02.39" },
    ...{ battery: 83, recording: true, card: "missing", shutter: true },
  }],
];

/** Asks until the camera's battery is so, or is known at all. */
async function told(relay: TestRelay, battery?: number): Promise<CameraStatus> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const response = await fetch(`${relay.url}/api/streams/hero`);
    const { camera } = await response.json() as StreamInfo;
    if (camera?.battery !== undefined && camera.battery === (battery ?? camera.battery)) {
      return camera;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Waited ${PATIENCE_MS} ms for what the camera says of itself.`);
}

for (const [name, firmware, expected] of CAMERAS) {
  Deno.test(`the API tells what ${name} says of itself`, async () => {
    await using hero = GoProCamera.on({
      firmware,
      capture: concatBytes(goProGroups(12, 33)),
      streamPort: freeUdpPort(),
      repeat: true,
    });
    Object.assign(hero.status, SAID);
    await using relay = await TestRelay.start([`hero=${hero.source}`]);
    assert.deepEqual(await told(relay), expected);
    if (expected.battery !== SAID["70"]) return;
    Object.assign(hero.status, { "10": 0, "33": 0, "70": 41 });
    const { card: _, ...rest } = expected;
    assert.deepEqual(await told(relay, 41), { ...rest, battery: 41, recording: false });
  });
}
