/**
 * The real HERO4 capture from a camera of each generation: as datagrams with their headers from those that send
 * datagrams, as segments of a playlist from a HERO3; and with what may happen on the way.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pid, unitStart } from "../../relay/mpegts/packet.ts";
import { concatBytes, equalBytes } from "../../shared/bytes.ts";
import { findCaptures } from "../run/captures.ts";
import { authorityOf, watchAtHome } from "../support/cohn_camera.ts";
import { SLOT_BYTES } from "../support/gopro_camera.ts";
import type { Firmware } from "../support/gopro_firmware.ts";
import {
  hero4,
  hero4Early,
  hero4Session,
  hero5Session,
  hero8,
  refusesAndStreams,
  takesNoSettings,
} from "../support/gopro_firmware.ts";
import { hero3, type Hero3Options } from "../support/gopro_firmware_hero3.ts";
import { openGoPro } from "../support/gopro_firmware_open.ts";
import { scene, type SceneOptions, TIMINGS } from "../support/gopro_scene.ts";
import type { RecordingOutput } from "../support/source_output.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const options = { ignore: folder === undefined };
const read = (path: string): Promise<Uint8Array> => Deno.readFile(join(folder ?? "", path));

const HERO9 = { model: "HERO9 Black", firmware: "HD9.01.01.72.00" };
const HERO11 = { model: "HERO11 Black", firmware: "H22.01.02.32.00" };
const HERO13 = { model: "HERO13 Black", firmware: "H24.01.01.20.00" };

/** Its status says so, the first few times that it is asked. */
function atFirst(firmware: Firmware, said: Readonly<Record<string, number>>): Firmware {
  let asked = 0;
  return (path, status) =>
    firmware(path, path.endsWith("/state") && asked++ < 4 ? { ...status, ...said } : status);
}

/** It counts this machine among its clients. */
const attending = (firmware: Firmware): Firmware => (path, status) =>
  firmware(path, { ...status, "31": 1 });

/** Each with its fault, as it is named. */
const CAMERAS: Readonly<Record<string, Firmware>> = {
  "a HERO4": hero4,
  "a HERO4 of early firmware, with its broken status line": hero4Early,
  "a HERO4 that answers 500 and streams": refusesAndStreams,
  "a HERO4 that takes no settings": takesNoSettings,
  "a HERO4 Session": attending(hero4Session),
  "a HERO5 Session": hero5Session,
  "a HERO8 that answers 500 to a1=proto_v2": hero8,
  "a HERO3+ that sends datagrams": hero3({ password: "goprohero", segments: [], datagrams: true }),
  "a HERO9 of early firmware, without info": openGoPro({ ...HERO9, silent: true }),
  "a HERO11": openGoPro(HERO11),
  "a HERO11 that is busy at first": atFirst(openGoPro(HERO11), { "8": 1 }),
  "a HERO11 that records at first": atFirst(openGoPro(HERO11), { "10": 1 }),
  "a HERO11 that answers 409 at first": openGoPro({ ...HERO11, conflict: true }),
  "a HERO11 that answers 409 and streams": openGoPro({ ...HERO11, conflictAndStreams: true }),
  "a HERO13 as a webcam": openGoPro(HERO13),
  "a HERO13 whose webcam answers 500": openGoPro({ ...HERO13, webcamStatus: 500 }),
};

async function assertWhole(out: RecordingOutput): Promise<void> {
  await out.until((seen) => seen.all("data").length === 1098);
  assert.ok(equalBytes(out.bytes(), await read("gopro/derived-hero4_188.ts")));
  assert.equal(out.datagramsLost(), 0);
  assert.equal(out.all("endOfFrame").length, 252);
}

/** Watches the capture come from a camera that answers so, started as the query says. */
async function filmed(
  firmware: Firmware,
  { query = "&resolution=480", spec }: Pick<SceneOptions, "query" | "spec"> = {},
): Promise<void> {
  await scene(
    {
      firmware,
      capture: await read("gopro/hero4_video_input_mpegts.ts"),
      speed: 6,
      keepAliveLimitMs: 60_000, // what keeps which camera alive is tested elsewhere
    },
    ({ out }) => assertWhole(out),
    {
      query,
      timings: { ...TIMINGS, keepAliveMs: 100, statusMs: 100 },
      ...(spec ? { spec } : {}),
    },
  );
}

for (const [name, firmware] of Object.entries(CAMERAS)) {
  Deno.test(`HERO4 capture from ${name}: every byte, nothing lost`, options, async () => {
    await filmed(firmware);
  });
}

Deno.test(
  "HERO4 capture from a HERO11 as a webcam: every byte, nothing lost",
  options,
  async () => {
    await filmed(openGoPro(HERO11), { query: "&mode=webcam" });
  },
);

Deno.test(
  "HERO4 capture from a HERO11 at a USB address: every byte, nothing lost",
  options,
  async () => {
    await filmed(openGoPro(HERO11), {
      spec: (spec) => ({ ...spec, preview: { ...spec.preview, host: "172.26.144.51" } }),
    });
  },
);

Deno.test(
  "HERO4 capture from a HERO12 on the home's network: every byte, nothing lost",
  options,
  async () => {
    const authority = await authorityOf("GoPro Root");
    const capture = await read("gopro/hero4_video_input_mpegts.ts");
    const datagrams = Array.from(
      { length: capture.length / SLOT_BYTES },
      (_, i) => capture.subarray(i * SLOT_BYTES, (i + 1) * SLOT_BYTES),
    );
    await watchAtHome(authority, authority, assertWhole, { datagrams });
  },
);

const BY_PLAYLIST: Readonly<Record<string, Partial<Hero3Options>>> = {
  "a HERO2": { generation: "HERO2" },
  "a HERO3": {},
  "a HERO3 whose segments are not numbered": { unnumbered: true },
};

for (const [name, model] of Object.entries(BY_PLAYLIST)) {
  Deno.test(
    `HERO4 capture from ${name}, as segments of its playlist: whole from where it was joined`,
    options,
    async () => {
      const segments = cutAtTables(await read("gopro/derived-hero4_188.ts"));
      assert.ok(segments.length > 10);
      const firmware = hero3({ password: "goprohero", segments, ...model });
      await scene({ firmware }, async ({ out }) => {
        await out.until((seen) => seen.all("data").length >= 2 * segments.length);
        const came = out.all("data");
        const first = segments.findIndex((segment) =>
          equalBytes(segment, Uint8Array.from(came[0]?.bytes ?? []))
        );
        assert.ok(first >= 0);
        const wanted = came.map((_, i) => segments[(first + i) % segments.length]);
        assert.ok(
          equalBytes(out.bytes(), concatBytes(wanted.filter((each) => each !== undefined))),
        );
      });
    },
  );
}

/** The stream cut before each PAT, which stands before a key picture. */
function cutAtTables(stream: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const starts: number[] = [];
  for (let at = 0; at < stream.length; at += 188) {
    if (pid(stream, at) === 0 && unitStart(stream, at)) starts.push(at);
  }
  return starts.map((start, i) => Uint8Array.from(stream.subarray(start, starts[i + 1])));
}
