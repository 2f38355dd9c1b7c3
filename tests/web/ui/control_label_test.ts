/** Drivers' names in words. */

import assert from "node:assert/strict";
import { controlLabel } from "../../../web/src/ui/control_label.ts";

Deno.test("drivers' names in words", () => {
  assert.equal(controlLabel("white_balance_automatic"), "White balance automatic");
  assert.equal(controlLabel("h264_profile"), "H.264 profile");
  assert.equal(controlLabel(""), "");
});
