/**
 * Damaged streams: nothing is thrown out of the pipeline, and behind the damage everything comes out. As many as
 * `RILL_MUTATIONS` says; a failure names its seed.
 */

import { CameraStream } from "../support/camera_stream.ts";
import { figure } from "../support/figure.ts";
import { Patient } from "../support/survival.ts";

const USUAL = 400;
const FIRST_SEED = 1;
const count = Number(Deno.env.get("RILL_MUTATIONS") ?? USUAL);

/** Groups of a third of a second; the second half stays whole. */
function camera(): CameraStream {
  const stream = new CameraStream().tables();
  for (let i = 0; i < 20; i++) {
    stream.group(10);
    if (i % 3 === 0) stream.tables();
  }
  return stream;
}

Deno.test("damaged, a stream comes back whole", () => {
  const patient = new Patient(camera().builder.bytes(), 0.5);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + count; seed++) patient.survive(seed);
  figure(`mutations: ${count} of a built stream survived, seeds ${FIRST_SEED} to ${count}`);
});

Deno.test("packets that are lost or doubled are counted one by one, and no picture leans on a lost one", () => {
  const patient = new Patient(camera().builder.bytes(), 0.5);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + count; seed++) patient.lose(seed);
  figure(`losses: ${count} times counted as they were made, seeds ${FIRST_SEED} to ${count}`);
});

Deno.test("damage does not make the pipeline hold more and more", () => {
  const bytes = camera().builder.bytes();
  const patient = new Patient(bytes, 0.5);
  const before = Deno.memoryUsage();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + 100; seed++) patient.survive(seed);
  const after = Deno.memoryUsage();
  const grown = after.external - before.external + after.heapUsed - before.heapUsed;
  if (grown > 512 * 1024 * 1024) throw new Error(`${grown} bytes are held after 100 streams.`);
});
