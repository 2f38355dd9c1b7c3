/**
 * The relay's own HLS playlists (RFC 8216bis), as far as following them live needs: codecs, init segments, and the
 * parts or whole segments in order. Pure; no player of other people's playlists.
 *
 * @module
 */

/** A piece of media: a part, or a whole segment whose parts are no longer listed. */
export interface Piece {
  readonly uri: string;
  /** Of its segment. */
  readonly sequence: number;
  readonly kind: "part" | "segment";
  /** Its init segment. */
  readonly map: string;
  /** A decoder can begin with it. */
  readonly independent: boolean;
}

/** What a media playlist says. */
export interface MediaPlaylist {
  readonly pieces: readonly Piece[];
  /** Sequence number of the segment, and index of the part in it, that come next. */
  readonly next: { readonly sequence: number; readonly part: number };
  /** Seconds; no segment lasts longer, but for rounding. */
  readonly target: number;
  /** Seconds; how long a client that cannot wait for a reload pauses. */
  readonly partTarget: number;
}

/** What the multivariant playlist says. */
export interface Variant {
  readonly uri: string;
  /** RFC 6381, comma separated. */
  readonly codecs: string;
}

function attribute(line: string, name: string): string | undefined {
  const [, quoted, bare] = new RegExp(`[:,]${name}=(?:"([^"]*)"|([^,]*))`).exec(line) ?? [];
  return quoted ?? bare;
}

/** Reads a multivariant playlist; `undefined` when it names no variant. */
export function readVariant(text: string): Variant | undefined {
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => line.startsWith("#EXT-X-STREAM-INF:"));
  const uri = lines[at + 1];
  const codecs = attribute(lines[at] ?? "", "CODECS");
  return at < 0 || !uri || codecs === undefined ? undefined : { uri, codecs };
}

/** Reads a media playlist. */
export function readMediaPlaylist(text: string): MediaPlaylist {
  const pieces: Piece[] = [];
  let map = "";
  let sequence = 0;
  let parts: Piece[] = [];
  let target = 1;
  let partTarget = 1;
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#EXT-X-MEDIA-SEQUENCE:")) sequence = Number(line.split(":")[1]);
    if (line.startsWith("#EXT-X-TARGETDURATION:")) target = Number(line.split(":")[1]);
    if (line.startsWith("#EXT-X-PART-INF:")) partTarget = Number(attribute(line, "PART-TARGET"));
    if (line.startsWith("#EXT-X-MAP:")) map = attribute(line, "URI") ?? "";
    if (line.startsWith("#EXT-X-PART:")) {
      const uri = attribute(line, "URI") ?? "";
      const independent = attribute(line, "INDEPENDENT") === "YES";
      parts.push({ uri, map, sequence, kind: "part", independent });
    }
    if (line === "" || line.startsWith("#")) continue;
    const whole = { uri: line, map, sequence, kind: "segment", independent: true } as const;
    pieces.push(...(parts.length > 0 ? parts : [whole]));
    parts = [];
    sequence++;
  }
  pieces.push(...parts);
  return { pieces, next: { sequence, part: parts.length }, target, partTarget };
}
