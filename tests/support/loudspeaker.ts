/// <reference lib="dom" />
/**
 * What a page's Web Audio gives to the loudspeaker, heard by an ear of our own: how loud, and at which pitch. Changes nothing of
 * what the page plays, and hears nothing of what a media element plays by itself.
 *
 * @module
 */

/** What {@link tapLoudspeaker} keeps in the page's `heard`. */
export interface Heard {
  /** Root of the mean square, 0 to 1; the loudest of late, for sound that comes and goes. */
  readonly level: number;
  /** How often was listened, some fifty times a second, and how often there was sound. */
  readonly looks: number;
  readonly loud: number;
  /** Of those, how often each pitch was the strongest: Hz, to the nearest ten. */
  readonly pitches: Readonly<Record<string, number>>;
}

/** Runs in the page, before its own scripts. */
export function tapLoudspeaker(): void {
  const SILENCE = 0.001;
  const EVERY_MS = 20;
  const heard = { level: 0, looks: 0, loud: 0, pitches: {} as Record<string, number> };
  Object.assign(globalThis, { heard });
  const connect = AudioNode.prototype.connect;

  const listen = (node: AudioNode): void => {
    const { context } = node;
    const ear = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 });
    Reflect.apply(connect, node, [ear]);
    const samples = new Float32Array(ear.fftSize);
    const powers = new Float32Array(ear.frequencyBinCount);
    setInterval(() => {
      ear.getFloatTimeDomainData(samples);
      const now = Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
      heard.level = Math.max(now, heard.level * 0.97);
      heard.looks += 1;
      if (now < SILENCE) return;
      heard.loud += 1;
      ear.getFloatFrequencyData(powers);
      const strongest = powers.reduce(
        (best, power, at) => power > (powers[best] ?? -Infinity) ? at : best,
        0,
      );
      const pitch = 10 * Math.round(strongest * context.sampleRate / ear.fftSize / 10);
      heard.pitches[pitch] = (heard.pitches[pitch] ?? 0) + 1;
    }, EVERY_MS);
  };
  AudioNode.prototype.connect = function (this: AudioNode, ...args: unknown[]): AudioNode {
    if (args[0] instanceof AudioDestinationNode) listen(this);
    return Reflect.apply(connect, this, args) as AudioNode;
  } as typeof connect;
}
