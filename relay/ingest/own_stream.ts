/**
 * A stream of another relay's, which bears our brand (contract §5): which of its fragments pass as they are, which were
 * sent before, and which must be muxed anew. Passes nothing on itself.
 *
 * @module
 */

import type { Bytes } from "../../shared/bytes.ts";
import type { Track } from "../../shared/media.ts";
import type { FragmentInfo } from "../../shared/mp4/fragment_reader.ts";
import { type Micros, MPEG_TIMESCALE } from "../../shared/units.ts";
import type { DamageHold } from "./damage.ts";
import { mayPass, type Passed, PassThrough } from "./pass_through.ts";

/** A relay that is joined again sends its current group again: so much of it is left out for what came before. */
const MAX_REPEATED = 10 * MPEG_TIMESCALE;

/** What becomes of a fragment. */
export type OwnFragment =
  /** It must be taken apart and muxed anew. */
  | { readonly kind: "unfit" }
  /** It was sent already, or leans on what was. */
  | { readonly kind: "repeated" }
  /** It came before the first that can be begun with, or leans on a picture that is missing. */
  | { readonly kind: "held"; readonly isPicture: boolean }
  /** `begins`: with it the stream's generation does. */
  | { readonly kind: "passed"; readonly passed: Passed; readonly begins: boolean };

/** One generation of such a stream. Hot: once per fragment. */
export class OwnStream {
  /** `ftyp` and `moov`. */
  readonly index: Bytes;
  readonly tracks: readonly Track[];
  #through: PassThrough | undefined;
  #hasBegun = false;

  constructor(index: Bytes, tracks: readonly Track[]) {
    this.index = index;
    this.tracks = tracks;
  }

  /** Whether anything of it has passed. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /**
   * A fragment, lent.
   * @param how.captured when it was, as far as is known where it does not say, on the other relay's clock.
   * @param how.before what was sent until now ends there, 90 kHz, and is of that generation.
   * @param how.hold of the pictures behind a loss on the way here: the rule is that of a camera's own.
   */
  take(
    bytes: Bytes,
    info: FragmentInfo,
    { captured, before: { sent, generation }, hold }: {
      readonly captured: Micros;
      readonly hold: DamageHold;
      readonly before: { readonly sent: number; readonly generation: number };
    },
  ): OwnFragment {
    const { tracks } = this;
    if (!mayPass(info, tracks)) return { kind: "unfit" };
    if (!this.#hasBegun) {
      const back = sent - startOf(info, tracks);
      if (back > MAX_REPEATED) return { kind: "unfit" }; // its times began anew
      if (back > 0) return { kind: "repeated" };
    }
    this.#through ??= new PassThrough(generation + 1, tracks);
    const [run] = info.tracks;
    const isPicture = run?.track === tracks.find(({ kind }) => kind === "video")?.id;
    const isShown = !isPicture || hold.passes(run?.key === true, startOf(info, tracks));
    const passed = isShown ? this.#through.pass(bytes, info, captured) : undefined;
    if (!passed) return { kind: "held", isPicture };
    const begins = !this.#hasBegun;
    this.#hasBegun = true;
    return { kind: "passed", passed, begins };
  }
}

/** Decode time of a fragment, 90 kHz. */
function startOf({ tracks: [run] }: FragmentInfo, tracks: readonly Track[]): number {
  const track = tracks.find(({ id }) => id === run?.track);
  return run?.dts !== undefined && track ? (run.dts * MPEG_TIMESCALE) / track.timescale : 0;
}
