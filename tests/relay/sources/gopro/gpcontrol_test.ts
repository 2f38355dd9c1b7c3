/** The gpControl dialect: schema, start paths, settings, status. */
import assert from "node:assert/strict";
import type { Answer } from "../../../../relay/sources/gopro/camera_http.ts";
import { gpcontrol } from "../../../../relay/sources/gopro/gpcontrol.ts";

const answered = (body: unknown, status = 200): Answer => ({
  kind: "answered",
  status,
  body: typeof body === "string" ? body : JSON.stringify(body),
});

Deno.test("a schema tells model, firmware and the start path", async () => {
  const asked: string[] = [];
  const found = await gpcontrol.identify((path) => {
    asked.push(path);
    return Promise.resolve(answered({
      version: 4,
      info: { model_name: "HERO4 Silver", firmware_version: "HD4.01.05.00.00" },
      services: { live_stream_start: { url: "/gp/gpControl/execute?p1=gpStream&c1=restart" } },
    }));
  });
  assert.deepEqual(asked, ["/gp/gpControl"]);
  assert.deepEqual(found, {
    kind: "yes",
    identity: {
      status: { model: "HERO4 Silver", firmware: "HD4.01.05.00.00" },
      startPath: "/gp/gpControl/execute?p1=gpStream&c1=restart",
    },
  });
});

Deno.test("a start path without its slash, or with a host, is the same path", async () => {
  for (const url of ["gp/x?c1=restart", "/gp/x?c1=restart", "http://10.5.5.9/gp/x?c1=restart"]) {
    const found = await gpcontrol.identify(() =>
      Promise.resolve(answered({ services: { live_stream_start: { url } } }))
    );
    assert.equal(found.kind === "yes" && found.identity.startPath, "/gp/x?c1=restart", url);
  }
});

Deno.test("an answer that tells nothing is perhaps, none is no", async () => {
  const kind = async (answer: Answer): Promise<string> =>
    (await gpcontrol.identify(() => Promise.resolve(answer))).kind;
  assert.equal(await kind({ kind: "unreadable" }), "perhaps");
  assert.equal(await kind(answered("", 404)), "perhaps");
  assert.equal(await kind(answered("not JSON")), "perhaps");
  assert.equal(await kind(answered("[1]")), "perhaps");
  assert.equal(await kind({ kind: "failed", why: "timeout" }), "no");
});

Deno.test("ways to start: the camera's own first, none twice, a1 after none, gpExec last", () => {
  const plain = gpcontrol.startPaths(undefined);
  assert.equal(plain.length, 3);
  assert.match(plain[0] ?? "", /p1=gpStream&c1=restart$/);
  assert.match(plain[1] ?? "", /a1=proto_v2/);
  assert.match(plain[2] ?? "", /^\/gp\/gpExec\?p1=gpStreamA9/);
  const own = gpcontrol.startPaths({ status: {}, startPath: plain[1] ?? "" });
  assert.deepEqual(own, [plain[1], plain[0], plain[2]]);
});

Deno.test("settings come in the camera's numbers", () => {
  assert.deepEqual(gpcontrol.settings({}), []);
  assert.deepEqual(gpcontrol.settings({ resolution: 480, bitrate: 2_400_000 }), [
    { name: "resolution=480", path: "/gp/gpControl/setting/64/4" },
    { name: "bitrate=2400000", path: "/gp/gpControl/setting/62/2400000" },
  ]);
});

Deno.test("status is put into words, and what the camera does not say stays unsaid", () => {
  const read = (status: unknown): unknown => gpcontrol.parseStatus(JSON.stringify({ status }));
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
  assert.equal(gpcontrol.parseStatus("{}"), undefined);
  assert.equal(gpcontrol.parseStatus("<html>"), undefined);
});
