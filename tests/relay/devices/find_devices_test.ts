/** Which cameras there are, where they have names of their own: those, whatever number they were plugged in as. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { findDevices } from "../../../relay/devices/find_devices.ts";
import { putOnPath, searchOnly } from "../../support/search_path.ts";
import { STABLE_NAME, V4l2StandIn } from "../../support/v4l2_stand_in.ts";

Deno.test("a camera is listed by its own name, as which number it is plugged in", async () => {
  await using standIn = await V4l2StandIn.make();
  using _path = putOnPath(standIn.folder);
  const listed = async (): Promise<string[]> =>
    (await findDevices(await Deno.realPath(standIn.folder))).cameras.map(({ source }) => source);
  assert.deepEqual(await listed(), [`v4l2:${STABLE_NAME}`]);
  await standIn.unplug(0);
  assert.deepEqual(await listed(), []);
  await standIn.plugIn(3);
  assert.deepEqual(await listed(), [`v4l2:${STABLE_NAME}`]);
  await Deno.remove(`${standIn.folder}${STABLE_NAME}`);
  assert.deepEqual(await listed(), ["v4l2:/dev/video3"], "one that has no name of its own");
});

Deno.test("two cameras that share one name are listed by where they are plugged in", async () => {
  await using standIn = await V4l2StandIn.make();
  using _path = putOnPath(standIn.folder);
  const { folder } = standIn;
  await Deno.writeTextFile(`${folder}/dev/video2`, ""); // the same make: its link would be the first one's
  const listed = async (): Promise<string[]> =>
    (await findDevices(await Deno.realPath(folder))).cameras.map(({ source }) => source);
  assert.deepEqual(await listed(), [`v4l2:${STABLE_NAME}`, "v4l2:/dev/video2"]);
  const places = "/dev/v4l/by-path";
  await Deno.mkdir(`${folder}${places}`);
  for (
    const [node, place] of [["video0", "usb-0:1"], ["video0", "usbv2-0:1"], ["video2", "usb-0:2"]]
  ) {
    await Deno.symlink(`../../${node}`, `${folder}${places}/pci-${place}:1.0-video-index0`);
  }
  await Deno.symlink("../../video7", `${folder}${places}/pci-usb-0:7:1.0-video-index0`); // just unplugged
  assert.deepEqual(await listed(), [
    `v4l2:${places}/pci-usb-0:1:1.0-video-index0`,
    `v4l2:${places}/pci-usb-0:2:1.0-video-index0`,
  ]);
  // One alone, and two of which each has a number of its own, are called by what they are.
  await Deno.symlink("../../video2", `${folder}${STABLE_NAME.replace("01", "02")}`);
  assert.deepEqual(await listed(), [
    `v4l2:${STABLE_NAME}`,
    `v4l2:${STABLE_NAME.replace("01", "02")}`,
  ]);
});

Deno.test("a Pi's camera by the program's older name; one that hangs is told of, and keeps nobody", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-devices-" });
  const write = (name: string, script: string): Promise<void> =>
    Deno.writeTextFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  try {
    await write("libcamera-hello", "echo '0 : imx219 [3280x2464] (/base/x)'");
    await write("v4l2-ctl", "exec /bin/sleep 3");
    await write("arecord", "exit 0");
    using _path = searchOnly(folder);
    const { cameras, notes } = await findDevices(await Deno.realPath(folder), 200);
    assert.deepEqual(cameras.map(({ source, name }) => [source, name]), [
      ["rpicam", "imx219 3280x2464"],
    ]);
    assert.deepEqual(notes, ["v4l2-ctl did not answer within 0 s"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a camera that this user may not open is told of; microphones are found whatever the language", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-devices-" });
  const write = (name: string, lines: readonly string[]): Promise<void> =>
    Deno.writeTextFile(join(folder, name), ["#!/bin/sh", ...lines, ""].join("\n"), { mode: 0o755 });
  try {
    await Deno.mkdir(join(folder, "dev/v4l/by-id"), { recursive: true });
    await Deno.writeTextFile(join(folder, "dev/video0"), "");
    await Deno.symlink("../../video0", `${folder}${STABLE_NAME}`);
    // As it does for a user outside of the group: it lists what it could open, which is nothing.
    await write("v4l2-ctl", [
      '[ "$1" = --list-devices ] && exit 0',
      'echo "Failed to open $2: Permission denied" >&2; exit 1',
    ]);
    await write("rpicam-hello", ["exit 0"]);
    await write("arecord", [
      'if [ "${LC_ALL-}" = C ]; then card=card device=device; else card=Karte device=Gerät; fi',
      'echo "$card 1: C920 [HD Pro Webcam C920], $device 0: USB Audio [USB Audio]"',
    ]);
    using _path = searchOnly(folder);
    for (const hasName of [true, false]) {
      if (!hasName) await Deno.remove(`${folder}${STABLE_NAME}`);
      const { cameras, microphones, notes } = await findDevices(await Deno.realPath(folder));
      assert.deepEqual(cameras, []);
      assert.deepEqual(microphones.map(({ source }) => source), ["alsa:sysdefault:CARD=C920"]);
      assert.deepEqual(notes, [
        "/dev/video0: permission denied: add the user that the relay runs as to the group video, for /dev/video0",
      ]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
