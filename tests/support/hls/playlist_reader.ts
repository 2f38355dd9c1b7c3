/**
 * An HLS playlist read back, independent of how ours is written: tags with their attributes, segments with theirs.
 * Says what it finds wrong with the syntax (RFC 8216bis §4.1, §4.2); what the values mean is `playlist_rules.ts`'s.
 */

/** A part as the playlist tells it. */
export interface ListedPart {
  readonly uri: string;
  readonly seconds: number;
  readonly independent: boolean;
}

/** A segment as the playlist tells it. */
export interface ListedSegment {
  readonly sequence: number;
  readonly discontinuities: number;
  readonly startsDiscontinuity: boolean;
  readonly map: string | undefined;
  readonly date: string | undefined;
  readonly parts: readonly ListedPart[];
  /** Absent while it is not complete. */
  readonly uri?: string;
  readonly seconds?: number;
}

/** A media playlist. */
export interface ReadPlaylist {
  readonly text: string;
  /** Single tags by name: attribute list or value. */
  readonly tags: ReadonlyMap<string, string>;
  readonly version: number;
  readonly target: number;
  readonly partTarget: number;
  readonly control: ReadonlyMap<string, string>;
  readonly sequence: number;
  readonly discontinuities: number;
  readonly skipped: number;
  readonly segments: readonly ListedSegment[];
  readonly hint: string | undefined;
  readonly problems: readonly string[];
}

const ATTRIBUTE = /^([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,|$)/;
/** Tags that stand at most once in a playlist. */
const ONCE = [
  "EXTM3U",
  "EXT-X-VERSION",
  "EXT-X-TARGETDURATION",
  "EXT-X-SERVER-CONTROL",
  "EXT-X-PART-INF",
  "EXT-X-MEDIA-SEQUENCE",
  "EXT-X-DISCONTINUITY-SEQUENCE",
  "EXT-X-SKIP",
];

/** Tags of the other kind of playlist. */
const MULTIVARIANT =
  /^EXT-X-(?:STREAM-INF|MEDIA|I-FRAME-STREAM-INF|SESSION-DATA|SESSION-KEY|CONTENT-STEERING)$/;
/** Tags of a segment, which apply to its parts too. */
const OF_SEGMENTS = ["EXT-X-DISCONTINUITY", "EXT-X-MAP", "EXT-X-PROGRAM-DATE-TIME"];
const DECIMAL = /^\d+(?:\.\d+)?$/;

/** Reads an attribute list; `problem` is told what is no attribute, and which stands twice. */
export function readAttributes(
  text: string,
  problem: (sentence: string) => void,
): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  let rest = text;
  while (rest !== "") {
    const match = ATTRIBUTE.exec(rest);
    if (!match) {
      problem(`§4.2: no attribute list: ${text}`);
      break;
    }
    const [whole, name = "", value = ""] = match;
    if (attributes.has(name)) problem(`§4.2: ${name} stands twice in ${text}`);
    attributes.set(name, value.replace(/^"(.*)"$/, "$1"));
    rest = rest.slice(whole.length);
  }
  return attributes;
}

