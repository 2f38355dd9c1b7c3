/**
 * A viewer's own copy of the batches, with decode times (`tfdt`, ISO/IEC 14496-12 §8.8.12) that begin at 0, for those who
 * take the stream for a file: VLC and mpv, told to play five seconds, play up to the fifth second of its times; go2rtc's
 * clients begin at 0 and go to the live edge only when they are seconds behind it. An edit list would say it without a
 * copy, and is read by too few: VLC and WebKitGTK's Media Source Extensions pass over it. Payloads and capture times stay.
 *
 * Hot: once per batch and viewer.
 *
 * @module
 */

import { type Batch, HEADROOM_BYTES, type Track } from "../../shared/media.ts";
import { fourCc } from "../../shared/mp4/four_cc.ts";

const MOOF = fourCc("moof");
const TRAF = fourCc("traf");
const TFHD = fourCc("tfhd");
const TFDT = fourCc("tfdt");

const HEADER_BYTES = 8;
/** Version and flags; behind them in `tfhd` the track, in `tfdt`, as we write it, the time in 64 bits. */
const VERSION_BYTES = 4;

/** One viewer's. */
export class FromZero {
  /** Decode time, by track and in its ticks, of the moment that the viewer's time begins; without any, times stay. */
  #starts: ReadonlyMap<number, number> | undefined;

  /** The viewer's copy; the first begins its time. */
  shift(batch: Batch, tracks: readonly Track[]): Batch {
    const starts = this.#starts ??= startsOf(batch, tracks);
    if (starts.size === 0) return batch;
    const bytes = new Uint8Array(HEADROOM_BYTES + batch.bytes.length).subarray(HEADROOM_BYTES);
    bytes.set(batch.bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    eachBox(view, { type: MOOF, from: 0, to: bytes.length }, (from, to) => {
      eachBox(view, { type: TRAF, from, to }, (from, to) => {
        let start = 0;
        eachBox(view, { type: TFHD, from, to }, (at) => {
          start = starts.get(view.getUint32(at + VERSION_BYTES)) ?? 0;
        });
        eachBox(view, { type: TFDT, from, to }, (at) => {
          const field = at + VERSION_BYTES;
          const time = view.getUint32(field) * 2 ** 32 + view.getUint32(field + 4);
          const shifted = Math.max(0, time - start);
          view.setUint32(field, Math.floor(shifted / 2 ** 32));
          view.setUint32(field + 4, shifted >>> 0);
        });
      });
    });
    return { ...batch, bytes };
  }
}

function startsOf({ fragments }: Batch, tracks: readonly Track[]): ReadonlyMap<number, number> {
  const startS = fragments.reduce((earliest, { track: id, dts }) => {
    const track = tracks.find((each) => each.id === id);
    return track ? Math.min(earliest, dts / track.timescale) : earliest;
  }, Infinity);
  if (!Number.isFinite(startS) || startS <= 0) return new Map();
  return new Map(tracks.map(({ id, timescale }) => [id, Math.floor(startS * timescale)]));
}

/** Calls `found` with where the body of each box of `type` begins and ends. */
function eachBox(
  view: DataView,
  { type, from, to }: { readonly type: number; readonly from: number; readonly to: number },
  found: (from: number, to: number) => void,
): void {
  for (let at = from; at + HEADER_BYTES <= to;) {
    const size = view.getUint32(at);
    if (size < HEADER_BYTES) return; // none of ours
    if (view.getUint32(at + 4) === type) found(at + HEADER_BYTES, at + size);
    at += size;
  }
}
