/** A GoPro source's text. */
import assert from "node:assert/strict";
import { gopro } from "../../../../relay/sources/gopro/gopro.ts";

Deno.test("gopro alone is the camera at its own address", () => {
  const spec = gopro.parse("gopro");
  assert.deepEqual([spec.host, spec.httpPort, spec.udpPort, spec.cameraUdpPort], [
    "10.5.5.9",
    undefined,
    8554,
    8554,
  ]);
  assert.deepEqual(spec.permissions, {
    net: ["0.0.0.0:8554", "10.5.5.9:8080", "10.5.5.9:80", "10.5.5.9:8554", "10.5.5.9:9"],
  });
  assert.deepEqual(spec.dialects, ["open", "gpcontrol", "hero3"]);
  assert.deepEqual(spec.preview, { mode: "auto", udpPort: 8554, host: "10.5.5.9" });
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
  assert.deepEqual(spec.preview, {
    mode: "auto",
    udpPort: 9000,
    host: "cam.local",
    resolution: 480,
    bitrate: 2_400_000,
  });
  assert.deepEqual(spec.dialects, ["gpcontrol"]);
  assert.deepEqual(spec.permissions.net, [
    "0.0.0.0:9000",
    "cam.local:8080",
    "cam.local:9001",
    "cam.local:9",
  ]);
  assert.equal(gopro.parse("gopro://10.5.5.9/").host, "10.5.5.9");
  assert.equal(gopro.parse("gopro?udp=9000").cameraUdpPort, 8554);
});

Deno.test("a camera on the home's network has a name, a password and a certificate, and shows none", () => {
  const spec = gopro.parse("gopro://gopro:s%25cret@192.168.1.7?cohn=/keys/cam.crt&mode=webcam");
  assert.deepEqual(spec.cohn, { user: "gopro", password: "s%cret", path: "/keys/cam.crt" });
  assert.equal(spec.httpPort, 443);
  assert.deepEqual(spec.permissions.read, ["/keys/cam.crt"]);
  assert.equal(spec.label, "gopro://192.168.1.7?cohn=/keys/cam.crt&mode=webcam");
  assert.equal(spec.preview.mode, "webcam");
});

Deno.test("a password stands in no label and in no sentence, whatever it is made of", () => {
  const spec = gopro.parse("gopro://gopro:hun?ter2@192.168.1.7?cohn=/keys/cam.crt");
  assert.equal(spec.label, "gopro://192.168.1.7?cohn=/keys/cam.crt");
  for (const tail of ["?colour=red", "?udp=1&udp=2", "?udp=x", ":0?cohn=/x"]) {
    assert.throws(
      () => gopro.parse(`gopro://gopro:hunter2@192.168.1.7${tail}`),
      (error: Error) => error.name === "SourceError" && !error.message.includes("hunter2"),
      tail,
    );
  }
});

Deno.test("the address that wakes a camera is six bytes, however written", () => {
  const bytes = Uint8Array.of(10, 27, 44, 61, 78, 95);
  assert.deepEqual(gopro.parse("gopro?mac=0A:1B:2C:3D:4E:5F").mac, bytes);
  assert.deepEqual(gopro.parse("gopro?mac=0a1b2c3d4e5f").mac, bytes);
});

Deno.test("what cannot be meant is an error that says what can", () => {
  for (
    const [text, reason] of [
      ["gopro:10.5.5.9", /write gopro or gopro:\/\/HOST/],
      ["gopro://10.5.5.9:http", /write gopro or/],
      ["gopro://user:secret@10.5.5.9", /^gopro:\/\/10\.5\.5\.9: a camera on the home's network is/],
      ["gopro://10.5.5.9?cohn=/x", /a camera on the home's network is/],
      ["gopro://u:%zz@10.5.5.9?cohn=/x", /is written %25/],
      ["gopro?mac=12", /mac is six bytes/],
      ["gopro?mode=film", /mode is one of auto, preview, webcam/],
      ["gopro://h:0", /the camera's port is a number from 1/],
      ["gopro?udp=1:2:3", /udp is PORT or PORT:CAMERA_PORT/],
      ["gopro?udp=x", /udp is a number/],
      ["gopro?dialect=hero99", /dialect is one of auto, open, gpcontrol, hero3/],
      ["gopro?resolution=900", /resolution is one of 240, 480, 720, 1080/],
      ["gopro?bitrate=2.4M", /bitrate is bits a second from 100000 to 20000000/],
      ["gopro?bitrate=1", /bitrate is bits a second/],
      [
        "gopro?colour=red",
        /no option "colour" here: it has udp, dialect, mode, resolution, bitrate/,
      ],
    ] as const
  ) {
    assert.throws(() => gopro.parse(text), { name: "SourceError", message: reason }, text);
  }
});
