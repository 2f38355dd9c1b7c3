/**
 * Playlists as text, RFC 8216bis (draft-pantos-hls-rfc8216bis). Pure: a window in, text out.
 *
 * There is one rendition, so there are no EXT-X-RENDITION-REPORTs: they tell of the others. EXT-X-INDEPENDENT-SEGMENTS
 * is not claimed: a group longer than the target duration is cut, and then a segment begins without a key picture. Neither
 * target changes while a playlist lives (§4.4.3.1, §4.4.3.7): segments whose pictures outlast the part target, as a camera's
 * in the dark may, have no parts.
 * @module
 */

import type { Micros } from "../../../shared/units.ts";
import type { Names, Segment } from "./segment.ts";

/** Parts are listed for so many target durations before the end (§6.2.2). */
const PART_TARGETS = 3;
/** Older segments may be left out of a delta update (§4.4.3.8: six target durations at least). */
const SKIP_TARGETS = 6;
/** Plain clients stay so many target durations behind (§4.4.3.8). */
const HOLD_BACK_TARGETS = 3;
/** Low-latency clients stay so many part targets behind (§4.4.3.8). */
const PART_HOLD_BACK_TARGETS = 3;
/** EXT-X-MAP in a playlist that is not of I-frames only (§8). */
const VERSION = 6;
/** EXT-X-SKIP (§8). */
const DELTA_VERSION = 9;

/** What a media playlist tells. */
export interface MediaWindow {
  readonly names: Names;
  /** Seconds. */
  readonly partTarget: number;
  readonly target: number;
  /** Oldest first; only the last may be incomplete. */
  readonly segments: readonly Segment[];
  /** Discontinuities that have left the playlist. */
  readonly discontinuities: number;
  /** `undefined` while no parts come. */
  readonly next: { readonly sequence: number; readonly part: number } | undefined;
}

/** A media playlist. @param delta a client that has the older part already asks for the rest. */
export function mediaPlaylist(window: MediaWindow, { delta }: { delta: boolean }): string {
  const { names, partTarget, target, segments } = window;
  const ages = agesOf(segments);
  const skipped = delta ? ages.findIndex((age) => age < SKIP_TARGETS * target) : 0;
  const lines = [
    "#EXTM3U",
    `#EXT-X-VERSION:${skipped > 0 ? DELTA_VERSION : VERSION}`,
    `#EXT-X-TARGETDURATION:${target}`,
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=${HOLD_BACK_TARGETS * target},` +
    `PART-HOLD-BACK=${decimal(PART_HOLD_BACK_TARGETS * partTarget)},` +
    `CAN-SKIP-UNTIL=${SKIP_TARGETS * target}`,
    `#EXT-X-PART-INF:PART-TARGET=${decimal(partTarget)}`,
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.sequence ?? window.next?.sequence ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuities}`,
  ];
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`);
  segments.forEach((segment, at) => {
    if (at < skipped) return;
    const { sequence, init, parts, seconds } = segment;
    const before = segments[at - 1];
    if (segment.discontinuity) lines.push("#EXT-X-DISCONTINUITY");
    if (before?.init !== init) lines.push(`#EXT-X-MAP:URI="${names.init(init.generation)}"`);
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${date(segment.capturedAt)}`);
    if (!segment.whole && (ages[at] ?? 0) < PART_TARGETS * target) {
      parts.forEach((part, index) =>
        lines.push(
          `#EXT-X-PART:DURATION=${decimal(part.seconds)},URI="${names.part(sequence, index)}"` +
            (part.independent ? ",INDEPENDENT=YES" : ""),
        )
      );
    }
    if (seconds !== undefined) lines.push(`#EXTINF:${decimal(seconds)},`, names.segment(sequence));
  });
  const { next } = window;
  if (next) {
    lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${names.part(next.sequence, next.part)}"`);
  }
  return [...lines, ""].join("\n");
}

/** Seconds from each segment's end to the end of the playlist. */
function agesOf(segments: readonly Segment[]): number[] {
  const ages: number[] = [];
  let age = 0;
  for (const { seconds, parts } of segments.toReversed()) {
    ages.push(age);
    age += seconds ?? parts.reduce((sum, part) => sum + part.seconds, 0);
  }
  return ages.reverse();
}

/** What a multivariant playlist tells of its one variant. */
export interface Variant {
  /** Of the media playlist, relative. */
  readonly uri: string;
  /** Bits a second. */
  readonly peak: number;
  readonly average: number;
  /** RFC 6381, comma-separated. */
  readonly codecs: string;
  readonly picture?: { readonly width: number; readonly height: number; readonly rate: number };
}

/** A multivariant playlist. */
export function multivariantPlaylist(variant: Variant): string {
  const { picture } = variant;
  const attributes = [
    `BANDWIDTH=${variant.peak}`,
    `AVERAGE-BANDWIDTH=${variant.average}`,
    `CODECS="${variant.codecs}"`,
    ...(picture
      ? [`RESOLUTION=${picture.width}x${picture.height}`, `FRAME-RATE=${picture.rate.toFixed(3)}`]
      : []),
  ];
  return [
    "#EXTM3U",
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-STREAM-INF:${attributes.join(",")}`,
    variant.uri,
    "",
  ].join("\n");
}

function decimal(seconds: number): string {
  return seconds.toFixed(5);
}

function date(time: Micros): string {
  return new Date(time / 1000).toISOString();
}
