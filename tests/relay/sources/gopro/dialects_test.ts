/** Which dialect a camera is taken to speak. */
import assert from "node:assert/strict";
import type { Answer, Get } from "../../../../relay/sources/gopro/camera_http.ts";
import type { PreviewOptions } from "../../../../relay/sources/gopro/dialect.ts";
import {
  DIALECT_NAMES,
  recognise,
  type Recognised,
} from "../../../../relay/sources/gopro/dialects.ts";
import type { Firmware } from "../../../support/gopro_firmware.ts";
import { hero4, hero4Early, hero8 } from "../../../support/gopro_firmware.ts";
import { hero3 } from "../../../support/gopro_firmware_hero3.ts";
import { openGoPro } from "../../../support/gopro_firmware_open.ts";

const OPTIONS: PreviewOptions = { mode: "auto", udpPort: 8554, host: "10.5.5.9" };

function asking(firmware: Firmware): Get {
  return (path) => {
    const { status, body, malformed } = firmware(path, {});
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    return Promise.resolve(
      malformed ? { kind: "unreadable" } : { kind: "answered", status, body: bytes },
    );
  };
}

const recognised = (firmware: Firmware): Promise<Recognised | undefined> =>
  recognise(DIALECT_NAMES, () => asking(firmware), OPTIONS);

Deno.test("each generation is recognised by its own words, and what it says of itself is kept", async () => {
  const segments: Uint8Array[] = [];
  const cases: readonly (readonly [Firmware, string, string | undefined])[] = [
    [openGoPro({ model: "HERO11 Black", firmware: "H22.01.02.32.00" }), "open", "HERO11 Black"],
    [openGoPro({ model: "", firmware: "", silent: true }), "open", undefined],
    [hero4, "gpcontrol", "HERO4 Silver"],
    [hero8, "gpcontrol", "HERO8 Black"],
    [hero3({ password: "goprohero", segments }), "hero3", "HERO3+ Black Edition"],
    [
      hero3({ password: "goprohero", segments, generation: "HERO2" }),
      "hero3",
      "HERO3+ Black Edition",
    ],
    [hero3({ password: "goprohero", segments, off: true }), "hero3", undefined],
  ];
  for (const [firmware, name, model] of cases) {
    const found = await recognised(firmware);
    assert.deepEqual([found?.name, found?.certain, found?.camera.status.model], [
      name,
      true,
      model,
    ]);
  }
});

Deno.test("a camera that answers badly is spoken to all the same", async () => {
  const found = await recognised(hero4Early);
  assert.deepEqual([found?.name, found?.certain], ["gpcontrol", false]);
});

Deno.test("no answer, no dialect", async () => {
  const failed: Answer = { kind: "failed", why: "refused" };
  assert.equal(
    await recognise(DIALECT_NAMES, () => () => Promise.resolve(failed), OPTIONS),
    undefined,
  );
});
