/**
 * The player's figures as labelled lines, for the statistics panel and for copying. Pure.
 *
 * @module
 */

import type { PlayerStats } from "../player/player_types.ts";
import {
  formatAgo,
  formatBitrate,
  formatBytes,
  formatCount,
  formatFps,
  formatLatency,
  formatResolution,
  UNKNOWN,
} from "./formatters.ts";

/** One line of the panel. */
export interface StatsLine {
  readonly label: string;
  readonly value: string;
  /** Something a healthy session does not show. */
  readonly odd: boolean;
}

const TRANSPORT_NAMES: Readonly<Record<PlayerStats["transport"], string>> = {
  webtransport: "WebTransport",
  websocket: "WebSocket",
  hls: "HLS",
  none: "none",
};

function ms(value: number | null): string {
  return value === null ? UNKNOWN : `${Math.round(value)}\u00a0ms`;
}

function latency({ latencyMs, clockErrorMs }: PlayerStats): string {
  if (latencyMs === null) return UNKNOWN;
  const error = clockErrorMs === null ? "" : ` ± ${ms(clockErrorMs)}`;
  return `${latencyMs < 1000 ? ms(latencyMs) : formatLatency(latencyMs)}${error}`;
}

/** The part of the latency until the picture had come here, and the rest. */
function shares({ latencyMs, arrivalMs }: PlayerStats): string {
  if (latencyMs === null || arrivalMs === null) return UNKNOWN;
  return `${ms(arrivalMs)} to here, ${ms(Math.max(0, latencyMs - arrivalMs))} buffer and screen`;
}

function sound({ soundPath, soundLateMs }: PlayerStats): string {
  switch (soundPath) {
    case "none":
      return "none";
    case "element":
      return "with the picture";
    case "beside":
      if (soundLateMs === null) return "beside the picture, silent";
      return soundLateMs < 0
        ? `beside, ${ms(-soundLateMs)} before the picture`
        : `beside, ${ms(soundLateMs)} after the picture`;
  }
}

/** All of `stats` at `nowMs` (`performance.now()`), the most asked for first. */
export function statsLines(stats: PlayerStats, nowMs: number): StatsLine[] {
  const line = (label: string, value: string, odd = false): StatsLine => ({ label, value, odd });
  return [
    line("State", stats.state, stats.state !== "playing"),
    line("Transport", TRANSPORT_NAMES[stats.transport]),
    line("Camera to screen", latency(stats)),
    line("Of which", shares(stats)),
    line("Round trip", ms(stats.roundTripMs)),
    line("Picture", formatResolution(stats.width, stats.height)),
    line("Rate", formatFps(stats.fps)),
    line("Bitrate", formatBitrate(stats.bitrate)),
    line("Codec", stats.codec || UNKNOWN),
    line("Sound", sound(stats)),
    ...(stats.soundPath === "beside"
      ? [line("Sound ran dry", formatCount(stats.soundGaps), stats.soundGaps > 0)]
      : []),
    line("Buffered", `${ms(stats.bufferedMs)}, aim ${ms(stats.targetMs)}`),
    line("Ranges", String(stats.bufferedRanges), stats.bufferedRanges > 1),
    line("Playback rate", `${stats.playbackRate.toFixed(2)} ×`),
    line("Frames shown", formatCount(stats.framesShown)),
    line(
      "Frames dropped",
      formatCount(stats.framesDropped),
      stats.framesDropped > 0.01 * stats.framesShown,
    ),
    line("Stalls", formatCount(stats.stalls), stats.stalls > 0),
    line("Jumps to live", formatCount(stats.seeks)),
    line(
      "Left out as too slow",
      stats.skips === 0 ? "0" : `${formatCount(stats.skips)}, ${formatLatency(stats.skippedMs)}`,
      stats.skips > 0,
    ),
    line("Reconnections", formatCount(stats.reconnects), stats.reconnects > 0),
    ...stats.ends.slice(-1).map((end) => line("Last connection", end, true)),
    line("Decoder rebuilt", formatCount(stats.rebuilds), stats.rebuilds > 0),
    line("Generation", stats.generation === 0 ? UNKNOWN : String(stats.generation)),
    line("Received", formatBytes(stats.bytes)),
    line(
      "Last picture",
      stats.lastPictureAt === null ? UNKNOWN : formatAgo(nowMs - stats.lastPictureAt),
    ),
  ];
}

/** The lines as text for a message to whoever looks after the cameras. */
export function statsText(stats: PlayerStats, nowMs: number): string {
  return statsLines(stats, nowMs)
    .map(({ label, value }) => `${label}: ${value.replaceAll(/[\u00a0\u202f]/g, " ")}`)
    .join("\n");
}
