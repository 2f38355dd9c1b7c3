/**
 * What a GoPro does to its stream while it runs, done to the real HERO4 capture on its way from a simulated camera: a
 * clock that begins again, another resolution, a preview lost at the shutter, a frame cut short in the camera.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { continuity, pid } from "../../relay/mpegts/packet.ts";
import { concatBytes } from "../../shared/bytes.ts";
import { findCaptures } from "../run/captures.ts";
import { hashOf, readExpected } from "../support/expected_packets.ts";
import { arrived, film, type Filming, samplesIn } from "../support/filming.ts";
import { SLOT_BYTES } from "../support/gopro_camera.ts";
import { goProDatagrams } from "../support/gopro_datagrams.ts";
import { openGoPro } from "../support/gopro_firmware_open.ts";
import { steps, VIDEO } from "../support/ingested.ts";

const { folder } = findCaptures(Deno.env.get("RILL_MEDIA"));
const media = folder ?? "";
const options = { ignore: folder === undefined };
const CAPTURE = "gopro/hero4_video_input_mpegts.ts";
const [PICTURES, SOUNDS, GROUPS, GROUP] = [252, 393, 32, 8];
const HEADER = 12;
const PACKET = 188;
const END_OF_GROUP = 0x01;

async function slots(): Promise<Uint8Array[]> {
  const bytes = await Deno.readFile(join(media, CAPTURE));
  return Array.from(
    { length: bytes.length / SLOT_BYTES },
    (_, i) => bytes.slice(i * SLOT_BYTES, (i + 1) * SLOT_BYTES),
  );
}

const view = ({ buffer, byteOffset }: Uint8Array): DataView => new DataView(buffer, byteOffset);
const groupOf = (slot: Uint8Array): number => view(slot).getUint32(0) & 0xff_ffff;

/** The packets of a datagram, as views. */
function packetsOf(slot: Uint8Array): Uint8Array[] {
  const count = view(slot).getUint16(10) / PACKET;
  return Array.from(
    { length: count },
    (_, i) => slot.subarray(HEADER + i * PACKET, HEADER + (i + 1) * PACKET),
  );
}

/** The header's groups go on behind those of the capture. */
function later(datagrams: readonly Uint8Array[]): readonly Uint8Array[] {
  for (const datagram of datagrams) {
    const kind = datagram[0] ?? 0;
    view(datagram).setUint32(0, groupOf(datagram) + GROUPS);
    datagram[0] = kind;
  }
  return datagrams;
}

/** So do the counters of `again`, behind those of `before`. */
function counted(before: readonly Uint8Array[], again: readonly Uint8Array[]): void {
  const last = new Map<number, number>();
  for (const packet of before.flatMap(packetsOf)) last.set(pid(packet, 0), continuity(packet, 0));
  const shifts = new Map<number, number>();
  for (const packet of again.flatMap(packetsOf)) {
    const of = pid(packet, 0);
    const counter = continuity(packet, 0);
    const shift = shifts.get(of) ?? (last.get(of) ?? 0) + 1 - counter;
    shifts.set(of, shift);
    packet[3] = ((packet[3] ?? 0) & 0xf0) | ((counter + shift) & 0x0f);
  }
}

/** What a viewer's pictures are by their bytes, without parameter sets. */
async function hashes(capture: string): Promise<string[]> {
  const [pictures] = (await readExpected(media, capture)).filter(({ codec }) => codec === "h264");
  return pictures?.packets.map(({ hash }) => hash) ?? [];
}

const seen = ({ product }: Filming, generation: number): string[] =>
  samplesIn(product, generation, VIDEO).map((sample) => hashOf(sample, "h264"));

Deno.test(
  "HERO4 capture: a clock that begins again, as a HERO7's, is a generation, nothing lost",
  options,
  async () => {
    const first = await slots();
    for (const last of first.slice(-1)) last[0] = (last[0] ?? 0) | END_OF_GROUP; // the capture was cut off
    const again = later(await slots());
    counted(first, again);
    await film(
      { capture: concatBytes([...first, ...again].map((each) => each.slice())) },
      async (filming) => {
        await arrived(filming);
        const { counters } = filming.ingest;
        assert.deepEqual([counters.clockRestarts, counters.generations], [1, 2]);
        assert.deepEqual([counters.datagramsLost, counters.continuityGaps], [0, 0]);
        assert.deepEqual([counters.damagedAccessUnits, counters.heldAccessUnits], [0, 0]);
        const expected = await hashes(CAPTURE);
        assert.deepEqual([seen(filming, 1), seen(filming, 2)], [expected, expected]);
        const times = [1, 2].flatMap((generation) =>
          samplesIn(filming.product, generation, VIDEO).map(({ dts }) => dts)
        );
        assert.ok(steps(times).every((step) => step > 0), "the stream's own clock goes on");
        assert.equal(counters.audioSamples, 2 * SOUNDS);
      },
    );
  },
);

