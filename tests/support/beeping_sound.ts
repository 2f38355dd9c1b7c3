/**
 * A program that writes sound as it is heard: WAV of no stated length, silent but for a beep in the first tenth of each
 * second of the wall clock; `beeping_sound.ts SECONDS`. A hundredth of a second at a time, each when it is over.
 *
 * @module
 */

const [seconds = "5"] = Deno.args;
const RATE = 48_000;
const BLOCK_MS = 10;
const BEEP_MS = 100;
const HERTZ = 1_000;

function header(): Uint8Array {
  const bytes = new Uint8Array(44);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("RIFF"), 0);
  view.setUint32(4, 0xffffffff, true);
  bytes.set(new TextEncoder().encode("WAVEfmt "), 8);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  bytes.set(new TextEncoder().encode("data"), 36);
  view.setUint32(40, 0xffffffff, true);
  return bytes;
}

function write(bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
}

write(header());
const start = Math.ceil(Date.now() / BLOCK_MS) * BLOCK_MS;
for (let heard = start; heard < start + Number(seconds) * 1000; heard += BLOCK_MS) {
  const block = new Int16Array((RATE * BLOCK_MS) / 1000);
  if (heard % 1000 < BEEP_MS) {
    block.forEach((_, i) => block[i] = 12_000 * Math.sin((2 * Math.PI * HERTZ * i) / RATE));
  }
  const due = heard + BLOCK_MS - Date.now();
  if (due > 0) await new Promise((resolve) => setTimeout(resolve, due));
  write(new Uint8Array(block.buffer));
}
