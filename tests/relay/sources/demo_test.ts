import assert from "node:assert/strict";
import { demo } from "../../../relay/sources/demo.ts";
import { micros } from "../../../shared/units.ts";
import { RecordingOutput } from "../../support/source_output.ts";

Deno.test("the clip is there, in bounds, and all that may be read", async () => {
  const spec = demo.parse("demo");
  assert.deepEqual(spec.permissions, { read: [spec.path] });
  const { size } = await Deno.stat(spec.path);
  assert.ok(size > 500_000 && size <= 1_500_000 && size % 188 === 0, `${size} bytes`);
  assert.equal(spec.finite, false);
});

Deno.test("demo takes neither path nor options", () => {
  assert.throws(() => demo.parse("demo:x"), /nothing follows it/);
  assert.throws(() => demo.parse("demo?loop"), /no option "loop" here/);
});

Deno.test("it plays in real time, from its first packet", async () => {
  const spec = demo.parse("demo");
  const clip = await Deno.readFile(spec.path);
  const out = new RecordingOutput((seen) => micros(seen.bytes().length / clip.length * 8e6));
  const controller = new AbortController();
  const playing = demo.open(spec).run(out, controller.signal);
  await out.until((seen) => seen.all("data").length >= 40);
  controller.abort();
  await playing;
  const bytes = out.bytes();
  assert.deepEqual(bytes, clip.slice(0, bytes.length));
  const [first, last] = [out.all("data")[0], out.all("data").at(-1)];
  assert.ok(first && last);
  assert.ok(last.arrival - first.arrival > 250_000, "40 datagrams' worth are a third of a second");
});
