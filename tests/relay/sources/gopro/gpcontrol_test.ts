/** The gpControl dialect: schema, start paths, settings, status. */
import assert from "node:assert/strict";
import type { Answer } from "../../../../relay/sources/gopro/camera_http.ts";
import { parseNumberedStatus } from "../../../../relay/sources/gopro/camera_status.ts";
import type { Camera, PreviewOptions } from "../../../../relay/sources/gopro/dialect.ts";
import { gpcontrol } from "../../../../relay/sources/gopro/gpcontrol.ts";

const OPTIONS: PreviewOptions = { mode: "auto", udpPort: 8554, host: "10.5.5.9" };

const answered = (body: unknown, status = 200): Answer => ({
  kind: "answered",
  status,
  body: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)),
});

async function camera(schema: unknown, options: Partial<PreviewOptions> = {}): Promise<Camera> {
  const found = await gpcontrol.identify(
    () => Promise.resolve(answered(schema)),
    { ...OPTIONS, ...options },
  );
  assert.ok(found.kind !== "no");
  return found.camera;
}

Deno.test("a schema tells model, firmware, the start path and the address that wakes", async () => {
  const { status, starts, mac } = await camera({
    version: 4,
    info: {
      model_name: "HERO4 Silver",
      firmware_version: "HD4.01.05.00.00",
      ap_mac: "0641691a2b3c",
    },
    services: { live_stream_start: { url: "/gp/gpControl/execute?p1=gpStream&c1=restart" } },
  });
  assert.deepEqual(status, { model: "HERO4 Silver", firmware: "HD4.01.05.00.00" });
  assert.equal(starts[0]?.path, "/gp/gpControl/execute?p1=gpStream&c1=restart");
  assert.deepEqual(mac, Uint8Array.of(6, 0x41, 0x69, 0x1a, 0x2b, 0x3c));
});

Deno.test("a name longer than any is none: it would stand in every answer", async () => {
  const { status } = await camera({ info: { model_name: "x".repeat(10_000) } });
  assert.deepEqual(status, {});
});

Deno.test("a start path without its slash, or with a host, is the same path", async () => {
  for (const url of ["gp/x?c1=restart", "/gp/x?c1=restart", "http://10.5.5.9/gp/x?c1=restart"]) {
    const { starts } = await camera({ services: { live_stream_start: { url } } });
    assert.equal(starts[0]?.path, "/gp/x?c1=restart", url);
  }
});

Deno.test("keep-alives are written as the generation's own applications do", async () => {
  const textOf = async (firmware_version: string): Promise<unknown> => {
    const [keepAlive] = (await camera({ info: { firmware_version } })).keepAlives;
    return keepAlive?.kind === "datagram" && keepAlive.text;
  };
  assert.equal(await textOf("HD4.01.05.00.00"), "_GPHD_:0:0:2:0.000000\n");
  assert.equal(await textOf("HD8.01.02.51.00"), "_GPHD_:1:0:2:0.000000\n");
});

Deno.test("as a webcam it is started by its webcam's words", async () => {
  const { starts, settings } = await camera({}, { mode: "webcam", resolution: 1080 });
  assert.deepEqual(starts, [{ path: "/gp/gpWebcam/START?res=1080", stop: "/gp/gpWebcam/STOP" }]);
  assert.deepEqual(settings, []);
});

Deno.test("an answer that tells nothing is perhaps, none is no", async () => {
  const kind = async (answer: Answer): Promise<string> =>
    (await gpcontrol.identify(() => Promise.resolve(answer), OPTIONS)).kind;
  assert.equal(await kind({ kind: "unreadable" }), "perhaps");
  assert.equal(await kind(answered("", 404)), "perhaps");
  assert.equal(await kind(answered("not JSON")), "perhaps");
  assert.equal(await kind(answered("[1]")), "perhaps");
  assert.equal(await kind({ kind: "failed", why: "timeout" }), "no");
});

Deno.test("ways to start: the camera's own first, none twice, a1 after none, gpExec last", async () => {
  const plain = (await camera({})).starts.map(({ path }) => path);
  assert.equal(plain.length, 3);
  assert.match(plain[0] ?? "", /p1=gpStream&c1=restart$/);
  assert.match(plain[1] ?? "", /a1=proto_v2/);
  assert.match(plain[2] ?? "", /^\/gp\/gpExec\?p1=gpStreamA9/);
  const own = await camera({ services: { live_stream_start: { url: plain[1] } } });
  assert.deepEqual(own.starts.map(({ path }) => path), [plain[1], plain[0], plain[2]]);
});

Deno.test("settings come in the camera's numbers", async () => {
  assert.deepEqual((await camera({})).settings, []);
  assert.deepEqual((await camera({}, { resolution: 480, bitrate: 2_400_000 })).settings, [
    { name: "resolution=480", path: "/gp/gpControl/setting/64/4" },
    { name: "bitrate=2400000", path: "/gp/gpControl/setting/62/2400000" },
  ]);
});

Deno.test("status is put into words, and what the camera does not say stays unsaid", () => {
  const parse = (text: string): unknown => parseNumberedStatus(new TextEncoder().encode(text));
  const read = (status: unknown): unknown => parse(JSON.stringify({ status }));
  assert.deepEqual(read({ "1": 1, "2": 2, "6": 0, "8": 0, "10": 1, "33": 1 }), {
    battery: 67,
    charging: false,
    recording: true,
    card: "full",
    busy: false,
    hot: false,
  });
  assert.deepEqual(read({ "1": 1, "2": 4, "70": 88, "6": 1, "8": 1, "33": 0 }), {
    battery: 88,
    charging: true,
    busy: true,
    hot: true,
  });
  assert.deepEqual(read({ "1": 1, "2": 4 }), { charging: true }, "on the charger, level unknown");
  assert.deepEqual(read({ "1": 0, "2": 0, "33": 2 }), { charging: false, card: "missing" });
  assert.deepEqual(read({ "33": -1, "2": "x", "70": 255 }), {});
  assert.equal(parse("{}"), undefined);
  assert.equal(parse("<html>"), undefined);
});
