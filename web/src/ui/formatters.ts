/**
 * Figures as people read them: rates, sizes, ages and lengths of time, always with their unit. Pure;
 * knows nothing of streams or elements.
 *
 * @module
 */

/** A space that does not break between a figure and its unit. */
const NBSP = "\u00a0";

/** What stands where a figure is not known. */
export const UNKNOWN = "–";

function withUnit(value: number, unit: string): string {
  const digits = value < 10 ? 1 : 0;
  return `${value.toFixed(digits).replace(/\.0$/, "")}${NBSP}${unit}`;
}

/** Bits a second as `8.1 Mb/s` or `640 kb/s`. */
export function formatBitrate(bitsPerSecond: number): string {
  if (!(bitsPerSecond > 0)) return UNKNOWN;
  return bitsPerSecond >= 999_500
    ? withUnit(bitsPerSecond / 1e6, "Mb/s")
    : withUnit(bitsPerSecond / 1e3, "kb/s");
}

/** Pictures a second, whole when the difference is only that of NTSC rates: `30 fps`, `7.5 fps`. */
export function formatFps(fps: number): string {
  return fps > 0 ? withUnit(fps, "fps") : UNKNOWN;
}

/** Width by height in pixels. */
export function formatResolution(width: number | undefined, height: number | undefined): string {
  return width && height ? `${width}${NBSP}×${NBSP}${height}` : UNKNOWN;
}

/** A size in bytes, in powers of ten. */
export function formatBytes(bytes: number): string {
  if (bytes >= 999.5e6) return withUnit(bytes / 1e9, "GB");
  if (bytes >= 999.5e3) return withUnit(bytes / 1e6, "MB");
  if (bytes >= 999.5) return withUnit(bytes / 1e3, "kB");
  return `${Math.round(bytes)}${NBSP}B`;
}

/** Milliseconds of delay: to 10 ms below a second, since no viewer's clock is better than that. */
export function formatLatency(latencyMs: number): string {
  if (latencyMs < 995) return `${Math.round(Math.max(0, latencyMs) / 10) * 10}${NBSP}ms`;
  return withUnit(latencyMs / 1000, "s");
}

/** A length of time in its two largest units: `45 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return pair(days, "d", { rest: hours % 24, unit: "h" });
  if (hours > 0) return pair(hours, "h", { rest: minutes % 60, unit: "min" });
  if (minutes > 0) return pair(minutes, "min", { rest: seconds % 60, unit: "s" });
  return `${seconds}${NBSP}s`;
}

function pair(
  value: number,
  unit: string,
  lesser: { readonly rest: number; readonly unit: string },
): string {
  const head = `${value}${NBSP}${unit}`;
  return lesser.rest > 0 ? `${head} ${lesser.rest}${NBSP}${lesser.unit}` : head;
}

/** How long ago, in its largest unit, for a line that is read at a glance: `12 s ago`, `3 min ago`. */
export function formatAgo(ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1000));
  if (seconds < 1) return "just now";
  if (seconds < 100) return `${seconds}${NBSP}s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes}${NBSP}min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}${NBSP}h ago`;
  return `${Math.floor(hours / 24)}${NBSP}days ago`;
}

/** People watching. */
export function formatViewers(viewers: number): string {
  return viewers === 0 ? "nobody watching" : `${viewers} watching`;
}

/** A count with thin groups of three, so that long ones can be compared. */
export function formatCount(count: number): string {
  return Math.round(count).toString().replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
