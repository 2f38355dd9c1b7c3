/** Open GoPro cameras, HERO9 and later, each with its faults, on this machine. */
import assert from "node:assert/strict";
import { equalBytes } from "../../../../shared/bytes.ts";
import { openGoPro } from "../../../support/gopro_firmware_open.ts";
import {
  DATAGRAMS,
  IMPATIENT,
  PAYLOAD,
  scene,
  streaming,
  TIMINGS,
} from "../../../support/gopro_scene.ts";
import type { GoProCamera } from "../../../support/gopro_camera.ts";

const HERO11 = { model: "HERO11 Black", firmware: "H22.01.02.32.00" };
const HERO13 = { model: "HERO13 Black", firmware: "H24.01.01.20.00" };
const KEPT = /^\/gopro\/camera\/keep_alive$/;

const asked = (camera: GoProCamera, path: RegExp): string[] =>
  camera.requests.filter((each) => path.test(each));

Deno.test("a HERO11 is started on its own words, told our port, and every byte arrives", async () => {
  await scene({ firmware: openGoPro(HERO11), keptByRequest: KEPT }, async ({ camera, out }) => {
    await out.until((seen) => seen.all("data").length === DATAGRAMS.length);
    assert.ok(equalBytes(out.bytes(), PAYLOAD));
    assert.equal(camera.requests[0], "/gopro/version");
    assert.match(asked(camera, /stream\/start/)[0] ?? "", /\?port=\d+$/);
    assert.ok(!camera.requests.some((path) => path.startsWith("/gp/")));
    assert.equal(out.all("status")[0]?.status.model, "HERO11 Black");
  });
});

Deno.test("keep_alive goes on, so the camera does not stop; datagrams would not do", async () => {
  await scene(
    { firmware: openGoPro(HERO11), keptByRequest: KEPT, repeat: true, keepAliveLimitMs: 300 },
    async ({ camera, out }) => {
      await camera.until(() => asked(camera, KEPT).length >= 20);
      const before = out.all("data").length;
      await out.until((seen) => seen.all("data").length > before + 20);
      assert.deepEqual([camera.starts, camera.keepAlives], [1, 0]);
    },
  );
});

Deno.test("without info, as early HERO9 firmware, it streams all the same", async () => {
  const silent = openGoPro({ model: "HERO9 Black", firmware: "HD9.01", silent: true });
  await scene({ firmware: silent }, async ({ out }) => await streaming(out));
});

