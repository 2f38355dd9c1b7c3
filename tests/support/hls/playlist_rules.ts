/** What RFC 8216bis says that one live media playlist MUST be, each rule with its section. */

import type { ListedSegment, ReadPlaylist } from "./playlist_reader.ts";

/** Durations are written with five decimals. */
const ROUNDING = 0.0002;

/** Length of a segment as far as it is known. */
export function secondsOf({ seconds, parts }: ListedSegment): number {
  return seconds ?? parts.reduce((sum, part) => sum + part.seconds, 0);
}

/** What is wrong with one playlist. @param first number of the first segment there ever was in it, where that is known. */
export function playlistProblems(playlist: ReadPlaylist, first = 0): string[] {
  const { tags, target, partTarget, control, segments, version, hint, skipped } = playlist;
  const problems = [...playlist.problems];
  const must = (holds: boolean, sentence: string): void => {
    if (!holds) problems.push(sentence);
  };
  const number = (name: string): number => Number(control.get(name));
  must(/^\d+$/.test(tags.get("EXT-X-TARGETDURATION") ?? ""), "§4.4.3.1: no TARGETDURATION");
  must(/^\d+$/.test(tags.get("EXT-X-VERSION") ?? ""), "§4.4.1.2: no VERSION");
  must(version >= 6, "§8: EXT-X-MAP needs version 6");
  must(skipped === 0 || version >= 9, "§8: EXT-X-SKIP needs version 9");
  must(partTarget > 0, "§4.4.3.7: parts need EXT-X-PART-INF");
  must(
    number("PART-HOLD-BACK") >= 2 * partTarget,
    "§4.4.3.8: PART-HOLD-BACK below two part targets",
  );
  must(number("HOLD-BACK") >= 3 * target, "§4.4.3.8: HOLD-BACK below three targets");
  must(number("CAN-SKIP-UNTIL") >= 6 * target, "§4.4.3.8: CAN-SKIP-UNTIL below six targets");
  must(control.get("CAN-BLOCK-RELOAD") === "YES", "low latency needs CAN-BLOCK-RELOAD");
  const listed = new Set(segments.flatMap(({ parts }) => parts.map(({ uri }) => uri)));
  must(hint === undefined || !listed.has(hint), "§4.4.5.3: the hint is listed already");
  // Between whole segments without parts no part is to come.
  must(hint !== undefined || segments.at(-1)?.seconds !== undefined, "§4.4.5.3: no hint");
  must(listed.size === segments.flatMap(({ parts }) => parts).length, "a part is listed twice");
  const total = segments.reduce((sum, segment) => sum + secondsOf(segment), 0);
  const removed = playlist.sequence > first;
  must(
    !removed || skipped > 0 || total >= 3 * target - ROUNDING,
    `§6.2.2: ${total} s are less than three targets`,
  );
  must(
    skipped === 0 || total >= number("CAN-SKIP-UNTIL") - ROUNDING,
    `§6.2.5.1: what is skipped ends ${total} s before the end`,
  );
  let age = 0;
  for (const segment of segments.toReversed()) {
    for (const sentence of segmentProblems(segment, playlist)) {
      problems.push(`segment ${segment.sequence}: ${sentence}`);
    }
    must(
      segment.parts.length === 0 || age <= 3 * target + ROUNDING,
      `§6.2.2: parts of segment ${segment.sequence}, ${age} s before the end`,
    );
    if (skipped > 0 && age >= number("CAN-SKIP-UNTIL") + target) {
      problems.push(`§6.2.5.1: segment ${segment.sequence} could have been skipped`);
    }
    age += secondsOf(segment);
  }
  return problems;
}

function segmentProblems(segment: ListedSegment, playlist: ReadPlaylist): string[] {
  const { target, partTarget, skipped, segments } = playlist;
  const { seconds, parts, date } = segment;
  const problems: string[] = [];
  const must = (holds: boolean, sentence: string): void => {
    if (!holds) problems.push(sentence);
  };
  const mapped = segment.map !== undefined || skipped > 0;
  must(mapped, "§4.4.4.5: fragmented MP4 needs EXT-X-MAP");
  must(
    date !== undefined && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(date),
    `§4.4.4.6: PROGRAM-DATE-TIME ${date}`,
  );
  if (seconds !== undefined) {
    must(Math.round(seconds) <= target, `§4.4.3.1: EXTINF ${seconds} exceeds the target ${target}`);
    const sum = parts.reduce((total, part) => total + part.seconds, 0);
    must(
      parts.length === 0 || Math.abs(sum - seconds) <= partTarget,
      `its parts last ${sum} s, itself ${seconds} s`,
    );
  } else {
    must(segment === segments.at(-1), "only the last may be incomplete");
  }
  parts.forEach((part, at) => {
    must(part.seconds <= partTarget + ROUNDING, `§4.4.4.9: part ${at} lasts ${part.seconds} s`);
    const last = seconds !== undefined && at === parts.length - 1;
    must(
      part.seconds >= 0.85 * partTarget - ROUNDING || part.independent || last,
      `§4.4.4.9: part ${at} lasts ${part.seconds} s, less than 85 % of ${partTarget}`,
    );
  });
  return problems;
}
