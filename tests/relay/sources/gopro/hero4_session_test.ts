/** Sessions: the HERO4's starts nothing before it counts this machine among its clients (status 31). */
import assert from "node:assert/strict";
import type { GoProCamera } from "../../../support/gopro_camera.ts";
import * as firmware from "../../../support/gopro_firmware.ts";
import { scene, type SceneOptions, streaming, TIMINGS } from "../../../support/gopro_scene.ts";

const MAGIC_BYTES = 6 + 16 * 6;
/** Magic packets come where its keep-alives do, for they are told apart. */
const AWAKENED_HERE: SceneOptions = {
  spec: (spec, camera) => ({ ...spec, wakePort: camera.udpPort }),
};
const started = ({ requests }: GoProCamera): boolean =>
  requests.some((path) => path.includes("restart"));

Deno.test("a HERO4 Session is woken to its application mode, and started once it counts a client", async () => {
  await scene({ firmware: firmware.hero4Session }, async ({ camera, out }) => {
    await camera.until(({ otherDatagrams }) => otherDatagrams.length > 10);
    assert.equal(camera.otherDatagrams[0]?.length, MAGIC_BYTES);
    assert.deepEqual([...camera.otherDatagrams[0]?.subarray(6, 12) ?? []], [
      ...[0x06, 0x41, 0x69, 0x4c, 0x3d, 0x9d],
    ]);
    assert.equal(started(camera), false);
    camera.status["31"] = 1;
    await streaming(out);
    assert.ok(!out.all("note").some(({ sentence }) => sentence.includes("listens")));
  }, AWAKENED_HERE);
});

Deno.test("a HERO4 Session that counts a client already is not woken", async () => {
  await scene({ firmware: firmware.hero4Session }, async ({ camera, out }) => {
    await streaming(out);
    assert.deepEqual(camera.otherDatagrams, []);
  }, {
    spec: (spec, camera) => {
      camera.status["31"] = 2;
      return { ...spec, wakePort: camera.udpPort };
    },
  });
});

Deno.test("a HERO4 Session that never counts anybody is started all the same, and that is said", async () => {
  const starts: typeof firmware.hero4Session = (path, status) =>
    firmware.hero4Session(path, path.includes("restart") ? { ...status, "31": 1 } : status);
  await scene({ firmware: starts }, async ({ out }) => {
    await streaming(out);
    const notes = out.all("note").map(({ sentence }) => sentence);
    assert.ok(
      notes.some((note) => /^the HERO4 Session at .* does not say that it listens/.test(note)),
    );
  }, { ...AWAKENED_HERE, timings: { ...TIMINGS, attendMs: 50 } });
});

Deno.test("a HERO5 Session, which counts nobody, is not waited for", async () => {
  await scene({ firmware: firmware.hero5Session }, async ({ camera, out }) => {
    await streaming(out);
    assert.deepEqual(camera.otherDatagrams, []);
    assert.ok(!out.all("note").some(({ sentence }) => sentence.includes("listens")));
  }, { ...AWAKENED_HERE, timings: { ...TIMINGS, attendMs: 3_600_000 } });
});
