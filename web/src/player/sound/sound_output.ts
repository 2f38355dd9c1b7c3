/// <reference lib="dom" />
/**
 * The way from decoded sound to the loudspeaker: an AudioContext with our processor and a volume (Web Audio API).
 * Starts as soon as the browser's autoplay rules let it. Decides neither when nor at what rate.
 *
 * @module
 */

import { PROCESSOR, type SoundOrder, type SoundReport } from "./sound_messages.ts";
import processorAddress from "./sound_worklet.ts?worker&url";

/** How fast the volume follows, s: slower than a click, faster than can be noticed. */
const VOLUME_S = 0.01;

/** How an output is made. */
export interface OutputOptions {
  /** Hz, as the sound is decoded: what conversion is needed the browser does better than we. */
  readonly sampleRate: number;
  readonly channels: number;
  readonly reported: (report: SoundReport) => void;
  /** It cannot be, or has ceased to be. */
  readonly broke: (reason: string) => void;
  /** Lets go of it. */
  readonly signal: AbortSignal;
}

/** An output. */
export class SoundOutput {
  readonly #context: AudioContext;
  readonly #volume: GainNode;
  readonly #options: OutputOptions;
  #node: AudioWorkletNode | undefined;

  /** @throws {DOMException} where the browser has no output of this kind. */
  constructor(options: OutputOptions) {
    this.#options = options;
    const { sampleRate, signal } = options;
    this.#context = new AudioContext({ latencyHint: "interactive", sampleRate });
    this.#volume = new GainNode(this.#context, { gain: 0 });
    this.#volume.connect(this.#context.destination);
    signal.addEventListener("abort", () => {
      this.#node?.disconnect();
      if (this.#context.state !== "closed") void this.#context.close();
    }, { once: true });
    void this.#prepare();
  }

  /** Whether it makes sound. */
  get runs(): boolean {
    return this.#node !== undefined && this.#context.state === "running";
  }

  /** Whether it could make sound and the browser does not let it. */
  get waits(): boolean {
    return this.#node !== undefined && this.#context.state === "suspended";
  }

  /** Lets it run, or rest; the former fails in silence before the first gesture. */
  run(wanted: "run" | "rest"): void {
    const { state } = this.#context;
    if (state === "closed" || (wanted === "run") === (state === "running")) return;
    const change = wanted === "run" ? this.#context.resume() : this.#context.suspend();
    change.catch((error: unknown) => this.#failed(error));
  }

  /** 0 to 1. */
  set volume(volume: number) {
    this.#volume.gain.setTargetAtTime(volume, this.#context.currentTime, VOLUME_S);
  }

  /** Answers whether there is anything yet that it could be given to. */
  send(order: SoundOrder): boolean {
    const planes = order.kind === "piece" ? order.piece.planes : [];
    this.#node?.port.postMessage(order, planes.map(({ buffer }) => buffer));
    return this.#node !== undefined;
  }

  /** Context time (s) of what leaves the loudspeaker at `now` (`performance.now()`); undefined while unknown. */
  heardAt(now: number): number | undefined {
    const { contextTime, performanceTime } = this.#context.getOutputTimestamp();
    if (contextTime === undefined || performanceTime === undefined || contextTime <= 0) {
      return undefined;
    }
    return contextTime + (now - performanceTime) / 1000;
  }

  async #prepare(): Promise<void> {
    const { channels, reported, signal } = this.#options;
    try {
      await this.#context.audioWorklet.addModule(processorAddress);
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (signal.aborted) return;
    this.#node = new AudioWorkletNode(this.#context, PROCESSOR, {
      numberOfInputs: 0,
      outputChannelCount: [channels],
    });
    this.#node.port.onmessage = ({ data }: MessageEvent<SoundReport>): void => reported(data);
    this.#node.onprocessorerror = (): void => {
      this.#options.broke("The browser's audio thread failed.");
    };
    this.#node.connect(this.#volume);
  }

  #failed(error: unknown): void {
    if (this.#options.signal.aborted) return;
    if (!(error instanceof DOMException)) throw error;
    this.#options.broke(`The browser could not open its sound output (${error.message}).`);
  }
}