/** Reads a media playlist. */
export function readPlaylist(text: string): ReadPlaylist {
  const problems: string[] = [];
  const problem = (sentence: string): void => void problems.push(sentence);
  // deno-lint-ignore no-control-regex
  if (/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff]/.test(text)) {
    problem("§4.1: a control character or a byte order mark");
  }
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  if (lines[0] !== "#EXTM3U") problem("§4.4.1.1: EXTM3U must be the first line");
  const tags = new Map<string, string>();
  const segments: ListedSegment[] = [];
  let parts: ListedPart[] = [];
  let map: string | undefined;
  let date: string | undefined;
  let startsDiscontinuity = false;
  let seconds: number | undefined;
  let hint: string | undefined;
  let discontinuities = 0;
  let sequence = 0;
  for (const line of lines) {
    const [, name, value = ""] = /^#(EXT[A-Z0-9-]*)(?::(.*))?$/.exec(line) ?? [];
    if (name !== undefined && ONCE.includes(name)) {
      if (tags.has(name)) problem(`§4.4: ${name} stands twice`);
      const late = segments.length > 0 || parts.length > 0;
      if (late && /SEQUENCE$|SKIP$/.test(name)) {
        problem(`§4.4.3: ${name} must stand before any segment`);
      }
      if (name === "EXT-X-DISCONTINUITY-SEQUENCE" && startsDiscontinuity) {
        problem("§4.4.3.3: it must stand before any discontinuity");
      }
      tags.set(name, value);
    }
    if (name !== undefined && MULTIVARIANT.test(name)) {
      problem(`§4.1: ${name} in a media playlist`);
    }
    if (name !== undefined && OF_SEGMENTS.includes(name) && parts.length > 0) {
      problem(`§4.4.4.9: ${name} stands behind a part of the segment that it is of`);
    }
    switch (name) {
      case undefined:
        if (line.startsWith("#")) break;
        if (seconds === undefined) problem(`§4.4.4.1: ${line} has no EXTINF`);
        segments.push({
          sequence: sequence++,
          discontinuities,
          startsDiscontinuity,
          map,
          date,
          parts,
          uri: line,
          ...(seconds === undefined ? {} : { seconds }),
        });
        parts = [];
        seconds = undefined;
        date = undefined;
        startsDiscontinuity = false;
        break;
      case "EXT-X-MEDIA-SEQUENCE":
        sequence = Number(value);
        break;
      case "EXT-X-DISCONTINUITY-SEQUENCE":
        discontinuities = Number(value);
        break;
      case "EXT-X-SKIP":
        sequence += Number(readAttributes(value, problem).get("SKIPPED-SEGMENTS"));
        break;
      case "EXT-X-DISCONTINUITY":
        discontinuities++;
        startsDiscontinuity = true;
        break;
      case "EXT-X-MAP":
        map = readAttributes(value, problem).get("URI");
        if (map === undefined) problem("§4.4.4.5: EXT-X-MAP needs a URI");
        break;
      case "EXT-X-PROGRAM-DATE-TIME":
        date = value;
        break;
      case "EXTINF":
        if (!/^\d+(?:\.\d+)?,/.test(value)) problem(`§4.4.4.1: EXTINF:${value}`);
        seconds = Number.parseFloat(value);
        break;
      case "EXT-X-PART": {
        const attributes = readAttributes(value, problem);
        const uri = attributes.get("URI");
        const duration = attributes.get("DURATION");
        if (uri === undefined || !DECIMAL.test(duration ?? "")) {
          problem(`§4.4.4.9: EXT-X-PART:${value}`);
        }
        parts.push({
          uri: uri ?? "",
          seconds: Number(duration),
          independent: attributes.get("INDEPENDENT") === "YES",
        });
        break;
      }
      case "EXT-X-PRELOAD-HINT": {
        const attributes = readAttributes(value, problem);
        if (hint !== undefined) problem("§4.4.5.3: two hints of one type");
        if (attributes.get("TYPE") !== "PART") problem("§4.4.5.3: a hint of no known type");
        hint = attributes.get("URI");
        break;
      }
    }
  }
  if (parts.length > 0) {
    segments.push({ sequence, discontinuities, startsDiscontinuity, map, date, parts });
  }
  const attributesOf = (tag: string): ReadonlyMap<string, string> =>
    readAttributes(tags.get(tag) ?? "", problem);
  return {
    text,
    tags,
    version: Number(tags.get("EXT-X-VERSION")),
    target: Number(tags.get("EXT-X-TARGETDURATION")),
    partTarget: Number(attributesOf("EXT-X-PART-INF").get("PART-TARGET")),
    control: attributesOf("EXT-X-SERVER-CONTROL"),
    sequence: Number(tags.get("EXT-X-MEDIA-SEQUENCE")),
    discontinuities: Number(tags.get("EXT-X-DISCONTINUITY-SEQUENCE")),
    skipped: Number(attributesOf("EXT-X-SKIP").get("SKIPPED-SEGMENTS") ?? 0),
    segments,
    hint,
    problems,
  };
}