Deno.test("409 at the start: stopped, given a moment, started again", async () => {
  const conflict = openGoPro({ ...HERO11, conflict: true });
  await scene({ firmware: conflict }, async ({ camera, out }) => {
    await streaming(out);
    const order = asked(camera, /stream\//).map((path) => path.replace(/\?.*/, ""));
    assert.deepEqual(order, [
      "/gopro/camera/stream/stop",
      "/gopro/camera/stream/start",
      "/gopro/camera/stream/stop",
      "/gopro/camera/stream/start",
    ]);
  });
});

Deno.test("409 from a camera that streams is success", async () => {
  const already = openGoPro({ ...HERO11, conflictAndStreams: true });
  await scene({ firmware: already }, async ({ camera, out }) => {
    await streaming(out);
    assert.equal(asked(camera, /stream\/start/).length, 1);
  });
});

/** So many times its state is asked for before it is free. */
const POLLS = 4;

for (const [name, key] of [["is busy", "8"], ["records", "10"]] as const) {
  Deno.test(`a camera that ${name} is waited for, its start not asked before`, async () => {
    let states = 0;
    const model = openGoPro(HERO11);
    const firmware: typeof model = (path, status) =>
      model(path, path.endsWith("/state") && states++ < POLLS ? { ...status, [key]: 1 } : status);
    await scene({ firmware }, async ({ camera, out }) => {
      await streaming(out);
      const start = camera.requests.findIndex((path) => path.includes("stream/start"));
      const before = camera.requests.slice(0, start).filter((path) => path.endsWith("/state"));
      assert.equal(before.length, POLLS + 1);
    });
  });
}

Deno.test("a camera that records on and on is started all the same", async () => {
  await scene({ firmware: openGoPro(HERO11) }, async ({ camera, out }) => {
    camera.status["10"] = 1;
    await streaming(out);
    assert.equal(out.all("status").at(-1)?.status.recording, true);
  }, { timings: { ...TIMINGS, busyMs: 50 } });
});

Deno.test("the webcam is asked for by its own path and rows", async () => {
  await scene({ firmware: openGoPro(HERO11) }, async ({ camera, out }) => {
    await streaming(out);
    assert.match(asked(camera, /webcam\/start/)[0] ?? "", /start\?res=12&port=\d+$/);
    assert.equal(asked(camera, /stream\/start/).length, 0);
    assert.ok(
      camera.requests.indexOf("/gopro/webcam/stop") <
        camera.requests.findIndex((path) => path.startsWith("/gopro/webcam/start")),
    );
  }, { query: "&mode=webcam&resolution=1080" });
});

Deno.test("where the preview is H.265 the webcam's H.264 is taken, unless the user says otherwise", async () => {
  await scene({ firmware: openGoPro(HERO13) }, async ({ camera, out }) => {
    await streaming(out);
    assert.equal(asked(camera, /webcam\/start/).length, 1);
    assert.equal(asked(camera, /stream\/start/).length, 0);
  });
  await scene({ firmware: openGoPro(HERO13) }, async ({ camera, out }) => {
    await streaming(out);
    assert.equal(asked(camera, /webcam\/start/).length, 0);
  }, { query: "&mode=preview" });
});

Deno.test("a HERO13 whose webcam always answers 500 shows its preview", async () => {
  const firmware = openGoPro({ ...HERO13, webcamStatus: 500 });
  await scene({ firmware }, async ({ camera, out }) => {
    await streaming(out);
    assert.equal(asked(camera, /stream\/start/).length, 1);
  });
});

Deno.test("a model without a webcam says so in a sentence", async () => {
  const firmware = openGoPro({ ...HERO11, webcamStatus: 501 });
  await scene({ firmware }, async ({ running }) => {
    await assert.rejects(running, {
      name: "SourceError",
      message: /answered 501 to every request/,
    });
  }, { query: "&mode=webcam", fails: true });
});

Deno.test("at a USB address the cable's control is left for the webcam and taken for the preview", async () => {
  for (const [mode, parameter] of [["webcam", "0"], ["preview", "1"]] as const) {
    await scene({ firmware: openGoPro(HERO11) }, async ({ camera, out }) => {
      await streaming(out);
      assert.deepEqual(asked(camera, /wired_usb/), [
        `/gopro/camera/control/wired_usb?p=${parameter}`,
      ]);
    }, {
      query: `&mode=${mode}`,
      spec: (spec) => ({ ...spec, preview: { ...spec.preview, host: "172.26.144.51" } }),
    });
  }
});

Deno.test("what it has no way to set is said", async () => {
  await scene({ firmware: openGoPro(HERO11) }, async ({ out }) => {
    await streaming(out);
    const notes = out.all("note").map(({ sentence }) => sentence);
    assert.ok(notes.some((note) => note.endsWith("has no way to set bitrate=2400000")));
  }, { query: "&bitrate=2400000" });
});

Deno.test("at the press of the shutter the preview stops; it is stopped and started again", async () => {
  await scene({ firmware: openGoPro(HERO11), repeat: true }, async ({ camera, source, out }) => {
    await streaming(out);
    await source.command?.({ kind: "shutter", on: true });
    assert.equal(out.all("status").at(-1)?.status.recording, true);
    await out.until((seen) => seen.all("discontinuity").length === 1);
    assert.equal(asked(camera, /stream\/start/).length, 2);
    await source.command?.({ kind: "shutter", on: false });
    assert.deepEqual(asked(camera, /shutter/), [
      "/gopro/camera/shutter/start",
      "/gopro/camera/shutter/stop",
    ]);
  }, { timings: IMPATIENT });
});

Deno.test("a Wi-Fi that is lost, and a camera that is off, have their sentences", async () => {
  await scene({ firmware: openGoPro(HERO11), repeat: true }, async ({ camera, out, running }) => {
    await streaming(out);
    camera.hang();
    await assert.rejects(running, { name: "SourceError", message: /does not answer: is it on/ });
  }, {
    fails: true,
    timings: { ...IMPATIENT, httpTimeoutMs: 100 },
    spec: (spec, { udpPort }) => ({ ...spec, wakePort: udpPort }), // it told its address: it is woken first
  });
  await scene({ firmware: openGoPro(HERO11) }, async ({ camera, running }) => {
    await camera.goAway();
    await assert.rejects(running, { name: "SourceError" });
  }, { fails: true, timings: TIMINGS });
});
