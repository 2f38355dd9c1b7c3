/** A GoPro source's text. */
import assert from "node:assert/strict";
import { gopro } from "../../../../relay/sources/gopro/gopro.ts";

Deno.test("gopro alone is the camera at its own address", () => {
  const spec = gopro.parse("gopro");
  assert.deepEqual([spec.host, spec.httpPort, spec.udpPort, spec.cameraUdpPort], [
    "10.5.5.9",
    80,
    8554,
    8554,
  ]);
  assert.deepEqual(spec.permissions, {
    net: ["0.0.0.0:8554", "10.5.5.9:80", "10.5.5.9:8554"],
  });
  assert.deepEqual(spec.dialects, ["gpcontrol"]);
  assert.deepEqual(spec.preview, {});
});

Deno.test("host, ports and preview are read", () => {
  const spec = gopro.parse(
    "gopro://cam.local:8080?udp=9000:9001&dialect=gpcontrol&resolution=480&bitrate=2400000",
  );
  assert.deepEqual([spec.host, spec.httpPort, spec.udpPort, spec.cameraUdpPort], [
    "cam.local",
    8080,
    9000,
    9001,
  ]);
  assert.deepEqual(spec.preview, { resolution: 480, bitrate: 2_400_000 });
  assert.deepEqual(spec.permissions.net, ["0.0.0.0:9000", "cam.local:8080", "cam.local:9001"]);
  assert.equal(gopro.parse("gopro://10.5.5.9/").host, "10.5.5.9");
  assert.equal(gopro.parse("gopro?udp=9000").cameraUdpPort, 8554);
});

Deno.test("what cannot be meant is an error that says what can", () => {
  for (
    const [text, reason] of [
      ["gopro:10.5.5.9", /write gopro or gopro:\/\/HOST/],
      ["gopro://10.5.5.9:http", /write gopro or/],
      ["gopro://user:secret@10.5.5.9", /write gopro or/],
      ["gopro://h:0", /the camera's port is a number from 1/],
      ["gopro?udp=1:2:3", /udp is PORT or PORT:CAMERA_PORT/],
      ["gopro?udp=x", /udp is a number/],
      ["gopro?dialect=hero99", /dialect is one of auto, gpcontrol/],
      ["gopro?resolution=1080", /resolution is one of 240, 480, 720/],
      ["gopro?bitrate=2.4M", /bitrate is bits a second from 100000 to 20000000/],
      ["gopro?bitrate=1", /bitrate is bits a second/],
      ["gopro?colour=red", /no option "colour" here: it has udp, dialect, resolution, bitrate/],
    ] as const
  ) {
    assert.throws(() => gopro.parse(text), { name: "SourceError", message: reason }, text);
  }
});
