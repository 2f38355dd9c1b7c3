/**
 * The part of the player that runs on the audio thread (Web Audio API, AudioWorkletGlobalScope): plays what it
 * is sent, at the rate it is told, and reports where it is. Decides nothing.
 *
 * @module
 */

import { PROCESSOR, type SoundOrder, type SoundReport } from "./sound_messages.ts";
import { SoundQueue } from "./sound_queue.ts";

// This scope's own names, which TypeScript's library does not have.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
declare const currentTime: number;
declare const sampleRate: number;

/** Calls between two reports: 43 ms at 48 kHz. */
const REPORT_EVERY = 16;

class SoundProcessor extends AudioWorkletProcessor {
  readonly #queue = new SoundQueue(sampleRate);
  #rate = 1;
  #calls = 0;
  #moves = 0;
  #ahead: number | undefined;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<SoundOrder>): void => this.#obey(data);
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const queue = this.#queue;
    const { end, position } = queue;
    if (position !== undefined) {
      this.#ahead = Math.min(this.#ahead ?? Infinity, Math.max(0, (end ?? 0) - position));
    }
    queue.read(outputs[0] ?? [], this.#rate);
    this.#calls += 1;
    if (this.#calls % REPORT_EVERY === 0) this.#report(outputs[0]?.[0]?.length ?? 0);
    return true;
  }

  #obey(order: SoundOrder): void {
    const queue = this.#queue;
    switch (order.kind) {
      case "piece":
        return queue.push(order.piece);
      case "rate":
        this.#rate = order.rate;
        return;
      case "jump":
        this.#moves += 1;
        this.#ahead = undefined;
        if (queue.position !== undefined) queue.jump(queue.position + order.by);
        return;
      case "begin":
        return queue.jump(order.at);
      case "clear":
        this.#moves += 1;
        this.#ahead = undefined;
        return queue.clear();
    }
  }

  #report(samples: number): void {
    const { position, gaps } = this.#queue;
    const report: SoundReport = {
      contextTime: currentTime + samples / sampleRate,
      position,
      ahead: this.#ahead,
      rate: this.#rate,
      gaps,
      moves: this.#moves,
    };
    this.#ahead = undefined;
    this.port.postMessage(report);
  }
}

registerProcessor(PROCESSOR, SoundProcessor);
