/**
 * The demo clip's sound: a soft struck note at each second, exactly when the picture flashes. Makes
 * samples; encodes nothing.
 *
 * @module
 */

/** Samples a second. */
export const SAMPLE_RATE = 48_000;

/** Equal temperament from A4 = 440 Hz; one a second, a tune that leads back to its beginning. */
const SEMITONES = [0, 7, 12, 14, 16, 14, 12, 7] as const;
/** Peak of the first partial: about -20 dBFS, so that nobody reaches for the volume. */
const LOUDNESS = 0.1;
/** Of a bar of wood: frequency ratio, loudness, seconds until it has fallen to 1/e. */
const PARTIALS = [[1, 1, 0.22], [2, 0.22, 0.16], [3.93, 0.3, 0.05]] as const;
/** Seconds; a shorter one clicks. */
const ATTACK = 0.003;

/** The clip's sound `rounds` times over, stereo, interleaved 16-bit little-endian. */
export function renderSound(seconds: number, rounds: number): Uint8Array {
  const perRound = seconds * SAMPLE_RATE;
  const left = new Float64Array(perRound);
  const right = new Float64Array(perRound);
  for (let second = 0; second < seconds; second++) {
    const frequency = 440 * 2 ** ((SEMITONES[second % SEMITONES.length] ?? 0) / 12);
    const pan = 0.5 + 0.25 * Math.sin(2 * Math.PI * second / seconds);
    for (let i = 0; i < SAMPLE_RATE; i++) {
      const value = note(frequency, i / SAMPLE_RATE);
      const at = second * SAMPLE_RATE + i;
      left[at] = value * Math.sqrt(1 - pan) * Math.SQRT2;
      right[at] = value * Math.sqrt(pan) * Math.SQRT2;
    }
  }
  const bytes = new DataView(new ArrayBuffer(perRound * rounds * 4));
  for (let i = 0; i < perRound * rounds; i++) {
    bytes.setInt16(i * 4, Math.round((left[i % perRound] ?? 0) * 32_767), true);
    bytes.setInt16(i * 4 + 2, Math.round((right[i % perRound] ?? 0) * 32_767), true);
  }
  return new Uint8Array(bytes.buffer);
}

function note(frequency: number, time: number): number {
  // Silent when the next note begins, so that each one starts from nothing.
  const envelope = Math.min(1, time / ATTACK) * Math.min(1, (1 - time) / 0.05);
  return LOUDNESS * envelope * PARTIALS.reduce(
    (sum, [ratio, loudness, decay]) =>
      sum + loudness * Math.exp(-time / decay) * Math.sin(2 * Math.PI * frequency * ratio * time),
    0,
  );
}
