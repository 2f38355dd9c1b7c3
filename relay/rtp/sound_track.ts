/**
 * One track's sound: each packet is one Opus packet (RFC 7587). Mono and stereo may alternate, so that a decoder is
 * always set up for stereo, as the format's own name says (`opus/48000/2`).
 *
 * @module
 */

import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";
import type { ElementaryOutput } from "../codecs/codec.ts";
import { opusTrack } from "../codecs/opus.ts";
import { OPUS_RATE, opusSamples } from "../codecs/opus_packet.ts";
import { SoundSamples } from "../codecs/sound_samples.ts";
import type { MediaClock } from "./media_clock.ts";
import type { RtpPacket } from "./packet.ts";

const CHANNELS = 2;

/** What a sound track is opened with. */
export interface SoundTrackOptions {
  readonly clock: MediaClock;
  readonly out: ElementaryOutput;
  /** Part of the track is missing. */
  gap(): void;
}

/** Reads one track. Hot: once per packet. */
export class SoundTrack {
  readonly #options: SoundTrackOptions;
  readonly #samples: SoundSamples;
  #configured = false;
  /** End of the newest packet, 90 kHz. */
  #end = -Infinity;

  constructor(options: SoundTrackOptions) {
    this.#options = options;
    this.#samples = new SoundSamples(options.out);
  }

  packet({ timestamp, payload }: RtpPacket, arrival: Micros): void {
    if (payload.length === 0) return;
    const { clock, out } = this.#options;
    const samples = opusSamples(payload);
    if (samples === 0) return out.unreadable();
    const time = clock.place(timestamp, arrival);
    const duration = samples * MPEG_TIMESCALE / OPUS_RATE;
    // Where the reports moved the sound back: it goes on where it has caught up with itself.
    if (time < this.#end - duration / 2) return;
    this.#end = time + duration;
    if (!this.#configured) out.config(opusTrack(CHANNELS));
    this.#configured = true;
    this.#samples.emit(payload, { time, duration: samples, arrival });
  }

  lost(): void {
    this.#options.gap();
  }

  /** What follows does not continue what came. */
  restart(): void {
    this.#options.clock.restart();
    this.#end = -Infinity;
    this.#options.gap();
  }
}
