/**
 * What a stream's page tells of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { StreamInfo } from "../../../shared/api.ts";
import { type Standing, streamDetails } from "../../../web/src/ui/stream_details.ts";
import { stream } from "./streams.ts";

function details(of: StreamInfo, here: Standing = "watches"): Record<string, string> {
  return Object.fromEntries(
    streamDetails(of, here).map((
      { label, value },
    ) => [label, value.replaceAll(/[\u00a0\u202f]/g, " ")]),
  );
}

Deno.test("tracks are told by the names people know", () => {
  const told = details(stream({
    fps: 29.97,
    tracks: [
      { id: 1, kind: "video", codec: "hvc1.1.6.L93.B0", width: 1920, height: 1080 },
      { id: 2, kind: "audio", codec: "mp4a.40.2", sampleRate: 44_100, channels: 1 },
    ],
  }));
  assert.equal(told.Picture, "H.265, 1920 × 1080, 30 fps");
  assert.equal(told.Sound, "AAC, 44.1 kHz, mono");
});

Deno.test("a codec without a name is told as it is written", () => {
  const told = details(stream({ tracks: [{ id: 1, kind: "audio", codec: "xyz1.2" }] }));
  assert.equal(told.Sound, "xyz1.2");
});

Deno.test("what is not known has no line", () => {
  const told = details(stream({ state: { kind: "starting" } }));
  assert.deepEqual(Object.keys(told), ["Source"]);
});

Deno.test("the camera's words about itself are passed on", () => {
  const told = details(stream({
    camera: {
      model: "HERO4 Black",
      firmware: "HD4.02.05.00.00",
      battery: 77.6,
      charging: true,
      recording: true,
      hot: true,
    },
  }));
  assert.equal(told.Camera, "HERO4 Black (HD4.02.05.00.00)");
  assert.equal(told.Battery, "78 %, charging");
  assert.equal(told["Camera says"], "recording to its card, too hot");
});

Deno.test("losses are told when there are any", () => {
  const clean = stream({});
  assert.equal(details(clean)["Lost on the way in"], undefined);
  const counters = { ...clean.counters, datagramsLost: 1214, damagedAccessUnits: 5, unreadable: 2 };
  assert.equal(details({ ...clean, counters })["Lost on the way in"], "1 214 datagrams, 7 frames");
});

Deno.test("who watches is not told that nobody does", () => {
  assert.equal(details(stream({ viewers: 0 }), "watches").Watching, undefined);
  assert.equal(details(stream({ viewers: 0 }), "rests").Watching, "0");
  assert.equal(details(stream({ viewers: 3 }), "watches").Watching, "3");
});

Deno.test("of a relay that does not answer, nothing is told that may have changed since", () => {
  const told = details(
    stream({
      state: { kind: "live" },
      fps: 30,
      bitrate: 1_000_000,
      viewers: 2,
      uptimeMs: 60_000,
      tracks: [{ id: 1, kind: "video", codec: "avc1.64001e", width: 640, height: 360 }],
    }),
    "lost",
  );
  assert.deepEqual(Object.keys(told), ["Picture", "Source"]);
  assert.equal(told.Picture, "H.264, 640 × 360");
});
