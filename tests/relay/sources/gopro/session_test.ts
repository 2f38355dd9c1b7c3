/** The GoPro source against a camera on this machine that makes a camera's demands. */
import assert from "node:assert/strict";
import { gopro, openGoPro } from "../../../../relay/sources/gopro/gopro.ts";
import { equalBytes } from "../../../../shared/bytes.ts";
import type { GoProCamera } from "../../../support/gopro_camera.ts";
import type { Firmware } from "../../../support/gopro_firmware.ts";
import * as firmware from "../../../support/gopro_firmware.ts";
import {
  DATAGRAMS,
  IMPATIENT,
  PAYLOAD,
  scene,
  streaming,
  TIMINGS,
} from "../../../support/gopro_scene.ts";
import { RecordingOutput } from "../../../support/source_output.ts";
import { freeUdpPort } from "../../../support/ports.ts";

const starts = (camera: GoProCamera): string[] =>
  camera.requests.filter((path) => path.includes("restart"));

Deno.test("a HERO4 is started by the path it names, and every byte arrives", async () => {
  await scene({}, async ({ camera, out }) => {
    await out.until((seen) => seen.all("data").length === DATAGRAMS.length);
    assert.ok(equalBytes(out.bytes(), PAYLOAD));
    assert.equal(out.all("endOfFrame").length, 12 * 11);
    assert.equal(out.datagramsLost(), 0);
    assert.deepEqual(camera.requests.slice(0, 2), ["/gopro/version", "/gp/gpControl"]);
    assert.deepEqual(starts(camera), ["/gp/gpControl/execute?p1=gpStream&c1=restart"]);
    assert.deepEqual(out.all("discontinuity"), []);
  });
});

Deno.test("a HERO8 that answers 500 to a1 is started without it", async () => {
  await scene({ firmware: firmware.hero8 }, async ({ camera, out }) => {
    await streaming(out);
    assert.deepEqual(starts(camera).map((path) => path.includes("a1=")), [true, false]);
  });
});

Deno.test("a camera that answers 500 and streams has started", async () => {
  await scene(
    { firmware: firmware.refusesAndStreams, startDelayMs: 40 },
    async ({ camera, out }) => {
      await streaming(out);
      assert.equal(starts(camera).length, 1);
    },
  );
});

Deno.test("early firmware with its broken status line is started by gpExec", async () => {
  await scene({ firmware: firmware.hero4Early }, async ({ camera, out }) => {
    await streaming(out);
    assert.match(starts(camera).at(-1) ?? "", /^\/gp\/gpExec/);
  });
});

Deno.test("keep-alives and status requests go on, so the camera does not stop", async () => {
  await scene(
    { repeat: true, keepAliveLimitMs: 500, httpLimitMs: 700 },
    async ({ camera, out }) => {
      await camera.until(() => camera.keepAlives >= 35 && camera.requests.length >= 35);
      const before = out.all("data").length;
      await out.until((seen) => seen.all("data").length > before + 20);
      assert.equal(camera.starts, 1);
    },
  );
});

Deno.test("without keep-alives the camera stops: the stand-in demands them", async () => {
  const slow = { ...TIMINGS, keepAliveMs: 3_600_000, silenceMs: 3_600_000 };
  // Long enough for a busy machine to have sent the first pictures by then.
  await scene({ repeat: true, keepAliveLimitMs: 600 }, async ({ camera, out }) => {
    await streaming(out);
    await new Promise((resolve) => setTimeout(resolve, 900));
    const { sent } = camera;
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(camera.sent, sent);
  }, { timings: slow });
});

Deno.test("what the camera says of itself is passed on when it changes", async () => {
  await scene({ repeat: true }, async ({ camera, out }) => {
    await out.until((seen) => seen.all("status").length === 2);
    assert.deepEqual(out.all("status").map(({ status }) => status), [
      { model: "HERO4 Silver", firmware: "HD4.01.05.00.00", shutter: true },
      {
        model: "HERO4 Silver",
        firmware: "HD4.01.05.00.00",
        shutter: true,
        battery: 100,
        charging: false,
        recording: false,
        busy: false,
      },
    ]);
    const asked = camera.requests.length;
    await camera.until(() => camera.requests.length > asked + 5);
    assert.equal(out.all("status").length, 2, "unchanged, unsaid");
    camera.status["10"] = 1;
    camera.status["33"] = 1;
    await out.until((seen) => seen.all("status").length === 3);
    const last = out.all("status").at(-1)?.status;
    assert.deepEqual([last?.recording, last?.card], [true, "full"]);
  });
});

Deno.test("settings go before the start", async () => {
  const query = "&resolution=480&bitrate=2400000";
  await scene({}, async ({ camera, out }) => {
    await streaming(out);
    const paths = camera.requests.filter((path) => !path.endsWith("status"));
    assert.deepEqual(paths.slice(2, 4), [
      "/gp/gpControl/setting/64/4",
      "/gp/gpControl/setting/62/2400000",
    ]);
    assert.match(paths[4] ?? "", /restart/);
  }, { query });
});

