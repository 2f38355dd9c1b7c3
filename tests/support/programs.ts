/**
 * Where the programs are that tests run: on PATH, or in a distribution's library directories. Starts none.
 *
 * @module
 */

import { delimiter, join } from "node:path";

/** Names under which Chromium is installed. */
export const CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome"] as const;
/** Names under which Firefox is installed. */
export const FIREFOX_NAMES = ["firefox-esr", "firefox"] as const;
/** WebKitGTK's driver. */
export const WEBKIT_DRIVER_NAMES = ["WebKitWebDriver"] as const;
/** Without these GStreamer has no H.264 or AAC, and WebKitGTK's MediaSource says no to both. */
export const WEBKIT_PLUGINS = ["libgstlibav.so", "libgstvideoparsersbad.so"] as const;
/** What GStreamer plays HLS and transport streams with. */
export const GSTREAMER_PLUGINS = [
  "libgstplayback.so",
  "libgstsoup.so",
  "libgstadaptivedemux2.so",
  "libgstisomp4.so",
  "libgstmpegtsdemux.so",
  "libgstvideoparsersbad.so",
  "libgstlibav.so",
] as const;

/** Where Debian keeps libraries, a folder for each architecture. */
const LIBRARY_ROOT = "/usr/lib";

/** Path of the first of `names` that is an executable file on PATH. */
export function findProgram(names: readonly string[]): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (isFile(path, { executable: true })) return path;
    }
  }
  return undefined;
}

/** Path of WebKitGTK's small browser, which is on no PATH. */
export function findMiniBrowser(): string | undefined {
  return findInLibraries(/^webkit2gtk-4\.\d$/, "MiniBrowser");
}

/** Path of a GStreamer plug-in. */
export function findGstreamerPlugin(file: string): string | undefined {
  return findInLibraries(/^gstreamer-1\.0$/, file);
}

/** `file` in a folder that matches, in the libraries of any architecture. */
function findInLibraries(folderName: RegExp, file: string): string | undefined {
  for (const architecture of foldersIn(LIBRARY_ROOT)) {
    for (const folder of foldersIn(join(LIBRARY_ROOT, architecture))) {
      const path = join(LIBRARY_ROOT, architecture, folder, file);
      if (folderName.test(folder) && isFile(path, { executable: false })) return path;
    }
  }
  return undefined;
}

function foldersIn(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].filter((entry) => entry.isDirectory).map(({ name }) => name);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function isFile(path: string, { executable }: { readonly executable: boolean }): boolean {
  try {
    const { isFile: file, mode } = Deno.statSync(path);
    return file && (!executable || ((mode ?? 0o111) & 0o111) !== 0);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.PermissionDenied;
}
