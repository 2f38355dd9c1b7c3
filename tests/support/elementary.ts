/**
 * What a codec hands on, kept in the order it came: copies of what was lent.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import { micros } from "../../shared/units.ts";
import type { Codec, ElementaryStream, TrackConfig } from "../../relay/codecs/codec.ts";

/** A sample as it was when it was lent. */
export interface KeptSample {
  readonly dts: number;
  readonly pts: number;
  readonly key: boolean;
  readonly arrival: number;
  readonly duration: number;
  readonly units: readonly Bytes[];
}

/** One elementary stream and everything it said. */
export class Elementary {
  /** `config`, `sample`, `unreadable` and `refused`, in order. */
  readonly order: string[] = [];
  readonly configs: TrackConfig[] = [];
  readonly samples: KeptSample[] = [];
  readonly refusals: string[] = [];
  unreadable = 0;
  readonly stream: ElementaryStream;

  constructor(codec: Codec) {
    this.stream = codec.open({
      config: (config) => {
        this.order.push("config");
        this.configs.push(config);
      },
      sample: (sample) => {
        this.order.push("sample");
        this.samples.push({ ...sample, units: sample.units.map((unit) => unit.slice()) });
      },
      unreadable: () => {
        this.order.push("unreadable");
        this.unreadable++;
      },
      undecodable: () => {
        this.order.push("undecodable");
      },
      refused: (sentence) => {
        this.order.push("refused");
        this.refusals.push(sentence);
      },
    });
  }

  /** A PES packet's payload; the DTS is the PTS unless told otherwise. */
  packet(
    payload: Uint8Array,
    { pts, dts = pts, arrival = 0 }: { pts?: number; dts?: number; arrival?: number } = {},
  ): this {
    const lent = payload.slice();
    this.stream.packet(lent, pts, dts, micros(arrival));
    lent.fill(0); // the buffer is the demuxer's again
    return this;
  }
}
