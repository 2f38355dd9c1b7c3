/**
 * How long an Opus packet lasts and how many channels it was made for, RFC 6716 §3.1 and §3.2: by its first two bytes.
 * Decodes nothing.
 *
 * @module
 */

/** Opus counts in 48 kHz whatever it was recorded at (RFC 7845 §4). */
export const OPUS_RATE = 48_000;
/** 120 ms, the longest packet there may be. */
const MAX_SAMPLES = 5760;

/** Frame sizes at 48 kHz, table 2 of RFC 6716: by the mode's share of the configuration number. */
const SILK = [480, 960, 1920, 2880];
const HYBRID = [480, 960];
const CELT = [120, 240, 480, 960];
const FIRST_HYBRID = 12;
const FIRST_CELT = 16;

/** Samples at 48 kHz; 0 where the bytes are no Opus packet. */
export function opusSamples(packet: Uint8Array): number {
  const [toc, second = 0] = packet;
  if (toc === undefined) return 0;
  const samples = frameSamples(toc >> 3) * frameCount(toc & 3, { packet, second });
  return samples <= MAX_SAMPLES ? samples : 0;
}

/** 1 or 2, as the table of contents has it. */
export function opusChannels(packet: Uint8Array): number {
  return (packet[0] ?? 0) & 4 ? 2 : 1;
}

function frameSamples(configuration: number): number {
  if (configuration >= FIRST_CELT) return CELT[configuration & 3] ?? 0;
  if (configuration >= FIRST_HYBRID) return HYBRID[configuration & 1] ?? 0;
  return SILK[configuration & 3] ?? 0;
}

function frameCount(
  code: number,
  { packet, second }: { readonly packet: Uint8Array; readonly second: number },
): number {
  if (code === 0) return 1;
  if (code < 3) return 2;
  return packet.length < 2 ? 0 : second & 0x3f;
}
