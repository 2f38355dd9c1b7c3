/** Pairing with a GoPro of the gpControl kind: by the digits it shows, without any, and what is said when it fails. */
import assert from "node:assert/strict";
import { gopro } from "../../../../relay/sources/gopro/gopro.ts";
import type { Firmware } from "../../../support/gopro_firmware.ts";
import * as firmware from "../../../support/gopro_firmware.ts";
import { openGoPro } from "../../../support/gopro_firmware_open.ts";
import { PairingDoor } from "../../../support/gopro_pairing.ts";
import { IMPATIENT, type Scene, scene, streaming } from "../../../support/gopro_scene.ts";

const PIN = "4711";

function notes({ out }: Pick<Scene, "out">): string[] {
  return out.all("note").map(({ sentence }) => sentence);
}

/** Plays a scene with a camera that is paired at `door`. */
async function atDoor(
  door: PairingDoor,
  { pin = PIN, camera = firmware.hero4, play = ({ out }: Scene) => streaming(out) },
): Promise<string[]> {
  let said: string[] = [];
  await scene({ firmware: camera }, async (seen) => {
    await play(seen);
    said = notes(seen);
  }, {
    query: `&pair=${pin}`,
    timings: IMPATIENT,
    spec: (spec) => ({ ...spec, pairPort: door.port }),
  });
  return said;
}

Deno.test("a HERO4 is paired by the digits that it shows, over TLS, before it is started", async () => {
  let paired = false;
  await using door = await PairingDoor.open({ pin: PIN, onPaired: () => paired = true });
  const closed: Firmware = (path, status) =>
    path.includes("restart") && !paired ? { status: 403, body: "" } : firmware.hero4(path, status);
  const said = await atDoor(door, { camera: closed });
  assert.deepEqual(door.requests, [
    `/gpPair?c=start&pin=${PIN}&mode=0`,
    `/gpPair?c=finish&pin=${PIN}&mode=0`,
  ]);
  assert.ok(said.some((note) => /is paired: from now on its source needs no "pair"/.test(note)));
});

Deno.test("later cameras are told without digits until they confirm it", async () => {
  await scene({ firmware: firmware.unpaired() }, async (seen) => {
    await streaming(seen.out);
    const told = seen.camera.requests.filter((path) => path.includes("pair/complete"));
    assert.deepEqual(
      told,
      Array(3).fill("/gp/gpControl/command/wireless/pair/complete?success=1&deviceName=Rill"),
    );
    assert.ok(notes(seen).some((note) => note.includes("is paired")));
  }, { query: "&pair" });
});

Deno.test("a camera that does not know this machine says what to do", async () => {
  await scene({ firmware: firmware.unpaired() }, async ({ running }) => {
    await assert.rejects(running, {
      name: "SourceError",
      message: /does not know this machine \(403\).*on the camera choose.*gopro\?pair=DIGITS/,
    });
  }, { fails: true, timings: IMPATIENT });
});

Deno.test("what keeps it from being paired is said, and the picture is tried for", async (test) => {
  await test.step("other digits", async () => {
    await using door = await PairingDoor.open({ pin: "1234" });
    const said = (await atDoor(door, {})).join("\n");
    assert.match(
      said,
      /is not paired, it does not take these digits \(400\): on the camera choose/,
    );
    assert.equal(door.requests.length, 1, "no more is asked");
    assert.doesNotMatch(said, new RegExp(PIN));
  });
  await test.step("it waits for none", async () => {
    const door = await PairingDoor.open({ pin: PIN });
    await door[Symbol.asyncDispose]();
    assert.match((await atDoor(door, {})).join("\n"), /not paired, it waits for no digits now: on/);
  });
  await test.step("its TLS is too old", async () => {
    await using door = PairingDoor.old();
    assert.match((await atDoor(door, {})).join("\n"), /its TLS is older than any .* own app can/);
  });
  await test.step("it never confirms", async () => {
    await scene({ firmware: firmware.hero4 }, async (seen) => {
      await streaming(seen.out);
      assert.match(notes(seen).join("\n"), /is not paired, it does not confirm it \(500\): on/);
    }, { query: "&pair" });
  });
  await test.step("it is paired over Bluetooth", async () => {
    const camera = openGoPro({ model: "HERO11 Black", firmware: "H22.01.01.10.00" });
    await scene({ firmware: camera }, async (seen) => {
      await streaming(seen.out);
      assert.match(notes(seen).join("\n"), /is none that is paired over Wi-Fi/);
    }, { query: "&pair" });
  });
});

Deno.test("how it is written: leave for the camera's TLS port where it is asked for, digits and nothing else", () => {
  const net = (text: string): readonly string[] => gopro.parse(text).permissions.net ?? [];
  assert.ok(!net("gopro").includes("10.5.5.9:443"));
  assert.ok(net("gopro?pair").includes("10.5.5.9:443"));
  assert.ok(net(`gopro?pair=${PIN}`).includes("10.5.5.9:443"));
  for (const wrong of ["12", "1234567", "12a4", "0x1f", "+123"]) {
    assert.throws(() => gopro.parse(`gopro?pair=${wrong}`), /pair is the 4 to 6 digits/);
  }
  assert.doesNotMatch(
    gopro.parse(`gopro?pair=${PIN}`).label,
    new RegExp(PIN),
    "for nobody to read",
  );
});
