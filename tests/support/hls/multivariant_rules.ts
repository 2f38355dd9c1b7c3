/** What RFC 8216bis says that a multivariant playlist of one variant MUST be, beside the media that it is of. */

import type { Bytes } from "../../../shared/bytes.ts";
import { describedTracks } from "./fmp4_rules.ts";
import { readAttributes } from "./playlist_reader.ts";

/** Steps between pictures are uneven by so much. */
const JITTER = 1.02;

/** What has been seen of the media. */
export interface SeenMedia {
  /** Bits a second of the segment that had most. */
  readonly peak: number;
  /** Shortest usual step between pictures, seconds. */
  readonly step: number;
  /** Media Initialization Sections; none at first. */
  readonly inits: readonly Bytes[];
}

/** Reads one: the address of its variant, and what is wrong with it. */
export function readMultivariant(
  text: string,
  { peak, step, inits }: SeenMedia,
): { readonly uri: string; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const must = (holds: boolean, sentence: string): void => {
    if (!holds) problems.push(sentence);
  };
  const lines = text.split("\n");
  const at = lines.findIndex((line) => line.startsWith("#EXT-X-STREAM-INF:"));
  const attributes = readAttributes(
    lines[at]?.slice("#EXT-X-STREAM-INF:".length) ?? "",
    (sentence) => problems.push(sentence),
  );
  const number = (name: string): number => Number(attributes.get(name));
  for (const name of ["BANDWIDTH", "CODECS", "RESOLUTION", "FRAME-RATE"]) {
    must(attributes.has(name), `§4.4.6.2: no ${name}`);
  }
  must(
    number("BANDWIDTH") >= peak,
    `§4.4.6.2: BANDWIDTH ${attributes.get("BANDWIDTH")} is below the peak ${peak}`,
  );
  must(
    number("AVERAGE-BANDWIDTH") <= number("BANDWIDTH"),
    "§4.4.6.2: AVERAGE-BANDWIDTH is above BANDWIDTH",
  );
  must(
    !/#EXT(?:INF|-X-(?:TARGETDURATION|MEDIA-SEQUENCE|MAP|PART))\b/.test(text),
    "§4.1: a multivariant playlist with media in it",
  );
  must(
    number("FRAME-RATE") * step * JITTER >= 1,
    `§4.4.6.2: FRAME-RATE ${attributes.get("FRAME-RATE")} is below ${1 / step}`,
  );
  const codecs = (attributes.get("CODECS") ?? "").split(",");
  const [width, height] = (attributes.get("RESOLUTION") ?? "").split("x").map(Number);
  const isOne = inits.length === 0 || inits.some((init) => {
    const tracks = describedTracks(init);
    return tracks.length === codecs.length &&
      tracks.some((track) => track.width === width && track.height === height) &&
      tracks.every(({ entry }) => codecs.some((codec) => codec.startsWith(entry)));
  });
  must(isOne, `§4.4.6.2: no generation is ${width}x${height} in ${codecs}`);
  return { uri: lines[at + 1] ?? "", problems };
}
