/** A camera's controls in words, and which of them a slider does for. */

import assert from "node:assert/strict";
import type { CameraControl } from "../../../shared/api.ts";
import { controlLabel, isCoarse } from "../../../web/src/ui/control_label.ts";

Deno.test("controls' names as people read them", () => {
  assert.equal(controlLabel("exposure_time_absolute"), "Exposure time absolute");
  assert.equal(controlLabel("h264_profile"), "H.264 profile");
});

Deno.test("sliders where a place can be hit, numbers where there are too many or no ends", () => {
  const integer = (range: Partial<CameraControl>): boolean =>
    isCoarse({ name: "x", kind: "integer", value: 0, ...range });
  assert.equal(integer({ min: 0, max: 255, step: 1 }), true);
  assert.equal(integer({ min: -36_000, max: 36_000, step: 3600 }), true);
  assert.equal(integer({ min: -2_147_483_648, max: 2_147_483_647, step: 1 }), false);
  assert.equal(integer({ min: 0 }), false);
});