Deno.test("a busy camera is not sent settings before it is free", async () => {
  const busy: Firmware = (path, status) => {
    const answer = firmware.hero4(path, status);
    return path.endsWith("/status") && asked++ < 5
      ? { ...answer, body: String(answer.body).replace('"8":0', '"8":1') }
      : answer;
  };
  let asked = 0;
  await scene({ firmware: busy }, async ({ camera, out }) => {
    await streaming(out);
    const first = camera.requests.findIndex((path) => path.includes("/setting/"));
    assert.equal(
      camera.requests.slice(0, first).filter((path) => path.endsWith("status")).length,
      6,
    );
  }, { query: "&resolution=240" });
});

Deno.test("a setting the camera refuses is said, and the picture comes all the same", async () => {
  await scene({ firmware: firmware.takesNoSettings }, async ({ out }) => {
    await streaming(out);
    const notes = out.all("note").map(({ sentence }) => sentence);
    assert.ok(
      notes.includes("the GoPro at 127.0.0.1 does not take resolution=720: it answered 500"),
    );
  }, { query: "&resolution=720" });
});

Deno.test("a preview that freezes is stopped and started again, and said to be anew", async () => {
  await scene({ repeat: true }, async ({ camera, out }) => {
    for (let round = 1; round <= 3; round++) {
      const before = out.all("data").length;
      await out.until((seen) => seen.all("data").length > before + 20);
      camera.freeze();
      await out.until((seen) => seen.all("discontinuity").length === round);
    }
    assert.deepEqual(
      new Set(out.all("discontinuity").map((call) => call.of)),
      new Set(["restart"]),
    );
    assert.ok(camera.requests.some((path) => path.endsWith("c1=stop")));
    assert.equal(out.datagramsLost(), 0, "a restart is no loss");
    const notes = out.all("note").map(({ sentence }) => sentence);
    assert.ok(notes.some((sentence) => sentence.includes("its preview is restarted")));
  }, { timings: IMPATIENT });
});

Deno.test("of a preview started again nothing is dropped, however early it froze", async () => {
  await scene({}, async ({ camera, out }) => {
    await out.until((seen) => seen.all("data").length > 40);
    camera.freeze();
    await out.until((seen) => seen.all("discontinuity").length === 1);
    const first = out.calls.findIndex(({ kind }) => kind === "discontinuity");
    const again = (): number => out.calls.slice(first).filter(({ kind }) => kind === "data").length;
    await out.until(() => again() === DATAGRAMS.length);
    assert.equal(out.all("discontinuity").length, 1, "all of one round");
  }, { timings: { ...IMPATIENT, silenceMs: 1_000 } }); // a busy machine is silent for a while, too
});

Deno.test("a camera that is gone ends the run in a sentence; started again, it is found again", async () => {
  await scene({ repeat: true }, async ({ camera, out, running }) => {
    await streaming(out);
    await camera.goAway();
    await assert.rejects(running, {
      name: "SourceError",
      message: /the GoPro at 127\.0\.0\.1 refuses the connection: switch on its app control/,
    });
    await camera.comeBack();
    const again = new RecordingOutput();
    const controller = new AbortController();
    const second = openGoPro(gopro.parse(camera.source), TIMINGS).run(again, controller.signal);
    await streaming(again);
    controller.abort();
    await second;
  }, { fails: true, timings: IMPATIENT });
});

Deno.test("a Wi-Fi that is lost ends the run in its own sentence", async () => {
  await scene({ repeat: true }, async ({ camera, out, running }) => {
    await streaming(out);
    camera.hang();
    await assert.rejects(running, {
      name: "SourceError",
      message: /does not answer: is it on, and is this machine on the camera's Wi-Fi\?/,
    });
  }, { fails: true, timings: IMPATIENT });
});

Deno.test("a camera that refuses every start, and one that only says yes, have their sentences", async () => {
  await scene({ firmware: firmware.refuses }, async ({ running }) => {
    await assert.rejects(running, /answered 500 to every request to start its preview/);
  }, { fails: true, timings: IMPATIENT });
  await scene({ firmware: firmware.acceptsInSilence }, async ({ running }) => {
    await assert.rejects(running, /says its preview runs, but nothing comes to UDP port \d+/);
  }, { fails: true, timings: IMPATIENT });
});

Deno.test("lost datagrams are counted exactly; duplicates and late ones are not used", async () => {
  await scene({ faults: { seed: 3, loss: 0.02 }, speed: 10 }, async ({ camera, out }) => {
    await camera.until(() => camera.finished);
    await out.until((seen) => seen.all("data").length === DATAGRAMS.length - camera.dropped.length);
    assert.ok(camera.dropped.length > 3);
    // Beyond the first, what goes missing at a group's very end cannot be counted.
    const dropped = new Set(camera.dropped);
    const unknowable = camera.dropped.filter((i) => {
      for (let next = i + 1; next % 33 !== 0; next++) if (!dropped.has(next)) return false;
      return i % 33 !== 32;
    });
    const last = camera.dropped.filter((i) => i >= DATAGRAMS.length - 1);
    assert.equal(out.datagramsLost(), dropped.size - unknowable.length - last.length);
  });
  await scene({ faults: { seed: 4, duplication: 0.2 } }, async ({ camera, out }) => {
    await camera.until(() => camera.finished);
    await out.until((seen) => seen.all("data").length === DATAGRAMS.length);
    assert.ok(camera.sent > DATAGRAMS.length);
    assert.ok(equalBytes(out.bytes(), PAYLOAD));
    assert.equal(out.datagramsLost(), 0);
  });
});

