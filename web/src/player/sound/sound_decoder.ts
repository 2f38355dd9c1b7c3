/// <reference lib="dom" />
/**
 * Encoded sound in, samples out: a WebCodecs `AudioDecoder` and the copying of what it gives. Keeps no queue of
 * its own and knows nothing of time but to pass it on.
 *
 * @module
 */

import type { SoundUnit } from "./separate.ts";
import type { SoundConfig } from "./sound_config.ts";
import type { Piece } from "./sound_queue.ts";

const MICROS = 1_000_000;

/** How a decoder is made. */
export interface DecoderOptions {
  readonly config: SoundConfig;
  readonly decoded: (piece: Piece) => void;
  /** Nothing more will come; `reason` is a sentence. */
  readonly broke: (reason: string) => void;
}

/** A decoder, until it is closed or breaks. */
export class SoundDecoder {
  readonly #decoder: AudioDecoder;

  constructor({ config, decoded, broke }: DecoderOptions) {
    this.#decoder = new AudioDecoder({
      output: (data) => decoded(pieceOf(data)),
      error: ({ message }) => broke(`The browser could not decode the sound (${message}).`),
    });
    this.#decoder.configure(config);
  }

  take({ bytes, start, end }: SoundUnit): void {
    if (this.#decoder.state !== "configured") return;
    this.#decoder.decode(
      new EncodedAudioChunk({
        type: "key",
        timestamp: Math.round(start * MICROS),
        duration: Math.round((end - start) * MICROS),
        data: bytes,
      }),
    );
  }

  close(): void {
    if (this.#decoder.state !== "closed") this.#decoder.close();
  }
}

function pieceOf(data: AudioData): Piece {
  const planes: Float32Array[] = [];
  for (let planeIndex = 0; planeIndex < data.numberOfChannels; planeIndex++) {
    const plane = new Float32Array(data.numberOfFrames);
    data.copyTo(plane, { planeIndex, format: "f32-planar" });
    planes.push(plane);
  }
  const piece = { planes, sampleRate: data.sampleRate, start: data.timestamp / MICROS };
  data.close();
  return piece;
}
