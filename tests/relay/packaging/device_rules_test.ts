/** Which devices a service may open, and by which groups: what the configuration names, and no other. */

import assert from "node:assert/strict";
import { deviceRules } from "../../../relay/packaging/device_rules.ts";
import { equipSource, parseSource } from "../../../relay/sources/mod.ts";

Deno.test("cameras that are no devices need none", () => {
  const sources = ["demo", "gopro", "udp://:5000", "push", "exec:camera-program"];
  assert.deepEqual(deviceRules(sources.map((source) => parseSource(source))), []);
});

Deno.test("a camera of this machine needs its class, once, however many there are", () => {
  const rules = deviceRules(
    ["v4l2:/dev/video0", "v4l2:/dev/video2"].map((source) => parseSource(source)),
  );
  assert.deepEqual(rules, [
    "DeviceAllow=char-drm rw",
    "DeviceAllow=char-media rw",
    "DeviceAllow=char-video4linux rw",
    "SupplementaryGroups=render video",
  ]);
});

Deno.test("its microphone is allowed where there is one", () => {
  const rules = (audio: string): readonly string[] =>
    deviceRules([parseSource(`v4l2:/dev/video0?audio=${audio}`)])
      .filter((rule) => /alsa|Groups/.test(rule));
  assert.deepEqual(rules("alsa:plughw:1,0"), [
    "DeviceAllow=char-alsa rw",
    "SupplementaryGroups=audio render video",
  ]);
  assert.deepEqual(rules("pulse:default"), ["SupplementaryGroups=render video"]);
});

Deno.test("a Raspberry Pi's camera needs libcamera's buffers too, and its microphone", () => {
  const camera = parseSource("rpicam");
  assert.ok(deviceRules([camera]).includes("DeviceAllow=char-dma_heap rw"));
  assert.ok(!deviceRules([camera]).includes("DeviceAllow=char-alsa rw"));
  const withSound = deviceRules([equipSource(camera, { audio: "alsa:plughw:1,0" })]);
  assert.ok(withSound.includes("DeviceAllow=char-alsa rw"));
  assert.ok(withSound.includes("SupplementaryGroups=audio video"));
});

Deno.test("a device that a source reads is named", () => {
  assert.deepEqual(deviceRules([parseSource("file:/dev/video3")]), [
    "DeviceAllow=/dev/video3 rw",
    "SupplementaryGroups=video",
  ]);
});
