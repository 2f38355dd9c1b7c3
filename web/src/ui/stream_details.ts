/**
 * What is known of a stream, as labelled lines for its page; what is not known has no line. Pure.
 *
 * @module
 */

import type { TrackDescription } from "../../../shared/control.ts";
import type { StreamInfo } from "../../../shared/api.ts";
import {
  formatBitrate,
  formatCount,
  formatDuration,
  formatFps,
  formatResolution,
} from "./formatters.ts";

/** How the page that shows the lines stands to the stream: `lost` when the relay's answer is an old one. */
export type Standing = "watches" | "rests" | "lost";

/** One line. */
export interface Detail {
  readonly label: string;
  readonly value: string;
}

const CODEC_NAMES: Readonly<Record<string, string>> = {
  avc1: "H.264",
  avc3: "H.264",
  hvc1: "H.265",
  hev1: "H.265",
  av01: "AV1",
  mp4a: "AAC",
  Opus: "Opus",
  opus: "Opus",
};

function codecName(track: TrackDescription): string {
  return CODEC_NAMES[track.codec.split(".")[0] ?? ""] ?? track.codec;
}

function pictureLine(track: TrackDescription, fps: number): string {
  const parts = [codecName(track)];
  if (track.width && track.height) parts.push(formatResolution(track.width, track.height));
  if (fps > 0) parts.push(formatFps(fps));
  return parts.join(", ");
}

function soundLine(track: TrackDescription): string {
  const parts = [codecName(track)];
  if (track.sampleRate) parts.push(`${track.sampleRate / 1000} kHz`);
  if (track.channels === 1) parts.push("mono");
  else if (track.channels === 2) parts.push("stereo");
  else if (track.channels) parts.push(`${track.channels} channels`);
  return parts.join(", ");
}

function cameraLines({ camera }: StreamInfo): Detail[] {
  if (camera === undefined) return [];
  const lines: Detail[] = [];
  const model = [camera.model, camera.firmware && `(${camera.firmware})`].filter(Boolean).join(" ");
  if (model) lines.push({ label: "Camera", value: model });
  if (camera.battery !== undefined) {
    const charging = camera.charging ? ", charging" : "";
    lines.push({ label: "Battery", value: `${Math.round(camera.battery)} %${charging}` });
  }
  if (camera.card) lines.push({ label: "Card", value: camera.card });
  const doing = [
    camera.recording && "recording to its card",
    camera.busy && "busy",
    camera.hot && "too hot",
  ].filter((word) => typeof word === "string");
  if (doing.length > 0) lines.push({ label: "Camera says", value: doing.join(", ") });
  return lines;
}

/** Media that did not arrive or could not be shown, since the relay started. */
function lossLine({ counters }: StreamInfo): Detail[] {
  const lost = counters.datagramsLost;
  const damaged = counters.damagedAccessUnits + counters.unreadable;
  if (lost === 0 && damaged === 0) return [];
  const parts: string[] = [];
  if (lost > 0) parts.push(`${formatCount(lost)} datagrams`);
  if (damaged > 0) parts.push(`${formatCount(damaged)} frames`);
  return [{ label: "Lost on the way in", value: parts.join(", ") }];
}

/** How many watch; an answer that says nobody while this page does is older than its connection, so it says nothing. */
function viewersLine({ viewers }: StreamInfo, here: Standing): Detail[] {
  if (viewers === 0 && here === "watches") return [];
  return [{ label: "Watching", value: String(viewers) }];
}

/** The lines for `stream`, most telling first; of an old answer, what does not change from second to second. */
export function streamDetails(stream: StreamInfo, here: Standing): Detail[] {
  const isNow = here !== "lost";
  const lines: Detail[] = [];
  for (const track of stream.tracks) {
    if (track.kind === "video") {
      lines.push({ label: "Picture", value: pictureLine(track, isNow ? stream.fps : 0) });
    } else lines.push({ label: "Sound", value: soundLine(track) });
  }
  if (isNow && stream.bitrate > 0) {
    lines.push({ label: "Bitrate", value: formatBitrate(stream.bitrate) });
  }
  if (isNow && stream.state.kind === "live") {
    lines.push(...viewersLine(stream, here));
    lines.push({ label: "Up for", value: formatDuration(stream.uptimeMs) });
  }
  lines.push(...cameraLines(stream), { label: "Source", value: stream.source });
  lines.push(...lossLine(stream));
  return lines;
}