Deno.test(
  "HERO4 capture: another resolution in mid-stream is a generation, nothing lost",
  options,
  async () => {
    const other = "synth/synth-vfr.ts";
    // As much as a socket holds: nothing marks where its pictures end, so it is not sent at their pace.
    const beginning = (await Deno.readFile(join(media, other))).subarray(0, 60 * 7 * PACKET);
    const narrower = later(goProDatagrams(beginning));
    const wide = await slots();
    for (const last of wide.slice(-1)) last[0] = (last[0] ?? 0) | END_OF_GROUP;
    const capture = concatBytes([...wide, ...narrower].map((each) => each.slice()));
    const watched: Filming[] = [];
    await film({ capture }, async (filming) => {
      watched.push(filming);
      await arrived(filming);
    });
    const [filming] = watched;
    assert.ok(filming);
    const sizes = filming.product.inits.map(({ tracks }) =>
      tracks.flatMap((track) => track.kind === "video" ? [`${track.width}×${track.height}`] : [])
    );
    assert.deepEqual(sizes, [["432×240"], ["320×240"]]);
    assert.deepEqual(seen(filming, 1), await hashes(CAPTURE));
    const whole = seen(filming, 2).slice(0, -1); // the last is cut off with the stream
    assert.ok(whole.length > 20);
    assert.deepEqual(whole, (await hashes(other)).slice(0, whole.length));
    assert.equal(filming.ingest.counters.damagedAccessUnits, 0);
  },
);

Deno.test(
  "HERO4 capture from a HERO11 whose preview stops at the shutter: back by itself, whole",
  options,
  async () => {
    const firmware = openGoPro({ model: "HERO11 Black", firmware: "H22.01.02.32.00" });
    await film({ capture: concatBytes(await slots()), firmware }, async (filming) => {
      const { camera, source } = filming;
      await camera.until(({ sent }) => sent > 300);
      await source.command?.({ kind: "shutter", on: true });
      await camera.until(({ starts, finished }) => starts === 2 && finished);
      await arrived(filming);
      assert.ok(camera.requests.includes("/gopro/camera/shutter/start"));
      assert.equal(filming.product.inits.length, 2);
      assert.deepEqual(seen(filming, 2), await hashes(CAPTURE));
      assert.equal(filming.ingest.counters.datagramsLost, 0);
    });
  },
);

Deno.test(
  "HERO4 capture: a frame that the camera cut short, as while it records, costs its group alone",
  options,
  async () => {
    const all = await slots();
    // The second group's key picture: its end is missing, eleven packets with the mark, and the header counts on.
    const key = all.filter((slot) => groupOf(slot) === 2 && ((slot[0] ?? 0) & 0x0c) === 0x04);
    const [cut, ...missing] = key.slice(-3);
    assert.ok(cut);
    const left = packetsOf(cut).length - (11 - missing.flatMap(packetsOf).length);
    assert.ok(left > 0);
    view(cut).setUint16(10, left * PACKET);
    cut.fill(0, HEADER + left * PACKET);
    const sent = all.filter((slot) => !missing.includes(slot));
    let index = 0;
    for (const slot of sent) if (groupOf(slot) === 2) view(slot).setUint16(8, index++);
    await film({ capture: concatBytes(sent.map((slot) => slot.slice())) }, async (filming) => {
      await arrived(filming);
      const { counters } = filming.ingest;
      assert.deepEqual([counters.datagramsLost, counters.packetsLost], [0, 11]);
      assert.deepEqual([counters.damagedAccessUnits, counters.heldAccessUnits], [1, GROUP - 1]);
      const expected = await hashes(CAPTURE);
      assert.equal(expected.length, PICTURES);
      assert.deepEqual(seen(filming, 1), expected.toSpliced(GROUP, GROUP));
      assert.equal(counters.audioSamples, SOUNDS);
    });
  },
);

Deno.test(
  "HERO4 capture: the rest of a group lost from the middle of a picture shows none torn, whatever the counter says",
  options,
  async () => {
    const all = await slots();
    const isPicture = (packet: Uint8Array): boolean => pid(packet, 0) === 0x1011;
    const numbers = Array.from({ length: GROUPS - 2 }, (_, i) => i + 2);
    // As many of its packets as bring the counter round to where it was.
    const tails = numbers.flatMap((number) => {
      const group = all.filter((slot) => groupOf(slot) === number);
      const begun = group.findIndex((slot) => ((slot[0] ?? 0) & 0x0e) === 0x04) + 1;
      const end = group.findIndex((slot) => ((slot[0] ?? 0) & 0x0e) === 0x06);
      return group.slice(begun, end).map((_, i) => group.slice(begun + i))
        .filter((tail) => tail.flatMap(packetsOf).filter(isPicture).length % 16 === 0)
        .map((tail) => ({ number, tail }));
    });
    const [found] = tails;
    assert.ok(found, "such a place is in the capture");
    const { number, tail } = found;
    const sent = all.filter((slot) => !tail.includes(slot));
    await film({ capture: concatBytes(sent.map((slot) => slot.slice())) }, async (filming) => {
      await arrived(filming);
      const expected = await hashes(CAPTURE);
      assert.deepEqual(seen(filming, 1), expected.toSpliced((number - 1) * GROUP, GROUP));
      assert.equal(filming.ingest.counters.damagedAccessUnits, 1);
    });
  },
);
