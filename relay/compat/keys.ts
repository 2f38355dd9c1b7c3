/**
 * The systems that have a compatibility listener, by the key that `compat:` has for each, with the port that its
 * clients come to by themselves (contract §10). Data.
 *
 * @module
 */

/** Usual ports. */
export const COMPAT_PORTS = {
  live_stream_server: 8080,
  medooze: 3000,
  gopro_stream: 8080,
  vw: 8888,
  go2rtc: 1984,
} as const;

/** A key of `compat:`. */
export type CompatKey = keyof typeof COMPAT_PORTS;

/** All of them. */
export const COMPAT_KEYS = Object.keys(COMPAT_PORTS) as readonly CompatKey[];

/** What stands below `compat:` besides: where vw's JSON verbs come from. */
export const VW_API_KEY = "vw_api";
