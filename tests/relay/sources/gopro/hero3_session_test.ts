/** HERO2, HERO3 and HERO3+, each with its faults, on this machine. */
import assert from "node:assert/strict";
import { concatBytes } from "../../../../shared/bytes.ts";
import { readPlaylist, SegmentCursor } from "../../../../relay/sources/gopro/hls_preview.ts";
import { tsPackets } from "../../../support/gopro_datagrams.ts";
import { hero3, type Hero3Options } from "../../../support/gopro_firmware_hero3.ts";
import { IMPATIENT, scene, streaming, TIMINGS } from "../../../support/gopro_scene.ts";
import type { RecordingOutput } from "../../../support/source_output.ts";

/** Segments that are told apart by their first packet. */
const SEGMENTS = Array.from({ length: 40 }, (_, i) => Uint8Array.from(tsPackets(20, 1000 + i)));
const CAMERA: Hero3Options = { password: "goprohero", segments: SEGMENTS };

const segmentsOf = (out: RecordingOutput): number[] =>
  out.all("data").map(({ bytes }) =>
    SEGMENTS.findIndex((segment) => concatBytes([segment]).every((byte, i) => byte === bytes[i]))
  );

Deno.test("a HERO3's preview is joined from its segments, each once and in order", async () => {
  await scene({ firmware: hero3(CAMERA) }, async ({ camera, out }) => {
    await out.until((seen) => seen.all("data").length >= 12);
    const numbers = segmentsOf(out);
    const first = numbers[0] ?? -1;
    assert.deepEqual(numbers, numbers.map((_, i) => first + i));
    assert.ok(camera.requests.includes("/bacpac/PW?t=goprohero&p=%01"));
    assert.ok(camera.requests.includes("/camera/PV?t=goprohero&p=%02"));
    assert.deepEqual(out.all("status").at(-1)?.status, {
      model: "HERO3+ Black Edition",
      firmware: "HD3.03.02.39",
      battery: 83,
      recording: true,
      shutter: true,
    });
  });
});

Deno.test("a HERO2 tells its password elsewhere", async () => {
  await scene({ firmware: hero3({ ...CAMERA, generation: "HERO2" }) }, async ({ camera, out }) => {
    await out.until((seen) => seen.all("data").length >= 3);
    assert.ok(camera.requests.some((path) => path.startsWith("/camera/se?t=goprohero")));
    assert.equal(out.all("status").at(-1)?.status.battery, 83);
  });
});

Deno.test("a HERO3+ that sends datagrams is heard by these, and its keep-alives go out", async () => {
  const firmware = hero3({ ...CAMERA, datagrams: true });
  await scene({ firmware, repeat: true }, async ({ camera, out }) => {
    await streaming(out);
    await camera.until(({ keepAlives }) => keepAlives > 3);
    assert.ok(!camera.requests.some((path) => path.endsWith(".m3u8")));
  });
});

Deno.test("a camera off behind its Wi-Fi is switched on", async () => {
  await scene({ firmware: hero3({ ...CAMERA, off: true }) }, async ({ out }) => {
    await out.until((seen) => seen.all("data").length >= 3);
  });
});

Deno.test("one that stays off (410), and one that refuses its own password (403), have their sentences", async () => {
  const timings = { ...IMPATIENT, hlsSilenceMs: 150 };
  await scene({ firmware: hero3({ ...CAMERA, dead: true }) }, async ({ running }) => {
    await assert.rejects(running, { name: "SourceError", message: /\(410\): it is off behind/ });
  }, { fails: true, timings });
  await scene({ firmware: hero3({ ...CAMERA, forbids: true }) }, async ({ running }) => {
    await assert.rejects(running, {
      name: "SourceError",
      message: /password of its Wi-Fi \(403\)/,
    });
  }, { fails: true, timings });
});

Deno.test("segments that are gone already are passed over", async () => {
  await scene({ firmware: hero3({ ...CAMERA, forgets: true }) }, async ({ out }) => {
    await out.until((seen) => seen.all("data").length >= 8);
    const numbers = segmentsOf(out);
    assert.ok(numbers.every((number) => (number + 1) % 3 !== 0), `${numbers}`);
    assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
  });
});

Deno.test("a camera that numbers its segments anew has begun anew", async () => {
  await scene({ firmware: hero3({ ...CAMERA, restartsAfter: 8 }) }, async ({ out }) => {
    await out.until((seen) => seen.all("discontinuity").length > 0);
    await out.until((seen) => seen.calls.at(-1)?.kind === "endOfFrame");
    assert.equal(out.all("discontinuity")[0]?.of, "restart");
  });
});

Deno.test("a preview whose segments cease is started again", async () => {
  let mute = false;
  const firmware = hero3(CAMERA);
  await scene({
    firmware: (path, status) =>
      mute && path.endsWith(".m3u8") ? { status: 404, body: "" } : firmware(path, status),
  }, async ({ camera, out }) => {
    await out.until((seen) => seen.all("data").length >= 3);
    mute = true;
    await camera.until(({ requests }) =>
      requests.some((path) => path.startsWith("/camera/PV") && path.endsWith("p=%00"))
    );
    mute = false;
    await out.until((seen) => seen.all("discontinuity").length >= 1);
  }, { timings: { ...TIMINGS, hlsSilenceMs: 200 } });
});

Deno.test("the shutter has its own word", async () => {
  await scene({ firmware: hero3(CAMERA) }, async ({ camera, source, out }) => {
    await out.until((seen) => seen.all("data").length >= 1);
    await source.command?.({ kind: "shutter", on: true });
    assert.ok(camera.requests.includes("/bacpac/SH?t=goprohero&p=%01"));
  });
});

Deno.test("playlists: what is listed, and what of it is new", () => {
  assert.equal(readPlaylist("<html>"), undefined);
  assert.deepEqual(readPlaylist("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:1.0,\na.ts\n"), {
    first: 7,
    uris: ["a.ts"],
  });
  const numbered = new SegmentCursor();
  const take = (first: number | undefined, ...uris: string[]): readonly string[] =>
    numbered.take({ first, uris }).uris;
  assert.deepEqual(take(1, "1", "2", "3"), ["3"], "at first the newest alone");
  assert.deepEqual(take(1, "1", "2", "3"), []);
  assert.deepEqual(take(2, "2", "3", "4", "5"), ["4", "5"]);
  assert.deepEqual(take(9, "9", "10"), ["9", "10"], "what was missed is missed");
  assert.deepEqual(numbered.take({ first: 1, uris: ["1"] }), { uris: ["1"], anew: true });
  const plain = new SegmentCursor();
  assert.deepEqual(plain.take({ first: undefined, uris: ["a", "b"] }).uris, ["b"]);
  assert.deepEqual(plain.take({ first: undefined, uris: ["a", "b"] }).uris, []);
  assert.deepEqual(plain.take({ first: undefined, uris: ["b", "c", "a"] }).uris, ["c", "a"]);
  assert.deepEqual(plain.take({ first: undefined, uris: [] }).uris, []);
});
