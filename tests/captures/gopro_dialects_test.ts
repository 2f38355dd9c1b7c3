/**
 * The real HERO4 capture from a camera of each generation: as datagrams with their headers from those that send
 * datagrams, as segments of a playlist from a HERO3; and with what may happen on the way.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pid, unitStart } from "../../relay/mpegts/packet.ts";
import { concatBytes, equalBytes } from "../../shared/bytes.ts";
import { findCaptures } from "../run/captures.ts";
import type { Firmware } from "../support/gopro_firmware.ts";
import {
  hero4,
  hero4Early,
  hero8,
  refusesAndStreams,
  takesNoSettings,
} from "../support/gopro_firmware.ts";
import { hero3 } from "../support/gopro_firmware_hero3.ts";
import { openGoPro } from "../support/gopro_firmware_open.ts";
import { scene, TIMINGS } from "../support/gopro_scene.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const options = { ignore: folder === undefined };
const read = (path: string): Promise<Uint8Array> => Deno.readFile(join(folder ?? "", path));

const HERO11 = { model: "HERO11 Black", firmware: "H22.01.02.32.00" };
const HERO13 = { model: "HERO13 Black", firmware: "H24.01.01.20.00" };

/** Each with its fault, as it is named. */
const CAMERAS: Readonly<Record<string, Firmware>> = {
  "a HERO4": hero4,
  "a HERO4 of early firmware, with its broken status line": hero4Early,
  "a HERO4 that answers 500 and streams": refusesAndStreams,
  "a HERO4 that takes no settings": takesNoSettings,
  "a HERO8 that answers 500 to a1=proto_v2": hero8,
  "a HERO3+ that sends datagrams": hero3({ password: "goprohero", segments: [], datagrams: true }),
  "a HERO11": openGoPro(HERO11),
  "a HERO11 that answers 409 at first": openGoPro({ ...HERO11, conflict: true }),
  "a HERO11 that answers 409 and streams": openGoPro({ ...HERO11, conflictAndStreams: true }),
  "a HERO13 as a webcam": openGoPro(HERO13),
  "a HERO13 whose webcam answers 500": openGoPro({ ...HERO13, webcamStatus: 500 }),
};

for (const [name, firmware] of Object.entries(CAMERAS)) {
  Deno.test(`HERO4 capture from ${name}: every byte, nothing lost`, options, async () => {
    const expected = await read("gopro/derived-hero4_188.ts");
    await scene({
      firmware,
      capture: await read("gopro/hero4_video_input_mpegts.ts"),
      speed: 6,
      keepAliveLimitMs: 60_000, // what keeps which camera alive is tested elsewhere
    }, async ({ out }) => {
      await out.until((seen) => seen.all("data").length === 1098);
      assert.ok(equalBytes(out.bytes(), expected));
      assert.equal(out.datagramsLost(), 0);
      assert.equal(out.all("endOfFrame").length, 252);
    }, { query: "&resolution=480", timings: { ...TIMINGS, keepAliveMs: 100, statusMs: 100 } });
  });
}

Deno.test(
  "HERO4 capture from a HERO3, as segments of its playlist: whole from where it was joined",
  options,
  async () => {
    const segments = cutAtTables(await read("gopro/derived-hero4_188.ts"));
    assert.ok(segments.length > 10);
    await scene({ firmware: hero3({ password: "goprohero", segments }) }, async ({ out }) => {
      await out.until((seen) => seen.all("data").length >= segments.length);
      const first = segments.findIndex((segment) =>
        equalBytes(segment, Uint8Array.from(out.all("data")[0]?.bytes ?? []))
      );
      assert.ok(first >= 0);
      const wanted = out.all("data").map((_, i) => segments[(first + i) % segments.length]);
      assert.ok(equalBytes(out.bytes(), concatBytes(wanted.filter((each) => each !== undefined))));
    });
  },
);

/** The stream cut before each PAT, which stands before a key picture. */
function cutAtTables(stream: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const starts: number[] = [];
  for (let at = 0; at < stream.length; at += 188) {
    if (pid(stream, at) === 0 && unitStart(stream, at)) starts.push(at);
  }
  return starts.map((start, i) => Uint8Array.from(stream.subarray(start, starts[i + 1])));
}
