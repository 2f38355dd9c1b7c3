/**
 * Pictures that were collected become a video: 15 a second, H.264, by ffmpeg, one video at a time. Nothing is taken
 * away before the video is whole; what fails stays for the next start of the relay.
 *
 * @module
 */

import { basename, join } from "node:path";
import type { Log } from "../../log.ts";
import { NoFfmpegError, startFfmpeg } from "../../ffmpeg.ts";
import { unlessAbsent } from "../../library/folder.ts";
import { type MediaFolders, PICTURE, PICTURE_PATTERN, pictureName } from "./media_folders.ts";

/** Pictures a second that every recording is played at. */
const PICTURES_PER_SECOND = 15;
/** ffmpeg has so long for a video … */
const BASE_LIMIT_MS = 60_000;
/** … and so much more for each picture. */
const LIMIT_PER_PICTURE_MS = 1_000;
/** A relay that stops waits so long for the video at hand. */
const PATIENCE_MS = 2_000;

/** Makes videos. */
export class VideoEncoder implements AsyncDisposable {
  readonly #folders: MediaFolders;
  readonly #log: Log;
  readonly #stop = new AbortController();
  /** Folders of pictures; each is a recording that lies on the disk. */
  readonly #waiting: string[] = [];
  #working: Promise<void> | undefined;

  constructor(folders: MediaFolders, log: Log) {
    this.#folders = folders;
    this.#log = log;
  }

  /** Makes a video of the pictures in `temp/frames_<name>`, when its turn comes. */
  add(folder: string): void {
    if (this.#stop.signal.aborted) return;
    this.#waiting.push(folder);
    this.#working ??= this.#work().finally(() => this.#working = undefined);
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = this.#waiting.length;
    this.#waiting.length = 0;
    if (left > 0) this.#log.info(`${left} recordings become videos at the next start`);
    const patience = setTimeout(() => this.#stop.abort(), PATIENCE_MS);
    await this.#working;
    clearTimeout(patience);
    this.#stop.abort();
  }

  async #work(): Promise<void> {
    for (let folder = this.#waiting.shift(); folder; folder = this.#waiting.shift()) {
      try {
        await this.#encode(folder);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        const rest = `its pictures stay in ${folder}, and it is tried again at the next start`;
        this.#log.warn(`a recording could not be made a video: ${why}; ${rest}`);
        if (!(error instanceof NoFfmpegError)) continue;
        this.#waiting.length = 0; // the next ones fare no better
      }
    }
  }

  async #encode(folder: string): Promise<void> {
    const name = `${basename(folder).replace(/^frames_/, "")}.mp4`;
    const pictures = await dropEmpty(folder);
    if (pictures === 0) return await Deno.remove(folder, { recursive: true });
    const partial = join(this.#folders.temp, name);
    const limit = AbortSignal.timeout(BASE_LIMIT_MS + pictures * LIMIT_PER_PICTURE_MS);
    const { ended } = startFfmpeg({
      args: [
        ...["-nostdin", "-y", "-framerate", String(PICTURES_PER_SECOND)],
        ...["-f", "image2", "-start_number", "0", "-i", PICTURE_PATTERN],
        // 4:2:0 has no odd sizes.
        ...["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2,format=yuv420p"],
        ...["-c:v", "libx264", "-preset", "ultrafast", "-crf", "23"],
        ...["-movflags", "+faststart", "-f", "mp4", `file:${partial}`],
      ],
      cwd: folder, // a pattern must not meet a path with % in it
      stdin: "null",
      stdout: "null",
      signal: AbortSignal.any([this.#stop.signal, limit]),
    });
    const problem = await ended;
    if (problem !== undefined) {
      await Deno.remove(partial).catch(unlessAbsent);
      throw new Error(this.#stop.signal.aborted ? "the relay stops" : `ffmpeg says: ${problem}`);
    }
    await Deno.rename(partial, join(this.#folders.video, name));
    await Deno.remove(folder, { recursive: true });
    this.#log.info(`recorded media/video/${name}, ${pictures} pictures`);
  }
}

/**
 * Takes away what a crash left without content, and moves up what stands behind it: for ffmpeg a recording ends at the first
 * number that is missing.
 * @returns how many pictures there are.
 */
async function dropEmpty(folder: string): Promise<number> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const names = entries.map(({ name }) => name).filter((name) => PICTURE.test(name)).sort();
  let pictures = 0;
  for (const name of names) {
    const path = join(folder, name);
    if ((await Deno.stat(path)).size === 0) {
      await Deno.remove(path);
      continue;
    }
    const moved = pictureName(pictures++);
    if (moved !== name) await Deno.rename(path, join(folder, moved));
  }
  return pictures;
}
