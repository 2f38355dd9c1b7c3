/** Files as sources: real time and fast, loops, recordings of datagrams, what cannot be read. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { file } from "../../../relay/sources/file.ts";
import { concatBytes, equalBytes } from "../../../shared/bytes.ts";
import { micros } from "../../../shared/units.ts";
import { goProDatagram, goProGroups, tsPackets } from "../../support/gopro_datagrams.ts";
import { RecordingOutput } from "../../support/source_output.ts";

async function withFile(bytes: Uint8Array, test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "clip.ts");
    await Deno.writeFile(path, bytes);
    await test(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function play(text: string, out: RecordingOutput, signal?: AbortSignal): Promise<void> {
  await file.open(file.parse(text)).run(out, signal ?? new AbortController().signal);
}

/** Media time as if each TS packet lasted a millisecond. */
function packetClock(out: RecordingOutput): ReturnType<RecordingOutput["mediaTime"]> {
  return micros(out.bytes().length / 188 * 1000);
}

Deno.test("the text is read, the path made absolute, nothing else permitted", () => {
  const spec = file.parse("file:clips/a.ts?loop&pace=fast");
  assert.equal(spec.path, join(Deno.cwd(), "clips/a.ts"));
  assert.deepEqual(spec.permissions, { read: [spec.path] });
  assert.deepEqual([spec.loop, spec.pace, spec.finite], [true, "fast", false]);
  const plain = file.parse("file:/a.ts");
  assert.deepEqual([plain.loop, plain.pace, plain.finite], [false, "realtime", true]);
  assert.equal(file.parse("file:/a.ts?loop=false").loop, false);
  assert.throws(() => file.parse("file:"), /no path in "file:"/);
  assert.throws(() => file.parse("file:?loop"), /no path/);
});

Deno.test("fast: every byte, once, in order, in large pieces", async () => {
  const bytes = concatBytes(Array.from({ length: 1500 }, (_, i) => tsPackets(7, i)));
  await withFile(bytes, async (path) => {
    const out = new RecordingOutput();
    await play(`file:${path}?pace=fast`, out);
    assert.ok(equalBytes(out.bytes(), bytes));
    assert.ok(out.all("data").length <= 20, `${out.all("data").length} calls for 2 MB`);
  });
});

Deno.test("real time: every byte, in small pieces, no sooner than due", async () => {
  const bytes = concatBytes(Array.from({ length: 30 }, (_, i) => tsPackets(7, i)));
  await withFile(bytes, async (path) => {
    const out = new RecordingOutput(packetClock);
    await play(`file:${path}`, out);
    assert.ok(equalBytes(out.bytes(), bytes));
    const calls = out.all("data");
    assert.equal(calls.length, 30);
    const start = calls[0]?.arrival ?? 0;
    for (const [i, { arrival }] of calls.entries()) {
      // Piece i is handed on when what came before it has been played, but for the timer's grain.
      assert.ok(arrival - start >= (i - 1) * 7000 - 2000, `piece ${i} after ${arrival - start} µs`);
    }
  });
});

Deno.test("a file without a clock is still played to its end", async () => {
  await withFile(new Uint8Array(900_000).fill(7), async (path) => {
    const out = new RecordingOutput();
    await play(`file:${path}`, out);
    assert.equal(out.bytes().length, 900_000);
  });
});

Deno.test("a recording of GoPro datagrams is taken apart: payloads, ends of frames, losses", async () => {
  const datagrams = goProGroups(20, 33).filter((_, i) => i !== 40 && i !== 41);
  await withFile(concatBytes(datagrams), async (path) => {
    const out = new RecordingOutput();
    await play(`file:${path}?pace=fast`, out);
    assert.equal(out.bytes().length, datagrams.length * 7 * 188);
    assert.equal(out.datagramsLost(), 2);
    assert.equal(out.all("endOfFrame").length, 20 * 11 - 1);
  });
});

Deno.test("one datagram is a recording too, and a slot cut short is no harm", async () => {
  const datagram = goProDatagram({ group: 1, index: 0, packets: 2 });
  await withFile(datagram, async (path) => {
    const out = new RecordingOutput();
    await play(`file:${path}?pace=fast`, out);
    assert.deepEqual(out.bytes(), datagram.slice(12, 12 + 2 * 188));
  });
  await withFile(concatBytes([...goProGroups(1, 3), datagram.subarray(0, 5)]), async (path) => {
    const out = new RecordingOutput();
    await play(`file:${path}?pace=fast`, out);
    assert.equal(out.bytes().length, 3 * 7 * 188);
  });
});

Deno.test("loop: the same bytes again, with a word between the rounds", async () => {
  const bytes = tsPackets(14, 3);
  await withFile(bytes, async (path) => {
    const controller = new AbortController();
    const out = new RecordingOutput(packetClock);
    const playing = play(`file:${path}?loop`, out, controller.signal);
    await out.until((seen) => seen.all("discontinuity").length === 3);
    controller.abort();
    await playing;
    assert.deepEqual(out.all("discontinuity").map((call) => call.of), ["loop", "loop", "loop"]);
    const between = out.calls.findIndex((call) => call.kind === "discontinuity");
    assert.equal(between, 2, "two pieces, then the word");
    assert.ok(equalBytes(out.bytes().subarray(0, 42 * 188), concatBytes([bytes, bytes, bytes])));
  });
});

Deno.test("loop in real time needs a clock in the file", async () => {
  await withFile(new Uint8Array(2000).fill(7), async (path) => {
    await assert.rejects(play(`file:${path}?loop`, new RecordingOutput()), {
      name: "SourceError",
      message: `nothing in ${path} can be played: is it MPEG-TS, H.264, H.265, ADTS or MP4?`,
    });
  });
});

for (const options of ["", "?pace=fast", "?loop", "?loop&pace=fast"]) {
  Deno.test(`an abort ends it, and nothing is said after (file:${options})`, async () => {
    await withFile(concatBytes(goProGroups(1500, 3)), async (path) => {
      const controller = new AbortController();
      const out = new RecordingOutput(packetClock);
      const playing = play(`file:${path}${options}`, out, controller.signal);
      await out.until((seen) => seen.calls.length > 3);
      controller.abort();
      await playing;
      const count = out.calls.length;
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(out.calls.length, count);
    });
  });
}

Deno.test("what cannot be read is said in a sentence", async () => {
  const out = new RecordingOutput();
  await assert.rejects(play("file:/nowhere/at all.ts", out), {
    name: "SourceError",
    message: "no such file: /nowhere/at all.ts",
  });
  await assert.rejects(play(`file:${Deno.cwd()}`, out), /is a directory: name a file in it/);
  await withFile(new Uint8Array(0), async (path) => {
    await assert.rejects(play(`file:${path}`, out), {
      message: `${path} is empty: nothing to play`,
    });
    await assert.rejects(play(`file:${path}?loop&pace=fast`, out), /is empty/);
  });
  assert.deepEqual(out.calls, []);
});

Deno.test({
  name: "a file that may not be read is said in a sentence",
  permissions: { read: [Deno.cwd()] },
  async fn(): Promise<void> {
    await assert.rejects(play("file:/etc/hostname", new RecordingOutput()), {
      name: "SourceError",
      message: "permission denied: this user may not read /etc/hostname",
    });
  },
});

Deno.test("an abort before the start: nothing is touched", async () => {
  await play("file:/nowhere", new RecordingOutput(), AbortSignal.abort());
});
