/** Which devices a service may open: what the configuration names, and no other. */

import assert from "node:assert/strict";
import { deviceRules } from "../../../relay/packaging/device_rules.ts";
import { parseSource } from "../../../relay/sources/mod.ts";
import type { SourceSpec } from "../../../relay/sources/source.ts";

function spec(scheme: string, read: readonly string[] = []): SourceSpec {
  return { scheme, label: scheme, finite: false, permissions: { read } };
}

Deno.test("cameras that are no devices need none", () => {
  const sources = ["demo", "gopro", "udp://:5000", "push", "exec:camera-program"];
  assert.deepEqual(deviceRules(sources.map(parseSource)), []);
});

Deno.test("a camera of this machine needs its class, once, however many there are", () => {
  const rules = deviceRules([spec("v4l2"), spec("v4l2")]);
  assert.deepEqual(rules, [
    "DeviceAllow=char-drm rw",
    "DeviceAllow=char-media rw",
    "DeviceAllow=char-video4linux rw",
  ]);
});

Deno.test("a Raspberry Pi's camera needs libcamera's buffers too", () => {
  assert.ok(deviceRules([parseSource("rpicam")]).includes("DeviceAllow=char-dma_heap rw"));
});

Deno.test("a device that a source reads is named", () => {
  assert.deepEqual(deviceRules([parseSource("file:/dev/video3")]), ["DeviceAllow=/dev/video3 rw"]);
});
