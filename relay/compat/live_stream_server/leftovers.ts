/**
 * What a relay that was killed left in `media/temp`: sound is given its header, pictures go to the encoder, half a
 * video is thrown away. Nothing else there is touched.
 *
 * @module
 */

import { join } from "node:path";
import type { Log } from "../../log.ts";
import { collectedFolder, leftoverVideoName, type MediaFolders } from "./media_folders.ts";
import type { VideoEncoder } from "./video_encoder.ts";
import { repairWav } from "./wav_file.ts";

/** `<client>_<ISO time>.wav`. */
const SOUND = /^\d+_[\dTZ-]+\.wav$/;
/** `<client>_<ISO time>.webm`. */
const CLIP = /^\d+_[\dTZ-]+\.webm$/;
/** `<client>_<ms>.mp4`. */
const VIDEO = /^\d+_\d+\.mp4$/;

/** Finishes what was left, before anything new is written. */
export async function takeUpLeftovers(
  folders: MediaFolders,
  { encoder, log }: { readonly encoder: VideoEncoder; readonly log: Log },
): Promise<void> {
  const entries = await Array.fromAsync(Deno.readDir(folders.temp));
  // Videos first: the encoder writes new ones under the same names.
  for (const { name, isFile } of entries) {
    if (isFile && VIDEO.test(name)) await attempt(name, (path) => Deno.remove(path));
  }
  for (const { name, isFile, isDirectory } of entries) {
    if (isFile && SOUND.test(name)) {
      await attempt(name, (path) => takeUpSound(path, join(folders.audio, name)));
    } else if (isFile && CLIP.test(name)) {
      await attempt(name, (path) => Deno.rename(path, join(folders.video, name)));
    } else if (isDirectory) await attempt(name, (path) => takeUpPictures(path, name));
  }

  async function attempt(name: string, action: (path: string) => Promise<void>): Promise<void> {
    const path = join(folders.temp, name);
    try {
      await action(path);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warn(`what an earlier run left in ${path} stays there: ${why}`);
    }
  }

  async function takeUpSound(from: string, to: string): Promise<void> {
    if (await repairWav(from) === 0) return await Deno.remove(from);
    await Deno.rename(from, to);
    log.info(`finished ${to}, which an earlier run left`);
  }

  async function takeUpPictures(path: string, name: string): Promise<void> {
    const video = leftoverVideoName(name, new Date());
    if (video === undefined) return;
    const folder = collectedFolder(folders, video);
    if (folder !== path) await Deno.rename(path, folder);
    encoder.add(folder);
  }
}
