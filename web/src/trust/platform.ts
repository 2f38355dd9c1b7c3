/**
 * Which set of steps is this device's. A guess that opens one of them; the others stay within reach.
 *
 * @module
 */

/** As the page names its steps. */
export type Platform = "ios" | "android" | "windows" | "macos" | "linux" | "firefox";

/** @param touchPoints tells an iPad, which calls itself a Mac, from one. */
export function guessPlatform(userAgent: string, touchPoints: number): Platform {
  if (/iPhone|iPad|iPod/.test(userAgent)) return "ios";
  if (/Macintosh/.test(userAgent) && touchPoints > 1) return "ios";
  if (/Android/.test(userAgent)) return "android";
  if (/Firefox\//.test(userAgent)) return "firefox"; // it has a list of its own on every computer
  if (/Windows/.test(userAgent)) return "windows";
  if (/Macintosh/.test(userAgent)) return "macos";
  return "linux";
}