Deno.test("a stream port in use is said before the camera is asked", async () => {
  const streamPort = freeUdpPort();
  const taken = Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: streamPort });
  try {
    await scene({ streamPort }, async ({ camera, running }) => {
      await assert.rejects(running, { name: "SourceError", message: /is in use/ });
      assert.deepEqual(camera.requests, []);
    }, { fails: true, timings: IMPATIENT });
  } finally {
    taken.close();
  }
});

Deno.test("an abort ends it at once, wherever it is", async () => {
  for (const at of ["before", "asking", "streaming"] as const) {
    await scene({ repeat: true }, async ({ camera, out, running, controller }) => {
      if (at === "asking") {
        camera.hang();
        await camera.until(() => camera.requests.length > 0);
      }
      if (at === "streaming") await streaming(out);
      controller.abort();
      await running;
      const count = out.calls.length;
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(out.calls.length, count);
    });
  }
});

Deno.test("the shutter is pressed and released; the preview that stops at it comes back by itself", async () => {
  await scene({ repeat: true }, async ({ camera, source, out }) => {
    await streaming(out);
    await source.command?.({ kind: "shutter", on: true });
    assert.ok(camera.requests.includes("/gp/gpControl/command/shutter?p=1"));
    assert.equal(out.all("status").at(-1)?.status.recording, true);
    await out.until((seen) => seen.all("discontinuity").length === 1);
    await source.command?.({ kind: "shutter", on: false });
    assert.equal(out.all("status").at(-1)?.status.recording, false);
  }, { timings: IMPATIENT });
});

Deno.test("settings stay as they are while the camera records", async () => {
  const records: Firmware = (path, status) => firmware.hero4(path, { ...status, "10": 1 });
  await scene({ firmware: records }, async ({ camera, out }) => {
    await streaming(out);
    assert.ok(!camera.requests.some((path) => path.includes("/setting/")));
    const notes = out.all("note").map(({ sentence }) => sentence);
    assert.ok(notes.some((note) => note.endsWith("records: its settings stay as they are")));
  }, { query: "&resolution=240" });
});

Deno.test("what is no GoPro is said once, in the sentence it fails with, and not of its status", async () => {
  const stranger: Firmware = () => ({ status: 404, body: "" });
  await scene({ firmware: stranger }, async ({ camera, out, running }) => {
    await assert.rejects(running, { name: "SourceError", message: /does not speak as a GoPro/ });
    assert.ok(camera.requests.length > 0);
    assert.deepEqual(out.all("note"), []);
  }, { fails: true, timings: { ...IMPATIENT, statusMs: 1 } });
});

Deno.test("what cannot be told is refused in a sentence", async () => {
  const noShutter: Firmware = (path, status) =>
    path.includes("shutter") ? { status: 409, body: "" } : firmware.hero4(path, status);
  await scene({ firmware: noShutter, repeat: true }, async ({ source, out }) => {
    await assert.rejects(async () => await source.command?.({ kind: "shutter", on: true }), {
      name: "SourceError",
      message: /is not connected/,
    });
    await streaming(out);
    await assert.rejects(async () => await source.command?.({ kind: "shutter", on: true }), {
      name: "SourceError",
      message: /did not do it \(409\)/,
    });
  });
});

Deno.test("a camera asleep is woken by its address, told or known, and found", async () => {
  await scene({ repeat: true }, async ({ camera, out, running, controller }) => {
    await streaming(out);
    await camera.goAway();
    await assert.rejects(running, { name: "SourceError" });
    const notes = out.all("note").map(({ sentence }) => sentence);
    assert.ok(notes.some((note) => note.endsWith("does not answer: it is woken")));
    controller.abort();
  }, {
    fails: true,
    timings: IMPATIENT,
    query: "&mac=0641691a2b3c",
    spec: (spec, { udpPort }) => ({ ...spec, wakePort: udpPort }),
  });
  // Its HTTP server sleeps until a magic packet comes.
  let awake = false;
  const sleeping: Firmware = (path, status) =>
    awake ? firmware.hero4(path, status) : { status: 0, body: "", hangs: true };
  await scene({ firmware: sleeping }, async ({ camera, out }) => {
    await camera.until(({ otherDatagrams }) => otherDatagrams.length > 0);
    assert.equal(camera.otherDatagrams[0]?.length, 102);
    awake = true;
    await streaming(out);
  }, {
    query: "&mac=0641691a2b3c",
    spec: (spec, { udpPort }) => ({ ...spec, wakePort: udpPort }),
    timings: { ...TIMINGS, httpTimeoutMs: 100, wakeMs: 300 },
  });
});
